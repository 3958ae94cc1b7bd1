package dev.penstock.network.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;

/**
 * A codec under its number. All values pass through here, the records within records too: so that they are counted, and so
 * that whatever a codec or a constructor throws becomes a {@link WireException} that says where.
 */
final class RegisteredCodec {

    private final int number;
    private final Class<?> type;
    private final Codec<Object> codec;
    private final int levels;
    private final long shapeHash;

    /**
     * Registers one.
     *
     * @param type its type, as it was when the number was given
     * @param levels how deep its values are nested at least, the outermost counts
     */
    @SuppressWarnings("unchecked")
    RegisteredCodec(int number, Class<?> type, Codec<?> codec, int levels) {
        this.number = number;
        this.type = type;
        this.codec = (Codec<Object>) codec; // a value of another type fails in its bridge method, and so in write
        this.levels = levels;
        String shape = Objects.requireNonNull(codec.shape(), () -> "the shape of " + this);
        byte[] description = (number + " " + shape).getBytes(StandardCharsets.UTF_8);
        this.shapeHash = ByteBuffer.wrap(sha256().digest(description)).getLong();
    }

    int number() {
        return number;
    }

    Class<?> type() {
        return type;
    }

    int levels() {
        return levels;
    }

    long shapeHash() {
        return shapeHash;
    }

    void write(Object value, WireWriter out) {
        int level = out.descend();
        try {
            codec.write(value, out);
        } catch (Throwable cause) {
            throw failed("write", cause);
        } finally {
            out.ascend(level);
        }
    }

    Object read(WireReader in) {
        int level = in.descend();
        try {
            Object value = codec.read(in);
            if (value == null) {
                throw new WireException("it is null");
            }
            return value;
        } catch (Throwable cause) {
            throw failed("read", cause);
        } finally {
            in.ascend(level);
        }
    }

    /** As a part of a record, whose type says which codec it is. */
    void writeOrNull(WireWriter out, Object value) {
        out.putBoolean(value != null);
        if (value != null) {
            write(value, out);
        }
    }

    Object readOrNull(WireReader in) {
        return in.getBoolean() ? read(in) : null;
    }

    /**
     * Errors too, since the bytes may provoke them: an assertion in a constructor, a recursion that has no end. Only a
     * virtual machine in trouble is left to those who can deal with it.
     */
    private WireException failed(String verb, Throwable cause) {
        if (cause instanceof WireException wire && wire.placed) {
            return wire;
        }
        if (cause instanceof VirtualMachineError fatal && !(fatal instanceof StackOverflowError)) {
            throw fatal;
        }
        String why = cause instanceof WireException ? cause.getMessage() : cause.toString();
        return WireException.placed(this + " cannot " + verb + " a value: " + why, cause);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has it", impossible);
        }
    }

    @Override
    public String toString() {
        return "codec " + number + " (" + type.getTypeName() + ")";
    }
}
