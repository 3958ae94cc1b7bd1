package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.Watcher;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireWriter;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.Push;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.RemoteSubscriber;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.Subscribe;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.function.Predicate;

/**
 * A stream from a producer of this node to a consumer of the peer: the producer's subscriber. Or from a producer of a third
 * node, which a client reaches by this one: then it is passed on.
 *
 * <p>Elements wait with their producer until the loop has room for them in a buffer: it then fetches and writes them, no
 * more than were requested. Those that are passed on wait here, at most {@link #RELAYED} of them.
 */
final class StreamOut implements RemoteSubscriber<Object>, RemoteProducer.Downstream<Object>, Outgoing {

    /** After so many bytes it is the others' turn. */
    private static final int SHARE = 16 * 1024;

    /** So many elements that are passed on are requested beyond those that were written. */
    private static final int RELAYED = 256;

    /** With less room than this no other run is begun, nor another element of one looked for. */
    private static final int LEAST_ROOM = Wire.HEADER + 16;

    private static final VarHandle WRITING = handle("writing", int.class);
    private static final VarHandle STATE = handle("state", int.class);
    private static final VarHandle KNOWN = handle("known", long.class);

    // The subscription: any → the next; by compare-and-set, by the producer's turn and the loop
    private static final int ASKED = 0;
    private static final int ACCEPTED = 1;
    private static final int CANCELLED_EARLY = 2; // before the producer came to the subscription

    // Where it is: at rest → in the session's queue of streams, by compare-and-set, by whoever has something for the
    // loop to look at; queued → looked after, volatile, by the loop, before it looks; looked after → once more, by
    // compare-and-set, by whoever; from these two → at rest or queued, by the loop. In the queue at most once.
    private static final int AT_REST = 0;
    private static final int QUEUED = 1;
    private static final int LOOKED_AFTER = 2;
    private static final int ONCE_MORE = 3;

    private final Session session;
    private final int id;
    private final long producerUid;
    private final ActorRef<?> producer;
    private final RemoteActorRef<Object> consumer;
    private final Predicate<Object> taker = this::take;

    // written: the producer's turn or the loop, once, volatile, after the last element; read: the loop, before it looks
    // for elements
    private volatile ConsumerMessage<Object> end;
    // written: as said above; read: any thread
    private volatile int writing;
    // written: the loop, volatile; read: the producer's turn, and who puts into its sinks
    private volatile boolean lost;
    // written: as said above; read: the loop
    private volatile int state;
    // written: the producer's turn, once, volatile; read: the loop
    private volatile Upstream<Object> upstream;

    // written: the loop, volatile; read: it, and the producer's turn on the subscription
    private volatile long granted;
    // the same; 1 if there was none
    private volatile long badDemand = 1;
    // Of the demand, what the producer has been told of. Written: the loop and that turn, by compare-and-set; read:
    // both
    private volatile long known;

    // ---- the loop only; when it has ended, whoever holds the session's lock
    private RemoteProducer.Subscription there; // at the node of a producer whose stream is passed on; or null
    private final ArrayDeque<Object> relayed = new ArrayDeque<>(0); // come from there, not written yet
    private Runnable onConfirmed = () -> {};
    private Object unwritten; // found no room
    private long written;
    private boolean over; // nothing more is written but the end
    private boolean endWritten;
    private Class<?> travels; // instances of just this class can travel; null: of none yet

    // ---- the same, while it writes: the frame that is open
    private WireWriter out;
    private int stop; // behind this it is the others' turn
    private Class<?> runOf; // its elements; null: no frame is open
    private int number; // of their codec
    private int runAt; // where its body begins
    private int run; // its elements so far
    private WireException refusal; // of the element that is unwritten, for which there was a frame of its own

    StreamOut(Session session, int id, long producerUid, ActorRef<?> producer, RemoteActorRef<Object> consumer) {
        this.session = session;
        this.id = id;
        this.producerUid = producerUid;
        this.producer = producer;
        this.consumer = consumer;
    }

