package dev.penstock.actor;

import java.util.Optional;

/**
 * Something happened to an actor as a whole.
 *
 * @param ref the actor
 * @param kind what happened
 * @param failure what the behavior threw, for {@code FAILED}, {@code RESUMED}, {@code RESTARTED}, and {@code STOPPED} if that stopped it
 */
public record LifecycleEvent(ActorRef<?> ref, Kind kind, Optional<Throwable> failure) {

    /** What can happen. */
    public enum Kind {
        /** The behavior was set up. */
        STARTED,
        /** The behavior threw, and the actor goes on with the next message. */
        RESUMED,
        /** The behavior threw and was replaced by a fresh one. */
        RESTARTED,
        /** The behavior threw, and the actor stops. */
        FAILED,
        /** The actor has stopped. */
        STOPPED
    }
}
