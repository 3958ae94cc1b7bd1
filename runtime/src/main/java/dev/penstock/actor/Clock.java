package dev.penstock.actor;

import java.time.Duration;

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

    /**
     * {@return the nanoseconds of a duration, at most some 146 years: enough that a sum with a time does not overflow}
     *
     * @param duration the duration
     */
    static long toNanos(Duration duration) {
        long longest = Long.MAX_VALUE / 2;
        return duration.getSeconds() < longest / 1_000_000_000L ? duration.toNanos() : longest;
    }

    /** A task that has been scheduled. */
    interface Task {
        /** Calls the task off, if it has not begun. */
        void cancel();
    }
}
