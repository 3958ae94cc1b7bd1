package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import java.util.Objects;

/**
 * Asks a producer for a way to put elements in. Each answer is a sink of its own, for a writer of its own; the stream
 * completes when all its sinks have completed, and fails when one fails. Elements of one sink keep their order; those of
 * several sinks are mixed in runs.
 *
 * @param <E> the elements of the stream
 * @param replyTo takes the sink
 */
public record GetSink<E>(ActorRef<SinkRef<E>> replyTo) implements ProducerMessage<E> {
    /**
     * Checks for null.
     *
     * @param replyTo as above
     */
    public GetSink {
        Objects.requireNonNull(replyTo, "replyTo");
    }
}
