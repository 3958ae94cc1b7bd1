package dev.penstock.stream;

import java.util.Objects;

/**
 * Fails all sinks of a producer: the subscriber receives what was put and pushed before, then {@link StreamFailed}.
 *
 * @param <E> the elements of the stream
 * @param cause why
 */
public record FailStream<E>(Throwable cause) implements ProducerMessage<E> {
    /**
     * Checks for null.
     *
     * @param cause as above
     */
    public FailStream {
        Objects.requireNonNull(cause, "cause");
    }
}
