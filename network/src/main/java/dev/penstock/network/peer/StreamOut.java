package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.Watcher;
import dev.penstock.network.LinkFullException;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireWriter;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.Push;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.RemoteSubscriber;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.Subscribe;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscUnboundedVarHandleArrayQueue;

/**
 * A stream from a producer of this node to a consumer of the peer: the producer's subscriber.
 *
 * <p>What it accepts waits as objects, so that what is never written can be given back. It waits in a queue of one writer,
 * the producer's turn, and one reader, the loop; bounded by the demand, and by the session's budget of all streams.
 */
final class StreamOut implements RemoteSubscriber<Object>, Outgoing {

    /** After so many bytes it is the others' turn. */
    private static final int SHARE = 16 * 1024;

    private static final VarHandle QUEUED = handle("queued", boolean.class);
    private static final VarHandle STATE = handle("state", int.class);
    private static final VarHandle KNOWN = handle("known", long.class);

    // The subscription: any → the next; by compare-and-set, by the producer's turn and the loop
    private static final int ASKED = 0;
    private static final int ACCEPTED = 1;
    private static final int CANCELLED_EARLY = 2; // before the producer came to the subscription

    private final Session session;
    private final int id;
    private final long producerUid;
    // Null if there is none; of a producer of another node, the stream to it. Written: the loop, plain, before it says
    // in
    // state that the subscription is accepted, or tells the producer of it; read: the loop
    private ActorRef<ProducerMessage<Object>> producer;
    private final RemoteActorRef<Object> consumer;
    private final MessagePassingQueue<Object> elements = new SpscUnboundedVarHandleArrayQueue<>(256);

    // written: the producer's turn, once, volatile, after the last element; read: the loop, before it looks for
    // elements
    private volatile ConsumerMessage<Object> end;
    // Whether it waits in the queue of streams. Set: the producer's turn and the loop, by compare-and-set; cleared: the
    // loop, volatile, before it looks for elements once more
    private volatile boolean queued;
    // written: the loop, volatile; read: the producer's turn
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

    // ---- the producer's turn only
    private int run; // accepted since the last flush
    private Class<?> travels; // instances of just this class can travel; null: of none yet

    // ---- the loop only; when it has ended, whoever holds the session's lock
    private Runnable onConfirmed = () -> {};
    private Object unwritten;
    private long written;
    private boolean over; // nothing more is written but the end
    private boolean endWritten;

