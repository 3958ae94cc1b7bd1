package dev.penstock.stream;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.Lane;
import dev.penstock.actor.PreRestart;
import dev.penstock.actor.Signal;
import dev.penstock.actor.Terminated;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/**
 * Room 3: the actor that owns the sinks of one stream and sends what they hold, as far as there is demand.
 *
 * <p>Its states: <em>idle</em>, no subscriber yet; <em>subscribed</em>; <em>stopped</em>. It stops when it has sent the
 * end of the stream, or the stream was cancelled. A stream that has completed or failed before anyone subscribed waits
 * for its subscriber. One that has completed for a {@link RemoteSubscriber} waits until the other node has the end, and
 * accepts nothing meanwhile: only then has it completed.
 *
 * <p>Invariants: {@code sent ≤ requested}, and {@code demand + sent = requested} while the sum has not saturated.
 *
 * @param <E> the elements of the stream
 */
public final class StreamProducer<E> {

    private static final System.Logger LOG = System.getLogger("dev.penstock.stream");

    /** How often a turn looks for an element that is claimed and not stored yet, before it lets others run. */
    private static final int UNSTORED_ATTEMPTS = 16;

    /** So often a link tries to enter while somebody else is there; then it is woken after that. */
    private static final int ENTERING_ATTEMPTS = 50;

    private final ActorContext<ProducerMessage<E>> context;
    private final ProducerOptions options;
    private final StreamEnd end = new StreamEnd();
    private final StreamBooks books;
    private final Inputs<E> inputs;
    private final Doorbell<E> doorbell;
    private final StreamCancel<E> consumersCancel; // known by its identity; the same one after a restart

    // The subscriber to be: a StreamConsumer of this system, or the ref of any other.
    // written: once, by compare-and-set, by a consumer's set-up, or this actor's turn on Subscribe; read: both
    private final AtomicReference<Object> claimed = new AtomicReference<>();

    // Below: the holder of the lane only.
    private ActorRef<ConsumerMessage<E>> subscriber; // null while idle
    private StreamConsumer<E> local; // the subscriber, if it is a StreamConsumer of this system
    private RemoteSubscriber<E> remote; // the subscriber, if a link made it
    private FromLink fromLink; // what that link says
    private Predicate<? super E> taker; // of the link that is here; null while none is
    private boolean takerIsFull;
    private boolean handsOver; // whether it shares this actor's lane
    private long demand; // requested and not yet sent
    private long sent;
    private long requested;
    private boolean endedEmpty; // decided before anyone subscribed
    private boolean stopped; // sends nothing any more
    private boolean unconfirmed; // a link has the end to bring to the other node: until then this actor lives on

    private StreamProducer(ActorContext<ProducerMessage<E>> context, ProducerOptions options) {
        this.context = context;
        this.options = options;
        books = StreamBooks.ofProducer(options.onUndelivered());
        inputs = new Inputs<>(options.bufferSize(), books);
        doorbell = new Doorbell<>(context.self());
        end.whenDecided(() -> inputs.closeSinks(end.outcome()));
        @SuppressWarnings("unchecked") // a restart begins with the same behavior again
        StreamProducer<E> before =
                context.attachment(context.self(), StreamProducer.class).orElse(null);
        consumersCancel = before == null ? new StreamCancel<>() : before.consumersCancel;
        context.attach(this);
        context.onUnprocessed((Object message) -> onUnprocessed(message));
    }

    /**
     * Makes a producer whose sinks are unbounded.
     *
     * @param <E> the elements
     * @return the behavior, to be spawned; each spawn is a stream of its own
     */
    public static <E> Behavior<ProducerMessage<E>> create() {
        return create(ProducerOptions.defaults());
    }

    /**
     * Makes a producer.
     *
     * @param <E> the elements
     * @param bufferSize how many elements wait in a sink at most; 0 is unbounded
     * @return the behavior, to be spawned; each spawn is a stream of its own
     */
    public static <E> Behavior<ProducerMessage<E>> create(int bufferSize) {
        return create(ProducerOptions.defaults().bufferSize(bufferSize));
    }

    /**
     * Makes a producer.
     *
     * @param <E> the elements
     * @param options the options
     * @return the behavior, to be spawned; each spawn is a stream of its own
     */
    public static <E> Behavior<ProducerMessage<E>> create(ProducerOptions options) {
        Objects.requireNonNull(options, "options");
        return Behaviors.setup(context -> {
            StreamProducer<E> producer = new StreamProducer<>(context, options);
            return AnyMessage.receive(
                    (same, message) -> producer.onAnyMessage(message), (same, signal) -> producer.onSignal(signal));
        });
    }

