package dev.penstock.stream;

import java.util.Objects;
import java.util.function.BiConsumer;

/** Handlers of undelivered elements: options do not know the type of the elements, the stream they are used for does. */
final class Undelivered {

    private Undelivered() {}

    @SuppressWarnings("unchecked") // the options' Javadoc asks for a handler of the stream's own elements
    static <E> BiConsumer<Object, UndeliveredReason> handler(BiConsumer<? super E, ? super UndeliveredReason> handler) {
        Objects.requireNonNull(handler, "onUndelivered");
        return (element, reason) -> handler.accept((E) element, reason);
    }
}
