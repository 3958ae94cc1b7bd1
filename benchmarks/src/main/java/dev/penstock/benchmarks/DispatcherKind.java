package dev.penstock.benchmarks;

import dev.penstock.actor.Dispatcher;

/** What runs the actors. */
public enum DispatcherKind {
    POOL,
    PINNED,
    DIRECT,
    /** JDK 21 or newer. */
    VIRTUAL;

    public Dispatcher create() {
        return switch (this) {
            case POOL -> Dispatcher.pool(2);
            case PINNED -> Dispatcher.pinned();
            case DIRECT -> Dispatcher.direct();
            case VIRTUAL -> Dispatcher.virtualThreads();
        };
    }
}