    // ---- this actor's turn

    @SuppressWarnings("unchecked") // of which elements it is says nothing here
    private Behavior<ProducerMessage<E>> onAnyMessage(Object message) {
        return message instanceof ProducerMessage ? onMessage((ProducerMessage<E>) message) : Behaviors.unhandled();
    }

    private Behavior<ProducerMessage<E>> onMessage(ProducerMessage<E> message) {
        if (message instanceof InputReady<E>) {
            doorbell.call().heard(); // before the look
            hearLink();
            if (remote != null) {
                inputs.wakePutters(); // it may have made room
            }
            if (!isOver()) {
                lookAtSinks();
                drainAndWake();
            }
        } else if (message instanceof StreamDemand<E> request) {
            onDemand(request.n());
        } else if (message instanceof Push<E> push) {
            onPush(push);
        } else if (message instanceof GetSink<E> get) {
            onGetSink(get);
        } else if (message instanceof Subscribe<E> subscribe) {
            onSubscribe(subscribe);
        } else if (message instanceof StreamCancel<E> && !isOfFormerConsumer(message)) {
            endEarly(cancelled());
        } else if (message instanceof CompleteStream<E>) {
            endInput(new StreamOutcome.Completed());
            drainAndWake();
        } else if (message instanceof FailStream<E> fail) {
            endInput(new StreamOutcome.Failed(fail.cause()));
            drainAndWake();
        }
        return isOver() ? Behaviors.stopped() : Behaviors.same();
    }

    /** What the link has said since. */
    private void hearLink() {
        FromLink link = fromLink;
        if (link == null || isOver()) {
            return;
        }
        Throwable failure = link.failure;
        if (failure != null) {
            endEarly(new StreamOutcome.Failed(failure));
        } else if (link.cancelled) {
            endEarly(cancelled());
        } else if (unconfirmed) { // demand has crossed the end, which it cannot change
            if (link.confirmed) {
                unconfirmed = false;
                end.decide(inputs.end());
            }
        } else {
            link.confirmed = false; // there is nothing to confirm yet
            long bad = link.badDemand;
            if (bad <= 0) {
                onDemand(bad);
            } else {
                request(link.takeRequested());
            }
        }
    }

    private boolean isOver() {
        return stopped && !unconfirmed;
    }

    /** How the stream ends if the subscriber leaves, or whoever made it says so because it is lost. */
    private StreamOutcome cancelled() {
        return cancelled(remote);
    }

    private static StreamOutcome cancelled(RemoteSubscriber<?> link) {
        return link != null && link.isLost() ? new StreamOutcome.PeerLost(link) : new StreamOutcome.Cancelled();
    }

    /** Whether the consumer of the stream before a restart has left, not the one of this. */
    private boolean isOfFormerConsumer(ProducerMessage<E> cancel) {
        return cancel == consumersCancel
                && !(claimed.get() instanceof StreamConsumer<?> consumer && consumer.cancels());
    }

    private Behavior<ProducerMessage<E>> onSignal(Signal signal) {
        if (signal instanceof Terminated gone) {
            if (!gone.ref().equals(subscriber)) { // that of a stream before this one, if this actor was restarted
                return Behaviors.same();
            }
            if (!isOver()) {
                endEarly(cancelled());
            }
            return Behaviors.stopped();
        }
        if (!isOver()) {
            // stopped or failed from outside: the stream has no producer any more
            StreamOutcome lost = signal instanceof PreRestart restart
                    ? new StreamOutcome.Failed(restart.failure())
                    : new StreamOutcome.PeerLost(context.self());
            boolean tell = subscriber != null && local == null && !stopped && end.outcome() == null;
            endEarly(lost);
            if (local != null && signal instanceof PreRestart) { // it watches this actor, which lives on
                local.callForVisit();
            }
            if (tell) {
                tellOfEnd(subscriber, new StreamFailed<>(causeOf(lost)));
            }
        }
        return Behaviors.same();
    }

    /** What a subscriber that is no consumer of this system is told when this actor stops or fails. */
    private Throwable causeOf(StreamOutcome lost) {
        String text = context.self().path() + " stopped without an end to its stream";
        if (remote == null) {
            return new StreamClosedException(text, lost, null);
        }
        return lost instanceof StreamOutcome.Failed failed
                ? failed.cause()
                : new PeerLostException(text, context.self(), -1);
    }

