package dev.penstock.tests.stream;

import dev.penstock.actor.Dispatcher;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * How the two actors of a stream run.
 *
 * @param threads what runs them
 * @param ownLane whether the consumer has a lane of its own, so that elements travel as messages
 */
record Setup(Threads threads, boolean ownLane) {

    /** What runs actors. */
    enum Threads {
        POOL,
        PINNED,
        DIRECT,
        EXECUTOR,
        VIRTUAL;

        Dispatcher dispatcher(ExecutorService executor) {
            return switch (this) {
                case POOL -> Dispatcher.pool(2);
                case PINNED -> Dispatcher.pinned();
                case DIRECT -> Dispatcher.direct();
                case EXECUTOR -> Dispatcher.from(executor);
                case VIRTUAL -> Dispatcher.virtualThreads();
            };
        }
    }

    /** Every setup that this JDK can have. */
    static Stream<Setup> all() {
        return Arrays.stream(Threads.values())
                .filter(threads ->
                        threads != Threads.VIRTUAL || Runtime.version().feature() >= 21)
                .flatMap(threads -> Stream.of(new Setup(threads, false), new Setup(threads, true)));
    }

    /** A system of this setup. */
    Rig open() {
        return new Rig(
                this,
                threads == Threads.EXECUTOR ? Executors.newFixedThreadPool(2, Background.factory("executor")) : null);
    }

    @Override
    public String toString() {
        return threads.name().toLowerCase(java.util.Locale.ROOT) + (ownLane ? ", own lane" : ", shared lane");
    }
}
