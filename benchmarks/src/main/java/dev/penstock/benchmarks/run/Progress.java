package dev.penstock.benchmarks.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Shows how far a run is, and how long it will still take. */
public final class Progress {

    private final PrintWriter out;
    private final LongSupplier nanoTime;
    private final long estimatedNanos; // of all steps, as guessed before
    private final long beginNanos;

    private int left;
    private int done;

    /**
     * A run begins.
     *
     * @param estimate how long all steps will take
     */
    public Progress(int steps, Duration estimate, LongSupplier nanoTime, PrintWriter out) {
        this.out = out;
        this.nanoTime = nanoTime;
        left = steps;
        estimatedNanos = estimate.toNanos();
        beginNanos = nanoTime.getAsLong();
    }

    /** A step is over. */
    public void done(String what) {
        done++;
        left--;
        out.printf("[%d/%d] %s left  %s%n", done, done + left, text(left()), what);
        out.flush();
    }

    /** Some steps need not be taken. */
    public void dropped(int steps) {
        left -= steps;
    }

    /** From what the steps until now took; the guess counts for less the more there were. */
    Duration left() {
        int steps = done + left;
        double guessedNanos = (double) estimatedNanos / Math.max(1, steps);
        double stepNanos = done == 0 ? guessedNanos : (guessedNanos + nanoTime.getAsLong() - beginNanos) / (done + 1);
        return Duration.ofNanos((long) (stepNanos * left));
    }

    /** Minutes and seconds. */
    public static String text(Duration duration) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(duration.toNanos());
        return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }
}
