package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.peers.Peer;
import java.awt.Color;
import java.util.List;

/** Who is in tables and plots, in this order, and how: ours thick, the best of each kind in a colour, the rest thin. */
enum Contender {
    PENSTOCK("Penstock", Kind.OURS, new Color(0x0072B2)),
    PENSTOCK_PARKING("Penstock, parking", Kind.OURS, new Color(0x00264D)),
    PENSTOCK_BUSY_SPIN("Penstock, spinning", Kind.OURS, new Color(0x5BB5F0)),
    PENSTOCK_YIELDING("Penstock, yielding", Kind.OURS, new Color(0x8A7FD0)),
    JCTOOLS_SPSC("bare ring (JCTools)", Kind.LIMIT, new Color(0x000000)),
    DISRUPTOR_YIELDING("Disruptor, yielding", Kind.SPINNING, new Color(0xD55E00)),
    DISRUPTOR_BLOCKING("Disruptor, blocking", Kind.PARKING, new Color(0xE8A200)),
    ARRAY_BLOCKING_QUEUE("ArrayBlockingQueue", Kind.PARKING, new Color(0x8C6D31)),
    ARRAY_BLOCKING_QUEUE_VIRTUAL("ArrayBlockingQueue, virtual threads", Kind.PARKING, null),
    ARRAY_BLOCKING_QUEUE_ONE_CARRIER("ArrayBlockingQueue, virtual, one carrier", Kind.PARKING, new Color(0xB04FA0)),
    SUBMISSION_PUBLISHER("SubmissionPublisher", Kind.PARKING, new Color(0x009E73)),
    SUBMISSION_PUBLISHER_HANDED_OVER("SubmissionPublisher, handed over", Kind.PARKING, null),
    REACTOR("Reactor", Kind.PARKING, new Color(0x999933)),
    REACTOR_PUBLISH_ON("Reactor, publishOn", Kind.PARKING, null),
    RXJAVA("RxJava", Kind.PARKING, null),
    MUTINY("Mutiny", Kind.PARKING, null),
    PEKKO_STREAMS("Pekko Streams", Kind.PARKING, null),
    PEKKO_TYPED("same protocol, Pekko Typed", Kind.PARKING, new Color(0xCC3366)),
    PEKKO_TYPED_ONE_WORKER("same protocol, Pekko Typed, one worker", Kind.PARKING, null),
    PEKKO_TYPED_BATCHED("same protocol, Pekko Typed, batched", Kind.PARKING, null);

    /** What it is to us. */
    enum Kind {
        OURS,
        /** A bare ring for two threads that spin: the limit, and no peer. */
        LIMIT,
        SPINNING,
        PARKING
    }

    static final List<Contender> PEKKO = List.of(PEKKO_TYPED, PEKKO_TYPED_ONE_WORKER, PEKKO_TYPED_BATCHED);

    private final String label;
    private final Kind kind;
    private final Color colour; // null: thin and grey

    Contender(String label, Kind kind, Color colour) {
        this.label = label;
        this.kind = kind;
        this.colour = colour;
    }

    /** Of a result: only the stream has wait strategies. */
    static Contender of(String peer, String waitStrategy) {
        boolean isDefault = waitStrategy.isEmpty() || waitStrategy.equals("BACKOFF");
        return valueOf(isDefault ? peer : peer + "_" + waitStrategy);
    }

    static Contender of(Peer peer) {
        return valueOf(peer.name());
    }

    String label() {
        return label;
    }

    Kind kind() {
        return kind;
    }

    boolean isPeer() {
        return kind == Kind.SPINNING || kind == Kind.PARKING;
    }

    /** Whether it has a colour and a name in plots. */
    boolean isNamed() {
        return colour != null;
    }

    Line line() {
        if (kind == Kind.OURS) {
            return Line.thick(colour);
        }
        return kind == Kind.LIMIT ? Line.dashed(colour) : Line.of(colour);
    }
}
