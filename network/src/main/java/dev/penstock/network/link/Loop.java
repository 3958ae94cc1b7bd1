package dev.penstock.network.link;

import java.util.concurrent.Executor;

/** The one thread on which the links of a node run, and everything that hangs on them: no state of a link needs a lock. */
public interface Loop extends Executor {

    /** {@return whether the caller is on the loop} */
    boolean inLoop();

    /**
     * Has a task run on the loop. Any thread.
     *
     * @param nanos how long from now, at least
     * @param task what to run
     * @return takes it back
     */
    Timer schedule(long nanos, Runnable task);

    /** A task that is to run. */
    interface Timer {
        /** Takes it back, if it has not begun. Any thread. */
        void cancel();
    }
}
