package dev.penstock.benchmarks.report;

import java.util.Collection;
import java.util.List;

/** The median of some forks, and how far they lie apart. */
public record Spread(double median, double lowest, double highest, int forks) {

    public static Spread of(Collection<Double> forks) {
        List<Double> sorted = forks.stream().sorted().toList();
        return new Spread(median(sorted), sorted.get(0), sorted.get(sorted.size() - 1), sorted.size());
    }

    /** Of an even number of values: half-way between the two in the middle. */
    public static double median(Collection<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The ratio of the medians, and the least and the most that a pair of forks can have shown. */
    public Spread to(Spread other) {
        return new Spread(
                median / other.median, lowest / other.highest, highest / other.lowest, Math.min(forks, other.forks));
    }
}
