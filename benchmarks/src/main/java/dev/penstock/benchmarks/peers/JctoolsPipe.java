package dev.penstock.benchmarks.peers;

import java.util.function.Consumer;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/** A bare ring. Both sides spin; a side that spins in vain for long yields, as it may share its core with the other. */
final class JctoolsPipe<E> implements Pipe<E> {

    private final MessagePassingQueue<E> ring;
    private final Consumer<? super E> taker;

    JctoolsPipe(int demand, Consumer<? super E> taker) {
        ring = new SpscVarHandleArrayQueue<>(demand);
        this.taker = taker;
    }

    @Override
    public void put(E element) throws InterruptedException {
        for (int attempt = 0; !ring.relaxedOffer(element); attempt++) {
            Backoff.spin(attempt);
        }
    }

    @Override
    public void take(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            E element = ring.relaxedPoll();
            for (int attempt = 0; element == null; attempt++) {
                Backoff.spin(attempt);
                element = ring.relaxedPoll();
            }
            taker.accept(element);
        }
    }

    @Override
    public void close() {}
}
