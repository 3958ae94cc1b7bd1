package dev.penstock.actor;

/** Runs on the lane of another actor. */
record AlongsideBehavior<M>(ActorRef<?> mate, Behavior<M> inner) implements Behavior<M> {}
