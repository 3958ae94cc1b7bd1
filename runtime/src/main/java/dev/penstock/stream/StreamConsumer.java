package dev.penstock.stream;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.Lane;
import dev.penstock.actor.PreRestart;
import dev.penstock.actor.Signal;
import dev.penstock.actor.Terminated;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Room 4: the actor that subscribes to a producer and keeps a window of elements ready for the thread that iterates.
 *
 * <p>Its states: <em>waiting</em>, nobody has asked for the source yet; <em>active</em>; <em>stopped</em>. It stops when
 * the stream has ended and the source has been given out, or at once when it is told to cancel.
 *
 * <p>Unless spawned with its {@linkplain dev.penstock.actor.SpawnOptions#ownLane() own lane} or on another dispatcher, it
 * shares its producer's {@link Lane}. Then elements come in runs, by a call instead of a message each, and the iterating
 * thread may take the lane and fetch them itself.
 *
 * <p>The window is kept from two counts: requested from the producer, and taken by the reader. Requested never exceeds
 * taken plus window, whoever sends a {@link StreamDemand} how often.
 *
 * @param <E> the elements of the stream
 */
public final class StreamConsumer<E> {

    private static final VarHandle READER_LEFT = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "readerLeft", VarHandle.class, StreamConsumer.class, boolean.class);
    private static final VarHandle WATCHED = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "watched", VarHandle.class, StreamConsumer.class, boolean.class);

    private final ActorContext<ConsumerMessage<E>> context;
    private final ActorRef<ConsumerMessage<E>> self;
    private final ActorRef<ProducerMessage<E>> producer;
    private final ConsumerOptions options;
    private final Throwable madeHere; // for the report of a source that is dropped
    private final ActorSystem system;
    private final Lane lane;
    private final SourceRing<E> ring;
    private final StreamDemand<E> one = new StreamDemand<>(1);
    private final Call<ConsumerMessage<E>> call; // for a visit
    private final StreamCancel<E> readersCancel; // known by its identity; the same one after a restart
    private final StreamEnd end = new StreamEnd();
    // of its elements that were in flight at the end; counted by whoever clears up
    private final AtomicLong cleared = new AtomicLong();

    // written: whoever links, once, volatile, before the first element; read: any thread
    private volatile StreamBooks books;
    // Null if the producer is not of this system.
    // written: whoever links, once, volatile, before the first element; read: the reader
    private volatile Doorbell<E> doorbell;
    // written: whoever links, once, if the producer shares the lane, volatile; read: the reader, both actors' turns
    private volatile StreamProducer<E> neighbor;
    // written: the holder of the lane, once, volatile, after the last element; read: the reader, whoever closes, its
    // turn
    private volatile StreamOutcome inputEnd;
    // written: the reader before it sleeps, and back to null, volatile; read: whoever brings an element, ends or rings
    private volatile Thread sleeper;
    // The reader waits, is awake, and looks again and again, until it says otherwise.
    // written: the reader, release; read: the holder of the lane, putters that spin, and
    // the reader, volatile
    private volatile boolean watched;
    // written: the publisher that reads, and back to null, volatile; read: like the sleeper
    private volatile Runnable listener;
    // written: whoever links, or the producer's turn, once, volatile; read: this actor's turn
    private volatile boolean linked;
    private volatile boolean producerEnded;
    // How the producer ended its input, known before it is told, or instead.
    // written: the producer's turn, or the link, once, volatile, after the last element; read: both
    private volatile StreamOutcome announcedEnd;
    // Known by its identity; the producer's, from which it was got.
    // written: whoever links, once, plain, before linked; read: this actor's turn, after it
    private StreamCancel<E> cancelOfLinked;
    // written: this actor's turn, once, volatile, before it tells the above; read: the producer's turn
    private volatile boolean cancels;
    // written: by compare-and-set, once, by whoever says first that the reader has left; read: by it
    private volatile boolean readerLeft;

    // What a link to the producer made of the subscription: null if it is of this system, or hears by messages.
    // written: when this actor is set up, once, plain, before a source is made; read: its turn and the reader
    private RemoteProducer.Subscription remote;

    // Below: the holder of the lane only.
    private long requested;
    private long arrived; // elements that came as messages
    private boolean producerDone; // it has stopped, or will stop by itself
    private StreamConsumer<E> predecessor; // of the stream before, if this actor was restarted in it; or null
    private SourceRef.Dropped registration; // of the source that was made last
    private SourceRef<E> unclaimed; // made, but the reply did not reach anyone
    private WeakReference<SourceRef<E>> source; // given out

    private StreamConsumer(
            ActorContext<ConsumerMessage<E>> context,
            ActorRef<ProducerMessage<E>> producer,
            ConsumerOptions options,
            Throwable madeHere) {
        this.madeHere = madeHere;
        this.context = context;
        this.self = context.self();
        call = new Call<>(self, one);
        this.producer = producer;
        this.options = options;
        system = context.system();
        lane = context.lane();
        ring = new SourceRing<>(options.initialDemand());
        books = StreamBooks.ofConsumer(ring, options.onUndelivered());
        @SuppressWarnings("unchecked") // a restart begins with the same behavior again
        StreamConsumer<E> before =
                context.attachment(context.self(), StreamConsumer.class).orElse(null);
        predecessor = before == null ? null : before.asPredecessor();
        readersCancel = before == null ? new StreamCancel<>() : before.readersCancel;
        end.whenDecided(this::wakeReader);
    }

    /**
     * Makes a consumer with a window of 16.
     *
     * @param <E> the elements
     * @param producer where to subscribe
     * @return the behavior, to be spawned
     */
    public static <E> Behavior<ConsumerMessage<E>> create(ActorRef<ProducerMessage<E>> producer) {
        return create(producer, ConsumerOptions.defaults());
    }

    /**
     * Makes a consumer.
     *
     * @param <E> the elements
     * @param producer where to subscribe
     * @param initialDemand the window: how many elements may be in flight; at least 1
     * @return the behavior, to be spawned
     */
    public static <E> Behavior<ConsumerMessage<E>> create(ActorRef<ProducerMessage<E>> producer, int initialDemand) {
        return create(producer, ConsumerOptions.defaults().initialDemand(initialDemand));
    }

    /**
     * Makes a consumer.
     *
     * @param <E> the elements
     * @param producer where to subscribe
     * @param options the options
     * @return the behavior, to be spawned
     */
    public static <E> Behavior<ConsumerMessage<E>> create(
            ActorRef<ProducerMessage<E>> producer, ConsumerOptions options) {
        Objects.requireNonNull(options, "options");
        Throwable madeHere = new Throwable("the consumer was made here");
        return Behaviors.alongside(Objects.requireNonNull(producer, "producer"), Behaviors.setup(context -> {
            StreamConsumer<E> consumer = new StreamConsumer<>(context, producer, options, madeHere);
            consumer.subscribe();
            return AnyMessage.receive(
                    (same, message) -> consumer.onAnyMessage(message), (same, signal) -> consumer.onSignal(signal));
        }));
    }

    /** Whose elements may still come once this actor has been restarted. */
    private StreamConsumer<E> asPredecessor() {
        if (!linked) {
            return predecessor;
        }
        if (predecessor != null && !predecessor.awaitsElements()) {
            predecessor = null; // or a chain of them would grow
        }
        return this;
    }

    // ---- this actor's turn

    private void subscribe() {
        context.attach(this);
        context.onUnprocessed((Object message) -> onUnprocessed(message));
        context.watch(producer);
        requested = ring.window();
        localProducer().ifPresent(found -> found.claim(this));
        if (!tellProducer(new Subscribe<>(self, requested))) {
            producerDone = true;
            end.decide(new StreamOutcome.PeerLost(producer));
        }
    }

    private boolean tellProducer(Subscribe<E> subscribe) {
        if (!(producer instanceof RemoteProducer there)) {
            return producer.tell(subscribe);
        }
        remote = there.subscribe(subscribe, new FromLink()).orElse(null);
        return remote != null;
    }

    @SuppressWarnings("unchecked") // a consumer subscribes to a producer of its own elements
    private Optional<StreamProducer<E>> localProducer() {
        return context.attachment(producer, StreamProducer.class).map(found -> (StreamProducer<E>) found);
    }

    @SuppressWarnings("unchecked") // of which elements it is says nothing here
    private Behavior<ConsumerMessage<E>> onAnyMessage(Object message) {
        return message instanceof ConsumerMessage ? onMessage((ConsumerMessage<E>) message) : Behaviors.unhandled();
    }

    private Behavior<ConsumerMessage<E>> onMessage(ConsumerMessage<E> message) {
        if (isStrangers(message)) {
            context.deadLetter(message, DeadLetter.Reason.UNHANDLED);
        } else if (message instanceof StreamElement<E> element) {
            onElement(element.element());
        } else if (message instanceof StreamDemand<E> demand) {
            onDemand(demand.n());
        } else if (message instanceof StreamCompleted<E>) {
            onInputEnd(new StreamOutcome.Completed());
        } else if (message instanceof StreamFailed<E> failed) {
            onInputEnd(endBy(failed.cause()));
        } else if (message instanceof GetSource<E> get) {
            onGetSource(get);
        } else if (message instanceof StreamCancel<E> && !isOfFormerReader(message)) {
            leave(new StreamOutcome.Cancelled());
            return Behaviors.stopped();
        }
        return next();
    }

    private Behavior<ConsumerMessage<E>> onSignal(Signal signal) {
        if (signal instanceof Terminated stopped) { // only the producer is watched
            producerDone = true;
            if (inputEnd == null && announcedEnd != null) { // its last message found no room in the mailbox
                onInputEnd(announcedEnd);
            }
            if (inputEnd == null) {
                leave(stopped.failure()
                        .map(this::endBy)
                        .orElseGet(() -> new StreamOutcome.PeerLost(producer, arrived())));
            }
            return next();
        }
        if (signal instanceof PreRestart restart) {
            leave(new StreamOutcome.Failed(restart.failure()));
            READER_LEFT.compareAndSet(this, false, true); // its leaving is none of the next stream's business
        } else {
            leave(new StreamOutcome.Cancelled());
        }
        return Behaviors.same();
    }

    /** How a failure ends the stream: as a loss, if a link says so; a producer of this system only passes on its feed's. */
    private StreamOutcome endBy(Throwable cause) {
        return cause instanceof PeerLostException && !linked
                ? new StreamOutcome.PeerLost(producer, arrived())
                : new StreamOutcome.Failed(cause);
    }

    private long arrived() {
        return remote == null ? arrived : books.sent();
    }

    /** Whether the reader of the stream before a restart has left, not the one of this. */
    private boolean isOfFormerReader(ConsumerMessage<E> cancel) {
        return cancel == readersCancel && !readerLeft;
    }

    /** Whether it would come from the producer, but that, or its link, calls. */
    private boolean isStrangers(Object message) {
        return (neighbor != null || remote != null)
                && (message instanceof StreamElement
                        || message instanceof StreamCompleted
                        || message instanceof StreamFailed);
    }

    /** Stops once the stream has ended and the source is in somebody's hands. */
    private Behavior<ConsumerMessage<E>> next() {
        if (!end.isDecided()) {
            return Behaviors.same();
        }
        leave(end.outcome());
        return source != null ? Behaviors.stopped() : Behaviors.same();
    }

    private void onElement(E element) {
        if (predecessor != null && (!linked || predecessor.awaitsElements())) {
            predecessor.onElement(element); // told before the restart, by a producer that takes one subscriber
            return;
        }
        arrived++;
        books.arrived();
        if (end.isDecided()) {
            books.undeliveredInFlight(element, end.outcome());
        } else if (ring.sent() - ring.taken() >= ring.window()) {
            IllegalStateException cause = new IllegalStateException(producer.path() + " sent more than was requested");
            end.decide(new StreamOutcome.Failed(cause));
            books.undeliveredInFlight(element, end.outcome());
            leave(end.outcome());
        } else {
            ring.offer(element);
            VarHandle.fullFence(); // the element, before whoever sleeps is looked for
            wakeReader();
        }
    }

    /** Whether more has been sent than has arrived; exact once the producer has ended the stream. */
    private boolean awaitsElements() {
        return neighbor == null && arrived < books.sent();
    }

    private void onDemand(long n) {
        if (n <= 0) {
            IllegalArgumentException cause =
                    new IllegalArgumentException("StreamDemand(" + n + ") to " + self.path() + " is not positive");
            leave(new StreamOutcome.Failed(cause));
            return;
        }
        call.heard(); // before the look at what was taken, and at what a link has announced
        StreamProducer<E> near = neighbor;
        if (near != null) {
            near.visit(newDemand(), true, true);
            VarHandle.fullFence(); // what was moved, before those who sleep are looked for
            near.inputs().wakePutters();
            wakeReader();
            return;
        }
        requestTaken();
        StreamOutcome announced = announcedEnd;
        if (remote != null && announced != null) {
            onInputEnd(announced);
        }
    }

    private void onGetSource(GetSource<E> get) {
        SourceRef<E> ref = source != null ? source.get() : unclaimed;
        if (ref == null) {
            if (registration != null) {
                registration.disarm(); // that source was dropped; this one takes its place, and what it held
            }
            ref = new SourceRef<>(this, options, system, madeHere);
            registration = ref.registration();
        }
        if (source == null) {
            unclaimed = ref; // or it would be taken for dropped, if it is refused
        }
        if (get.replyTo().tell(ref)) {
            source = new WeakReference<>(ref);
            unclaimed = null;
        }
    }

    /** The stream is over for this side: says so to the producer, and clears up. */
    private void leave(StreamOutcome how) {
        StreamOutcome coming = inputEnd;
        end.decide(coming != null && isDrained() ? coming : how);
        if (!producerDone) {
            producerDone = true;
            if (isMineToCancel()) {
                cancels = true;
                cancelProducer();
            }
        }
        clearUp();
        SourceRef<E> ref = source == null ? unclaimed : source.get();
        if (ref != null && ring.sent() - ring.taken() == cleared.get()) { // or the reader has one in its hand
            ref.settled();
        }
    }

    private void cancelProducer() {
        if (remote != null) {
            remote.cancel();
        } else {
            producer.tell(linked ? cancelOfLinked : new StreamCancel<>());
        }
    }

    /**
     * A producer of this system that has not linked this consumer has another subscriber, or none yet and will find this
     * end decided when it comes to the subscription; one that has ended the stream itself may have begun another.
     */
    private boolean isMineToCancel() {
        return linked ? !producerEnded : localProducer().isEmpty();
    }

    @SuppressWarnings("unchecked") // of which elements it is says nothing here
    private void onUnprocessed(Object message) {
        if (message instanceof StreamElement<?> element && !isStrangers(message)) {
            onElement((E) element.element()); // the end is decided
        } else {
            context.deadLetter(message, DeadLetter.Reason.STOPPED);
        }
    }

    // ---- the holder of the lane: called by the producer next door

    /** Called once, by whoever claims the producer for this consumer: from now on the books are common. */
    void link(StreamProducer<E> near, StreamBooks producersBooks) {
        cancelOfLinked = near.consumersCancel();
        linked = true;
        producersBooks.link(ring, options.onUndelivered());
        books = producersBooks;
        doorbell = near.doorbell();
        if (near.lane() == lane) {
            neighbor = near;
        }
    }

    /** Whether this consumer was made for that producer. */
    boolean isOf(ActorRef<ProducerMessage<E>> ref) {
        return producer.equals(ref);
    }

    /** Whether this is the consumer behind that ref. */
    boolean isAt(ActorRef<?> ref) {
        return self.equals(ref);
    }

    /** Whether elements may be handed over by a call. */
    boolean isNextDoor() {
        return neighbor != null;
    }

    /** Called in the producer's turn, before it tells of the end by a message, which may be refused. */
    void announceEnd(StreamOutcome how) {
        announcedEnd = how;
    }

    /** Whether this consumer has cancelled its producer. */
    boolean cancels() {
        return cancels;
    }

    /** Called in the producer's turn: it has ended the stream, and needs no cancellation. */
    void producerEnded() {
        producerEnded = true;
    }

    /** Takes a run of elements: the {@link StreamElement} messages of a producer on the same lane. */
    int receiveRun(SinkBuffer<E> from, long limit) {
        return from.moveTo(ring, limit);
    }

    /** No element comes after this. In a turn. */
    void onInputEnd(StreamOutcome how) {
        onInputEnd(how, true);
    }

    /** No element comes after this. A visiting reader decides by itself, after its visit: deciding runs users' code. */
    void onInputEnd(StreamOutcome how, boolean inTurn) {
        producerDone = true;
        if (inputEnd != null) {
            return;
        }
        inputEnd = how;
        if (inTurn && isDrained()) { // nothing is left that could change the outcome
            end.decide(how);
        }
        VarHandle.fullFence();
        wakeReader();
    }

    /** Requests by a message, or of a link, what was taken. */
    private void requestTaken() {
        long more = newDemand();
        if (more > 0 && !end.isDecided()) { // or it would be for the stream after this
            if (remote != null) {
                remote.request(more);
            } else {
                producer.tell(new StreamDemand<>(more));
            }
        }
    }

    /** What the reader has taken and nobody has requested anew; from now on it is requested. */
    long newDemand() {
        long more = ring.taken() + ring.window() - requested;
        requested += more;
        return more;
    }

    // ---- the reader

    /**
     * Fetches what waits in the producer's sinks, if the producer is next door and its lane is free.
     *
     * @return whether this thread was there
     */
    boolean visit(boolean aboutToSleep) {
        StreamProducer<E> near = neighbor;
        if (near == null || !lane.tryEnter()) {
            return false;
        }
        try {
            near.visit(newDemand(), aboutToSleep, false);
        } finally {
            lane.leave(); // a full fence: what was moved, before those who sleep are looked for
        }
        near.inputs().wakePutters();
        return true;
    }

    /** Whether a visit would bring so many elements, or of one of several sinks its share of them. */
    boolean isWorthAVisit(int run) {
        StreamProducer<E> near = neighbor;
        return near != null && near.inputs().hold(run);
    }

    /** Whether a visit would bring something, be it the end. */
    boolean isWorthAVisit() {
        StreamProducer<E> near = neighbor;
        return near != null && near.inputs().isWorthAVisit();
    }

    /** Whether the reader must say what it has taken, because it does not fetch elements itself. */
    boolean isRemote() {
        return neighbor == null;
    }

    /** The reader has taken so many since it last said so. */
    void replenish(long taken) {
        if (remote == null || !lane.tryEnter()) {
            self.tell(taken == 1 ? one : new StreamDemand<>(taken));
            return;
        }
        try {
            requestTaken();
        } finally {
            lane.leave();
        }
    }

    /** After a take was counted and fenced: if the producer wants demand, has it requested anew at once. */
    void afterTake() {
        Doorbell<E> bell = doorbell;
        if (bell != null && bell.afterTake()) {
            callForVisit();
        }
    }

    /**
     * Has this actor request what was taken, fetch what waits and arm the bell. For the reader that could not visit, and for
     * a producer that wants demand.
     */
    void callForVisit() {
        VarHandle.fullFence(); // what was taken, before the call
        call.make();
    }

    /** The element at the head is the reader's to take. */
    SourceRing<E> ring() {
        return ring;
    }

    /** The reader leaves; an element that it holds is undelivered. */
    void letGo() {
        E element = ring.letGo();
        if (element != null) {
            books.undeliveredInFlight(element, end.outcome());
        }
    }

    /** How the producer ended its input; null while it has not. */
    StreamOutcome inputEnd() {
        return inputEnd;
    }

    boolean isDrained() {
        return ring.sent() == ring.taken();
    }

    /** Says whether the reader looks by itself; not ordered before what it does next. */
    void watched(boolean whether) {
        WATCHED.setRelease(this, whether);
    }

    /** Says which thread is to be woken, or null. */
    void sleeper(Thread who) {
        sleeper = who;
    }

    /** Says what is to be run beside, or null. */
    void listener(Runnable what) {
        listener = what;
    }

    /** The reader wants no more, or has seen the end; true for the first caller. */
    boolean readerLeft() {
        if (!READER_LEFT.compareAndSet(this, false, true)) {
            return false;
        }
        self.tell(readersCancel);
        return true;
    }

    // ---- whoever clears up: this actor, or a link that has laid an element after the end

    private void clearUp() {
        cleared.addAndGet(ring.clear(element -> books.undeliveredInFlight(element, end.outcome())));
    }

    /**
     * What comes by a link, for this stream alone. The ring has no other writer then, so no lane is needed: an element that
     * is laid while another thread ends the stream is cleared away by that end, or, as it was laid, fenced, and the end then
     * looked at, by this. The link's thread only.
     */
    private final class FromLink implements RemoteProducer.Downstream<E> {

        private long come; // elements, in all

        @Override
        public boolean accept(E element) {
            come++;
            if (announcedEnd == null && !end.isDecided()) {
                if (ring.hasRoom()) {
                    ring.offer(element);
                    return true;
                }
                ended(new StreamOutcome.Failed(
                        new IllegalStateException(producer.path() + " sent more than was requested")));
            }
            books.sent(come);
            StreamOutcome how = end.outcome();
            books.undeliveredInFlight(element, how != null ? how : announcedEnd);
            return false;
        }

        @Override
        public void flush() {
            books.sent(come);
            VarHandle.fullFence(); // what was laid, before the end and whoever sleeps are looked for
            if (end.isDecided()) {
                clearUp();
            }
            wakeReader();
        }

        @Override
        public void completed(Runnable noted) {
            ended(new StreamOutcome.Completed());
            noted.run();
        }

        @Override
        public void failed(Throwable cause) {
            ended(
                    cause instanceof PeerLostException
                            ? new StreamOutcome.PeerLost(producer, come)
                            : new StreamOutcome.Failed(cause));
        }

        /** Heard in this actor's turn: to decide an end runs users' code, for which a link's thread is not there. */
        private void ended(StreamOutcome how) {
            if (announcedEnd == null) {
                announcedEnd = how;
                callForVisit();
            }
        }
    }

    // ---- any thread

    StreamEnd end() {
        return end;
    }

    StreamLedger ledger() {
        return books.snapshot();
    }

    ActorRef<ProducerMessage<E>> producer() {
        return producer;
    }

    String path() {
        return self.path();
    }

    int window() {
        return ring.window();
    }

    long taken() {
        return ring.taken();
    }

    /** Whether the reader looks by itself; it may have stopped since. */
    boolean isWatched() {
        return watched;
    }

    /** Wakes the reader if it sleeps, and answers whether it will come by itself; after a full fence. */
    boolean wakeReader() {
        Runnable run = listener;
        if (run != null) {
            run.run();
        }
        Thread who = sleeper;
        if (who != null) {
            system.parker().unpark(who);
        }
        return who != null;
    }
}
