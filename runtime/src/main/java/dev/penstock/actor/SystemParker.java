package dev.penstock.actor;

import java.util.concurrent.locks.LockSupport;

/** {@link LockSupport} as it is. */
enum SystemParker implements Parker {
    INSTANCE;

    @Override
    public void park(Object blocker, long timeoutNanos) {
        if (timeoutNanos == Long.MAX_VALUE) {
            LockSupport.park(blocker);
        } else {
            LockSupport.parkNanos(blocker, timeoutNanos);
        }
    }

    @Override
    public void unpark(Thread thread) {
        LockSupport.unpark(thread);
    }
}
