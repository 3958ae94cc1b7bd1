package dev.penstock.network.hostile;

import dev.penstock.network.codec.Codecs;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes frames byte by byte, by what the protocol's page says and not by the code under test. */
final class Frame {

    static final int HELLO = 1;
    static final int ACCEPT = 2;
    static final int REJECT = 3;
    static final int PING = 4;
    static final int BYE = 5;
    static final int TELL = 16;
    static final int WATCH = 20;
    static final int UNWATCH = 21;
    static final int TERMINATED = 22;
    static final int SUBSCRIBE = 32;
    static final int DEMAND = 33;
    static final int BAD_DEMAND = 34;
    static final int CANCEL = 35;
    static final int CONFIRMED = 36;
    static final int ELEMENTS = 40;
    static final int COMPLETED = 41;
    static final int FAILED = 42;
    static final int LOOKUP = 48;
    static final int UNLOOKUP = 49;
    static final int LISTING = 50;

    static final int[] TYPES = {
        HELLO,
        ACCEPT,
        REJECT,
        PING,
        BYE,
        TELL,
        WATCH,
        UNWATCH,
        TERMINATED,
        SUBSCRIBE,
        DEMAND,
        BAD_DEMAND,
        CANCEL,
        CONFIRMED,
        ELEMENTS,
        COMPLETED,
        FAILED,
        LOOKUP,
        UNLOOKUP,
        LISTING
    };

    /** Kinds of refs. */
    static final int OF_SENDER = 1;

    static final int OF_RECEIVER = 2;
    static final int OF_ANOTHER = 3;

    /** Numbers of codecs. */
    static final int LONG = 5;

    static final int STRING = 9;
    static final int BYTES = 10;
    static final int PUSH = 17;
    static final int TELL_CANCEL = 19;

    static final int HEADER = 20;

    private ByteBuffer buffer = ByteBuffer.allocate(256);

    private Frame() {}

    static Frame of(int type) {
        Frame frame = new Frame();
        frame.buffer.putInt(0).put((byte) type).put(new byte[3]).putInt(0).putLong(0);
        return frame;
    }

    private ByteBuffer room(int count) {
        if (buffer.remaining() < count) {
            buffer = ByteBuffer.allocate(2 * buffer.capacity() + count).put(buffer.flip());
        }
        return buffer;
    }

    Frame i8(int value) {
        room(1).put((byte) value);
        return this;
    }

    Frame i16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    Frame i32(int value) {
        room(4).putInt(value);
        return this;
    }

    Frame i64(long value) {
        room(8).putLong(value);
        return this;
    }

    /** Null is allowed. */
    Frame text(String text) {
        if (text == null) {
            return i16(-1);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        i16(bytes.length);
        return raw(bytes);
    }

    Frame raw(byte[] bytes) {
        room(bytes.length).put(bytes);
        return this;
    }

    /** A ref of the sender's own actor. */
    Frame ref(long uid, String path) {
        return i8(OF_SENDER).i64(uid).text(path);
    }

    /** A ref of the receiver's actor. */
    Frame yours(long uid) {
        return i8(OF_RECEIVER).i64(uid);
    }

    /** A ref of a third node's actor. */
    Frame another(String node, long incarnation, long uid) {
        return i8(OF_ANOTHER)
                .text(node)
                .i64(incarnation)
                .text("127.0.0.1")
                .i16(1)
                .i64(uid)
                .text("/forged");
    }

    Frame codecs(Codecs codecs) {
        i16(codecs.numbers().length);
        for (int number : codecs.numbers()) {
            i16(number).i64(codecs.shapeHash(number));
        }
        return this;
    }

    byte[] bytes(int epoch, long sequence) {
        int length = buffer.position();
        buffer.putInt(0, length - 4).putInt(8, epoch).putLong(12, sequence);
        return Arrays.copyOf(buffer.array(), length);
    }
}
