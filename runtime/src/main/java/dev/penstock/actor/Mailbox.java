package dev.penstock.actor;

import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.QueueProgressIndicators;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jctools.queues.varhandle.unpadded.MpscUnboundedVarHandleUnpaddedArrayQueue;

/**
 * The messages that wait for one actor: a data lane, bounded or not, and an unbounded control lane that is read first.
 *
 * <p>Any thread offers; the thread that runs the actor's {@link Lane}, or sweeps the actor after its end, takes. Both
 * queues are JCTools' multi-producer single-consumer array queues, whose consumer may see {@code relaxedPoll() == null}
 * while an offer is half done. Whether anything waits is therefore only ever asked of {@link #isEmpty()}, which compares
 * the indices: an offer moves the producer's index by a compare-and-set before it does anything else.
 */
final class Mailbox {

    /** Slots of one chunk of an unbounded data queue. A mailbox that stays below it never allocates. */
    private static final int DATA_CHUNK = 64;

    /** Slots of one chunk of the control queue. */
    private static final int CONTROL_CHUNK = 8;

    private final MessagePassingQueue<Object> control = new MpscUnboundedVarHandleUnpaddedArrayQueue<>(CONTROL_CHUNK);
    private final MessagePassingQueue<Object> data;
    private final QueueProgressIndicators dataProgress;
    private final MpscVarHandleArrayQueue<Object> bounded; // the same queue as data, or null
    private final int capacity;

    // Age of the oldest message: an upper bound, from two stamps.
    // written: whoever makes the lane ready, volatile; read: anyone. When the mailbox last stopped being empty.
    private volatile long readyNanos;
    // written: the running thread, plain; read by it alone. Data beyond this index arrived after markNanos.
    private long markIndex;
    private long markNanos;
    // written: the running thread, volatile; read: anyone. Nothing that waits now arrived before this moment.
    private volatile long oldestNanos;

    Mailbox(int capacity, long nowNanos) {
        this.capacity = capacity;
        if (capacity == 0) {
            var queue = new MpscUnboundedVarHandleArrayQueue<Object>(DATA_CHUNK);
            data = queue;
            dataProgress = queue;
            bounded = null;
        } else {
            bounded = new MpscVarHandleArrayQueue<>(Math.max(2, capacity));
            data = bounded;
            dataProgress = bounded;
        }
        readyNanos = nowNanos;
        markNanos = nowNanos;
        oldestNanos = nowNanos;
    }

    // ---- any thread

    boolean offerData(Object message) {
        // JCTools rounds capacities up to a power of two; the threshold keeps the bound exact.
        return bounded == null ? data.offer(message) : bounded.offerIfBelowThreshold(message, capacity);
    }

    void offerControl(Object message) {
        control.offer(message);
    }

    boolean isBounded() {
        return bounded != null;
    }

    boolean hasControl() {
        return !control.isEmpty();
    }

    boolean hasData() {
        return !data.isEmpty();
    }

    boolean isEmpty() {
        return control.isEmpty() && data.isEmpty();
    }

    int depth() {
        return control.size() + data.size();
    }

    /** The number of data messages ever offered: those with a smaller index came before now. */
    long dataOffered() {
        return dataProgress.currentProducerIndex();
    }

    /** The number of data messages ever taken. */
    long dataTaken() {
        return dataProgress.currentConsumerIndex();
    }

    void stampReady(long nowNanos) {
        readyNanos = nowNanos;
    }

    /** How long the oldest message has waited, at most; 0 if none waits. */
    long oldestAgeNanos(long nowNanos) {
        if (isEmpty()) {
            return 0;
        }
        long ready = readyNanos;
        long oldest = oldestNanos;
        long since = oldest - ready > 0 ? oldest : ready;
        return Math.max(0, nowNanos - since);
    }

    // ---- the running thread

    /** Called at the start of a turn. */
    void stampTurn(long nowNanos) {
        if (dataTaken() >= markIndex) { // all that waited at the mark is gone: what waits now came after it
            oldestNanos = markNanos;
            markIndex = dataOffered();
            markNanos = nowNanos;
        }
    }

    /** The next control message; null if there is none, or none complete yet. */
    Object pollControl() {
        return control.relaxedPoll();
    }

    /** The next data message; null if there is none, or none complete yet. */
    Object pollData() {
        return data.relaxedPoll();
    }
}
