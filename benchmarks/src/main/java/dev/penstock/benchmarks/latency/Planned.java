package dev.penstock.benchmarks.latency;

/**
 * A load that is to be measured.
 *
 * @param forks at most
 */
record Planned(Load load, int forks) {

    boolean isTakenIn(int round) {
        return round <= forks;
    }
}
