package dev.penstock.examples;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * So many steps a second, by the clock: the time of each step is reckoned from the first one, so that one that came late
 * does not delay those after it.
 */
final class Pace {

    private final double nanosPerStep;
    private final long begin = System.nanoTime();
    private long steps;

    /**
     * Begins with the first step now.
     *
     * @param perSecond 0 does not wait
     */
    Pace(double perSecond) {
        nanosPerStep = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    /** Waits until the time of the next step. */
    void await() throws InterruptedException {
        if (nanosPerStep > 0) {
            sleepUntil(begin + (long) (steps++ * nanosPerStep));
        }
    }

    static void sleep(long nanos) throws InterruptedException {
        sleepUntil(System.nanoTime() + nanos);
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
