package dev.penstock.actor;

import java.util.random.RandomGenerator;

/** How often an actor has failed lately: whether it may be restarted once more, and after what pause. */
final class RestartBudget {

    /** Up to so much of a pause is added at random, lest actors that failed together come back together. */
    private static final double JITTER = 0.2;

    private int restarts;
    private long windowStart;

    /** Counts a failure; answers whether the strategy grants another restart. */
    boolean spend(SupervisorStrategy strategy, long nowNanos) {
        long window = Clock.toNanos(strategy.window());
        if (restarts == 0 || (window > 0 && nowNanos - windowStart > window)) {
            restarts = 0;
            windowStart = nowNanos;
        }
        return ++restarts <= strategy.limit();
    }

    /** The pause before the restart just granted, in nanoseconds. */
    long backoffNanos(SupervisorStrategy strategy, RandomGenerator random) {
        long min = Clock.toNanos(strategy.minBackoff());
        long max = Clock.toNanos(strategy.maxBackoff());
        int doublings = Math.min(restarts - 1, 62);
        long pause = min > (max >> doublings) ? max : min << doublings;
        return pause == 0 ? 0 : pause + (long) (pause * JITTER * random.nextDouble());
    }
}
