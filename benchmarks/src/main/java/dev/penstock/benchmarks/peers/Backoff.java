package dev.penstock.benchmarks.peers;

import java.util.concurrent.locks.LockSupport;

/** How a thread waits where its peer only says that there is no room, or nothing there. Ends when interrupted. */
public final class Backoff {

    /** Attempts with a pause instruction between them. */
    private static final int SPINS = 200;

    /** Attempts with a yield between them, before a thread goes to sleep. */
    private static final int YIELDS = 20;

    private static final long NAP_NANOS = 10_000;

    private Backoff() {}

    /** Spins, then yields; never sleeps. */
    static void spin(int attempt) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }

    /** Spins, then yields, then takes naps. */
    public static void pause(int attempt) throws InterruptedException {
        if (attempt < SPINS + YIELDS) {
            spin(attempt);
        } else if (Thread.interrupted()) {
            throw new InterruptedException();
        } else {
            LockSupport.parkNanos(NAP_NANOS);
        }
    }
}
