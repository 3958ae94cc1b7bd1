package dev.penstock.stream;

import dev.penstock.actor.ControlMessage;

/**
 * Tells a producer that one of its sinks has news: elements, room wanted, or an end. Harmless at any time.
 *
 * @param <E> the elements of the stream
 */
public record InputReady<E>() implements ProducerMessage<E>, ControlMessage {
    @Override
    public boolean expendable() {
        return true;
    }
}
