package dev.penstock.benchmarks.peers;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.function.Consumer;

/** A publisher whose subscriber hands the elements over to B by a queue of the window's size; B asks for more by halves. */
final class HandedOverPipe<E> implements Pipe<E> {

    private final ExecutorService executor = Threads.single("subscriber");
    private final SubmissionPublisher<E> publisher = new SubmissionPublisher<>(executor, BUFFER);
    private final BlockingQueue<E> queue;
    private final int half;
    private final Consumer<? super E> taker;

    // written: the subscriber, before the first element; read: B, after it took one from the queue
    private Flow.Subscription subscription;

    private int taken; // since the last request; B only

    HandedOverPipe(int demand, Consumer<? super E> taker) {
        queue = new ArrayBlockingQueue<>(demand);
        half = Math.max(1, demand / 2);
        this.taker = taker;
        publisher.subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription granted) {
                subscription = granted;
                granted.request(demand);
            }

            @Override
            public void onNext(E element) {
                queue.add(element); // no more than requested, so there is room
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onComplete() {}
        });
    }

    @Override
    public void put(E element) throws InterruptedException {
        SubmissionPipe.submit(publisher, element);
    }

    @Override
    public void take(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            E element = queue.take();
            if (++taken == half) {
                taken = 0;
                subscription.request(half);
            }
            taker.accept(element);
        }
    }

    @Override
    public void close() {
        publisher.close();
        Threads.end(executor);
    }
}
