package dev.penstock.actor;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a behavior may use of the runtime. For use in the actor's own turns only, except where said otherwise.
 *
 * @param <M> the messages of the actor
 */
public interface ActorContext<M> {

    /** {@return the ref of this actor; may be given to anyone} */
    ActorRef<M> self();

    /** {@return the system this actor lives in; may be used by any thread} */
    ActorSystem system();

    /**
     * Starts a child. It is stopped before this actor stops or restarts.
     *
     * @param <C> the child's messages
     * @param behavior what it does
     * @param name unique among the living children of this actor; no slash
     * @return its ref
     * @throws IllegalArgumentException if the name is taken or not a name
     */
    default <C> ActorRef<C> spawn(Behavior<C> behavior, String name) {
        return spawn(behavior, name, SpawnOptions.defaults());
    }

    /**
     * Starts a child with options.
     *
     * @param <C> the child's messages
     * @param behavior what it does
     * @param name unique among the living children of this actor; no slash
     * @param options dispatcher and mailbox
     * @return its ref
     * @throws IllegalArgumentException if the name is taken or not a name
     */
    <C> ActorRef<C> spawn(Behavior<C> behavior, String name, SpawnOptions options);

    /** {@return the living children} */
    Collection<ActorRef<?>> children();

    /**
     * Stops a child after the message that it is busy with. Messages waiting in its mailbox become dead letters.
     *
     * @param child a child of this actor
     * @throws IllegalArgumentException if it never was one
     */
    void stop(ActorRef<?> child);

    /**
     * Asks for a {@link Terminated} signal when the actor stops; at once if it has stopped already. Watching twice is
     * watching once. Two actors may watch each other. A restart takes all watches back.
     *
     * @param ref the actor to watch; of an {@linkplain #adapter adapter}, the actor behind it; of a {@link RemoteRef}, the
     *     actor that it stands for, whose end, or loss, whoever made the ref tells. Any other ref of the user's own making
     *     stands for no actor and never stops
     */
    void watch(ActorRef<?> ref);

    /**
     * Takes a watch back: no {@link Terminated} for this actor is received after this call.
     *
     * @param ref the actor watched
     */
    void unwatch(ActorRef<?> ref);

    /**
     * Sends this actor a message after a delay. A timer with the same key is replaced, and a message of the replaced
     * timer that waits in the mailbox is dropped. All timers end when the actor stops or restarts.
     *
     * @param key names the timer
     * @param message what to send
     * @param delay when, from now
     */
    void startTimer(Object key, M message, Duration delay);

    /**
     * Sends this actor a message again and again, the first time after one period.
     *
     * @param key names the timer
     * @param message what to send
     * @param period the time between two messages; positive
     */
    void startPeriodicTimer(Object key, M message, Duration period);

    /**
     * Cancels a timer; its message is not received after this call. Does nothing if there is none.
     *
     * @param key names the timer
     */
    void cancelTimer(Object key);

    /**
     * Makes a ref that accepts another type of message and hands it to this actor in translation.
     *
     * @param <T> what the ref accepts
     * @param translate called in this actor's turn; if it throws, this actor fails
     * @return the ref, for any thread; it is gone when this actor stops
     */
    <T> ActorRef<T> adapter(Function<? super T, ? extends M> translate);

    /**
     * Sends this actor a message when a stage completes.
     *
     * @param <T> the stage's result
     * @param stage what to wait for
     * @param translate makes the message from the result, or from the failure (the other is null); called in this
     *     actor's turn
     */
    <T> void pipeToSelf(CompletionStage<T> stage, BiFunction<? super T, Throwable, ? extends M> translate);

    /** {@return the lane that this actor runs on} */
    Lane lane();

    /**
     * Lays down an object that actors of this system can find by this actor's ref, to reach further than messages do.
     * The object must be safe for any thread, or used only by actors that share this actor's lane.
     *
     * @param attachment the object; replaces the one before
     */
    void attach(Object attachment);

    /**
     * Finds what another actor {@linkplain #attach laid down}.
     *
     * @param <T> the type looked for
     * @param ref the other actor
     * @param type the type looked for
     * @return the object, if the actor is of this system, lives, and laid down one of that type
     */
    <T> Optional<T> attachment(ActorRef<?> ref, Class<T> type);

    /**
     * Says what to do, instead of publishing a dead letter, with each message that the mailbox had accepted and that is
     * not processed because the actor stopped.
     *
     * @param handler called once for each such message, never twice at a time, after {@link PostStop}; by the thread that
     *     stops the actor, or for a message that came late by the one that told it
     */
    void onUnprocessed(Consumer<? super M> handler);

    /**
     * Publishes a message as a dead letter of this actor.
     *
     * @param message the message
     * @param reason why it goes no further
     */
    void deadLetter(Object message, DeadLetter.Reason reason);
}