    @SuppressWarnings("unchecked") // the peer knows the producer by its type
    StreamOut(Session session, int id, long producerUid, ActorRef<?> producer, RemoteActorRef<Object> consumer) {
        this.session = session;
        this.id = id;
        this.producerUid = producerUid;
        this.producer = (ActorRef<ProducerMessage<Object>>) producer;
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
    public Throwable accept(Object element) {
        if (!lost) { // or it is given back
            if (element.getClass() != travels) {
                String wrong = session.whyNot(element);
                if (wrong != null) {
                    return new WireException(wrong);
                }
                travels = element instanceof Push ? null : element.getClass(); // of a push, what it pushes counts
            }
            if (!session.hasRoomForElements()) {
                return new LinkFullException(
                        session.peer() + " does not keep up: " + Session.QUEUE_LIMIT + " elements wait for it");
            }
        }
        elements.offer(element);
        run++;
        return null;
    }

    @Override
    public void flush() {
        session.elementsQueued(run);
        run = 0;
        VarHandle.fullFence(); // the elements, before it is looked whether the loop comes for them
        queue();
    }

    @Override
    public boolean tell(ConsumerMessage<Object> message) {
        if (message instanceof StreamCompleted || message instanceof StreamFailed) {
            if (end == null) {
                end = message;
                queue();
            }
            return true;
        }
        if (message instanceof StreamElement<Object> element) { // of a producer of another node
            Throwable refusal = over ? new IllegalStateException("the stream is over") : accept(element.element());
            if (refusal == null) {
                flush();
            } else if (end == null) {
                end = new StreamFailed<>(refusal);
                queue();
            }
            return refusal == null;
        }
        return consumer.tell(message);
    }

    @Override
    public boolean isLost() {
        return lost;
    }

    private void queue() {
        if (!queued && QUEUED.compareAndSet(this, false, true)) {
            session.offerReady(this);
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

    void subscribe(long demand) {
        if (demand < 0) {
            throw new Violation("a subscription with demand " + demand);
        }
        granted = demand;
        known = demand;
        if (producer instanceof RemoteProducer remote) { // a client's, which this member passes on
            remote.subscribe(new Subscribe<>(this, demand))
                    .ifPresentOrElse(
                            there -> {
                                producer = there;
                                state = ACCEPTED;
                            },
                            () -> refuse(Wire.PRODUCER_LOST, "the producer's node is out of reach"));
            return;
        }
        if (!producer.tell(new Subscribe<>(this, demand)) && end == null) {
            refuse(Wire.PRODUCER_LOST, "the producer has stopped");
        }
    }

    void refuse(int code, String why) {
        end = new StreamFailed<>(
                code == Wire.PRODUCER_LOST ? new PeerLostException(why, this, 0) : new IllegalStateException(why));
        queue();
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
            }
        }
    }

    /** Tells the producer what it has not been told of yet. The loop, and the producer's turn on the subscription. */
    private void forwardDemand() {
        long before;
        long total;
        do {
            before = known;
            total = granted;
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
        } else { // a stream that this member passes on
            producer.tell(new StreamDemand<>(n));
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

    /** The end of a stream that this member passes on, to be confirmed to the producer's node when it is here. Once. */
    void completed(Runnable confirm) {
        onConfirmed = confirm;
        tell(new StreamCompleted<>());
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
        if (producer == null || STATE.compareAndSet(this, ASKED, CANCELLED_EARLY)) {
            return;
        }
        if (state == ACCEPTED) { // or it would be another subscriber's
            Upstream<Object> to = upstream;
            if (to != null) {
                to.cancel();
            } else { // a stream that this member passes on
                producer.tell(new StreamCancel<>());
            }
        }
    }

    /** The session is over. */
    @Override
    public void lost() {
        boolean first = !lost;
        lost = true;
        over = true;
        queued = false; // who accepts something now calls the loop again
        VarHandle.fullFence();
        giveBack();
        if (first) {
            tellOfCancel();
        }
    }

    private void giveBack() {
        Upstream<Object> to = upstream;
        int count = 0;
        if (unwritten != null) {
            giveBack(unwritten, to);
            unwritten = null;
            count++;
        }
        for (Object element = elements.poll(); element != null; element = elements.poll()) {
            giveBack(element, to);
            count++;
        }
        session.elementsWritten(count);
    }

    private void giveBack(Object element, Upstream<Object> to) {
        if (to != null) {
            to.undelivered(element);
        } else { // that of another node, where it counts as sent
            session.node().system().deadLetter(element, this, DeadLetter.Reason.UNREACHABLE);
        }
    }

    // ---- the loop: writing

    /** Whether something waits to be written. */
    boolean hasMore() {
        return unwritten != null || !elements.isEmpty() || end != null && !endWritten;
    }

    @Override
    public boolean write(Session of, WireWriter out) {
        int stop = out.position() + SHARE;
        while (true) {
            ConsumerMessage<Object> coming = end; // before the elements are looked for: none comes after it
            if (over) {
                giveBack();
            } else if (!writeElements(out, stop)) {
                return false;
            }
            if ((coming != null || over) && !endWritten) {
                writeEnd(coming, out);
            }
            queued = false;
            VarHandle.fullFence();
            if (!hasMore() || !QUEUED.compareAndSet(this, false, true)) {
                return true;
            }
        }
    }

    /** False if there are more. */
    private boolean writeElements(WireWriter out, int stop) {
        Object element = next();
        while (element != null) {
            if (out.position() >= stop || out.remaining() < Wire.HEADER + 16) {
                unwritten = element;
                return false;
            }
            element = writeRun(element, out, stop);
        }
        return true;
    }

    /** Writes a frame of elements of one type; answers the first that is not in it. */
    private Object writeRun(Object first, WireWriter out, int stop) {
        Codecs codecs = session.codecs();
        Class<?> type = first.getClass();
        int number = codecs.numberOf(first);
        session.beginFrame(Wire.ELEMENTS);
        int at = out.position();
        out.putInt(id);
        out.putLong(written + 1);
        out.putShort(0);
        out.putShort(number);
        int count = 0;
        Object element = first;
        while (element != null) {
            int mark = out.position();
            try {
                codecs.writePayload(number, element, out);
            } catch (WireException e) { // no room, or it cannot be written
                if (count == 0) {
                    unwritten = element;
                    throw e;
                }
                out.position(mark);
                break;
            }
            count++;
            element = next();
            if (count == Wire.MAX_RUN || element == null || out.position() >= stop || element.getClass() != type) {
                break;
            }
        }
        out.setShort(at + 12, count);
        session.endFrame();
        written += count;
        session.elementsWritten(count);
        return element;
    }

    private Object next() {
        Object element = unwritten;
        if (element != null) {
            unwritten = null;
            return element;
        }
        return elements.poll();
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
        Object element = Objects.requireNonNull(unwritten, "unwritten");
        unwritten = null;
        Upstream<Object> to = upstream;
        giveBack(element, to);
        session.elementsWritten(1);
        over = true;
        end = new StreamFailed<>(cause);
        giveBack();
        if (to != null) {
            to.failed(cause);
        } else {
            producer.tell(new StreamCancel<>());
        }
        queued = true;
        session.offerReady(this);
    }
}
