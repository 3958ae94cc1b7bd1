package dev.penstock.network.codec;

import dev.penstock.network.codec.Linker.Registration;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The types that may travel, each by its number. Immutable; for any number of threads.
 *
 * <p>On the wire a value is its number, two bytes, and its payload: what the codec writes. Two nodes speak of the same type
 * if {@linkplain #shapeHash its hash} is the same for both.
 */
public final class Codecs {

    /** Instead of a number: there is no value. */
    static final int NULL = 0;

    private static final Codecs NONE = builder().build();

    private final RegisteredCodec[] byNumber; // null where there is none
    private final RegisteredCodec[] byClass; // open addressing, at most a quarter full
    private final int[] numbers;
    private final byte[] digest;

    private Codecs(List<RegisteredCodec> ascending) {
        numbers = ascending.stream().mapToInt(RegisteredCodec::number).toArray();
        byNumber = new RegisteredCodec[numbers[numbers.length - 1] + 1];
        byClass = new RegisteredCodec[Integer.highestOneBit(numbers.length) * 8];
        ByteBuffer table = ByteBuffer.allocate(numbers.length * (Short.BYTES + Long.BYTES));
        for (RegisteredCodec codec : ascending) {
            byNumber[codec.number()] = codec;
            byClass[slot(codec.type())] = codec;
            table.putShort((short) codec.number()).putLong(codec.shapeHash());
        }
        digest = RegisteredCodec.sha256().digest(table.array());
    }

    /** {@return a builder that has the built-in types} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return the built-in types alone} */
    public static Codecs none() {
        return NONE;
    }

    /**
     * {@return the number of a value's class, or -1 if that is not registered} Allocates nothing.
     *
     * @param value the value, or null, which has no number
     */
    public int numberOf(Object value) {
        RegisteredCodec codec = find(value);
        return codec == null ? -1 : codec.number();
    }

    /**
     * Writes a value: number and payload. If it throws, a part may have been written.
     *
     * @param value the value; not null
     * @param out where to
     * @throws WireException if its class is not registered, there is no room, or it cannot be written
     */
    public void write(Object value, WireWriter out) {
        RegisteredCodec codec = find(value);
        if (codec == null) {
            throw unregistered(value);
        }
        out.putShort(codec.number());
        codec.write(value, out);
    }

    /**
     * Reads a value: number and payload.
     *
     * @param in where from
     * @return the value; not null
     * @throws WireException if its number is not registered, or it cannot be read
     */
    public Object read(WireReader in) {
        return readPayload(in.getShort(), in);
    }

    /**
     * Writes a payload alone. If it throws, a part may have been written.
     *
     * @param number of the value's class, as {@link #numberOf} answers it
     * @param value the value; not null
     * @param out where to
     * @throws WireException if the number is not registered, there is no room, or the value cannot be written
     */
    public void writePayload(int number, Object value, WireWriter out) {
        if (number < 0) {
            throw unregistered(value);
        }
        codec(number).write(value, out);
    }

    private static WireException unregistered(Object value) {
        return new WireException("no codec is registered for "
                + (value == null ? "null" : value.getClass().getTypeName()));
    }

    /**
     * Reads a payload alone. Whether it was consumed to its end is for the caller to see.
     *
     * @param number of the value's class
     * @param in where from
     * @return the value; not null
     * @throws WireException if the number is not registered, or the value cannot be read
     */
    public Object readPayload(int number, WireReader in) {
        return codec(number).read(in);
    }

    /** A value of any class, or null; refused before it is read if its number says that it is not of the type. */
    <T> T readNested(Class<T> type, WireReader in) {
        int number = in.getShort();
        if (number == NULL) {
            return null;
        }
        RegisteredCodec codec = codec(number);
        if (!type.isAssignableFrom(codec.type())) {
            throw new WireException(codec + " is read where " + type.getTypeName() + " must be");
        }
        return type.cast(codec.read(in));
    }

    /** {@return the numbers that are registered, ascending, the built-in ones too} */
    public int[] numbers() {
        return numbers.clone();
    }

    /**
     * Says what a number means, in 8 bytes: the first of the SHA-256 over the UTF-8 text {@code number shape}, such as
     * {@code 101 Reading(String sensor,double celsius)}. The shape is that of {@link Codec#shape}, or of a record:
     *
     * <ul>
     *   <li>its simple name, and in parentheses its components, each as type, space, name; commas between them;
     *   <li>as types: the primitives by name, {@code String}, {@code bytes}, {@code ref}, an enum as {@code Level{LOW,HIGH}}, a
     *       record within as its number, colon and hash in 16 hexadecimal digits, and {@code any Shape} for an interface.
     * </ul>
     *
     * @param number the number
     * @return the hash
     * @throws WireException if the number is not registered
     */
    public long shapeHash(int number) {
        return codec(number).shapeHash();
    }

    /** {@return the SHA-256 over the table: each number, two bytes, and its hash, eight, ascending} */
    public byte[] digest() {
        return digest.clone();
    }

    private RegisteredCodec codec(int number) {
        RegisteredCodec codec = number < 0 || number >= byNumber.length ? null : byNumber[number];
        if (codec == null) {
            throw new WireException("no codec has the number " + number);
        }
        return codec;
    }

    private RegisteredCodec find(Object value) {
        return value == null ? null : byClass[slot(value.getClass())];
    }

    /** Where the codec of a class is, or would be. */
    private int slot(Class<?> type) {
        int mask = byClass.length - 1;
        int slot = System.identityHashCode(type) & mask;
        while (byClass[slot] != null && byClass[slot].type() != type) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    @Override
    public String toString() {
        return "Codecs" + Arrays.toString(numbers);
    }

    /**
     * Registers types. The numbers from 100 to 32767 are the user's; each number and each type once. For one thread.
     */
    public static final class Builder {

        private static final int FIRST = 100;

        private final Map<Integer, Registration> byNumber = new TreeMap<>();

        private Builder() {
            for (Codec<?> codec : BuiltIn.FROM_NUMBER_1) {
                int number = byNumber.size() + 1;
                byNumber.put(number, new Registration(number, codec.type(), codec, null));
            }
        }

        /**
         * Registers a record, whose codec is composed of its components: primitives; and, null allowed, {@code String},
         * {@code byte[]}, enums, {@link dev.penstock.actor.ActorRef}, registered records, and interfaces or {@code Object} if
         * registered types are instances of them.
         *
         * @param <R> the record
         * @param number its number
         * @param type the record
         * @param lookup of a class that reaches the record, which need not be public: {@link MethodHandles#lookup()}
         * @return this builder
         * @throws IllegalArgumentException if the number is reserved or taken, or the type is registered or no record
         */
        public <R extends Record> Builder record(int number, Class<R> type, MethodHandles.Lookup lookup) {
            Objects.requireNonNull(lookup, "lookup");
            if (!type.isRecord()) {
                throw new IllegalArgumentException(type.getTypeName() + " is no record");
            }
            return register(new Registration(number, type, null, lookup));
        }

        /**
         * Registers a codec.
         *
         * @param number its number
         * @param codec the codec
         * @return this builder
         * @throws IllegalArgumentException if the number is reserved or taken, or the type is registered or has no instances
         *     of its own
         */
        public Builder add(int number, Codec<?> codec) {
            Class<?> type = Objects.requireNonNull(codec.type(), "type");
            if (type.isPrimitive() || Modifier.isAbstract(type.getModifiers()) && !type.isArray()) {
                throw new IllegalArgumentException(
                        "no object is of just the type " + type.getTypeName() + ": register its subtypes");
            }
            return register(new Registration(number, type, codec, null));
        }

        private Builder register(Registration added) {
            if (added.number() < FIRST || added.number() > Short.MAX_VALUE) {
                throw new IllegalArgumentException("number " + added.number() + " of "
                        + added.type().getTypeName() + " is not between " + FIRST + " and " + Short.MAX_VALUE);
            }
            for (Registration other : byNumber.values()) {
                if (other.number() == added.number() || other.type() == added.type()) {
                    throw new IllegalArgumentException(added.type().getTypeName() + " cannot be number "
                            + added.number() + ": number " + other.number() + " is "
                            + other.type().getTypeName());
                }
            }
            byNumber.put(added.number(), added);
            return this;
        }

        /**
         * {@return the types registered up to now}
         *
         * @throws IllegalArgumentException if a record has a component that cannot be written, is nested in itself or more than
         *     16 deep, has more than 64 components, or is not reached by its lookup
         */
        public Codecs build() {
            Linker linker = new Linker(byNumber.values());
            return new Codecs(byNumber.values().stream().map(linker::link).toList());
        }
    }
}
