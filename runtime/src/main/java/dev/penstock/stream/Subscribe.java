package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ControlMessage;
import java.util.Objects;

/**
 * Makes an actor the one subscriber of a producer, for good. A second subscription is answered {@link StreamFailed} with
 * {@link AlreadySubscribedException}, and does not disturb the first; also if it comes from the same ref, such as an actor
 * of the user's own that was restarted and subscribes again: it still has the first. Travels with the other control messages, so that a {@link StreamCancel} told after it
 * stays behind it.
 *
 * @param <E> the elements of the stream
 * @param consumer receives {@link StreamElement}, {@link StreamCompleted}, {@link StreamFailed}
 * @param demand how many elements may be sent at first; 0 sends none until a {@link StreamDemand}
 */
public record Subscribe<E>(ActorRef<ConsumerMessage<E>> consumer, long demand)
        implements ProducerMessage<E>, ControlMessage {
    /**
     * Checks for null.
     *
     * @param consumer as above
     * @param demand as above
     */
    public Subscribe {
        Objects.requireNonNull(consumer, "consumer");
    }
}
