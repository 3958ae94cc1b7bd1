package dev.penstock.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A distribution by percentiles, as HdrHistogram writes it. */
final class Distribution {

    /** At most that much of all values, from 0 to 1, is no more than the value. */
    private record Step(double value, double share) {}

    private static final int COLUMNS = 4;
    private static final double NEAR = 1e-12;

    private final List<Step> steps;
    private final long count;

    private Distribution(List<Step> steps, long count) {
        this.steps = steps;
        this.count = count;
    }

    /** Reads lines of value, share, count and the reciprocal of what is left. */
    static Distribution read(Path hgrm) throws IOException {
        List<Step> steps = new ArrayList<>();
        long count = 0;
        for (String line : Files.readAllLines(hgrm)) {
            String[] columns = line.trim().split("\\s+");
            if (columns.length >= COLUMNS - 1 && !line.startsWith("#") && Character.isDigit(columns[0].charAt(0))) {
                steps.add(new Step(Double.parseDouble(columns[0]), Double.parseDouble(columns[1])));
                count = Long.parseLong(columns[2]);
            }
        }
        if (steps.isEmpty()) {
            throw new IOException(hgrm + " holds no distribution");
        }
        return new Distribution(steps, count);
    }

    /** How many values it has. */
    long count() {
        return count;
    }

    /** The value that a share of all values does not exceed. */
    double at(double share) {
        for (Step step : steps) {
            if (step.share() >= share - NEAR) {
                return step.value();
            }
        }
        return steps.get(steps.size() - 1).value();
    }
}
