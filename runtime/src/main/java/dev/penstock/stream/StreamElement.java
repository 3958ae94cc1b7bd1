package dev.penstock.stream;

import java.util.Objects;

/**
 * One element, against one demand.
 *
 * @param <E> the elements of the stream
 * @param element the element; not null
 */
public record StreamElement<E>(E element) implements ConsumerMessage<E> {
    /**
     * Checks for null.
     *
     * @param element as above
     */
    public StreamElement {
        Objects.requireNonNull(element, "element");
    }
}
