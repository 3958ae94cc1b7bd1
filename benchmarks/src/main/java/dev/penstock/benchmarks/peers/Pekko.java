package dev.penstock.benchmarks.peers;

import org.apache.pekko.actor.typed.ActorSystem;

/** What the peers on Pekko share. Their settings are in {@code application.conf}. */
final class Pekko {

    /** A dispatcher of one thread. */
    static final String ONE_WORKER = "one-worker";

    private Pekko() {}

    static void end(ActorSystem<?> system) {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().join();
    }
}
