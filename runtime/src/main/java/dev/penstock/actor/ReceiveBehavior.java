package dev.penstock.actor;

import java.util.function.BiFunction;

/** Handles messages and signals. */
record ReceiveBehavior<M>(
        BiFunction<ActorContext<M>, M, Behavior<M>> onMessage,
        BiFunction<ActorContext<M>, Signal, Behavior<M>> onSignal)
        implements Behavior<M> {}
