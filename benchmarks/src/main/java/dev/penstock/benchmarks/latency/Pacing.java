package dev.penstock.benchmarks.latency;

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
}
