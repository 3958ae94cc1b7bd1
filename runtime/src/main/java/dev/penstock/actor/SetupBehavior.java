package dev.penstock.actor;

import java.util.function.Function;

/** Makes the behavior when the actor starts, and again at each restart. */
record SetupBehavior<M>(Function<ActorContext<M>, Behavior<M>> factory) implements Behavior<M> {}
