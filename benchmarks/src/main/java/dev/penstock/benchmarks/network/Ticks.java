package dev.penstock.benchmarks.network;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Supplies what is sent. */
final class Ticks {

    /** So many are made before, and used again and again; far more than are on their way at once. */
    private static final int READY_MADE = 1 << 16;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private Ticks() {}

    /** The sequence number of a tick that is taken as the nth, from 0. */
    static long sequence(long n) {
        return n & (READY_MADE - 1);
    }

    /** As fast as they are asked for; allocates nothing. */
    static Supplier<Tick> readyMade() {
        Tick[] ticks = new Tick[READY_MADE];
        for (int i = 0; i < READY_MADE; i++) {
            ticks[i] = new Tick(i, 0, 2L * i, 3L * i);
        }
        return new Supplier<>() {
            private int next; // the asking thread only

            @Override
            public Tick get() {
                return ticks[next++ & (READY_MADE - 1)];
            }
        };
    }

    /**
     * At a rate, each with the time at which it was meant to be sent. Between two the thread offers its processor to others;
     * what it could not supply in time it supplies at once.
     */
    static Supplier<Tick> paced(long ratePerSecond) {
        return new Supplier<>() {
            private long begin; // the asking thread only
            private long next; // the asking thread only

            @Override
            public Tick get() {
                if (next == 0) {
                    begin = System.nanoTime();
                }
                long intended = begin + next * SECOND_NANOS / ratePerSecond;
                while (System.nanoTime() - intended < 0) {
                    Thread.yield();
                }
                long sequence = sequence(next++);
                return new Tick(sequence, intended, 2 * sequence, 3 * sequence);
            }
        };
    }
}
