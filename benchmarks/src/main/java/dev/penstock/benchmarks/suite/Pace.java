package dev.penstock.benchmarks.suite;

import java.time.Duration;

/** How long each fork of a benchmark runs. */
record Pace(int warmups, int warmupMillis, int iterations, int iterationMillis) {

    /** Of starting and ending a virtual machine; measured on two cores, a benchmark with threads of its own. */
    private static final int FORK_MILLIS = 900;

    static final Pace FULL = new Pace(2, 400, 3, 400);
    static final Pace QUICK = new Pace(1, 300, 1, 300);

    Duration fork() {
        return Duration.ofMillis(FORK_MILLIS + (long) warmups * warmupMillis + (long) iterations * iterationMillis);
    }
}
