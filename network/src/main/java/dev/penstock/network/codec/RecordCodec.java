package dev.penstock.network.codec;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import java.util.StringJoiner;

/**
 * The codec of a record: its components one after the other, as they are declared.
 *
 * <p>One method handle each way, composed of those of the components and called exactly, so that no primitive is boxed.
 */
final class RecordCodec implements Codec<Object> {

    private static final MethodType WRITE = methodType(void.class, WireWriter.class, Object.class);
    private static final MethodType READ = methodType(Object.class, WireReader.class);

    private final Class<?> type;
    private final String shape;
    private final MethodHandle write; // (WireWriter, Object)void
    private final MethodHandle read; // (WireReader)Object

    /**
     * Composes it.
     *
     * @param constructor the canonical one
     */
    RecordCodec(Class<?> type, List<Component> components, MethodHandle constructor) {
        this.type = type;
        this.shape = shape(type, components);
        this.write = composeWrite(type, components);
        this.read = composeRead(components, constructor);
    }

    /** As in {@code Reading(String sensor,double celsius)}. */
    private static String shape(Class<?> type, List<Component> components) {
        RecordComponent[] declared = type.getRecordComponents();
        StringJoiner shape = new StringJoiner(",", type.getSimpleName() + "(", ")");
        for (int i = 0; i < declared.length; i++) {
            shape.add(components.get(i).shape() + " " + declared[i].getName());
        }
        return shape.toString();
    }

    private static MethodHandle composeWrite(Class<?> type, List<Component> components) {
        MethodHandle rest = MethodHandles.empty(methodType(void.class, WireWriter.class, type));
        for (int i = components.size() - 1; i >= 0; i--) {
            rest = MethodHandles.foldArguments(rest, components.get(i).write()); // this one, then the rest
        }
        return rest.asType(WRITE);
    }

    /** Ends with the constructor, before it the last component is read, and so on: the first one is read first. */
    private static MethodHandle composeRead(List<Component> components, MethodHandle constructor) {
        MethodHandle rest = MethodHandles.dropArguments(constructor, components.size(), WireReader.class);
        for (int i = components.size() - 1; i >= 0; i--) {
            // of (those before, this one, reader) makes (those before, reader)
            rest = MethodHandles.foldArguments(rest, i, components.get(i).read());
        }
        return rest.asType(READ);
    }

    @Override
    @SuppressWarnings("unchecked")
    public Class<Object> type() {
        return (Class<Object>) type;
    }

    @Override
    public String shape() {
        return shape;
    }

    @Override
    public void write(Object value, WireWriter out) {
        try {
            write.invokeExact(out, value);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable undeclared) {
            throw new UndeclaredThrowableException(undeclared);
        }
    }

    @Override
    public Object read(WireReader in) {
        try {
            return read.invokeExact(in);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable undeclared) {
            throw new UndeclaredThrowableException(undeclared);
        }
    }
}
