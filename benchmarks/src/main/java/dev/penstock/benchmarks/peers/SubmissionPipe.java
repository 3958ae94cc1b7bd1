package dev.penstock.benchmarks.peers;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A publisher whose subscriber does the work, on the publisher's thread; it asks for more by halves of the window. The
 * window never crosses from one core to the other, so this is less work than the other peers do. B does not touch an
 * element: it waits until its count has arrived.
 */
final class SubmissionPipe<E> implements Pipe<E> {

    private final ExecutorService executor = Threads.single("subscriber");
    private final SubmissionPublisher<E> publisher = new SubmissionPublisher<>(executor, BUFFER);
    private final Arrivals arrivals = new Arrivals();

    SubmissionPipe(int demand, Consumer<? super E> taker) {
        publisher.subscribe(new Worker(demand, taker));
    }

    /** Takes the elements. */
    private final class Worker implements Flow.Subscriber<E> {
        private final int demand;
        private final int half;
        private final Consumer<? super E> taker;

        private Flow.Subscription subscription;
        private int taken; // since the last request

        Worker(int demand, Consumer<? super E> taker) {
            this.demand = demand;
            half = Math.max(1, demand / 2);
            this.taker = taker;
        }

        @Override
        public void onSubscribe(Flow.Subscription granted) {
            subscription = granted;
            subscription.request(demand);
        }

        @Override
        public void onNext(E element) {
            taker.accept(element);
            arrivals.one();
            if (++taken == half) {
                taken = 0;
                subscription.request(half);
            }
        }

        @Override
        public void onError(Throwable cause) {
            arrivals.failed(cause);
        }

        @Override
        public void onComplete() {}
    }

    @Override
    public void put(E element) throws InterruptedException {
        submit(publisher, element);
    }

    /** Submits; unlike {@code submit}, it lets itself be interrupted while it waits, and then has dropped the element. */
    static <E> void submit(SubmissionPublisher<E> publisher, E element) throws InterruptedException {
        publisher.offer(element, Long.MAX_VALUE, TimeUnit.NANOSECONDS, null);
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
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
        publisher.close();
        Threads.end(executor);
    }
}