    private void onUnprocessed(Object message) {
        if (message instanceof Subscribe<?> late) {
            StreamOutcome how = end.outcome();
            late.consumer()
                    .tell(new StreamFailed<>(new StreamClosedException(
                            context.self().path() + " stopped before the subscription", how, null)));
        } else {
            context.deadLetter(message, DeadLetter.Reason.STOPPED);
        }
    }

    private void onDemand(long n) {
        if (unconfirmed) { // it has crossed the end, which it cannot change
            return;
        }
        if (n <= 0) {
            IllegalArgumentException cause = new IllegalArgumentException(
                    "StreamDemand(" + n + ") to " + context.self().path() + " is not positive");
            if (subscriber == null) { // whoever subscribes will hear of it
                endInput(new StreamOutcome.Failed(cause));
                return;
            }
            if (local == null) {
                tellOfEnd(subscriber, new StreamFailed<>(cause));
            }
            endEarly(new StreamOutcome.Failed(cause));
            return;
        }
        request(n);
        drainAndWake();
    }

    private void request(long n) {
        demand = saturatedSum(demand, n);
        requested = saturatedSum(requested, n);
    }

    private void onPush(Push<E> push) {
        // once the end is decided nothing would send it
        PutResult result = end.isDecided() ? PutResult.CLOSED : inputs.push(push.element());
        if (result == PutResult.ACCEPTED) {
            drainAndWake();
        } else {
            context.deadLetter(push, result == PutResult.FULL ? DeadLetter.Reason.FULL : DeadLetter.Reason.STOPPED);
        }
    }

    private void onGetSink(GetSink<E> get) {
        SinkRef<E> sink = new SinkRef<>(
                SinkBuffer.create(options.bufferSize()),
                doorbell,
                end,
                books,
                context.self(),
                context.system(),
                options.waitStrategyOr(context.system().waitStrategy()));
        inputs.add(sink);
        if (end.isDecided()) { // since the list was last looked at, or since: the listener may have missed this sink
            sink.closeInput(end.outcome());
        }
        boolean taken = false;
        try {
            taken = get.replyTo().tell(sink);
        } finally {
            if (!taken) { // nobody has it, so nobody will complete it
                sink.closeInput(new StreamOutcome.Cancelled()); // whoever put into it and did not keep it put in vain
                inputs.remove(sink, this::undeliveredFromBuffer);
            }
        }
    }

    private void onSubscribe(Subscribe<E> subscribe) {
        ActorRef<ConsumerMessage<E>> ref = subscribe.consumer();
        // One that was made for another ref, an adapter of this or a relay to it, hears by messages.
        StreamConsumer<E> found =
                localConsumer(ref).filter(of -> of.isOf(context.self())).orElse(null);
        boolean mine = found != null ? claim(found) : claimed.compareAndSet(null, ref);
        Object first = claimed.get();
        if (!mine && first instanceof StreamConsumer<?> claimant && claimant.isAt(ref) && subscriber == null) {
            mine = true; // claimed when it was set up; it may have stopped since, and be found no more
            found = claimant();
        }
        if (local != null && ref.equals(subscriber)) { // in its name: a refusal would end the stream that it has
            context.deadLetter(subscribe, DeadLetter.Reason.UNHANDLED);
            return;
        }
        if (!mine || subscriber != null) {
            String path = first instanceof ActorRef<?> other ? other.path() : ((StreamConsumer<?>) first).path();
            AlreadySubscribedException already =
                    AlreadySubscribedException.toProducer(context.self().path(), path);
            tellOfEnd(ref, new StreamFailed<>(already));
            return;
        }
        subscriber = ref;
        if (ref instanceof RemoteSubscriber<E> link) {
            remote = link;
        }
        context.watch(ref);
        if (found != null) {
            local = found;
            handsOver = found.isNextDoor();
            if (handsOver) {
                doorbell.visitor(found::wakeReader, found::isWatched);
            }
        }
        if (remote != null) {
            try {
                fromLink = new FromLink();
                RemoteSubscriber<E> link = remote;
                doorbell.visitor(() -> wakes(link), () -> false);
                remote.subscribed(fromLink);
            } catch (Throwable e) {
                tellOfEnd(remote, new StreamFailed<>(e));
                endEarly(new StreamOutcome.Failed(e));
                return;
            }
        }
        if (endedEmpty) {
            sendEnd(true);
        } else if (end.isDecided()) { // the consumer left before it came to this
            endEarly(end.outcome());
        } else if (subscribe.demand() < 0) {
            onDemand(subscribe.demand());
        } else {
            request(subscribe.demand());
            if (fromLink != null) {
                request(fromLink.takeRequested()); // within the call: the link need not come for it by itself
            }
            drainAndWake();
        }
    }

