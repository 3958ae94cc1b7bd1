package dev.penstock.benchmarks.latency;

import java.util.HashMap;
import java.util.Map;

/** Up to which rate each peer has come. */
final class Knees {

    /** A peer that falls behind a rate by more than this is not asked for a higher one. */
    private static final double NEAR = 0.9;

    private final Map<Load, Integer> tooHigh = new HashMap<>(); // by load at any rate

    /** What came of a load. */
    void held(Load load, double takenPerSecond) {
        if (takenPerSecond < NEAR * load.ratePerSecond()) {
            tooHigh.merge(load.atAnyRate(), load.ratePerSecond(), Math::min);
        }
    }

    /** Whether a lower rate was too high already. */
    boolean isBeyond(Load load) {
        return load.ratePerSecond() > tooHigh.getOrDefault(load.atAnyRate(), Integer.MAX_VALUE);
    }
}
