package dev.penstock.actor;

/** The four strategies of {@link WaitStrategy}. */
enum WaitStrategies implements WaitStrategy {
    BUSY_SPIN {
        @Override
        public boolean idle(int attempt) {
            Thread.onSpinWait();
            return false;
        }
    },
    YIELDING {
        @Override
        public boolean idle(int attempt) {
            spinThenYield(attempt);
            return false;
        }
    },
    BACKOFF {
        @Override
        public boolean idle(int attempt) {
            if (attempt >= SPINS + YIELDS) {
                return true;
            }
            spinThenYield(attempt);
            return false;
        }
    },
    PARKING {
        @Override
        public boolean idle(int attempt) {
            return true;
        }
    };

    /**
     * Attempts with a pause instruction between them: some microseconds. Two threads of a stream may share a processor for a
     * while, and then one spins in vain until it yields.
     */
    private static final int SPINS = 100;

    /** Attempts with a yield between them, before a thread gives up and parks. */
    private static final int YIELDS = 20;

    private static void spinThenYield(int attempt) {
        if (attempt < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
