package dev.penstock.stream;

import dev.penstock.actor.ControlMessage;

/**
 * Requests elements. Told to a producer, it may send that many more; the sum saturates at {@link Long#MAX_VALUE}. Told
 * to a consumer, the consumer looks how many its iterator has taken and requests as many anew: its window never grows.
 * A demand of 0 or less fails the stream with {@link IllegalArgumentException}; before anyone has subscribed, its subscriber
 * to be is told.
 *
 * @param <E> the elements of the stream
 * @param n how many
 */
public record StreamDemand<E>(long n) implements ProducerMessage<E>, ConsumerMessage<E>, ControlMessage {
    @Override
    public boolean expendable() {
        return true;
    }
}
