package dev.penstock.benchmarks.latency;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;

/** Takes the elements: checks their order, and records the latency of all but the first ones. */
final class Stopwatch implements Consumer<Stamp> {

    /** Digits kept of a latency. */
    static final int DIGITS = 3;

    private final long warmup;
    private final LongSupplier nanoTime;
    private final Histogram latencies = new Histogram(DIGITS); // in nanoseconds

    private long next;
    private long beginNanos; // when the first one that is recorded came
    private long endNanos; // when the last one came

    Stopwatch(long warmup, LongSupplier nanoTime) {
        this.warmup = warmup;
        this.nanoTime = nanoTime;
    }

    @Override
    public void accept(Stamp stamp) {
        long now = nanoTime.getAsLong();
        if (stamp.sequence != next) {
            throw new IllegalStateException("element " + stamp.sequence + " came in place of " + next);
        }
        if (next == warmup) {
            beginNanos = now;
        }
        if (next >= warmup) {
            latencies.recordValue(Math.max(0, now - stamp.intendedNanos));
            endNanos = now;
        }
        next++;
    }

    Histogram latencies() {
        return latencies;
    }

    /** Elements that came in a second. */
    double ratePerSecond() {
        return (latencies.getTotalCount() - 1) * 1e9 / Math.max(1, endNanos - beginNanos);
    }
}
