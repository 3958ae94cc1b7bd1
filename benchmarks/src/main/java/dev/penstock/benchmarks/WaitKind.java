package dev.penstock.benchmarks;

import dev.penstock.actor.WaitStrategy;

/** How a blocked put and the reader wait. */
public enum WaitKind {
    BUSY_SPIN,
    YIELDING,
    BACKOFF,
    PARKING;

    public WaitStrategy strategy() {
        return switch (this) {
            case BUSY_SPIN -> WaitStrategy.busySpin();
            case YIELDING -> WaitStrategy.yielding();
            case BACKOFF -> WaitStrategy.backoff();
            case PARKING -> WaitStrategy.parking();
        };
    }
}
