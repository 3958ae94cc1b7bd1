package dev.penstock.actor;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Makes {@link Behavior}s. All of them are immutable values, to be shared and reused freely. */
public final class Behaviors {

    private static final Behavior<Object> SAME = new MarkerBehavior<>(MarkerBehavior.Marker.SAME);
    private static final Behavior<Object> STOPPED = new MarkerBehavior<>(MarkerBehavior.Marker.STOPPED);
    private static final Behavior<Object> UNHANDLED = new MarkerBehavior<>(MarkerBehavior.Marker.UNHANDLED);
    private static final Behavior<Object> IGNORE = new MarkerBehavior<>(MarkerBehavior.Marker.IGNORE);

    private Behaviors() {}

    /**
     * Handles messages; signals are ignored.
     *
     * @param <M> the messages
     * @param onMessage given the context and the message, returns the behavior for the next message
     * @return the behavior
     */
    public static <M> Behavior<M> receive(BiFunction<ActorContext<M>, M, Behavior<M>> onMessage) {
        return receive(onMessage, (context, signal) -> unhandled());
    }

    /**
     * Handles messages and signals.
     *
     * @param <M> the messages
     * @param onMessage given the context and the message, returns the behavior for the next message
     * @param onSignal given the context and the signal, returns the behavior for the next message
     * @return the behavior
     */
    public static <M> Behavior<M> receive(
            BiFunction<ActorContext<M>, M, Behavior<M>> onMessage,
            BiFunction<ActorContext<M>, Signal, Behavior<M>> onSignal) {
        return new ReceiveBehavior<>(
                Objects.requireNonNull(onMessage, "onMessage"), Objects.requireNonNull(onSignal, "onSignal"));
    }

    /**
     * Makes the behavior when the actor starts, where a context is at hand to spawn, watch or start timers.
     *
     * @param <M> the messages
     * @param factory called at the start and at each restart, in the actor's own turn
     * @return the behavior
     */
    public static <M> Behavior<M> setup(Function<ActorContext<M>, Behavior<M>> factory) {
        return new SetupBehavior<>(Objects.requireNonNull(factory, "factory"));
    }

    /**
     * Keeps the behavior that handled this message.
     *
     * @param <M> the messages
     * @return the marker
     */
    public static <M> Behavior<M> same() {
        return typed(SAME);
    }

    /**
     * Stops the actor: first its children, then itself.
     *
     * @param <M> the messages
     * @return the marker
     */
    public static <M> Behavior<M> stopped() {
        return typed(STOPPED);
    }

    /**
     * Keeps the behavior and publishes the message as a {@link DeadLetter}.
     *
     * @param <M> the messages
     * @return the marker
     */
    public static <M> Behavior<M> unhandled() {
        return typed(UNHANDLED);
    }

    /**
     * Accepts every message and does nothing with it.
     *
     * @param <M> the messages
     * @return the behavior
     */
    public static <M> Behavior<M> ignore() {
        return typed(IGNORE);
    }

    /**
     * Says what happens when a behavior throws. Without it the actor stops.
     *
     * @param <M> the messages
     * @param behavior the behavior to guard
     * @param strategy what to do
     * @return the guarded behavior
     */
    public static <M> Behavior<M> supervise(Behavior<M> behavior, SupervisorStrategy strategy) {
        return new SupervisedBehavior<>(
                Objects.requireNonNull(behavior, "behavior"), Objects.requireNonNull(strategy, "strategy"));
    }

    /**
     * Runs the actor on the {@link Lane} of another local actor, so that the two never run at the same time.
     *
     * <p>Heeded when the behavior is spawned. Without effect if the other actor is remote or has stopped, if the spawn
     * asked for {@link SpawnOptions#ownLane()}, or for a dispatcher other than that of the mate.
     *
     * @param <M> the messages
     * @param mate the actor whose lane to share
     * @param behavior the behavior to run there
     * @return the behavior, to be spawned
     */
    public static <M> Behavior<M> alongside(ActorRef<?> mate, Behavior<M> behavior) {
        return new AlongsideBehavior<>(
                Objects.requireNonNull(mate, "mate"), Objects.requireNonNull(behavior, "behavior"));
    }

    @SuppressWarnings("unchecked") // a marker holds no message
    private static <M> Behavior<M> typed(Behavior<Object> marker) {
        return (Behavior<M>) marker;
    }
}
