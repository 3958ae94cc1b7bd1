package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import java.util.Objects;

/**
 * Asks a consumer for the way to take elements out. There is one source a stream: every answer is the same.
 *
 * @param <E> the elements of the stream
 * @param replyTo takes the source
 */
public record GetSource<E>(ActorRef<SourceRef<E>> replyTo) implements ConsumerMessage<E> {
    /**
     * Checks for null.
     *
     * @param replyTo as above
     */
    public GetSource {
        Objects.requireNonNull(replyTo, "replyTo");
    }
}
