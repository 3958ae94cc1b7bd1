package dev.penstock.benchmarks.latency;

import dev.penstock.benchmarks.peers.Pipe;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The generator: sends so many elements at a rate. What it could not send in time it sends at once, with its own time. */
final class OpenLoop {

    /**
     * Stamps in use are far fewer: what waits in a pipe's buffers and windows.
     *
     * @see Pipe#BUFFER
     */
    private static final int STAMPS = 1 << 15;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Pipe<Stamp> pipe;
    private final long ratePerSecond;
    private final int count;
    private final LongSupplier nanoTime;
    private final Runnable idle;
    private final Stamp[] stamps = new Stamp[STAMPS];

    OpenLoop(Pipe<Stamp> pipe, long ratePerSecond, int count, LongSupplier nanoTime, Runnable idle) {
        this.pipe = pipe;
        this.ratePerSecond = ratePerSecond;
        this.count = count;
        this.nanoTime = nanoTime;
        this.idle = idle;
        for (int i = 0; i < STAMPS; i++) {
            stamps[i] = new Stamp();
        }
    }

    void run() throws InterruptedException {
        long begin = nanoTime.getAsLong();
        for (long i = 0; i < count; i++) {
            long intended = begin + i * SECOND_NANOS / ratePerSecond;
            while (nanoTime.getAsLong() - intended < 0) {
                idle.run();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Stamp stamp = stamps[(int) i & (STAMPS - 1)];
            stamp.intendedNanos = intended;
            stamp.sequence = i;
            pipe.put(stamp);
        }
    }
}