    private static VarHandle handle(String field, Class<?> type) {
        return ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), field, VarHandle.class, StreamOut.class, type);
    }

    // ---- the producer's turn

    @Override
    public void subscribed(Upstream<Object> to) {
        upstream = to;
        if (!STATE.compareAndSet(this, ASKED, ACCEPTED)) {
            to.cancel();
            return;
        }
        forwardDemand();
        long bad = badDemand;
        if (bad <= 0) {
            to.request(bad);
        }
    }

    @Override
    public boolean tell(ConsumerMessage<Object> message) {
        if (message instanceof StreamCompleted || message instanceof StreamFailed) {
            end(message);
            return true;
        }
        return consumer.tell(message);
    }

    // ---- any thread

    @Override
    public boolean wake() {
        if (lost) {
            return false;
        }
        queue();
        return true;
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    private void queue() {
        int where = writing;
        while (where == AT_REST || where == LOOKED_AFTER) {
            if (WRITING.compareAndSet(this, where, where == AT_REST ? QUEUED : ONCE_MORE)) {
                if (where == AT_REST) {
                    session.offerReady(this);
                }
                return;
            }
            where = writing;
        }
    }

    private void end(ConsumerMessage<Object> how) {
        if (end == null) {
            end = how;
            queue();
        }
    }

    @Override
    public String path() {
        return consumer.path();
    }

    @Override
    public void watchedBy(Watcher watcher) {
        consumer.watchedBy(watcher);
    }

    @Override
    public void unwatchedBy(Watcher watcher) {
        consumer.unwatchedBy(watcher);
    }

    @Override
    public String toString() {
        return path();
    }

    // ---- the loop: what the peer says

    int id() {
        return id;
    }

    long producerUid() {
        return producerUid;
    }

    @SuppressWarnings("unchecked") // the peer knows the producer by its type
    void subscribe(long demand) {
        if (demand < 0) {
            throw new Violation("a subscription with demand " + demand);
        }
        granted = demand;
        if (producer instanceof RemoteProducer remote) {
            state = ACCEPTED;
            known = Math.min(demand, RELAYED);
            there = remote.subscribe(new Subscribe<>(this, known), this).orElse(null);
            if (there == null) {
                refuse(Wire.PRODUCER_LOST, "the producer's node is out of reach");
            }
            return;
        }
        known = demand;
        if (!((ActorRef<ProducerMessage<Object>>) producer).tell(new Subscribe<>(this, demand)) && end == null) {
            refuse(Wire.PRODUCER_LOST, "the producer has stopped");
        }
    }

    void refuse(int code, String why) {
        end(new StreamFailed<>(
                code == Wire.PRODUCER_LOST ? new PeerLostException(why, this, 0) : new IllegalStateException(why)));
    }

    /** So much has been requested in all. */
    void granted(long total) {
        if (total < 0) {
            badDemand(total);
            return;
        }
        if (total > granted) {
            granted = total;
            if (state == ACCEPTED) { // or it would be another subscriber's
                forwardDemand();
                queue(); // to fetch
            }
        }
    }

    /** Tells the producer what it has not been told of yet. The loop, and the producer's turn on the subscription. */
    private void forwardDemand() {
        long before;
        long total;
        do {
            before = known;
            total = there == null ? granted : Math.min(granted, written + RELAYED);
            if (total <= before) {
                return;
            }
        } while (!KNOWN.compareAndSet(this, before, total));
        request(total - before);
    }

    private void request(long n) {
        Upstream<Object> to = upstream;
        if (to != null) {
            to.request(n);
        } else if (there != null) {
            there.request(n);
        }
    }

    void badDemand(long n) {
        if (n > 0) {
            throw new Violation("demand " + n + " is not bad");
        }
        if (badDemand <= 0) {
            return; // the stream has failed of it
        }
        badDemand = n;
        if (state == ACCEPTED) {
            request(n);
        }
    }

    /** The consumer wants no more. */
    void cancelled() {
        if (over) {
            return;
        }
        over = true;
        giveBack();
        tellOfCancel();
        if (endWritten) {
            session.remove(this);
        } else {
            queue(); // for the last frame of the stream
        }
    }

    void confirmed() {
        if (!endWritten) {
            throw new Violation("the end of a stream is confirmed that has not ended");
        }
        session.remove(this);
        Upstream<Object> to = upstream;
        if (to != null) {
            to.confirmed();
        }
        onConfirmed.run();
    }

    private void tellOfCancel() {
        if (there != null) {
            there.cancel();
        } else if (!STATE.compareAndSet(this, ASKED, CANCELLED_EARLY) && state == ACCEPTED) {
            Upstream<Object> to = upstream; // if it was not accepted, it would be another subscriber's
            if (to != null) {
                to.cancel();
            }
        }
    }

    /** The session is over. */
    @Override
    public void lost() {
        boolean first = !lost;
        lost = true;
        over = true;
        writing = AT_REST;
        giveBack();
        if (first) {
            tellOfCancel();
        }
    }

    private void giveBack() {
        if (unwritten != null) {
            giveBack(unwritten);
            unwritten = null;
        }
        for (Object element = relayed.poll(); element != null; element = relayed.poll()) {
            giveBack(element);
        }
    }

    private void giveBack(Object element) {
        Upstream<Object> to = upstream;
        if (to != null) {
            to.undelivered(element);
        } else { // that of another node, where it counts as sent
            session.node().system().deadLetter(element, this, DeadLetter.Reason.UNREACHABLE);
        }
    }

    // ---- the loop: what comes from a producer of another node, to be passed on

    @Override
    public boolean accept(Object element) {
        return !over && relayed.add(element);
    }

    @Override
    public void flush() {
        queue();
    }

    @Override
    public void completed(Runnable noted) {
        onConfirmed = noted; // once the client has it
        end(new StreamCompleted<>());
    }

    @Override
    public void failed(Throwable cause) {
        end(new StreamFailed<>(cause));
    }

    // ---- the loop: writing

    /** Whether something waits here to be written. */
    boolean hasMore() {
        return unwritten != null || !relayed.isEmpty() || end != null && !endWritten;
    }

    /** Also when it throws, for want of room maybe, it is to come again. */
    @Override
    public boolean write(Session of, WireWriter into) {
        writing = LOOKED_AFTER;
        VarHandle.fullFence(); // whoever has something new from now on has it looked after once more
        boolean done = false;
        try {
            done = writeAll(into) && WRITING.compareAndSet(this, LOOKED_AFTER, AT_REST);
        } finally {
            if (!done) {
                writing = QUEUED;
            }
        }
        return done;
    }

    /** False if there may be more. */
    private boolean writeAll(WireWriter into) {
        ConsumerMessage<Object> coming = end; // before the elements are looked for: none comes after it
        if (over) {
            giveBack();
        } else if (writeElements(into)) {
            return false;
        }
        if ((coming != null || over) && !endWritten) {
            writeEnd(coming, into);
        }
        return true;
    }

    /** Answers whether there may be more that was granted. */
    private boolean writeElements(WireWriter into) {
        out = into;
        stop = into.position() + SHARE;
        boolean more = !writeUnwritten() || written() < granted && fetch();
        endRun();
        out = null;
        if (refusal != null) {
            WireException thrown = refusal;
            refusal = null;
            throw thrown;
        }
        if (there != null) {
            forwardDemand();
        }
        return more && (written < granted || unwritten != null);
    }

    private long written() {
        return runOf == null ? written : written + run;
    }

    /** What found no room before; answers whether there is room for more. */
    private boolean writeUnwritten() {
        Object element = unwritten;
        unwritten = null;
        return element == null || take(element);
    }

    private boolean fetch() {
        Upstream<Object> from = upstream;
        if (from != null) {
            return from.fetch(taker);
        }
        Object element = relayed.poll();
        while (element != null && take(element)) {
            element = relayed.poll();
        }
        return !relayed.isEmpty() || unwritten != null;
    }

    /** Writes an element, if there is room for it; answers whether to go on. Does not throw: a producer's lane is held. */
    private boolean take(Object element) {
        try {
            if (element.getClass() != runOf) {
                endRun();
                beginRun(element);
            }
            int mark = out.position();
            try {
                session.codecs().writePayload(number, element, out);
            } catch (Throwable e) { // no room, or it cannot be written
                if (run == 0) {
                    throw e;
                }
                out.position(mark);
                unwritten = element;
                return false;
            }
        } catch (Throwable e) {
            runOf = null; // the frame is given up
            unwritten = element;
            refusal = e instanceof WireException wire ? wire : new WireException("cannot be written: " + e, e);
            return false;
        }
        if (++run == Wire.MAX_RUN) {
            endRun();
        }
        return out.position() < stop && out.remaining() >= LEAST_ROOM && written() < granted;
    }

    /** Begins a frame of elements of one type. */
    private void beginRun(Object first) {
        Class<?> type = first.getClass();
        if (type != travels) {
            String wrong = session.whyNot(first);
            if (wrong != null) {
                throw new WireException(wrong);
            }
            travels = first instanceof Push ? null : type; // of a push, what it pushes counts
        }
        number = session.codecs().numberOf(first);
        session.beginFrame(Wire.ELEMENTS);
        runAt = out.position();
        out.putInt(id);
        out.putLong(written + 1);
        out.putShort(0);
        out.putShort(number);
        run = 0;
        runOf = type;
    }

    private void endRun() {
        if (runOf != null) {
            out.setShort(runAt + 12, run);
            session.endFrame();
            written += run;
            runOf = null;
        }
    }

    private void writeEnd(ConsumerMessage<Object> how, WireWriter out) {
        if (!over && how instanceof StreamCompleted) {
            session.beginFrame(Wire.COMPLETED);
            out.putInt(id);
            out.putLong(written);
            session.endFrame();
            endWritten = true;
            return; // the peer will confirm it
        }
        Throwable cause = how instanceof StreamFailed<Object> failed ? failed.cause() : null;
        session.beginFrame(Wire.FAILED);
        out.putInt(id);
        out.putLong(written);
        out.putByte(codeOf(cause));
        Failures.write(cause, out);
        session.endFrame();
        endWritten = true;
        session.remove(this);
    }

    private int codeOf(Throwable cause) {
        if (cause instanceof AlreadySubscribedException) {
            return Wire.ALREADY_SUBSCRIBED;
        }
        if (cause instanceof PeerLostException lost && (lost.peer() == producer || lost.peer() == this)) {
            return Wire.PRODUCER_LOST; // and not one that its feed has failed with
        }
        return cause instanceof IllegalArgumentException ? Wire.ILLEGAL_DEMAND : Wire.FAILURE;
    }

    /** An element that fits into no frame, or whose codec fails: the stream fails. */
    @Override
    public void unwritable(Throwable cause) {
        over = true;
        giveBack();
        end = new StreamFailed<>(cause);
        Upstream<Object> to = upstream;
        if (to != null) {
            to.failed(cause);
        } else if (there != null) {
            there.cancel();
        }
        writing = AT_REST;
        queue();
    }
}
