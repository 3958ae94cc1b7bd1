package dev.penstock.stream;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BiConsumer;

/**
 * Counts where a stream's elements are. Kept by the producer for both ends; a consumer that is not linked with its producer
 * (of another system, or behind a ref of another's making) keeps its own. Counters are atomic: any thread counts.
 */
final class StreamBooks {

    private static final System.Logger LOG = System.getLogger("dev.penstock.stream");
    private static final VarHandle SENT = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "sent", VarHandle.class, StreamBooks.class, long.class);

    private final boolean feeds; // whether elements enter here, or have been sent from afar
    private final AtomicLongArray undelivered = new AtomicLongArray(UndeliveredReason.values().length);
    private final AtomicLong undeliveredInFlight = new AtomicLong();

    // written: the holder of the producer's lane, volatile; read: any thread
    private volatile Entries entries = new Entries(List.of(), 0);
    // written: the holder of the sending lane, release; read: any thread, volatile
    private volatile long sent;
    // written: at the start or by whoever links, once, volatile, before the first element is sent; read: any thread
    private volatile SourceRing<?> source;
    // written: at the start and when the ends are linked, volatile; read: whoever finds an undelivered element
    private volatile BiConsumer<Object, UndeliveredReason> whenBuffered;
    private volatile BiConsumer<Object, UndeliveredReason> whenInFlight;

    /** Where elements enter: the inputs that are open or hold elements, and how many entered by the others. */
    private record Entries(List<? extends SinkBuffer<?>> listed, long forgotten) {}

    private StreamBooks(boolean feeds, BiConsumer<Object, UndeliveredReason> handler) {
        this.feeds = feeds;
        whenBuffered = handler;
        whenInFlight = handler;
    }

    static StreamBooks ofProducer(BiConsumer<Object, UndeliveredReason> handler) {
        return new StreamBooks(true, handler);
    }

    static StreamBooks ofConsumer(SourceRing<?> source, BiConsumer<Object, UndeliveredReason> handler) {
        StreamBooks books = new StreamBooks(false, handler);
        books.source = source;
        return books;
    }

    /** From now on these are the books of both ends. */
    void link(SourceRing<?> ring, BiConsumer<Object, UndeliveredReason> consumersHandler) {
        if (consumersHandler != null) {
            whenInFlight = consumersHandler;
            if (whenBuffered == null) {
                whenBuffered = consumersHandler;
            }
        }
        source = ring;
    }

    void inputs(List<? extends SinkBuffer<?>> buffers, long forgotten) {
        entries = new Entries(List.copyOf(buffers), forgotten);
    }

    void sent(long total) {
        SENT.setRelease(this, total);
    }

    /** The number of elements ever sent. */
    long sent() {
        return sent;
    }

    /** An element came from afar; those of a producer that keeps these books have been counted. By the consumer's turn. */
    void arrived() {
        if (!feeds) {
            sent(sent + 1);
        }
    }

    /** An element waited in a sink when the stream ended. */
    void undeliveredFromBuffer(Object element, StreamOutcome outcome) {
        handOver(whenBuffered, element, outcome);
    }

    /** An element was in flight when the stream ended. */
    void undeliveredInFlight(Object element, StreamOutcome outcome) {
        undeliveredInFlight.incrementAndGet();
        handOver(whenInFlight, element, outcome);
    }

    private void handOver(BiConsumer<Object, UndeliveredReason> handler, Object element, StreamOutcome outcome) {
        UndeliveredReason reason = UndeliveredReason.of(outcome);
        undelivered.incrementAndGet(reason.ordinal());
        if (handler != null) {
            try {
                handler.accept(element, reason);
            } catch (Throwable e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "onUndelivered failed; of the " + reason + " element, a "
                                + element.getClass().getName() + ", only the count is left",
                        e);
            }
        }
    }

    StreamLedger snapshot() {
        Map<UndeliveredReason, Long> lost = new EnumMap<>(UndeliveredReason.class);
        for (UndeliveredReason reason : UndeliveredReason.values()) {
            lost.put(reason, undelivered.get(reason.ordinal()));
        }
        SourceRing<?> ring = source;
        long lostInFlight = undeliveredInFlight.get();
        // A run's number is written after it was sent; of a link, some of it may have come back by then.
        long delivered = ring == null ? Math.max(0, sent - lostInFlight) : ring.taken();
        long nowSent = sent;
        long buffered = 0;
        Entries now = entries;
        long offered = now.forgotten();
        for (SinkBuffer<?> input : now.listed()) {
            buffered += Math.max(0, input.size()); // an element may be taken before its claim is seen here
            offered += input.accepted();
        }
        return new StreamLedger(
                feeds ? offered : nowSent, delivered, buffered, Math.max(0, nowSent - delivered - lostInFlight), lost);
    }
}
