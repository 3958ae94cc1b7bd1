package dev.penstock.benchmarks.latency;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Records how much longer than usual a thread sleeps that wants to sleep a millisecond: what the machine does to any thread
 * that has work to do, after jHiccup (Tene). Usual is the shortest sleep until then: what the timer adds to each is none of
 * the machine's hiccups.
 */
public final class HiccupMeter {

    private static final long SLEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Histogram hiccups = new Histogram(Stopwatch.DIGITS); // in nanoseconds
    private final Thread thread = new Thread(this::run, "hiccup-meter");

    // written: stop, once, volatile; read: the meter's thread
    private volatile boolean stopped;

    private HiccupMeter() {
        thread.setDaemon(true);
    }

    public static HiccupMeter start() {
        HiccupMeter meter = new HiccupMeter();
        meter.thread.start();
        return meter;
    }

    private void run() {
        long shortestNanos = Long.MAX_VALUE;
        while (!stopped) {
            long begin = System.nanoTime();
            LockSupport.parkNanos(this, SLEEP_NANOS);
            long sleptNanos = System.nanoTime() - begin;
            if (sleptNanos >= SLEEP_NANOS) { // else it was woken early
                shortestNanos = Math.min(shortestNanos, sleptNanos);
                // A long one stands for those that would have begun meanwhile.
                hiccups.recordValueWithExpectedInterval(sleptNanos - shortestNanos, SLEEP_NANOS);
            }
        }
    }

    /** Ends the meter; what it recorded. */
    public Histogram stop() throws InterruptedException {
        stopped = true;
        thread.join();
        return hiccups;
    }
}
