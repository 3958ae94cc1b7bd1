package dev.penstock.tests.rules;

import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * How a stream runs on real threads.
 *
 * @param kind the dispatcher
 * @param ownLane whether the consumer has a lane of its own
 */
record Runs(Kind kind, boolean ownLane) {

    enum Kind {
        POOL,
        PINNED,
        DIRECT,
        EXECUTOR,
        VIRTUAL_THREADS
    }

    // Shared by all systems: a dispatcher made from an executor leaves it alone.
    private static final ExecutorService EXECUTOR = Executors.newFixedThreadPool(2, RealStream::daemon);

    /** Every dispatcher of this JDK, with one lane and with two. */
    static Stream<Runs> everywhere() {
        List<Runs> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            if (kind != Kind.VIRTUAL_THREADS || Runtime.version().feature() >= 21) {
                all.add(new Runs(kind, false));
                all.add(new Runs(kind, true));
            }
        }
        return all.stream();
    }

    /** Every dispatcher of this JDK. */
    static Stream<Kind> dispatchers() {
        return everywhere().map(Runs::kind).distinct();
    }

    static Dispatcher dispatcher(Kind kind) {
        return switch (kind) {
            case POOL -> Dispatcher.pool(2);
            case PINNED -> Dispatcher.pinned();
            case DIRECT -> Dispatcher.direct();
            case EXECUTOR -> Dispatcher.from(EXECUTOR);
            case VIRTUAL_THREADS -> Dispatcher.virtualThreads();
        };
    }

    static ActorSystem system(Kind kind) {
        return ActorSystem.builder("rules").dispatcher(dispatcher(kind)).build();
    }

    ActorSystem system() {
        return system(kind);
    }

    @Override
    public String toString() {
        return kind + (ownLane ? ", two lanes" : ", one lane");
    }
}
