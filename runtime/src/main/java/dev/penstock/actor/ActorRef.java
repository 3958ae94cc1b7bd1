package dev.penstock.actor;

import java.time.Duration;

/**
 * The address of an actor: the only way to reach it.
 *
 * <p>A ref may be used by any thread and kept for as long as wanted; it stays valid as an address, though not as a
 * recipient, after its actor has stopped. The interface is location-transparent: a ref to an actor of another node is
 * used in the same way.
 *
 * @param <M> the messages the actor accepts
 */
public interface ActorRef<M> {

    /**
     * Puts a message into the actor's mailbox and returns at once.
     *
     * <p>Messages from one thread to one actor are received in the order in which they were told, except that a
     * {@link ControlMessage} overtakes data.
     *
     * @param message the message; not null
     * @return whether the mailbox accepted it. A refused message has been published as a {@link DeadLetter}; an accepted
     *     one is processed, or becomes a dead letter if the actor stops first
     */
    boolean tell(M message);

    /**
     * Like {@link #tell(Object)}, but waits for room if the actor's mailbox is bounded and full.
     *
     * @param message the message; not null
     * @param timeout how long to wait at most; zero or less does not wait
     * @return whether the mailbox accepted the message in time
     * @throws InterruptedException if the thread was interrupted while it waited; the message was not accepted
     * @throws IllegalStateException if the mailbox is bounded and a dispatcher's thread calls, which must not wait: the mailbox
     *     could be waiting for that very thread
     */
    default boolean tell(M message, Duration timeout) throws InterruptedException {
        return tell(message);
    }

    /** {@return where the actor lives, such as {@code /prices/feed/parser}: system, parents, name} */
    String path();
}
