package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.RemoteFailure;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.Subscribe;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A stream from a producer of the peer to a consumer of this node; and how the consumer requests and cancels.
 *
 * <p>Demand travels as the sum of all that was ever granted: any number of requests between two frames is one number, and
 * that a number comes twice does no harm.
 */
final class StreamIn implements RemoteProducer.Subscription, Outgoing {

    private static final VarHandle GRANTED = handle("granted", long.class);
    private static final VarHandle QUEUED = handle("queued", boolean.class);

    private final Session session;
    private final RemoteActorRef<?> producer;
    private final ActorRef<?> consumer;
    private final RemoteProducer.Downstream<Object> downstream;

    // Requested in all, saturated. Written: any thread, by compare-and-set; read: the loop, volatile
    private volatile long granted;
    // written: any thread, once, volatile; read: the loop. A demand that no producer may be given; 1 if there was none
    private volatile long badDemand = 1;
    // written: any thread, volatile; read: the loop
    private volatile boolean cancelled;
    // Whether it waits in the queue of control. Set: any thread, by compare-and-set; cleared: the loop, volatile,
    // before it looks at the three above
    private volatile boolean queued;

    // ---- the loop only
    private int id; // 0 until it has been written
    private long written; // of granted
    private boolean cancelWritten;
    private boolean badDemandWritten;
    private long arrived; // of the elements, in all
    private boolean completed;
    private boolean confirmed;
    private boolean over; // the consumer has been told of the end, or has left

    @SuppressWarnings("unchecked") // elements are what the producer sends; the consumer knows their type
    <E> StreamIn(
            Session session,
            RemoteActorRef<?> producer,
            Subscribe<E> subscribe,
            RemoteProducer.Downstream<E> downstream) {
        this.session = session;
        this.producer = producer;
        this.downstream = (RemoteProducer.Downstream<Object>) downstream;
        consumer = subscribe.consumer();
        if (subscribe.demand() < 0) {
            badDemand = subscribe.demand();
        } else {
            granted = subscribe.demand();
        }
    }

    private static VarHandle handle(String field, Class<?> type) {
        return ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), field, VarHandle.class, StreamIn.class, type);
    }

    // ---- any thread

    void begin() {
        queue();
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            badDemand = n;
        } else {
            long before;
            long after;
            do {
                before = granted;
                after = before + n < 0 ? Long.MAX_VALUE : before + n;
            } while (!GRANTED.compareAndSet(this, before, after));
        }
        queue();
    }

    @Override
    public void cancel() {
        cancelled = true;
        queue();
    }

    private void queue() {
        if (!queued && QUEUED.compareAndSet(this, false, true)) {
            session.offerControl(this);
        }
    }

    @Override
    public String toString() {
        return "stream of " + producer.path();
    }

    /** Whether the consumer has subscribed by a message of its own, and requests by messages. */
    boolean isTold() {
        return downstream instanceof ToldDownstream;
    }

    long producerUid() {
        return producer.uid();
    }

    // ---- the loop: writing

    int id() {
        return id;
    }

    @Override
    public boolean write(Session of, WireWriter out) {
        queued = false;
        if (id == 0) {
            if (cancelled || over) { // before it began
                over = true;
                session.begun(this);
                return true;
            }
            long first = granted;
            session.beginFrame(Wire.SUBSCRIBE);
            int number = session.nextStream();
            out.putInt(number);
            out.putLong(producer.uid());
            out.putLong(first);
            out.putRef(consumer);
            session.endFrame();
            session.add(number, this);
            id = number;
            written = first;
        }
        long now = granted;
        if (now > written && !cancelWritten) {
            session.beginFrame(Wire.DEMAND);
            out.putInt(id);
            out.putLong(now);
            session.endFrame();
            written = now;
        }
        if (badDemand <= 0 && !badDemandWritten) {
            session.beginFrame(Wire.BAD_DEMAND);
            out.putInt(id);
            out.putLong(badDemand);
            session.endFrame();
            badDemandWritten = true;
        }
        if (cancelled && !cancelWritten) {
            session.beginFrame(Wire.CANCEL);
            out.putInt(id);
            session.endFrame();
            cancelWritten = true;
            if (completed) { // nothing more will come
                session.remove(this);
            }
            over = true;
        }
        return true;
    }

    /** The consumer's path is too long, or no text: the stream cannot begin. */
    @Override
    public void unwritable(Throwable cause) {
        session.begun(this);
        if (!over) {
            over = true;
            downstream.failed(cause);
        }
    }

    @Override
    public void lost() {
        lost("the connection was lost");
    }

    // ---- the loop: reading

    /** A run of elements; after the stream's number. */
    void elements(WireReader in) {
        long first = in.getLong();
        int count = in.getShort() & 0xffff;
        int number = in.getShort() & 0xffff;
        if (count == 0 || count > Wire.MAX_RUN || first != arrived + 1) {
            throw new Violation("elements " + first + " to " + (first + count - 1) + " of a stream after " + arrived);
        }
        arrived += count;
        if (over) {
            in.position(in.position() + in.remaining());
            return;
        }
        if (arrived > granted) {
            in.position(in.position() + in.remaining());
            fail(new IllegalStateException(producer.path() + " sent more than was requested"));
            return;
        }
        WireException malformed = null;
        boolean taken = true;
        try {
            if (!session.isAgreed(number)) {
                throw new WireException("codec " + number + " is not agreed on");
            }
            Codecs codecs = session.codecs();
            for (int i = 0; i < count && taken; i++) {
                taken = downstream.accept(codecs.readPayload(number, in));
            }
        } catch (WireException e) {
            malformed = e;
        } finally {
            downstream.flush();
        }
        if (malformed != null) {
            in.position(in.position() + in.remaining());
            fail(malformed);
        } else if (!taken) {
            in.position(in.position() + in.remaining());
            leave();
        }
    }

    /** The stream fails on this side: the consumer hears of it, and the producer that nobody wants more. */
    private void fail(Throwable cause) {
        leave();
        downstream.failed(cause);
    }

    private void leave() {
        over = true;
        cancel();
    }

    void completed(long sent) {
        if (sent != arrived && !over) {
            throw new Violation("a stream completed after " + sent + " elements, of which " + arrived + " came");
        }
        completed = true;
        if (over) {
            confirm();
        } else {
            over = true;
            downstream.completed(this::confirm);
        }
    }

    void failed(WireReader in) {
        long sent = in.getLong();
        int code = in.getByte();
        String type = in.getString();
        String text = in.getString();
        if (sent != arrived && !over) {
            throw new Violation("a stream failed after " + sent + " elements, of which " + arrived + " came");
        }
        session.remove(this);
        if (over) {
            return;
        }
        over = true;
        downstream.failed(
                switch (code) {
                    case Wire.ALREADY_SUBSCRIBED -> new AlreadySubscribedException(text);
                    case Wire.PRODUCER_LOST -> new PeerLostException(text, producer, arrived);
                    case Wire.ILLEGAL_DEMAND -> new IllegalArgumentException(text);
                    default -> new RemoteFailure(type, text);
                });
    }

    void lost(String why) {
        if (!over) {
            over = true;
            downstream.failed(new PeerLostException(producer.path() + " is out of reach: " + why, producer, arrived));
        }
    }

    private void confirm() {
        if (!session.isEnded() && !confirmed) {
            confirmed = true;
            session.remove(this);
            session.offerControl(new Confirmed(id));
        }
    }

    /** The end of a stream has come. */
    private record Confirmed(int id) implements Outgoing {
        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(Wire.CONFIRMED);
            out.putInt(id);
            session.endFrame();
            return true;
        }
    }
}
