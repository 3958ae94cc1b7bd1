package dev.penstock.actor;

/** Says what happens when the inner behavior throws. */
record SupervisedBehavior<M>(Behavior<M> inner, SupervisorStrategy strategy) implements Behavior<M> {}
