package dev.penstock.network.aeron;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The beginning of each fragment. Little-endian.
 *
 * <pre>
 *  0  int   what this is, and its version
 *  4  int   the kind
 *  8  long  the id that the receiving side has given the connection; 0 in a HELLO
 * 16  long  the number of this fragment in its direction, from 0
 * 24        HELLO: long the dialing side's id, int the session of the answer, int its port or stream
 *           WELCOME: long the accepting side's id
 *           DATA: bytes
 * </pre>
 */
final class Frame {

    /** Of the dialing side, first. */
    static final int HELLO = 1;

    /** The answer. */
    static final int WELCOME = 2;

    /** Of the dialing side, which has seen the answer. */
    static final int CONFIRM = 3;

    static final int DATA = 4;

    /** Nothing follows. */
    static final int END = 5;

    static final int HEADER = 24;
    static final int HELLO_LENGTH = 16;
    static final int WELCOME_LENGTH = 8;

    private static final int MAGIC = 'P' | 'N' << 8 | 'A' << 16 | 1 << 24;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private Frame() {}

    static void write(MutableDirectBuffer buffer, int offset, int kind, long id, long number) {
        buffer.putInt(offset, MAGIC, ORDER);
        buffer.putInt(offset + 4, kind, ORDER);
        buffer.putLong(offset + 8, id, ORDER);
        buffer.putLong(offset + 16, number, ORDER);
    }

    static boolean isFrame(DirectBuffer buffer, int offset, int length) {
        return length >= HEADER && buffer.getInt(offset, ORDER) == MAGIC;
    }

    static int kind(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + 4, ORDER);
    }

    static long id(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + 8, ORDER);
    }

    static long number(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + 16, ORDER);
    }

    static void writeHello(MutableDirectBuffer buffer, int offset, long id, int session, int replyTo) {
        buffer.putLong(offset + HEADER, id, ORDER);
        buffer.putInt(offset + HEADER + 8, session, ORDER);
        buffer.putInt(offset + HEADER + 12, replyTo, ORDER);
    }

    static void writeWelcome(MutableDirectBuffer buffer, int offset, long id) {
        buffer.putLong(offset + HEADER, id, ORDER);
    }

    /** The id that a HELLO or a WELCOME tells. */
    static long toldId(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + HEADER, ORDER);
    }

    static int replySession(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + HEADER + 8, ORDER);
    }

    static int replyTo(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + HEADER + 12, ORDER);
    }
}
