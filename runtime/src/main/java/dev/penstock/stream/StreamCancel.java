package dev.penstock.stream;

import dev.penstock.actor.ControlMessage;

/**
 * Ends the stream early: the consumer side wants no more.
 *
 * @param <E> the elements of the stream
 */
public record StreamCancel<E>() implements ProducerMessage<E>, ConsumerMessage<E>, ControlMessage {
    @Override
    public boolean expendable() {
        return true;
    }
}
