package dev.penstock.network.codec;

import dev.penstock.actor.ActorRef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads from a part of a byte array what {@link WireWriter} wrote. Not for several threads.
 *
 * <p>What is read may be anything: whatever is no value, or is longer than what is there, is a {@link WireException}, and
 * no array is made before its length has been compared with what {@linkplain #remaining() remains}.
 */
public final class WireReader {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** The bits that no ASCII byte has, of eight bytes. */
    private static final long BEYOND_ASCII = 0x8080808080808080L;

    private final Codecs codecs;
    private final RefCodec refs;
    private byte[] bytes = new byte[0];
    private int start;
    private int position;
    private int limit;
    private int depth;

    /**
     * Makes one that has nothing to read yet.
     *
     * @param codecs for {@link #getNested}
     * @param refs for {@link #getRef}
     */
    public WireReader(Codecs codecs, RefCodec refs) {
        this.codecs = Objects.requireNonNull(codecs, "codecs");
        this.refs = Objects.requireNonNull(refs, "refs");
    }

    /**
     * Reads from that part of an array from now on.
     *
     * @param source the array
     * @param from the index of the first byte
     * @param to the index after the last
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void wrap(byte[] source, int from, int to) {
        Objects.checkFromToIndex(from, to, source.length);
        bytes = source;
        start = from;
        position = from;
        limit = to;
        depth = 0;
    }

    /** {@return the index of the next byte} */
    public int position() {
        return position;
    }

    /**
     * Goes there.
     *
     * @param index the index of the next byte
     * @throws WireException if it lies outside of the part that is read from
     */
    public void position(int index) {
        if (index < start || index > limit) {
            throw new WireException(index + " lies outside of " + start + " to " + limit);
        }
        position = index;
    }

    /** {@return how many bytes are left} */
    public int remaining() {
        return limit - position;
    }

    /**
     * Passes over bytes.
     *
     * @param count how many
     * @throws WireException if there are not so many, or fewer than none
     */
    public void skip(int count) {
        advance(count);
    }

    /** {@return the value of a byte that must be 1 or 0} */
    public boolean getBoolean() {
        byte value = getByte();
        if (value != 0 && value != 1) {
            throw new WireException(value + " is no boolean");
        }
        return value == 1;
    }

    /** {@return a byte} */
    public byte getByte() {
        return bytes[advance(1)];
    }

    /** {@return two bytes, with their sign} */
    public short getShort() {
        return (short) SHORT.get(bytes, advance(2));
    }

    /** {@return two bytes} */
    public char getChar() {
        return (char) getShort();
    }

    /** {@return four bytes} */
    public int getInt() {
        return (int) INT.get(bytes, advance(4));
    }

    /** {@return eight bytes} */
    public long getLong() {
        return (long) LONG.get(bytes, advance(8));
    }

    /** {@return four bytes} */
    public float getFloat() {
        return Float.intBitsToFloat(getInt());
    }

    /** {@return eight bytes} */
    public double getDouble() {
        return Double.longBitsToDouble(getLong());
    }

    /** {@return a string; null if null was written} */
    public String getString() {
        int length = getShort();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > Limits.STRING_BYTES) {
            throw new WireException("a string of " + (length & 0xffff) + " bytes; the limit is " + Limits.STRING_BYTES);
        }
        int at = advance(length);
        if (isAscii(at, at + length)) {
            return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
        }
        if (!isUtf8(at, at + length)) {
            throw new WireException("a string that is not UTF-8");
        }
        return new String(bytes, at, length, StandardCharsets.UTF_8);
    }

    private boolean isAscii(int from, int to) {
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            if (((long) LONG.get(bytes, at) & BEYOND_ASCII) != 0) {
                return false;
            }
        }
        for (; at < to; at++) {
            if (bytes[at] < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether each code point is there, is one that Unicode has, and is encoded in the shortest form. */
    private boolean isUtf8(int from, int to) {
        int at = from;
        while (at < to) {
            int first = bytes[at++];
            if (first >= 0) {
                continue;
            }
            int more;
            int point;
            int least;
            if ((first & 0xe0) == 0xc0) {
                more = 1;
                point = first & 0x1f;
                least = 0x80;
            } else if ((first & 0xf0) == 0xe0) {
                more = 2;
                point = first & 0x0f;
                least = 0x800;
            } else if ((first & 0xf8) == 0xf0) {
                more = 3;
                point = first & 0x07;
                least = 0x10000;
            } else {
                return false;
            }
            if (more > to - at) {
                return false;
            }
            for (int end = at + more; at < end; at++) {
                if ((bytes[at] & 0xc0) != 0x80) {
                    return false;
                }
                point = point << 6 | bytes[at] & 0x3f;
            }
            boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
            if (point < least || point > Character.MAX_CODE_POINT || surrogate) {
                return false;
            }
        }
        return true;
    }

    /** {@return a byte array of its own; null if null was written} */
    public byte[] getBytes() {
        int length = getInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > Limits.BYTES) {
            throw new WireException(
                    "an array of " + Integer.toUnsignedString(length) + " bytes; the limit is " + Limits.BYTES);
        }
        int at = advance(length);
        return Arrays.copyOfRange(bytes, at, at + length);
    }

    /**
     * Reads bytes as they are.
     *
     * @param target where to put them
     * @param from the index of the first
     * @param length how many
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void raw(byte[] target, int from, int length) {
        Objects.checkFromIndexSize(from, length, target.length);
        System.arraycopy(bytes, advance(length), target, from, length);
    }

    /**
     * Reads a ref.
     *
     * @param <M> the messages that its actor accepts: that is taken for granted, as it is for a ref that came in a local
     *     message
     * @return the ref; null if null was written
     */
    @SuppressWarnings("unchecked")
    public <M> ActorRef<M> getRef() {
        return (ActorRef<M>) refs.read(this);
    }

    /**
     * Reads a value that {@link WireWriter#putNested} wrote.
     *
     * @param <T> what it must be
     * @param type what it must be; asked before anything is made
     * @return the value; null if null was written
     * @throws WireException if it is something else, cannot be read, or values are nested more than 16 deep
     */
    public <T> T getNested(Class<T> type) {
        return codecs.readNested(type, this);
    }

    /** Goes one level down; returns the level to come back to. */
    int descend() {
        if (depth == Limits.DEPTH) {
            throw new WireException("values within values, more than " + Limits.DEPTH + " deep");
        }
        return depth++;
    }

    void ascend(int level) {
        depth = level;
    }

    private int advance(int count) {
        int at = position;
        if (count < 0 || count > limit - at) {
            throw new WireException(count + " bytes are to be read, and " + (limit - at) + " are left");
        }
        position = at + count;
        return at;
    }
}
