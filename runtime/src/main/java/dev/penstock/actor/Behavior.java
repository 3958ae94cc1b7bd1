package dev.penstock.actor;

import java.util.function.BiFunction;

/**
 * What an actor does with its next message: a value, made by {@link Behaviors}.
 *
 * <p>A behavior is run by one thread at a time, and each run sees what the one before it wrote. It must not block for
 * long: it occupies its dispatcher's thread.
 *
 * @param <M> the messages it handles
 */
public sealed interface Behavior<M> {

    /** Handles messages and signals. */
    record Receive<M>(
            BiFunction<ActorContext<M>, M, Behavior<M>> onMessage,
            BiFunction<ActorContext<M>, Signal, Behavior<M>> onSignal)
            implements Behavior<M> {}

    /** Makes the behavior when the actor starts, and again at each restart. */
    record Setup<M>(java.util.function.Function<ActorContext<M>, Behavior<M>> factory) implements Behavior<M> {}

    /** Says what happens when the inner behavior throws. */
    record Supervised<M>(Behavior<M> inner, SupervisorStrategy strategy) implements Behavior<M> {}

    /** Runs on the lane of another actor. */
    record Alongside<M>(ActorRef<?> mate, Behavior<M> inner) implements Behavior<M> {}

    /** A decision that needs no state. */
    enum Marker {
        /** Keep the behavior that is there. */
        SAME,
        /** Stop the actor. */
        STOPPED,
        /** Keep the behavior; publish the message as a dead letter. */
        UNHANDLED,
        /** Accept everything, do nothing. */
        IGNORE
    }

    /** One of the four markers, typed. */
    record Marked<M>(Marker marker) implements Behavior<M> {}
}
