package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Clock;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.WaitStrategy;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * Room 1: where a thread puts elements into a stream. Made by a producer in answer to {@link GetSink}.
 *
 * <p>For one writer: ask the producer for another sink for another thread. Two threads in {@code put} at once corrupt and
 * lose nothing; but if the sink is full and both would have to wait, the second gets an {@link IllegalStateException}. A
 * writer may hand the sink over to another thread in the usual ways.
 *
 * <p>End it with {@link #complete()} or {@link #fail(Throwable)}. In a try-with-resources statement, leaving the block
 * without {@code complete} fails the stream: an abandoned feed must not look like a finished one. Such a statement closes
 * before its {@code catch} clauses run: to fail with a cause of your own, call {@code fail} within the block.
 *
 * @param <E> the elements of the stream
 */
public final class SinkRef<E> implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.penstock.stream");
    private static final VarHandle WAITER = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "waiter", VarHandle.class, SinkRef.class, Thread.class);
    private static final VarHandle CLOSING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "closing", VarHandle.class, SinkRef.class, StreamOutcome.class);
    private static final VarHandle SUBSCRIBER = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "subscriber", VarHandle.class, SinkRef.class, SinkSubscriber.class);

    /**
     * For so many attempts, a put that found the ring full waits for a quarter of it: taking each slot as it is freed
     * makes the two sides fight over its cache line. After that any slot will do.
     */
    private static final int QUARTER_ATTEMPTS = 95;

    /**
     * How many of those attempts go by between two looks: each look makes the next take fetch the cache line of its count
     * anew. Fewer for a small ring, whose quarter is sooner free.
     */
    private static final int ATTEMPTS_PER_LOOK = 32;

    /**
     * How often a wait that does not park asks, after those, whether the reader looks by itself, and rings once it does not:
     * it may have come, found nothing and gone. The first time is before a strategy yields, which may take long on a busy
     * machine.
     */
    private static final int FIRST_RING_MASK = 15;

    /** How often it rings after that. Seldom: a turn takes the lane from the reader, and a processor maybe. */
    private static final int RING_MASK = 255;

    /** How often a wait that never parks looks at the clock. */
    private static final int CLOCK_MASK = 63;

    private final SinkBuffer<E> buffer;
    private final Doorbell<E> doorbell;
    private final StreamEnd end;
    private final StreamBooks books;
    private final ActorRef<ProducerMessage<E>> producer;
    private final ActorSystem system;
    private final WaitStrategy waitStrategy;

    // written: a putter that goes to sleep, by compare-and-set from null, and back by itself; read: whoever makes room
    private volatile Thread waiter;
    // written: once, by compare-and-set, by the writer or whoever ends the stream; read: any thread. How this input
    // ends.
    private volatile StreamOutcome closing;
    // written: once, by compare-and-set, by asSubscriber; read: by it
    private volatile SinkSubscriber<E> subscriber;
    // written: the subscriber that feeds this sink, once, volatile; read: whoever makes room
    private volatile Runnable roomListener;

    SinkRef(
            SinkBuffer<E> buffer,
            Doorbell<E> doorbell,
            StreamEnd end,
            StreamBooks books,
            ActorRef<ProducerMessage<E>> producer,
            ActorSystem system,
            WaitStrategy waitStrategy) {
        this.buffer = buffer;
        this.doorbell = doorbell;
        this.end = end;
        this.books = books;
        this.producer = producer;
        this.system = system;
        this.waitStrategy = waitStrategy;
    }

    // ---- the writer

    /**
     * Puts an element in; waits while the sink is full. Not for an actor's turn: a dispatcher whose threads all wait here has
     * none left for the stream's own actors.
     *
     * @param element the element; not null. Its state is visible to whoever takes it
     * @throws InterruptedException if interrupted before or while waiting; the element was not accepted
     * @throws StreamClosedException if the stream or this sink has ended; the element was not accepted
     * @throws IllegalStateException if another thread waits in this sink
     */
    public void put(E element) throws InterruptedException {
        throwIfInterrupted();
        PutResult result = offer(element);
        if (result != PutResult.ACCEPTED && await(element, result, Long.MAX_VALUE) == PutResult.CLOSED) {
            throw closed("the element was not accepted");
        }
    }

    /**
     * Puts elements in, in order; waits whenever the sink is full.
     *
     * @param elements the elements; none is null
     * @throws InterruptedException if interrupted before or while waiting; those already accepted stay so
     * @throws StreamClosedException if the stream or this sink has ended; those already accepted stay so
     * @throws IllegalStateException if another thread waits in this sink
     */
    public void putAll(Iterable<? extends E> elements) throws InterruptedException {
        for (E element : elements) {
            put(element);
        }
    }

    /**
     * Puts an element in if there is room. Never blocks. In a full stream an element that was taken makes room in the actors'
     * next turns: a moment later, if nobody waits.
     *
     * @param element the element; not null
     * @return whether it was accepted
     */
    public PutResult tryPut(E element) {
        PutResult result = offer(element);
        if (result == PutResult.FULL) {
            doorbell.whenFull();
        }
        return result;
    }

    /**
     * Puts an element in; waits for room, but not for longer than told.
     *
     * @param element the element; not null
     * @param timeout how long; zero or less does not wait
     * @return whether it was accepted
     * @throws InterruptedException if interrupted before or while waiting; the element was not accepted
     * @throws IllegalStateException if another thread waits in this sink
     */
    public PutResult tryPut(E element, Duration timeout) throws InterruptedException {
        Objects.requireNonNull(timeout, "timeout");
        throwIfInterrupted();
        long nanos = timeout.isNegative() ? 0 : Clock.toNanos(timeout);
        PutResult result = tryPut(element);
        return result == PutResult.FULL && nanos > 0 ? await(element, result, nanos) : result;
    }

    /**
     * Ends this input: everything that was put is delivered, then the stream completes, if its other sinks have completed
     * too. Never blocks. Completing twice is completing once, unless the stream has ended in another way meanwhile.
     *
     * @throws StreamClosedException if the stream or this sink has ended in another way: what was put may be undelivered
     */
    public void complete() {
        if (!close(new StreamOutcome.Completed()) && !(howItEnds() instanceof StreamOutcome.Completed)) {
            throw closed("it cannot be completed");
        }
    }

    /**
     * Ends this input and the stream: everything that was put is delivered, then the iterator throws
     * {@link StreamFailedException}. Never blocks. Does nothing if the stream or this sink has ended.
     *
     * @param cause why
     */
    public void fail(Throwable cause) {
        close(new StreamOutcome.Failed(cause));
    }

    /** Fails the stream if this sink has neither completed nor failed. Never blocks. */
    @Override
    public void close() {
        if (closing == null) {
            fail(new IllegalStateException("a sink of " + producer.path() + " was closed without complete()"));
        } else {
            close(closing); // again, for what an error may have kept complete() from doing
        }
    }

    /**
     * {@return the subscriber that feeds this sink, requesting only what there is room for. It is this sink's writer from
     * now on; for one publisher, a second one is cancelled}
     */
    public Flow.Subscriber<E> asSubscriber() {
        if (subscriber == null) {
            SUBSCRIBER.compareAndSet(this, null, new SinkSubscriber<>(this));
        }
        return subscriber;
    }

    // ---- any thread

    /**
     * {@return how the stream ends, once it has. Dependent actions run on the thread that ends it and must not block: use
     * the async forms. The actors give up what was left, if it ended early, and stop in turns of their own, maybe a moment
     * later: {@link ActorSystem#whenStopped} tells when}
     */
    public CompletableFuture<StreamOutcome> outcome() {
        return end.future();
    }

    /** {@return where the elements of the stream are now} */
    public StreamLedger ledger() {
        return books.snapshot();
    }

    @Override
    public String toString() {
        return "SinkRef of " + producer.path();
    }

    // ---- for the package

    /** Closes this input and calls the producer, though another may have; true for the first caller, whose end it is. */
    boolean close(StreamOutcome how) {
        boolean first = closeInput(how);
        doorbell.call().make();
        return first;
    }

    /** Closes this input: no element is accepted after the call. True for the first caller, whose end it is. */
    boolean closeInput(StreamOutcome how) {
        boolean first = CLOSING.compareAndSet(this, null, how);
        buffer.close(); // by everyone: whoever clears the buffer after this must know it closed
        if (first) {
            roomMade();
        }
        return first;
    }

    /** How this input ends; null while it is open. */
    StreamOutcome closing() {
        return closing;
    }

    SinkBuffer<E> buffer() {
        return buffer;
    }

    /** Called after elements were taken, with a full fence in between. */
    void roomMade() {
        unparkPutter();
        Runnable listener = roomListener;
        if (listener != null) {
            try {
                listener.run();
            } catch (Throwable e) { // a publisher's code; this thread is not its own
                LOG.log(System.Logger.Level.WARNING, "the publisher that feeds " + this + " failed", e);
            }
        }
    }

    /** Wakes the thread that sleeps in a put. Whether there is a listener too. */
    boolean unparkPutter() {
        Thread waiting = waiter;
        if (waiting != null) {
            system.parker().unpark(waiting);
        }
        return roomListener != null;
    }

    /** An element was not accepted, and who sent it cannot be told: it becomes a dead letter. */
    void refused(E element, DeadLetter.Reason why) {
        system.deadLetter(new Push<>(element), producer, why);
    }

    /** The sink is full, and its subscriber waits for room. */
    void wantRoom() {
        doorbell.whenFull();
    }

    /** Has the listener run whenever there may be room, and when the input is closed. */
    void onRoom(Runnable listener) {
        roomListener = listener;
    }

    private static void throwIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    private PutResult offer(E element) {
        PutResult result = buffer.offer(Objects.requireNonNull(element, "element"));
        if (result == PutResult.ACCEPTED) {
            doorbell.afterPut();
        }
        return result;
    }

    /** Waits until the element is accepted, the input closed, or the time over. */
    private PutResult await(E element, PutResult first, long timeoutNanos) throws InterruptedException {
        boolean timed = timeoutNanos != Long.MAX_VALUE;
        long deadline = timed ? system.clock().nanoTime() + timeoutNanos : 0;
        long quarter = Math.max(1, buffer.capacity() / 4);
        int lookMask = (int) Math.min(ATTEMPTS_PER_LOOK, Long.highestOneBit(quarter / 8 | 1)) - 1;
        PutResult result = first;
        boolean rung = false;
        for (int attempt = 0; result == PutResult.FULL; attempt = WaitStrategy.next(attempt)) {
            throwIfInterrupted();
            if (waitStrategy.idle(attempt)) {
                long left = timed ? deadline - system.clock().nanoTime() : Long.MAX_VALUE;
                if (left <= 0) {
                    return PutResult.FULL;
                }
                park(left);
                result = offer(element);
            } else if (attempt >= QUARTER_ATTEMPTS) {
                int mask = rung ? RING_MASK : FIRST_RING_MASK;
                if ((attempt & mask) == mask) {
                    rung |= doorbell.whenFullAndUnwatched();
                }
                result = offer(element);
                if (timed && (attempt & CLOCK_MASK) == CLOCK_MASK && result == PutResult.FULL) {
                    if (deadline - system.clock().nanoTime() <= 0) {
                        return PutResult.FULL;
                    }
                }
            } else if ((attempt & lookMask) == lookMask && (buffer.room() >= quarter || buffer.isClosed())) {
                result = offer(element);
            }
        }
        return result;
    }

    private void park(long nanos) {
        if (!WAITER.compareAndSet(this, null, Thread.currentThread())) {
            throw new IllegalStateException("another thread waits in this sink of " + producer.path()
                    + ": a SinkRef has one writer; ask the producer for another one by GetSink");
        }
        try {
            // The waiter is set before the ring is looked at; whoever makes room or closes looks for the waiter after
            // it.
            VarHandle.fullFence();
            doorbell.whenFull();
            if (buffer.room() == 0 && !buffer.isClosed()) {
                system.parker().park(this, nanos);
            }
        } finally {
            waiter = null;
        }
    }

    private StreamOutcome howItEnds() {
        StreamOutcome decided = end.outcome();
        if (decided != null) {
            return decided;
        }
        StreamOutcome coming = closing;
        return coming != null ? coming : new StreamOutcome.Cancelled();
    }

    private StreamClosedException closed(String so) {
        StreamOutcome how = howItEnds();
        boolean open = how instanceof StreamOutcome.Completed && !end.isDecided(); // other sinks may go on
        return new StreamClosedException(
                (open
                                ? "this sink of " + producer.path() + " was completed; "
                                : "the stream of " + producer.path() + " has ended: " + how + "; ")
                        + so,
                how,
                how instanceof StreamOutcome.Failed failed ? failed.cause() : null);
    }
}
