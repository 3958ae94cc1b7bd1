package dev.penstock.network.membership;

import java.time.Duration;
import java.util.concurrent.Executor;

/** Runs tasks one after another, in the order in which they were given. After its end it takes tasks and forgets them. */
public interface Scheduler extends Executor {

    /**
     * Runs a task later.
     *
     * @param delay when, from now
     * @param task the task
     */
    void schedule(Duration delay, Runnable task);
}