    /** Called by whoever puts, whom it does not concern if the link throws: this actor then finds out in a turn. */
    private static boolean wakes(RemoteSubscriber<?> link) {
        try {
            return link.wake();
        } catch (Throwable e) {
            return false;
        }
    }

    @SuppressWarnings("unchecked") // a consumer subscribes to a producer of its own elements
    private Optional<StreamConsumer<E>> localConsumer(ActorRef<ConsumerMessage<E>> ref) {
        return context.attachment(ref, StreamConsumer.class).map(found -> (StreamConsumer<E>) found);
    }

    @SuppressWarnings("unchecked") // only consumers of this producer's elements claim it
    private StreamConsumer<E> claimant() {
        return (StreamConsumer<E>) claimed.get();
    }

    /**
     * Makes a consumer of this system the one subscriber to be, before its {@link Subscribe} has come: from now on there
     * is one end and one ledger. Called when the consumer is set up, or, if this actor was not up by then, on Subscribe.
     *
     * @return whether it is the one
     */
    boolean claim(StreamConsumer<E> consumer) {
        if (!consumer.isOf(context.self()) || !claimed.compareAndSet(null, consumer)) {
            return claimed.get() == consumer && subscriber == null;
        }
        consumer.link(this, books);
        end.join(consumer.end());
        return true;
    }

    private void drainAndWake() {
        long before = sent;
        drain(true, true);
        if (sent != before) {
            VarHandle.fullFence(); // what was moved, before those who sleep are looked for
            inputs.wakePutters();
            if (handsOver) {
                local.wakeReader();
            }
        }
    }

    // ---- the holder of the lane: this actor's turn, or the iterating thread or the link that came for elements

    /** The iterating thread is here, with demand for what it has taken; if it is about to sleep, the bell is armed. */
    void visit(long newDemand, boolean aboutToSleep, boolean inTurn) {
        if (stopped || end.isDecided()) {
            return;
        }
        if (newDemand > 0) {
            request(newDemand);
        }
        drain(aboutToSleep, inTurn);
        if (stopped) {
            doorbell.call().make(); // for the turn in which this actor stops
        }
    }

    /** A link is here, with room for elements; answers whether it has to come again, with more room. */
    private boolean fetch(Predicate<? super E> into) {
        if (!enter()) {
            doorbell.call().make(); // whoever is here may have looked before
            return false;
        }
        long before = sent;
        try {
            if (!stopped && !end.isDecided()) {
                request(fromLink.takeRequested());
                taker = into;
                takerIsFull = false;
                drain(true, false);
            }
            return takerIsFull;
        } finally {
            boolean moved = sent != before;
            taker = null;
            takerIsFull = false;
            context.lane().leave(); // a full fence: what was moved, before those who sleep are looked for
            if (moved && inputs.unparkPutters()) {
                doorbell.call().make(); // for the others, whose code is not for a link's thread
            }
        }
    }

