package dev.penstock.benchmarks.peers;

import java.util.function.Consumer;

/** Every way to bring elements from one thread to another that is measured, the stream first. */
public enum Peer {
    /** The stream as it comes: two actors on the default dispatcher, the iterator, back-off waiting. */
    PENSTOCK(PenstockPipe::new),

    /** JCTools' ring for one putter and one taker, both spinning: the limit. Its capacity is at least 4. */
    JCTOOLS_SPSC(JctoolsPipe::new),

    /** {@link java.util.concurrent.ArrayBlockingQueue} between two platform threads. */
    ARRAY_BLOCKING_QUEUE(QueuePipe::new),
    /** The same between two virtual threads on as many carriers as there are processors. JDK 21 or newer. */
    ARRAY_BLOCKING_QUEUE_VIRTUAL(VirtualQueuePipe::new),
    /** The same between two virtual threads on one carrier. JDK 21 or newer. */
    ARRAY_BLOCKING_QUEUE_ONE_CARRIER(VirtualQueuePipe::onOneCarrier),

    /** Disruptor, yielding; the publisher spins for room before it claims a slot. */
    DISRUPTOR_YIELDING(DisruptorPipe::yielding),
    /** Disruptor, blocking; the publisher waits for room as {@code next()} does. */
    DISRUPTOR_BLOCKING(DisruptorPipe::blocking),

    /** {@link java.util.concurrent.SubmissionPublisher}, the work done in the subscriber: B only waits for its count. */
    SUBMISSION_PUBLISHER(SubmissionPipe::new),
    /** {@link java.util.concurrent.SubmissionPublisher}, whose subscriber hands each element over to B. */
    SUBMISSION_PUBLISHER_HANDED_OVER(HandedOverPipe::new),

    /** Reactor: unicast sink, iterable; one hop. */
    REACTOR(ReactorPipe::oneHop),
    /** Reactor: unicast sink, {@code publishOn}, iterable. */
    REACTOR_PUBLISH_ON(ReactorPipe::publishOn),

    /** RxJava 3: bounded processor, {@code observeOn}, blocking iterable. */
    RXJAVA(RxJavaPipe::new),

    /** Mutiny: unicast processor, {@code emitOn}, blocking iterable. */
    MUTINY(MutinyPipe::new),

    /** Pekko Streams: bounded queue, asynchronous boundary, iterator. */
    PEKKO_STREAMS(PekkoStreamsPipe::new),

    /** The stream's protocol on Pekko Typed actors, message for message, on the default dispatcher. */
    PEKKO_TYPED(PekkoTypedPipe::literal),
    /** The same on one worker. */
    PEKKO_TYPED_ONE_WORKER(PekkoTypedPipe::literalOnOneWorker),
    /** The same on one worker, demand sent by halves of the window, one {@code InputReady} at a time. */
    PEKKO_TYPED_BATCHED(PekkoTypedPipe::batched);

    /** Makes a pipe. */
    @FunctionalInterface
    private interface Maker {
        <E> Pipe<E> make(int demand, Consumer<? super E> taker);
    }

    private final Maker maker;

    Peer(Maker maker) {
        this.maker = maker;
    }

    /** Whether this JDK has what the peer needs. */
    public boolean isAvailable() {
        return Threads.haveVirtual()
                || this != ARRAY_BLOCKING_QUEUE_VIRTUAL && this != ARRAY_BLOCKING_QUEUE_ONE_CARRIER;
    }

    /**
     * Starts the peer's own threads, if any.
     *
     * @param demand the window
     * @param taker gets every element, in order
     * @throws UnsupportedOperationException if this JDK is too old for the peer
     */
    public <E> Pipe<E> open(int demand, Consumer<? super E> taker) {
        return maker.make(demand, taker);
    }
}
