package dev.penstock.network.codec;

import static java.lang.invoke.MethodType.methodType;

import dev.penstock.actor.ActorRef;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * One component of a record. All but primitives may be null.
 *
 * @param shape what is written
 * @param write takes it from the record and writes it: (WireWriter, R)void
 * @param read reads it: (WireReader)T
 */
record Component(String shape, MethodHandle write, MethodHandle read) {

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    /** Joins the accessor, (R)T, with what puts and gets its value, or a type that the value converts to. */
    private static Component of(String shape, MethodHandle accessor, MethodHandle put, MethodHandle get) {
        Class<?> type = accessor.type().returnType();
        MethodHandle putExactly = put.asType(methodType(void.class, WireWriter.class, type));
        return new Component(
                shape,
                MethodHandles.filterArguments(putExactly, 1, accessor),
                get.asType(methodType(type, WireReader.class)));
    }

    static Component primitive(MethodHandle accessor) {
        Class<?> type = accessor.type().returnType();
        String name = type.getName();
        String suffix = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        Class<?> widened = type == byte.class || type == short.class ? int.class : type;
        return of(
                name,
                accessor,
                method(WireWriter.class, "put" + suffix, methodType(void.class, widened)),
                method(WireReader.class, "get" + suffix, methodType(type)));
    }

    static Component string(MethodHandle accessor) {
        return of(
                "String",
                accessor,
                method(WireWriter.class, "putString", methodType(void.class, String.class)),
                method(WireReader.class, "getString", methodType(String.class)));
    }

    static Component bytes(MethodHandle accessor) {
        return of(
                "bytes",
                accessor,
                method(WireWriter.class, "putBytes", methodType(void.class, byte[].class)),
                method(WireReader.class, "getBytes", methodType(byte[].class)));
    }

    static Component ref(MethodHandle accessor) {
        return of(
                "ref",
                accessor,
                method(WireWriter.class, "putRef", methodType(void.class, ActorRef.class)),
                method(WireReader.class, "getRef", methodType(ActorRef.class)));
    }

    /** By number, since only the value itself says what it is. */
    static Component anyRegistered(MethodHandle accessor) {
        Class<?> type = accessor.type().returnType();
        MethodHandle get = method(WireReader.class, "getNested", methodType(Object.class, Class.class));
        return of(
                "any " + type.getSimpleName(),
                accessor,
                method(WireWriter.class, "putNested", methodType(void.class, Object.class)),
                MethodHandles.insertArguments(get, 1, type));
    }

    /** Without a number, since the component's type says it. */
    static Component nested(MethodHandle accessor, RegisteredCodec codec) {
        MethodHandle put =
                method(RegisteredCodec.class, "writeOrNull", methodType(void.class, WireWriter.class, Object.class));
        MethodHandle get = method(RegisteredCodec.class, "readOrNull", methodType(Object.class, WireReader.class));
        return of(
                codec.number() + ":" + String.format("%016x", codec.shapeHash()),
                accessor,
                put.bindTo(codec),
                get.bindTo(codec));
    }

    static Component constant(MethodHandle accessor) {
        Class<?> type = accessor.type().returnType();
        Constants constants = new Constants((Enum<?>[]) type.getEnumConstants());
        String names = Arrays.stream(constants.all()).map(Enum::name).collect(Collectors.joining(",", "{", "}"));
        return of(
                type.getSimpleName() + names,
                accessor,
                method(Constants.class, "write", methodType(void.class, WireWriter.class, Enum.class))
                        .bindTo(constants),
                method(Constants.class, "read", methodType(Enum.class, WireReader.class))
                        .bindTo(constants));
    }

    /** Writes those of an enum by their ordinals: two bytes. */
    private record Constants(Enum<?>[] all) {

        void write(WireWriter out, Enum<?> constant) {
            out.putShort(constant == null ? -1 : constant.ordinal());
        }

        Enum<?> read(WireReader in) {
            int ordinal = in.getShort();
            if (ordinal == -1) {
                return null;
            }
            if (ordinal < 0 || ordinal >= all.length) {
                throw new WireException(ordinal + " is none of the " + all.length + " constants of an enum");
            }
            return all[ordinal];
        }
    }

    private static MethodHandle method(Class<?> owner, String name, MethodType type) {
        try {
            return LOOKUP.findVirtual(owner, name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