    /** A turn that has woken the link is about to end. */
    private boolean enter() {
        for (int attempt = 0; attempt < ENTERING_ATTEMPTS; attempt++) {
            if (context.lane().tryEnter()) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    /** A link comes for elements itself, if there are any. */
    private void haveFetched() {
        if (demand == 0
                || inputs.isEmpty() && doorbell.arm(inputs.empty())) { // it comes with more; or the bell has it come
            return;
        }
        try {
            remote.wake(); // or it is lost, and says so
        } catch (Throwable e) {
            failBy(e);
        }
    }

    /** Sends as much as demand and the sinks allow; ends the stream when they have ended. */
    private void drain(boolean armBell, boolean inTurn) {
        if (subscriber == null || stopped || end.isDecided()) {
            return;
        }
        long before = sent;
        int fruitless = 0;
        while (!end.isDecided()) {
            if (remote != null && inTurn && !(inputs.end() != null && inputs.isEmpty())) {
                haveFetched();
                return;
            }
            long may = mayBeSent();
            if (may > 0 && sendRun(may) && !takerIsFull) {
                fruitless = 0;
                continue;
            }
            if (inputs.end() != null && inputs.isEmpty()) {
                if (remote != null && !inTurn) {
                    doorbell.call().make(); // to send the end runs users' code, for which a link's thread is not there
                } else {
                    sendEnd(inTurn);
                }
                return;
            }
            if (takerIsFull) { // it comes again
                return;
            }
            if (may == 0) {
                if (remote != null) {
                    doorbell.hush();
                } else if (sent != before) {
                    doorbell.ringWhenFull();
                } else if (local != null && findsDemand()) {
                    continue;
                }
                return;
            }
            if (remote == null && inputs.end() == null && lookAtSinks()) { // ends may call users' code: not by a link
                continue;
            }
            if (!armBell) {
                doorbell.ringWhenFull();
                return;
            }
            boolean looks = handsOver && local.isWatched(); // if so, it looks again before it sleeps
            if (looks ? doorbell.leave(inputs.empty()) : doorbell.arm(inputs.empty())) {
                if (inputs.end() != null) { // the last claim of a sink was written off meanwhile
                    continue;
                }
                return;
            }
            if (++fruitless > UNSTORED_ATTEMPTS) { // a putter was pre-empted between its claim and its store
                if (!looks) { // or the reader that spins would wait for the lane meanwhile
                    Thread.yield(); // by this thread maybe: turn after turn would keep it from its processor
                }
                doorbell.call().make();
                return;
            }
            Thread.onSpinWait();
        }
    }

    /** Nothing could be sent: requests what was taken meanwhile, if anything was; if not, the next take rings. */
    private boolean findsDemand() {
        if (requestTaken()) {
            return true;
        }
        doorbell.ringOnTake();
        return requestTaken() || mayBeSent() > 0; // before the reader could see the mark
    }

    private boolean requestTaken() {
        if (handsOver) {
            long more = local.newDemand();
            if (more > 0) {
                request(more);
            }
            return more > 0;
        }
        if (local.taken() + local.window() > requested) { // it will come as a message, or has been sent
            local.callForVisit();
        }
        return false;
    }

    private long mayBeSent() {
        // A local consumer's window holds even against demand that others sent in its name.
        return local == null ? demand : Math.min(demand, local.window() - (sent - local.taken()));
    }

    private boolean sendRun(long may) {
        for (int left = inputs.count(); left > 0; left--) {
            SinkBuffer<E> input = inputs.next();
            long limit = inputs.fairShare(may);
            int run = handsOver
                    ? local.receiveRun(input, limit)
                    : remote != null ? passRun(input, limit) : tellRun(input, limit);
            if (run > 0) {
                sent += run;
                demand -= run;
                assert demand >= 0 && (requested == Long.MAX_VALUE || demand + sent == requested)
                        : "demand " + demand + ", sent " + sent + ", requested " + requested;
                books.sent(sent);
                return true;
            }
        }
        return false;
    }

    /** Sends elements as messages, one each; to a subscriber on another lane, or of the user's own making. */
    private int tellRun(SinkBuffer<E> input, long limit) {
        int run = 0;
        while (run < limit) {
            E element = input.poll();
            if (element == null) {
                break;
            }
            run++;
            StreamOutcome refused = tell(element);
            if (refused != null) {
                end.decide(refused);
                books.undeliveredInFlight(element, end.outcome());
                context.self().tell(new StreamCancel<>());
                break;
            }
        }
        return run;
    }

    /** Tells the subscriber; answers how the stream ends if it does not take the element. */
    private StreamOutcome tell(E element) {
        try {
            return subscriber.tell(new StreamElement<>(element))
                    ? null
                    : new StreamOutcome.Cancelled(); // gone, or its mailbox is full
        } catch (Throwable e) { // a ref of the user's own making
            tellOfEnd(subscriber, new StreamFailed<>(e));
            return new StreamOutcome.Failed(e);
        }
    }

    /** Gives elements to the link that is here, as they are. */
    private int passRun(SinkBuffer<E> input, long limit) {
        int run = 0;
        while (run < limit && !takerIsFull) {
            E element = input.poll();
            if (element == null) {
                break;
            }
            run++;
            takerIsFull = !taker.test(element);
        }
        return run;
    }

    /** The subscriber has failed: so does the stream, unless it has ended. This actor stops in its next turn. */
    private void failBy(Throwable cause) {
        if (end.decide(new StreamOutcome.Failed(cause))) {
            tellOfEnd(subscriber, new StreamFailed<>(cause));
            context.self().tell(new StreamCancel<>());
        }
    }

    /** Tells one of the end of its stream; that it throws is no business of this stream's. True if it was accepted. */
    private static <E> boolean tellOfEnd(ActorRef<ConsumerMessage<E>> ref, ConsumerMessage<E> message) {
        try {
            return ref.tell(message);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, ref.path() + " failed when it was told of the end", e);
            return false;
        }
    }

    /** Finds out whether the sinks have ended the stream; true if they have. */
    private boolean lookAtSinks() {
        StreamOutcome how = inputs.lookForEnd();
        if (how != null) {
            endInput(how);
        }
        return how != null;
    }

    /** Accepts nothing more; what is there will be sent, then the end. */
    private void endInput(StreamOutcome how) {
        if (inputs.end() != null) {
            return;
        }
        inputs.end(how);
        if (subscriber == null && inputs.isEmpty()) { // nothing is left that could change the outcome
            endedEmpty = true;
            end.decide(how);
        }
    }

    private void sendEnd(boolean inTurn) {
        stopped = true;
        StreamOutcome how = inputs.end();
        if (handsOver) {
            local.onInputEnd(how, inTurn);
            return;
        }
        if (local != null) {
            local.announceEnd(how);
        }
        boolean told = how instanceof StreamOutcome.Failed failed
                ? tellOfEnd(subscriber, new StreamFailed<>(failed.cause()))
                : tellOfEnd(subscriber, new StreamCompleted<>());
        if (remote != null && how instanceof StreamOutcome.Completed) {
            unconfirmed = told && !end.isDecided();
            if (!told) { // nobody will confirm
                end.decide(cancelled());
            }
        } else if (local == null) {
            end.decide(how);
        }
    }

    /** The stream ends now; what waits is undelivered. */
    private void endEarly(StreamOutcome how) {
        stopped = true;
        unconfirmed = false;
        if (local != null) {
            local.producerEnded();
        }
        end.decide(how);
        inputs.abandon(end.outcome(), this::undeliveredFromBuffer);
    }

    private void undeliveredFromBuffer(E element) {
        StreamOutcome how = end.outcome();
        books.undeliveredFromBuffer(element, how != null ? how : new StreamOutcome.Cancelled());
    }

    // ---- any thread

    /** What a link says to this stream; also after this actor has stopped. */
    private final class FromLink implements RemoteSubscriber.Upstream<E> {
        private final RemoteSubscriber<E> link = remote;
        // Each written: the link, volatile, before it calls this actor; the first also back, by that actor's turn.
        // Read: that turn
        private volatile boolean confirmed;
        private volatile boolean cancelled;
        private volatile Throwable failure;
        private volatile long badDemand = 1; // 1 if there was none
        // Requested, and not seen by this actor yet, saturated. Written: the link, by compare-and-set, and the holder
        // of the lane, by an exchange with 0
        private final AtomicLong requested = new AtomicLong();

        /** By the calling thread: the books are for any, and whoever ends a stream hands undelivered elements over. */
        @Override
        public void undelivered(E element) {
            StreamOutcome how = end.outcome();
            books.undeliveredInFlight(Objects.requireNonNull(element, "element"), how != null ? how : cancelled(link));
        }

        // For the rest this actor is called: it may have been restarted since, and the next stream must not have what
        // is meant for this; and to decide an end runs users' code, for which a link's thread is not there.

        @Override
        public void request(long n) {
            if (n <= 0) {
                badDemand = n;
                doorbell.call().make();
            } else {
                requested.accumulateAndGet(n, StreamProducer::saturatedSum);
            }
        }

        @Override
        public boolean fetch(Predicate<? super E> into) {
            return StreamProducer.this.fetch(into);
        }

        long takeRequested() {
            return requested.get() == 0 ? 0 : requested.getAndSet(0);
        }

        @Override
        public void cancel() {
            cancelled = true;
            doorbell.call().make();
        }

        @Override
        public void failed(Throwable cause) {
            failure = Objects.requireNonNull(cause, "cause");
            doorbell.call().make();
        }

        @Override
        public void confirmed() {
            confirmed = true;
            doorbell.call().make();
        }
    }

    Lane lane() {
        return context.lane();
    }

    Inputs<E> inputs() {
        return inputs;
    }

    Doorbell<E> doorbell() {
        return doorbell;
    }

    /** What a consumer that is linked says to cancel the stream. */
    StreamCancel<E> consumersCancel() {
        return consumersCancel;
    }

    private static long saturatedSum(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
