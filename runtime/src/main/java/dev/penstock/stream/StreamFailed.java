package dev.penstock.stream;

import java.util.Objects;

/**
 * There are no more elements, because something went wrong; those put before have been sent.
 *
 * @param <E> the elements of the stream
 * @param cause what went wrong
 */
public record StreamFailed<E>(Throwable cause) implements ConsumerMessage<E> {
    /**
     * Checks for null.
     *
     * @param cause as above
     */
    public StreamFailed {
        Objects.requireNonNull(cause, "cause");
    }
}
