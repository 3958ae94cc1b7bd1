package dev.penstock.benchmarks.latency;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** The percentiles of which a result says something, and whether it may. */
public enum Tail {
    P50("p50", 50),
    P90("p90", 90),
    P99("p99", 99),
    P99_9("p99.9", 99.9),
    P99_99("p99.99", 99.99),
    MAX("max", 100);

    /** What a result claims: its tail, as far as it is shown in tables. */
    private static final List<Tail> CLAIMED = List.of(P99, P99_9);

    /** So many values must lie beyond a percentile. */
    private static final int ENOUGH = 10;

    private static final double ALL = 100;

    private final String label;
    private final double percentile;

    Tail(String label, double percentile) {
        this.label = label;
        this.percentile = percentile;
    }

    public String label() {
        return label;
    }

    public long of(Histogram histogram) {
        return histogram.getValueAtPercentile(percentile);
    }

    /** The claims that do not hold: the machine's own hiccups were longer, or there were too few values to tell. */
    public static List<Tail> invalid(Histogram latencies, Histogram hiccups) {
        List<Tail> invalid = new ArrayList<>();
        for (Tail tail : CLAIMED) {
            boolean isFew = latencies.getTotalCount() * (ALL - tail.percentile) / ALL < ENOUGH;
            if (isFew || tail.of(hiccups) > tail.of(latencies)) {
                invalid.add(tail);
            }
        }
        return invalid;
    }
}
