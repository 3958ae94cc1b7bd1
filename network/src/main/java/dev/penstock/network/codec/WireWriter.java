package dev.penstock.network.codec;

import dev.penstock.actor.ActorRef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Writes into a part of a byte array, big-endian. Allocates nothing. Not for several threads.
 *
 * <p>Each {@code put} writes all of its value and moves {@link #position()} behind it, or throws and leaves the position
 * where it was: {@link WireException} if the value is beyond a limit or there is {@linkplain WireException#isNoRoom() no
 * room}. Only {@link #putNested} and {@link #putRef} may have written a part when they throw.
 */
public final class WireWriter {

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final Codecs codecs;
    private final RefCodec refs;
    private byte[] bytes = new byte[0];
    private int start;
    private int position;
    private int limit;
    private int depth;

    /**
     * Makes one that has no room yet.
     *
     * @param codecs for {@link #putNested}
     * @param refs for {@link #putRef}
     */
    public WireWriter(Codecs codecs, RefCodec refs) {
        this.codecs = Objects.requireNonNull(codecs, "codecs");
        this.refs = Objects.requireNonNull(refs, "refs");
    }

    /**
     * Writes into that part of an array from now on.
     *
     * @param target the array
     * @param from the index of the first byte
     * @param to the index after the last
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void wrap(byte[] target, int from, int to) {
        Objects.checkFromToIndex(from, to, target.length);
        bytes = target;
        start = from;
        position = from;
        limit = to;
        depth = 0;
    }

    /** {@return the index at which the next byte is written} */
    public int position() {
        return position;
    }

    /**
     * Goes back, or leaves room.
     *
     * @param index the index at which the next byte is to be written
     * @throws WireException if there is no room up to it
     * @throws IndexOutOfBoundsException if it lies before the part that is written into
     */
    public void position(int index) {
        if (index > limit) {
            throw WireException.NO_ROOM;
        }
        if (index < start) {
            throw new IndexOutOfBoundsException(index + " lies before " + start);
        }
        position = index;
    }

    /** {@return how many bytes there is room for} */
    public int remaining() {
        return limit - position;
    }

    /**
     * Writes a byte, 1 or 0.
     *
     * @param value the value
     */
    public void putBoolean(boolean value) {
        bytes[advance(1)] = value ? (byte) 1 : 0;
    }

    /**
     * Writes a byte.
     *
     * @param value the value; only its lowest 8 bits count
     */
    public void putByte(int value) {
        bytes[advance(1)] = (byte) value;
    }

    /**
     * Writes two bytes.
     *
     * @param value the value; only its lowest 16 bits count
     */
    public void putShort(int value) {
        SHORT.set(bytes, advance(2), (short) value);
    }

    /**
     * Writes two bytes.
     *
     * @param value the value; half of a pair is as good as any
     */
    public void putChar(char value) {
        putShort(value);
    }

    /**
     * Writes four bytes.
     *
     * @param value the value
     */
    public void putInt(int value) {
        INT.set(bytes, advance(4), value);
    }

    /**
     * Writes eight bytes.
     *
     * @param value the value
     */
    public void putLong(long value) {
        LONG.set(bytes, advance(8), value);
    }

    /**
     * Writes four bytes.
     *
     * @param value the value; which NaN it is, is kept
     */
    public void putFloat(float value) {
        putInt(Float.floatToRawIntBits(value));
    }

    /**
     * Writes eight bytes.
     *
     * @param value the value; which NaN it is, is kept
     */
    public void putDouble(double value) {
        putLong(Double.doubleToRawLongBits(value));
    }

    /**
     * Writes a string: two bytes of length, then UTF-8.
     *
     * @param value the string; may be null
     * @throws WireException if it is of more than 16 KiB, or half of a surrogate pair is in it, which UTF-8 cannot express
     */
    public void putString(String value) {
        if (value == null) {
            putShort(-1);
            return;
        }
        int length = value.length();
        if (length > Limits.STRING_BYTES) { // no character is of less than a byte
            throw tooLong(length);
        }
        if (length > remaining() - 2) {
            throw WireException.NO_ROOM;
        }
        byte[] target = bytes;
        int first = position + 2;
        for (int i = 0; i < length; i++) {
            char character = value.charAt(i);
            if (character >= 0x80) {
                putBeyondAscii(value, i);
                return;
            }
            target[first + i] = (byte) character;
        }
        SHORT.set(target, position, (short) length);
        position = first + length;
    }

    /** The rest of {@link #putString}, from the first character that takes more than a byte. */
    private void putBeyondAscii(String value, int from) {
        int encoded = from + encodedLength(value, from);
        if (encoded > Limits.STRING_BYTES) {
            throw tooLong(encoded);
        }
        if (encoded > remaining() - 2) {
            throw WireException.NO_ROOM;
        }
        byte[] target = bytes;
        int at = position + 2 + from;
        for (int i = from; i < value.length(); i++) {
            char character = value.charAt(i);
            if (character < 0x80) {
                target[at++] = (byte) character;
            } else if (character < 0x800) {
                target[at++] = (byte) (0xc0 | character >> 6);
                target[at++] = (byte) (0x80 | character & 0x3f);
            } else if (!Character.isSurrogate(character)) {
                target[at++] = (byte) (0xe0 | character >> 12);
                target[at++] = (byte) (0x80 | character >> 6 & 0x3f);
                target[at++] = (byte) (0x80 | character & 0x3f);
            } else {
                int point = Character.toCodePoint(character, value.charAt(++i));
                target[at++] = (byte) (0xf0 | point >> 18);
                target[at++] = (byte) (0x80 | point >> 12 & 0x3f);
                target[at++] = (byte) (0x80 | point >> 6 & 0x3f);
                target[at++] = (byte) (0x80 | point & 0x3f);
            }
        }
        SHORT.set(target, position, (short) encoded);
        position = at;
    }

    private static int encodedLength(String value, int from) {
        int length = value.length();
        int encoded = 0;
        for (int i = from; i < length; i++) {
            char character = value.charAt(i);
            if (character < 0x80) {
                encoded++;
            } else if (character < 0x800) {
                encoded += 2;
            } else if (!Character.isSurrogate(character)) {
                encoded += 3;
            } else if (Character.isHighSurrogate(character)
                    && i + 1 < length
                    && Character.isLowSurrogate(value.charAt(i + 1))) {
                encoded += 4;
                i++;
            } else {
                throw new WireException("half of a surrogate pair, at " + i + " of a string of " + length);
            }
        }
        return encoded;
    }

    private static WireException tooLong(int encoded) {
        return new WireException("a string of at least " + encoded + " bytes; the limit is " + Limits.STRING_BYTES);
    }

    /**
     * Writes a byte array: four bytes of length, then the bytes.
     *
     * @param value the array; may be null
     * @throws WireException if it is of more than 64 KiB
     */
    public void putBytes(byte[] value) {
        if (value == null) {
            putInt(-1);
        } else {
            putBytes(value, 0, value.length);
        }
    }

    /**
     * Writes a part of a byte array, which is read as an array of its own.
     *
     * @param source the array
     * @param from the index of the first byte
     * @param length how many
     * @throws WireException if it is of more than 64 KiB
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void putBytes(byte[] source, int from, int length) {
        Objects.checkFromIndexSize(from, length, source.length);
        if (length > Limits.BYTES) {
            throw new WireException("an array of " + length + " bytes; the limit is " + Limits.BYTES);
        }
        int at = advance(4 + length);
        INT.set(bytes, at, length);
        System.arraycopy(source, from, bytes, at + 4, length);
    }

    /**
     * Writes bytes as they are, without their length.
     *
     * @param source an array
     * @param from the index of the first byte
     * @param length how many
     * @throws IndexOutOfBoundsException if the array has no such part
     */
    public void raw(byte[] source, int from, int length) {
        Objects.checkFromIndexSize(from, length, source.length);
        System.arraycopy(source, from, bytes, advance(length), length);
    }

    /**
     * Writes a ref.
     *
     * @param ref the ref; may be null
     */
    public void putRef(ActorRef<?> ref) {
        refs.write(ref, this);
    }

    /**
     * Writes a value of any registered type: two bytes of its number, then what its codec writes.
     *
     * @param value the value; may be null
     * @throws WireException if its type is not registered, it cannot be written, or values are nested more than 16 deep
     */
    public void putNested(Object value) {
        if (value == null) {
            putShort(Codecs.NULL);
        } else {
            codecs.write(value, this);
        }
    }

    /**
     * Overwrites two bytes; the position stays where it is.
     *
     * @param index the index of the first
     * @param value the value; only its lowest 16 bits count
     * @throws IndexOutOfBoundsException if it lies outside of the part that is written into
     */
    public void setShort(int index, int value) {
        SHORT.set(bytes, within(index, 2), (short) value);
    }

    /**
     * Overwrites four bytes; the position stays where it is.
     *
     * @param index the index of the first
     * @param value the value
     * @throws IndexOutOfBoundsException if it lies outside of the part that is written into
     */
    public void setInt(int index, int value) {
        INT.set(bytes, within(index, 4), value);
    }

    /**
     * Overwrites eight bytes; the position stays where it is.
     *
     * @param index the index of the first
     * @param value the value
     * @throws IndexOutOfBoundsException if it lies outside of the part that is written into
     */
    public void setLong(int index, long value) {
        LONG.set(bytes, within(index, 8), value);
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
        if (count > limit - at) {
            throw WireException.NO_ROOM;
        }
        position = at + count;
        return at;
    }

    private int within(int index, int count) {
        if (index < start || index > limit - count) {
            throw new IndexOutOfBoundsException(
                    count + " bytes at " + index + " lie outside of " + start + " to " + limit);
        }
        return index;
    }
}
