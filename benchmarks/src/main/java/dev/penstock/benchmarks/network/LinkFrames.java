package dev.penstock.benchmarks.network;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The frames on a bare link: their length, and ticks one after the other, or the demand granted in all. Cuts what comes into
 * frames.
 */
final class LinkFrames {

    /** Takes the body of a frame. */
    interface Taker {
        void frame(byte[] bytes, int from, int to);
    }

    /** Of the length. */
    static final int HEADER = Integer.BYTES;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int MOST = 64 * 1024; // as many bytes as a link has filled at once

    private final Taker taker;
    private final byte[] kept = new byte[MOST];
    private int count; // of bytes kept

    LinkFrames(Taker taker) {
        this.taker = taker;
    }

    void received(byte[] bytes, int from, int to) {
        int at = from;
        if (count > 0) {
            at = keep(bytes, at, Math.min(to, at + Math.max(0, HEADER - count)));
            if (count < HEADER) {
                return;
            }
            int end = HEADER + getInt(kept, 0);
            at = keep(bytes, at, Math.min(to, at + end - count));
            if (count < end) {
                return;
            }
            count = 0;
            taker.frame(kept, HEADER, end);
        }
        while (to - at >= HEADER && to - at >= HEADER + getInt(bytes, at)) {
            int end = at + HEADER + getInt(bytes, at);
            taker.frame(bytes, at + HEADER, end);
            at = end;
        }
        keep(bytes, at, to);
    }

    private int keep(byte[] bytes, int from, int to) {
        System.arraycopy(bytes, from, kept, count, to - from);
        count += to - from;
        return to;
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static int putInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
        return at + Integer.BYTES;
    }

    static int putLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
        return at + Long.BYTES;
    }
}
