package dev.penstock.actor;

import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * Runs actors that have something to do, on its threads.
 *
 * <p>A dispatcher belongs to the one system that uses it, which closes it; its threads start with the first lane. It is
 * given turns, not messages: a turn processes a bounded number of them, so that no actor keeps a thread for itself.
 */
public interface Dispatcher extends AutoCloseable {

    /**
     * Runs a turn, once, soon. Called by any thread; must not block it. A turn that is handed in while another one of
     * the same lane is still to come is never seen: there is at most one outstanding.
     *
     * @param turn the turn; does not throw
     * @throws java.util.concurrent.RejectedExecutionException if closed
     */
    void execute(Runnable turn);

    /**
     * Called once for each lane, before its first turn; says which dispatcher runs it.
     *
     * @param name a name for threads made for it
     * @return this one, unless a lane gets a thread of its own
     */
    default Dispatcher forLane(String name) {
        return this;
    }

    /**
     * Runs one waiting turn on the calling thread, if this dispatcher has no threads of its own: how a closing system
     * moves a stepped dispatcher forward.
     *
     * @return whether it ran one
     */
    default boolean runOne() {
        return false;
    }

    /** Ends the threads after the turns that they are busy with; interrupts those that block. Does not wait for them. */
    @Override
    default void close() {}

    /**
     * Shares a fixed number of threads among all actors.
     *
     * @param threads how many; at least 1
     * @return the dispatcher
     */
    static Dispatcher pool(int threads) {
        return pool(threads, WaitStrategy.backoff());
    }

    /**
     * Shares a fixed number of threads among all actors.
     *
     * @param threads how many; at least 1
     * @param waitStrategy what a thread does while no actor has anything to do
     * @return the dispatcher
     */
    static Dispatcher pool(int threads, WaitStrategy waitStrategy) {
        return new PoolDispatcher(threads, Objects.requireNonNull(waitStrategy, "waitStrategy"));
    }

    /** {@return gives each lane a thread of its own, which parks when idle} */
    static Dispatcher pinned() {
        return pinned(WaitStrategy.backoff());
    }

    /**
     * Gives each lane a thread of its own.
     *
     * @param waitStrategy what the thread does while its actor has nothing to do
     * @return the dispatcher
     */
    static Dispatcher pinned(WaitStrategy waitStrategy) {
        return PinnedDispatcher.platform(Objects.requireNonNull(waitStrategy, "waitStrategy"));
    }

    /**
     * {@return runs an actor on the thread that made it ready, before that thread's {@code tell} returns; a tell made
     * within a turn is run after that turn, so that the stack does not grow}
     */
    static Dispatcher direct() {
        return new DirectDispatcher();
    }

    /**
     * {@return gives each lane a virtual thread of its own}
     *
     * @throws UnsupportedOperationException before JDK 21
     */
    static Dispatcher virtualThreads() {
        return virtualThreads(WaitStrategy.backoff());
    }

    /**
     * Gives each lane a virtual thread of its own.
     *
     * @param waitStrategy what the thread does while its actor has nothing to do. One that never parks keeps the processor
     *     that carries the thread: as many lanes as there are processors, and no other virtual thread may ever run
     * @return the dispatcher
     * @throws UnsupportedOperationException before JDK 21
     */
    static Dispatcher virtualThreads(WaitStrategy waitStrategy) {
        return PinnedDispatcher.virtual(Objects.requireNonNull(waitStrategy, "waitStrategy"));
    }

    /**
     * Runs actors on an executor that the caller owns. It is not closed with the system; it must run what it accepts.
     *
     * @param executor the executor
     * @return the dispatcher
     */
    static Dispatcher from(Executor executor) {
        Objects.requireNonNull(executor, "executor");
        return executor::execute;
    }
}
