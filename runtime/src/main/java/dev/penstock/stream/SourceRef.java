package dev.penstock.stream;

import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Clock;
import dev.penstock.actor.WaitStrategy;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Room 6: where a thread takes elements out of a stream. Given out by a consumer in answer to {@link GetSource}.
 *
 * <p>For one reader. A reader may hand the source over to another thread in the usual ways. One that comes while another
 * waits here gets an {@link IllegalStateException}; two that are never found out so may wait for ever.
 *
 * <p>Leaving early, in whatever way, cancels the producer: {@link #close()}, also at the end of a try-with-resources
 * statement; an exception or a return out of {@link #forEach}, {@link #forEachWhile} or {@link #stream()}; an interrupt; a
 * wait longer than the inactivity timeout. A source that is dropped without closing is cancelled when the garbage
 * collector finds it, and logged with the place where its consumer was made.
 *
 * <p>An iteration ends without an exception only if the stream completed, or if this source was closed.
 *
 * @param <E> the elements of the stream
 */
public final class SourceRef<E> implements Iterable<E>, AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.penstock.stream");
    private static final VarHandle PUBLISHER = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "publisher", VarHandle.class, SourceRef.class, SourcePublisher.class);

    /** How often a wait that never parks looks at the clock. */
    private static final int CLOCK_MASK = 63;

    /**
     * How often a wait that is not, or no longer, patient looks for all that a visit is for: elements, and demand that what was
     * pushed by messages may wait for, and the end of the inputs, which is in the cache line that putters write.
     */
    private static final int FULL_LOOK_MASK = 15;

    /** A window of at least so many elements is worth waiting for. */
    private static final int LARGE_WINDOW = 64;

    /** So many elements in one visit: they come in a stream. */
    private static final int STREAMING = 16;

    /**
     * For how many attempts, some microseconds, the reader of a stream waits for all that its window has room for. Then it
     * takes a full look, before a strategy yields.
     */
    private static final int PATIENT_ATTEMPTS = 95;

    /** The strategies that begin with so many attempts that take no longer than that. A user's may sleep in one. */
    private static final Set<WaitStrategy> SPINNING =
            Set.of(WaitStrategy.busySpin(), WaitStrategy.yielding(), WaitStrategy.backoff());

    /** Of a larger window: the putter fills the next part meanwhile. */
    private static final int MOST_AT_ONCE = 256;

    private final StreamConsumer<E> consumer;
    private final SourceRing<E> ring;
    private final StreamEnd end;
    private final ActorSystem system;
    private final WaitStrategy waitStrategy;
    private final Duration inactivityTimeout;
    private final long inactivityNanos; // Long.MAX_VALUE: for ever
    private final long replenishAt;
    private final boolean spins; // looks again and again while it waits, and quickly
    private final int largeRun; // worth waiting for; 0: none is
    private final Dropped dropped;
    private final Cleaner.Cleanable cleanable; // of dropped

    // written: whoever closes, volatile; read: the reader
    private volatile boolean closed;

    // written: by compare-and-set, by asPublisher, and back to null by a publisher that is refused; read: any thread
    private volatile SourcePublisher<E> publisher;

    // The thread that waits for an element, or null. Plain: it finds two readers at once, and orders nothing.
    // written: the reader before and after it waits; read: the reader, and one that should not be there
    private Thread waiter;

    // Who looked for an element last: the reader. It writes this, holds an element of the ring, then reads closed;
    // whoever closes sets closed, then reads this.
    // written: the reader, when it is another thread than before, volatile; read: whoever closes
    private volatile Thread holder;

    // the reader only
    private long replenished; // how many of those taken are known to have been requested anew
    private boolean streaming; // the last visit brought many: it is worth waiting for more

    SourceRef(StreamConsumer<E> consumer, ConsumerOptions options, ActorSystem system, Throwable madeHere) {
        this.consumer = consumer;
        this.system = system;
        ring = consumer.ring();
        end = consumer.end();
        waitStrategy = options.waitStrategyOr(system.waitStrategy());
        inactivityTimeout = options.inactivityTimeout();
        inactivityNanos = inactivityTimeout.isZero() ? Long.MAX_VALUE : Clock.toNanos(inactivityTimeout);
        replenishAt = Math.max(1, options.initialDemand() / 2);
        spins = SPINNING.contains(waitStrategy);
        largeRun =
                spins && options.initialDemand() >= LARGE_WINDOW ? Math.min(MOST_AT_ONCE, options.initialDemand()) : 0;
        dropped = new Dropped(consumer, madeHere);
        cleanable = Dropped.CLEANER.register(this, dropped);
    }

    // ---- the reader

    /**
     * {@return an iterator that waits for elements. {@code hasNext} and {@code next} throw {@link StreamFailedException} if
     * the stream failed or lost its producer, {@link InactivityTimeoutException} if no element came in time,
     * {@link StreamClosedException} if it was cancelled by another, or this thread was interrupted (which stays so). Not for
     * an actor's turn, which must not wait}
     */
    @Override
    public Iterator<E> iterator() {
        checkReader();
        return new ElementIterator();
    }

    /**
     * Takes every element, waiting for each; then closes. An exception of the action closes too.
     *
     * @param action what to do with an element
     */
    @Override
    public void forEach(Consumer<? super E> action) {
        Objects.requireNonNull(action, "action");
        checkReader();
        try {
            for (E element = awaitElement(); element != null; element = awaitElement()) {
                action.accept(element);
            }
        } finally {
            closeUnlessPublished();
        }
    }

    /**
     * Takes elements, waiting for each, until the predicate wants no more; then closes. An exception of the predicate
     * closes too.
     *
     * @param wantsMore given an element, answers whether to go on
     */
    public void forEachWhile(Predicate<? super E> wantsMore) {
        Objects.requireNonNull(wantsMore, "wantsMore");
        checkReader();
        try {
            E element = awaitElement();
            while (element != null && wantsMore.test(element)) {
                element = awaitElement();
            }
        } finally {
            closeUnlessPublished();
        }
    }

    /**
     * {@return a sequential stream of the elements, which waits for each. This source is closed when the terminal operation
     * ends, also early or by an exception. Not for {@link Stream#iterator()} or {@link Stream#spliterator()}, which would
     * collect all elements first: this source is an iterable itself}
     */
    public Stream<E> stream() {
        // flatMap closes the inner stream when it is done with it, in whatever way.
        return Stream.of(this)
                .flatMap(source -> StreamSupport.stream(
                                Spliterators.spliteratorUnknownSize(
                                        source.iterator(), Spliterator.ORDERED | Spliterator.NONNULL),
                                false)
                        .onClose(source::closeUnlessPublished));
    }

    /**
     * Takes one element, waiting for it no longer than told. Giving up does not end the stream, and the inactivity timeout
     * does not apply.
     *
     * @param timeout how long; zero or less does not wait
     * @return the element; null if none came in time, or the stream has completed or was closed ({@link #outcome()} tells)
     * @throws InterruptedException if interrupted before or while waiting; the stream stays open
     * @throws StreamClosedException as the iterator does
     */
    public E poll(Duration timeout) throws InterruptedException {
        long nanos = Objects.requireNonNull(timeout, "timeout").isNegative() ? 0 : Clock.toNanos(timeout);
        checkReader();
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        try {
            E element = takeNext();
            if (element != null) {
                return element;
            }
            Waited waited = await(nanos);
            if (waited == Waited.INTERRUPTED) {
                Thread.interrupted();
                throw new InterruptedException();
            }
            return waited == Waited.READY ? take() : null;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /**
     * Takes the elements that are there, without waiting. Whoever calls it again and again hears of a failure by a call after
     * the last element: stop when {@link #outcome()} is known and a call <em>after</em> that took nothing.
     *
     * @param action what to do with an element; an exception goes to the caller, and the stream stays open
     * @param limit how many at most
     * @return how many; 0 if none is there, or the stream has completed or was closed ({@link #outcome()} tells)
     * @throws StreamClosedException as the iterator does
     */
    public int drain(Consumer<? super E> action, int limit) {
        Objects.requireNonNull(action, "action");
        int count = 0;
        try {
            while (count < limit) {
                checkReader();
                E element = count == 0 ? poll() : takeNext();
                if (element == null && count > 0 && fetchNow(false)) {
                    element = takeNext();
                }
                if (element == null) { // if that is the end, the next call says how
                    break;
                }
                count++;
                action.accept(element);
            }
        } finally {
            Reference.reachabilityFence(this);
        }
        return count;
    }

    /**
     * {@return the publisher of the elements, for one subscriber; it is this source's reader from now on: any other gets an
     * {@link IllegalStateException}. It waits for elements without a limit: the inactivity timeout is the iterator's. The
     * subscriber is called in an actor's turn, and must not block}
     * @throws IllegalStateException if a thread waits in this source
     */
    public Flow.Publisher<E> asPublisher() {
        SourcePublisher<E> before = publisher;
        if (before != null) {
            return before;
        }
        checkWaiter();
        SourcePublisher<E> made = new SourcePublisher<>(this, consumer, system);
        Object other = PUBLISHER.compareAndExchange(this, null, made);
        return other == null ? made : asPublisher();
    }

    /** Leaves; but not if this source was published meanwhile: the publisher reads it. */
    private void closeUnlessPublished() {
        if (publisher == null) {
            close();
        }
    }

    /** Takes the next element if it is there. For the reader, which may be this source's publisher. */
    E poll() {
        E element = takeNext();
        return element != null ? element : await(0) == Waited.READY ? take() : null;
    }

    // ---- any thread

    /**
     * Ends the stream, if it has not ended: the producer is cancelled, a thread that waits in the iterator returns. An
     * element that another thread has been promised by {@code hasNext} stays in flight until that thread takes it or ends.
     */
    @Override
    public void close() {
        closed = true;
        StreamOutcome coming = consumer.inputEnd();
        end.decide(coming != null && consumer.isDrained() ? coming : new StreamOutcome.Cancelled());
        Thread reader = holder;
        if (reader == null || reader == Thread.currentThread() || !reader.isAlive()) {
            consumer.letGo();
            left();
        } else { // the reader may have an element in its hand: the consumer finds out
            consumer.readerLeft();
        }
        Reference.reachabilityFence(this);
    }

    /**
     * {@return how the stream ended, once it has. Dependent actions run on the thread that ends it and must not block: use
     * the async forms. The actors give up what was left, if it ended early, and stop in turns of their own, maybe a moment
     * later: {@link ActorSystem#whenStopped} tells when}
     */
    public CompletableFuture<StreamOutcome> outcome() {
        return end.future();
    }

    /** {@return where the elements of the stream are now} */
    public StreamLedger ledger() {
        return consumer.ledger();
    }

    @Override
    public String toString() {
        return "SourceRef of " + consumer.path();
    }

    // ---- the reader: waiting

    /** What a wait came to. */
    private enum Waited {
        READY,
        ENDED,
        TIMED_OUT,
        INTERRUPTED
    }

    /** This thread reads from now on; refused while another one waits. */
    private void enter() {
        if (waiter != null) {
            checkWaiter();
        }
        Thread me = Thread.currentThread();
        if (holder != me) {
            holder = me;
        }
    }

    /** Takes the next element, if it is there. */
    private E takeNext() {
        enter();
        if (ring.isHeld()) {
            return take();
        }
        E element = end.isDecided() ? null : ring.takeNext();
        if (element != null) {
            taken();
        }
        return element;
    }

    /** Holds the next element, if it is there: from now on it is this reader's, whoever ends the stream. */
    private boolean isReady() {
        enter();
        if (ring.isHeld()) {
            return true;
        }
        if (end.isDecided() || !ring.hold()) {
            return false;
        }
        if (closed) { // by another thread, which may not know that there is a reader
            consumer.letGo();
            return false;
        }
        return true;
    }

    private void checkReader() {
        if (publisher != null) {
            throw new IllegalStateException("this source of " + consumer.path()
                    + " is read by its publisher: a SourceRef has one reader; subscribe to the publisher");
        }
        checkWaiter();
    }

    private void checkWaiter() {
        IllegalStateException otherReader = otherReader();
        if (otherReader != null) {
            throw otherReader;
        }
    }

    /** Says that another thread waits here; null if none does. */
    IllegalStateException otherReader() {
        Thread other = waiter; // it may have gone since
        if (other != null && other != Thread.currentThread()) {
            return new IllegalStateException("thread " + other.getName() + " waits in this source of " + consumer.path()
                    + ": a SourceRef has one reader; let one thread read and share the elements out, or use a stream for"
                    + " each reader");
        }
        return null;
    }

    /** A publisher that found another reader leaves the source to it. */
    void unpublish(SourcePublisher<E> refused) {
        PUBLISHER.compareAndSet(this, refused, null);
    }

    /** After {@code isReady}; null if this source was closed meanwhile by the thread that had found the element. */
    private E take() {
        E element = ring.take();
        if (element == null) { // another thread closed, and gave it up: the iteration ends
            return null;
        }
        taken();
        return element;
    }

    /** After a take, which is counted and fenced. */
    private void taken() {
        consumer.afterTake();
        StreamOutcome coming = consumer.inputEnd();
        if (coming != null) {
            if (consumer.isDrained()) { // it was the last one
                end.decide(coming);
                left();
            }
        } else if (consumer.isRemote() && ring.taken() - replenished >= replenishAt) {
            replenish();
        }
    }

    /** Takes the next element, waiting for it as the iterator does; null if the iteration is over. */
    private E awaitElement() {
        checkReader();
        checkInterrupt();
        E element = takeNext();
        if (element == null && fetchNow(true)) {
            element = takeNext();
        }
        return element != null ? element : awaitNext() ? take() : null;
    }

    /** Waits for the next element as the iterator does; false if the iteration is over. */
    private boolean awaitNext() {
        checkInterrupt();
        if (isReady()) {
            return true;
        }
        Waited waited = await(inactivityNanos);
        if (waited == Waited.TIMED_OUT) {
            end.decide(new StreamOutcome.TimedOut(inactivityTimeout));
        } else if (waited == Waited.INTERRUPTED) {
            throw interrupted();
        }
        if (waited == Waited.READY) {
            return true;
        }
        throwUnlessQuiet();
        return false;
    }

    /** An interrupt cancels a stream that has not ended. */
    private void checkInterrupt() {
        if (Thread.currentThread().isInterrupted() && !end.isDecided()) {
            StreamOutcome coming = consumer.inputEnd();
            if (coming == null || !consumer.isDrained()) {
                throw interrupted();
            }
        }
    }

    /** Cancels for a thread that is interrupted, which stays so. */
    private StreamClosedException interrupted() {
        end.decide(new StreamOutcome.Cancelled());
        consumer.letGo();
        left();
        return new StreamClosedException(
                "interrupted while reading from " + consumer.producer().path() + "; the stream is cancelled",
                end.outcome(),
                new InterruptedException());
    }

    /** Waits for the next element. Throws if the stream ended other than in silence; leaves an interrupt to the caller. */
    private Waited await(long timeoutNanos) {
        waiter = Thread.currentThread();
        try {
            return awaitAsTheReader(timeoutNanos);
        } finally {
            waiter = null;
            watch(false);
        }
    }

    private Waited awaitAsTheReader(long timeoutNanos) {
        boolean timed = timeoutNanos != Long.MAX_VALUE;
        boolean began = false;
        long deadline = 0;
        for (int attempt = 0; ; attempt = WaitStrategy.next(attempt)) {
            if (isReady()) {
                return Waited.READY;
            }
            if (end.isDecided()) {
                throwUnlessQuiet();
                return Waited.ENDED;
            }
            StreamOutcome coming = consumer.inputEnd();
            if (coming != null) {
                if (consumer.isDrained()) {
                    end.decide(coming);
                }
                continue;
            }
            if (fetch(attempt, timeoutNanos != 0)) {
                continue;
            }
            if (timeoutNanos == 0) {
                return Waited.TIMED_OUT;
            }
            if (Thread.currentThread().isInterrupted()) {
                return Waited.INTERRUPTED;
            }
            watch(spins);
            boolean park = waitStrategy.idle(attempt);
            long left = Long.MAX_VALUE;
            if (timed && (park || (attempt & CLOCK_MASK) == CLOCK_MASK)) {
                long now = system.clock().nanoTime();
                if (!began) { // the first attempts, a microsecond or so, are not counted
                    began = true;
                    deadline = now + timeoutNanos;
                }
                left = deadline - now;
                if (left <= 0) {
                    return lastLook();
                }
            }
            if (park) {
                watch(false);
                park(left);
            }
        }
    }

    /** Says whether this thread looks by itself, if that is news: it has no need to be called then. */
    private void watch(boolean whether) {
        if (consumer.isWatched() != whether) {
            consumer.watched(whether);
        }
    }

    /** Fetches what is there, if the stream is open; whether there is something. */
    private boolean fetchNow(boolean mayWait) {
        return !end.isDecided() && fetch(0, mayWait);
    }

    /** Fetches what is there; whether the wait should look again at once. */
    private boolean fetch(int attempt, boolean mayWait) {
        long taken = ring.taken();
        if (consumer.isRemote()) {
            if (taken != replenished) {
                replenish();
            }
            return false;
        }
        if (!isWorthAVisit(attempt, taken, mayWait)) {
            return false;
        }
        long before = ring.sent();
        if (!consumer.visit(false)) {
            return false;
        }
        replenished = taken;
        streaming = largeRun != 0 && ring.sent() - before >= STREAMING;
        return ring.isReady() || consumer.inputEnd() != null;
    }

    /**
     * Whether to go for what is there. The reader of a stream that keeps coming waits a little for a full window: were it to
     * come for each few elements, it would take the cache line that is being written from the putter, and be its brake.
     */
    private boolean isWorthAVisit(int attempt, long taken, boolean mayWait) {
        if (streaming && mayWait && attempt < PATIENT_ATTEMPTS) {
            return consumer.isWorthAVisit(largeRun);
        }
        if (!mayWait || attempt == 0 || (attempt & FULL_LOOK_MASK) == FULL_LOOK_MASK) {
            return taken != replenished || consumer.isWorthAVisit();
        }
        return consumer.isWorthAVisit(1);
    }

    /** The time is over: an element, or the end, that is there by now counts all the same. */
    private Waited lastLook() {
        if (!consumer.isRemote()) {
            consumer.visit(false);
        }
        if (isReady()) {
            return Waited.READY;
        }
        StreamOutcome coming = consumer.inputEnd();
        if (coming != null && consumer.isDrained()) {
            end.decide(coming);
        }
        if (!end.isDecided()) {
            return Waited.TIMED_OUT;
        }
        throwUnlessQuiet();
        return Waited.ENDED;
    }

    private void replenish() {
        long taken = ring.taken();
        consumer.replenish(taken - replenished);
        replenished = taken;
    }

    /** Sleeps until an element comes, the stream ends, or the time is over; or for no reason. */
    private void park(long nanos) {
        consumer.sleeper(Thread.currentThread());
        try {
            // The sleeper is set before the ring is looked at; whoever brings an element looks for the sleeper after
            // it.
            VarHandle.fullFence();
            if (!consumer.isRemote() && !consumer.visit(true)) {
                consumer.callForVisit(); // another thread has the lane: have it taken again, and the bell armed
            }
            if (!ring.isReady() && !end.isDecided() && consumer.inputEnd() == null) {
                system.parker().park(this, nanos);
            }
        } finally {
            consumer.sleeper(null);
        }
        // A putter may have rung for this thread and for nobody else: fetch what it brought, or have it fetched.
        if (!consumer.isRemote() && !consumer.visit(false)) {
            consumer.callForVisit();
        }
    }

    /** After the end: throws, unless the stream completed or was closed by its reader. */
    private void throwUnlessQuiet() {
        StreamOutcome how = end.outcome();
        if (how == null) {
            return;
        }
        left();
        String producer = consumer.producer().path();
        if (how instanceof StreamOutcome.Failed failed) {
            throw new StreamFailedException(
                    "the stream of " + producer + " failed: " + failed.cause(), how, failed.cause());
        } else if (how instanceof StreamOutcome.PeerLost lost) {
            throw new StreamFailedException(
                    "the producer " + producer
                            + (lost.lastSequence() < 0 ? " has stopped" : " was lost " + lastOf(lost))
                            + ", and sent no end of this stream",
                    how,
                    null);
        } else if (how instanceof StreamOutcome.TimedOut timedOut) {
            throw new InactivityTimeoutException(
                    "no element of " + producer + " came for " + timedOut.after()
                            + ", the inactivityTimeout in ConsumerOptions",
                    how);
        } else if (how instanceof StreamOutcome.Cancelled && !closed) {
            throw new StreamClosedException(
                    "the stream of " + producer + " was cancelled, not by its reader", how, null);
        }
    }

    private static String lastOf(StreamOutcome.PeerLost lost) {
        return lost.lastSequence() == 0 ? "before its first element" : "after its element " + lost.lastSequence();
    }

    /** The reader is done with the stream, and has nothing in its hand. */
    private void left() {
        consumer.readerLeft();
        settled();
    }

    Dropped registration() {
        return dropped;
    }

    /** Nothing is left for the garbage collector to see to. By the reader when it leaves, or by the consumer's turn. */
    void settled() {
        dropped.disarm();
        cleanable.clean();
    }

    /** Waits in {@code hasNext}. Keeps the source reachable while it is used. */
    private final class ElementIterator implements Iterator<E> {
        @Override
        public boolean hasNext() {
            checkReader();
            try {
                return awaitNext();
            } finally {
                Reference.reachabilityFence(SourceRef.this);
            }
        }

        @Override
        public E next() {
            try {
                E element = awaitElement();
                if (element == null) {
                    throw new NoSuchElementException("the stream has ended: " + end.outcome());
                }
                return element;
            } finally {
                Reference.reachabilityFence(SourceRef.this);
            }
        }
    }

    /** Cancels the stream of a source that was dropped. */
    static final class Dropped implements Runnable {
        private static final Cleaner CLEANER = Cleaner.create();

        private final StreamConsumer<?> consumer;
        private final Throwable madeHere;

        // written: whoever settles the source, before it cleans; read: by it, or by the Cleaner's thread
        private volatile boolean disarmed;

        Dropped(StreamConsumer<?> consumer, Throwable madeHere) {
            this.madeHere = madeHere;
            this.consumer = consumer;
        }

        /** There is nothing left to see to. */
        void disarm() {
            disarmed = true;
        }

        @Override
        public void run() {
            if (disarmed) {
                return;
            }
            StreamOutcome coming = consumer.inputEnd();
            boolean decided = consumer.end()
                    .decide(coming != null && consumer.isDrained() ? coming : new StreamOutcome.Cancelled());
            consumer.letGo();
            if (consumer.readerLeft() && decided && coming == null) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a source of " + consumer.path() + " was dropped without closing; its stream is cancelled",
                        madeHere);
            }
        }
    }
}
