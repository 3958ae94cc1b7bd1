package dev.penstock.benchmarks.peers;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/** A blocking queue: both sides park. */
final class QueuePipe<E> implements Pipe<E> {

    private final BlockingQueue<E> queue;
    private final Consumer<? super E> taker;

    QueuePipe(int demand, Consumer<? super E> taker) {
        queue = new ArrayBlockingQueue<>(demand);
        this.taker = taker;
    }

    @Override
    public void put(E element) throws InterruptedException {
        queue.put(element);
    }

    @Override
    public void take(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            taker.accept(queue.take());
        }
    }

    @Override
    public void close() {}
}
