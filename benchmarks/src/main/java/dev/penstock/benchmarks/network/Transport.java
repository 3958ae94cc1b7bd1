package dev.penstock.benchmarks.network;

import dev.penstock.network.Tls;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** The kinds of streams. */
enum Transport {
    PENSTOCK("Penstock, TCP", false),
    PENSTOCK_TLS("Penstock, TLS", true),
    PENSTOCK_AERON("Penstock, Aeron by UDP", false),
    LINK("bare link, TCP", false),
    LINK_TLS("bare link, TLS", true),
    LINK_AERON("bare link, Aeron by UDP", false),
    /** As between threads: a queue before it, and a reader's thread behind it. */
    STREAM_REFS("Pekko StreamRefs, Artery TCP, from thread to thread", false),
    /** Both ends within the two streams: nothing is handed from thread to thread but by Pekko. */
    STREAM_REFS_WITHIN("Pekko StreamRefs, Artery TCP, within the streams", false);

    private final String label;
    private final boolean secure;

    Transport(String label, boolean secure) {
        this.label = label;
        this.secure = secure;
    }

    String label() {
        return label;
    }

    boolean isSecure() {
        return secure;
    }

    /** The bare link under a stream of ours. */
    Transport link() {
        return switch (this) {
            case PENSTOCK -> LINK;
            case PENSTOCK_TLS -> LINK_TLS;
            case PENSTOCK_AERON -> LINK_AERON;
            default -> throw new IllegalStateException(this + " is no stream of ours");
        };
    }

    boolean isOverAeron() {
        return this == PENSTOCK_AERON || this == LINK_AERON;
    }

    /** Opens the producer's end. */
    Outbound open(Setup setup) throws IOException, InterruptedException {
        return switch (this) {
            case PENSTOCK, PENSTOCK_TLS, PENSTOCK_AERON -> PenstockStream.open(setup);
            case LINK, LINK_TLS, LINK_AERON -> LinkSender.open(setup);
            case STREAM_REFS -> StreamRefsStream.fromThread(setup);
            case STREAM_REFS_WITHIN -> StreamRefsStream.within(setup);
        };
    }

    /** Subscribes to the producer's end. */
    Inbound subscribe(Setup setup) throws IOException, InterruptedException, TimeoutException {
        return switch (this) {
            case PENSTOCK, PENSTOCK_TLS, PENSTOCK_AERON -> PenstockStream.subscribe(setup);
            case LINK, LINK_TLS, LINK_AERON -> LinkReceiver.subscribe(setup);
            case STREAM_REFS -> StreamRefsStream.toThread(setup);
            case STREAM_REFS_WITHIN -> StreamRefsStream.toStream(setup);
        };
    }

    /** The certificates of a process; null in plain text. */
    static Tls tls(Setup setup, String node) {
        return setup.stores() == null ? null : Stores.tls(setup.stores(), node);
    }
}
