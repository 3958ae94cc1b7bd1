package dev.penstock.actor;

import java.util.concurrent.locks.LockSupport;

/**
 * How a thread sleeps until it is woken: {@link LockSupport}, unless a simulation puts itself in its place.
 *
 * <p>As with {@code LockSupport}, an {@code unpark} that comes first makes the next {@code park} return at once, and
 * {@code park} may return for no reason.
 */
public interface Parker {

    /**
     * Blocks the calling thread until it is unparked, interrupted, or the time is over.
     *
     * @param blocker what it waits for, shown in thread dumps
     * @param timeoutNanos how long at most; {@link Long#MAX_VALUE} is for ever
     */
    void park(Object blocker, long timeoutNanos);

    /**
     * Wakes a thread.
     *
     * @param thread the thread
     */
    void unpark(Thread thread);

    /** {@return the parker that uses {@link LockSupport}} */
    static Parker system() {
        return SystemParker.INSTANCE;
    }
}
