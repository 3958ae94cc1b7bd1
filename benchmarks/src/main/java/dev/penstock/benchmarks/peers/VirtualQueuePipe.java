package dev.penstock.benchmarks.peers;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/** A blocking queue between two virtual threads. A benchmark's thread is none, so one of the pipe's own does the taking. */
final class VirtualQueuePipe<E> implements Pipe<E> {

    private final BlockingQueue<E> queue;
    private final Consumer<? super E> taker;
    private final Arrivals arrivals = new Arrivals();
    private final Thread consumer;

    VirtualQueuePipe(int demand, Consumer<? super E> taker) {
        queue = new ArrayBlockingQueue<>(demand);
        this.taker = taker;
        consumer = Threads.virtual("taker", this::consume);
        consumer.start();
    }

    static <E> Pipe<E> onOneCarrier(int demand, Consumer<? super E> taker) {
        Threads.carriers(1);
        return new VirtualQueuePipe<>(demand, taker);
    }

    private void consume() {
        try {
            while (true) {
                taker.accept(queue.take());
                arrivals.one();
            }
        } catch (InterruptedException end) {
            // closed
        } catch (Throwable e) {
            arrivals.failed(e);
        }
    }

    @Override
    public Thread newPutter(Runnable task) {
        return Threads.virtual("putter", task);
    }

    @Override
    public void put(E element) throws InterruptedException {
        queue.put(element);
    }

    @Override
    public void take(int count) throws InterruptedException {
        arrivals.await(count);
    }

    @Override
    public void begin() {
        arrivals.begin();
    }

    @Override
    public void close() {
        Threads.end(consumer);
    }
}
