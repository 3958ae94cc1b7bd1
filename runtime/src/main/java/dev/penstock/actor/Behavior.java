package dev.penstock.actor;

/**
 * What an actor does with its next message: a value, made by {@link Behaviors}.
 *
 * <p>A behavior is run by one thread at a time, and each run sees what the one before it wrote. It must not block for
 * long: it occupies its dispatcher's thread.
 *
 * @param <M> the messages it handles
 */
public sealed interface Behavior<M>
        permits AlongsideBehavior, MarkerBehavior, ReceiveBehavior, SetupBehavior, SupervisedBehavior {}
