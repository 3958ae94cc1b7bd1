package dev.penstock.stream;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Signal;
import java.util.function.BiFunction;

/**
 * Behaviors that look themselves at what they are told. The type of a ref is a promise of whoever tells: one that was cast,
 * on another node maybe, keeps it not, and a behavior that takes its messages as their type would fail of it.
 */
final class AnyMessage {

    private AnyMessage() {}

    /** A behavior that is to leave unhandled what is no {@code M}. */
    @SuppressWarnings("unchecked") // a function of any object is one of M
    static <M> Behavior<M> receive(
            BiFunction<ActorContext<M>, Object, Behavior<M>> onMessage,
            BiFunction<ActorContext<M>, Signal, Behavior<M>> onSignal) {
        BiFunction<ActorContext<M>, ?, Behavior<M>> any = onMessage;
        return Behaviors.receive((BiFunction<ActorContext<M>, M, Behavior<M>>) any, onSignal);
    }
}
