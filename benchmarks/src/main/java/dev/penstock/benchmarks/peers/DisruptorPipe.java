package dev.penstock.benchmarks.peers;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.BlockingWaitStrategy;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.WaitStrategy;
import com.lmax.disruptor.YieldingWaitStrategy;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The Disruptor's ring, its events carriers of the elements. B is the event processor: one look at the cursor covers a run
 * of elements, one store gives their slots back.
 */
final class DisruptorPipe<E> implements Pipe<E> {

    /** An event. */
    private static final class Slot<E> {
        private E element;
    }

    /** What the publisher does while the ring is full. */
    @FunctionalInterface
    private interface PublisherWait {
        void idle(int attempt) throws InterruptedException;
    }

    private final RingBuffer<Slot<E>> ring;
    private final SequenceBarrier barrier;
    private final Sequence taken = new Sequence();
    private final PublisherWait publisherWait;
    private final Consumer<? super E> taker;

    private DisruptorPipe(
            int demand, WaitStrategy waitStrategy, PublisherWait publisherWait, Consumer<? super E> taker) {
        ring = RingBuffer.createSingleProducer(Slot::new, demand, waitStrategy);
        barrier = ring.newBarrier();
        ring.addGatingSequences(taken);
        this.publisherWait = publisherWait;
        this.taker = taker;
    }

    static <E> Pipe<E> yielding(int demand, Consumer<? super E> taker) {
        return new DisruptorPipe<>(demand, new YieldingWaitStrategy(), Backoff::spin, taker);
    }

    static <E> Pipe<E> blocking(int demand, Consumer<? super E> taker) {
        return new DisruptorPipe<>(demand, new BlockingWaitStrategy(), DisruptorPipe::parkAsNextDoes, taker);
    }

    /** As {@code next()} waits while the ring is full, but for the interrupt, which it does not look at. */
    private static void parkAsNextDoes(int attempt) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LockSupport.parkNanos(1);
    }

    @Override
    public void put(E element) throws InterruptedException {
        for (int attempt = 0; !ring.hasAvailableCapacity(1); attempt++) {
            publisherWait.idle(attempt);
        }
        long sequence = ring.next();
        ring.get(sequence).element = element;
        ring.publish(sequence);
    }

    @Override
    public void take(int count) throws InterruptedException {
        long next = taken.get() + 1;
        long end = next + count;
        try {
            while (next < end) {
                long last = Math.min(barrier.waitFor(next), end - 1);
                while (next <= last) {
                    taker.accept(ring.get(next).element);
                    next++;
                }
                taken.set(last);
            }
        } catch (AlertException | TimeoutException e) {
            throw new IllegalStateException("nobody alerts, and the wait is not timed", e);
        }
    }

    @Override
    public void close() {}
}
