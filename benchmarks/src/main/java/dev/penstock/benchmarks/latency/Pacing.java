package dev.penstock.benchmarks.latency;

import dev.penstock.benchmarks.peers.Peer;

/** What the generator does until the next element is due. On few cores it decides much of what is measured. */
enum Pacing {
    /** Keeps its core. */
    SPIN {
        @Override
        void idle() {
            Thread.onSpinWait();
        }
    },
    /** Offers its core to other threads. */
    YIELD {
        @Override
        void idle() {
            Thread.yield();
        }
    };

    abstract void idle();

    /** Whether a sender like that keeps the one carrier from the taker. */
    boolean starves(Peer peer) {
        return this == SPIN && peer == Peer.ARRAY_BLOCKING_QUEUE_ONE_CARRIER;
    }
}
