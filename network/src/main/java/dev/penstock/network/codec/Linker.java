package dev.penstock.network.codec;

import dev.penstock.actor.ActorRef;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes codecs of what has been registered: that of a record after those of the records within it. Used once. */
final class Linker {

    /**
     * What has been registered: a codec, or a record and who may look into it.
     *
     * @param codec null if it is a record whose codec is to be composed
     * @param lookup null if there is a codec
     */
    record Registration(int number, Class<?> type, Codec<?> codec, MethodHandles.Lookup lookup) {}

    private final Map<Class<?>, Registration> registrations = new HashMap<>();
    private final Map<Class<?>, RegisteredCodec> linked = new HashMap<>();
    private final Set<Class<?>> path = new LinkedHashSet<>(); // records being composed, each within the one before

    Linker(Collection<Registration> all) {
        all.forEach(registration -> registrations.put(registration.type(), registration));
    }

    RegisteredCodec link(Registration registration) {
        RegisteredCodec codec = linked.get(registration.type());
        if (codec == null) {
            codec = registration.codec() == null
                    ? compose(registration)
                    : new RegisteredCodec(registration.number(), registration.type(), registration.codec(), 1);
            linked.put(registration.type(), codec);
        }
        return codec;
    }

    private RegisteredCodec compose(Registration registration) {
        Class<?> type = registration.type();
        RecordComponent[] declared = type.getRecordComponents();
        if (declared.length > Limits.COMPONENTS) {
            throw new IllegalArgumentException(
                    type.getName() + " has " + declared.length + " components; the limit is " + Limits.COMPONENTS);
        }
        path.add(type);
        List<Component> components = new ArrayList<>();
        int levels = 1;
        try {
            for (RecordComponent component : declared) {
                components.add(component(component, registration.lookup().unreflect(component.getAccessor())));
                RegisteredCodec within = linked.get(component.getType());
                levels = Math.max(levels, within == null ? 1 : 1 + within.levels());
            }
            Class<?>[] types = Stream.of(declared).map(RecordComponent::getType).toArray(Class<?>[]::new);
            MethodHandle constructor =
                    registration.lookup().findConstructor(type, MethodType.methodType(void.class, types));
            RecordCodec codec = new RecordCodec(type, components, constructor);
            return new RegisteredCodec(registration.number(), type, codec, levels);
        } catch (ReflectiveOperationException outOfReach) {
            throw new IllegalArgumentException(
                    registration.lookup() + " does not reach " + type.getName()
                            + "; pass MethodHandles.lookup() of a class that does",
                    outOfReach);
        } finally {
            path.remove(type);
        }
    }

    private Component component(RecordComponent component, MethodHandle accessor) {
        Class<?> type = component.getType();
        if (type.isPrimitive()) {
            return Component.primitive(accessor);
        }
        if (type == String.class) {
            return Component.string(accessor);
        }
        if (type == byte[].class) {
            return Component.bytes(accessor);
        }
        if (type == ActorRef.class) {
            return Component.ref(accessor);
        }
        if (type.isEnum()) {
            return Component.constant(accessor);
        }
        if (type.isRecord()) {
            return Component.nested(accessor, within(component));
        }
        if (type != Object.class && !type.isInterface()) {
            throw refused(
                    component,
                    "may be a primitive, a String, a byte[], an enum, an ActorRef, a registered record, "
                            + "or an interface or Object that stands for registered types");
        }
        if (registrations.keySet().stream().noneMatch(type::isAssignableFrom)) {
            throw refused(component, "stands for no registered type");
        }
        return Component.anyRegistered(accessor);
    }

    private RegisteredCodec within(RecordComponent component) {
        Registration registration = registrations.get(component.getType());
        if (registration == null) {
            throw refused(component, "is a record that is not registered");
        }
        if (path.contains(component.getType())) {
            String around = path.stream().map(Class::getSimpleName).collect(Collectors.joining(" > "));
            throw refused(
                    component,
                    "is a record within itself (" + around + " > "
                            + component.getType().getSimpleName() + "); an interface may stand for it");
        }
        // the first question before the second, which goes down all the way
        if (path.size() == Limits.DEPTH || path.size() + link(registration).levels() > Limits.DEPTH) {
            throw refused(component, "nests records more than " + Limits.DEPTH + " deep");
        }
        return link(registration);
    }

    private static IllegalArgumentException refused(RecordComponent component, String why) {
        return new IllegalArgumentException(
                "component " + component.getDeclaringRecord().getName() + "." + component.getName() + " of type "
                        + component.getType().getTypeName() + " " + why);
    }
}
