package dev.penstock.benchmarks.peers;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** What an actor has received: gives it to a taker, counts it, and has one other thread wait for a count. */
final class Received<E> {

    private final Consumer<? super E> taker;

    // written: the actor's turn, release; read: the waiting thread, acquire
    private final AtomicLong count = new AtomicLong();
    // written: the actor's turn, once, volatile; read: the waiting thread
    private volatile Throwable failure;

    private long awaited; // the waiting thread only

    Received(Consumer<? super E> taker) {
        this.taker = taker;
    }

    /** Within the actor's turn. */
    void receive(E message) {
        try {
            taker.accept(message);
        } catch (Throwable e) {
            failure = e;
            throw e;
        }
        count.setRelease(count.getPlain() + 1);
    }

    /** Within the actor's turn. */
    int count() {
        return (int) count.getPlain();
    }

    void await(int more) throws InterruptedException {
        awaited += more;
        for (int attempt = 0; count.getAcquire() < awaited; attempt++) {
            if (failure != null) {
                throw new IllegalStateException("the actor failed", failure);
            }
            Backoff.pause(attempt);
        }
    }
}
