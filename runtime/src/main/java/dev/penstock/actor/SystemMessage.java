package dev.penstock.actor;

import java.util.Optional;
import java.util.function.Supplier;

/** What the runtime puts into mailboxes beside the users' messages. */
sealed interface SystemMessage {

    // ---- in the control lane

    /** Set the behavior up. */
    enum Start implements SystemMessage {
        START
    }

    /** Stop, after the message in hand. */
    enum Stop implements SystemMessage {
        STOP
    }

    /** The back-off is over. */
    enum Resume implements SystemMessage {
        RESUME
    }

    /** Tell this actor when you stop. */
    record Watch(ActorCell<?> watcher) implements SystemMessage {}

    /** No longer tell this actor. */
    record Unwatch(ActorCell<?> watcher) implements SystemMessage {}

    /** A child has stopped. */
    record ChildStopped(ActorCell<?> child) implements SystemMessage {}

    /**
     * A watched actor, known by its cell or by its remote ref, has stopped. To be received after the data that had been
     * offered before: what the actor itself sent is among it.
     */
    record WatchedStopped(Object watched, Optional<Throwable> failure, long afterData) implements SystemMessage {}

    // ---- in the data lane

    /** A message to be made in the receiver's turn: of an adapter, or of a stage that completed. */
    record Adapted<M>(Supplier<? extends M> message, Object original) implements SystemMessage {}

    /** A timer ran out. */
    record TimerFired<M>(Object key, long generation, M message) implements SystemMessage {}
}
