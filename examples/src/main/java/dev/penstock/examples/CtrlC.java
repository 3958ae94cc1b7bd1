package dev.penstock.examples;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns a Ctrl-C into an interrupt of the thread that made this, and lets the JVM go down only when that thread has
 * closed it. The JVM then exits with the signal's status, 130.
 */
final class CtrlC implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 10;

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook = new Thread(this::goingDown, "ctrl-c");
    private boolean armed = true; // guarded by this

    CtrlC() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void goingDown() {
        synchronized (this) {
            if (armed) {
                worker.interrupt();
            }
        }
        try {
            closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            // Then it goes down now.
        }
    }

    /** Interrupts no more; answers whether the thread was interrupted, which is cleared. */
    synchronized boolean disarm() {
        armed = false;
        return Thread.interrupted();
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException goingDown) {
            // The hook runs, and need not wait any longer.
        }
    }
}
