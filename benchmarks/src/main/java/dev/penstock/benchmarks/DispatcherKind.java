package dev.penstock.benchmarks;

import dev.penstock.actor.Dispatcher;

/** What runs the actors. */
public enum DispatcherKind {
    POOL,
    PINNED,
    DIRECT,
    /** JDK 21 or newer. */
    VIRTUAL;

    private static final int FIRST_JDK_WITH_VIRTUAL_THREADS = 21;

    /** Whether this JDK has what it needs. */
    public boolean isAvailable() {
        return this != VIRTUAL || Runtime.version().feature() >= FIRST_JDK_WITH_VIRTUAL_THREADS;
    }

    public Dispatcher create() {
        return switch (this) {
            case POOL -> Dispatcher.pool(2);
            case PINNED -> Dispatcher.pinned();
            case DIRECT -> Dispatcher.direct();
            case VIRTUAL -> Dispatcher.virtualThreads();
        };
    }
}
