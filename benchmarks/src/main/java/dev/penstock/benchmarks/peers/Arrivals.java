package dev.penstock.benchmarks.peers;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts elements that a thread of the peer's own consumes, for thread B, which waits until as many as it asked for have
 * come. The wait is not on the path of an element: nobody wakes B, it looks by itself now and then. Being late does no
 * harm, as what came in the meantime counts for the next request.
 */
final class Arrivals {

    private static final long LOOK_NANOS = 200_000;

    // written: the consuming thread, release; read: B, acquire
    private final AtomicLong arrived = new AtomicLong();
    // written: the consuming thread, once, volatile; read: B
    private volatile Throwable failure;

    private long awaited; // B only

    void one() {
        arrived.setRelease(arrived.getPlain() + 1);
    }

    void failed(Throwable cause) {
        failure = cause;
    }

    /** What has come until now was not asked for. */
    void begin() {
        awaited = arrived.getAcquire();
    }

    void await(int more) throws InterruptedException {
        awaited += more;
        while (arrived.getAcquire() < awaited) {
            Throwable cause = failure;
            if (cause != null) {
                throw new IllegalStateException("the consuming thread failed", cause);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
    }
}
