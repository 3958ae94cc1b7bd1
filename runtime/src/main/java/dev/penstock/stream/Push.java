package dev.penstock.stream;

import java.util.Objects;

/**
 * Puts one element in without a sink, for those who have no thread to block. Goes through a buffer of the producer's own
 * of the same size as a sink's; if that is full, or the stream has ended, the push becomes a dead letter.
 *
 * @param <E> the elements of the stream
 * @param element the element; not null
 */
public record Push<E>(E element) implements ProducerMessage<E> {
    /**
     * Checks for null.
     *
     * @param element as above
     */
    public Push {
        Objects.requireNonNull(element, "element");
    }
}
