package dev.penstock.benchmarks.network;

import dev.penstock.actor.WaitStrategy;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Has one thread wait for another, as a strategy says; without a lost wake-up. */
final class Sleeper {

    private final WaitStrategy strategy;

    // written: the waiting thread, volatile; read: the other one
    private volatile Thread asleep;

    Sleeper(WaitStrategy strategy) {
        this.strategy = strategy;
    }

    /** The waiting thread: returns once an attempt succeeds. */
    void await(BooleanSupplier attempted) {
        for (int attempt = 0; !attempted.getAsBoolean(); attempt = WaitStrategy.next(attempt)) {
            if (strategy.idle(attempt)) {
                asleep = Thread.currentThread();
                VarHandle.fullFence(); // then it looks once more
                if (attempted.getAsBoolean()) {
                    asleep = null;
                    return;
                }
                LockSupport.park(this);
                asleep = null;
            }
        }
    }

    /** The other thread, after what the attempt needs was done. */
    void wake() {
        VarHandle.fullFence();
        Thread who = asleep;
        if (who != null) {
            LockSupport.unpark(who);
        }
    }
}
