package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import java.time.Duration;
import java.util.Objects;

/** How a stream ended. Decided once; the same for both ends of a stream within one system. */
public sealed interface StreamOutcome {

    /** Every element that was put has been taken. */
    record Completed() implements StreamOutcome {}

    /** The consumer side left early, or stopped first when the system was closed. */
    record Cancelled() implements StreamOutcome {}

    /**
     * The feed failed, or the protocol was broken.
     *
     * @param cause what went wrong
     */
    record Failed(Throwable cause) implements StreamOutcome {
        /**
         * Checks for null.
         *
         * @param cause as above
         */
        public Failed {
            Objects.requireNonNull(cause, "cause");
        }
    }

    /**
     * The iterator waited too long for an element.
     *
     * @param after how long
     */
    record TimedOut(Duration after) implements StreamOutcome {}

    /**
     * The producer stopped without an end to its stream; first, if the system was closed. Or the actor at the other end is on
     * another node, which is out of reach.
     *
     * @param ref the actor that was lost
     * @param lastSequence the number of the last element received before the loss, counted from 1; 0 if there was none, -1 if
     *     that is not known: only a consumer can tell, and only of what came as messages
     */
    record PeerLost(ActorRef<?> ref, long lastSequence) implements StreamOutcome {
        /**
         * A loss of which it is not known how far the stream had come.
         *
         * @param ref the actor that was lost
         */
        public PeerLost(ActorRef<?> ref) {
            this(ref, -1);
        }
    }
}
