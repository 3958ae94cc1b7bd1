package dev.penstock.actor;

/**
 * The time that a system lives by: timers, ask timeouts and every bounded wait. Replaced by virtual time in simulations.
 *
 * <p>Safe for any thread.
 */
public interface Clock {

    /** {@return nanoseconds since some fixed moment, as {@link System#nanoTime()} gives them} */
    long nanoTime();

    /**
     * Runs a task once, later.
     *
     * @param task what to run; short, for it runs on the clock's own thread
     * @param delayNanos when, from now
     * @return a way to call it off
     */
    Task schedule(Runnable task, long delayNanos);

    /** A task that has been scheduled. */
    interface Task {
        /** Calls the task off, if it has not begun. */
        void cancel();
    }
}
