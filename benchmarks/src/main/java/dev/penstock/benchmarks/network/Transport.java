package dev.penstock.benchmarks.network;

import dev.penstock.network.Tls;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** The kinds of streams. */
enum Transport {
    PENSTOCK("Penstock, TCP", false),
    PENSTOCK_TLS("Penstock, TLS", true),
    LINK("bare link, TCP", false),
    LINK_TLS("bare link, TLS", true),
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

    /** Opens the producer's end. */
    Outbound open(Setup setup) throws IOException, InterruptedException {
        return switch (this) {
            case PENSTOCK, PENSTOCK_TLS -> PenstockStream.open(setup);
            case LINK, LINK_TLS -> LinkSender.open(setup);
            case STREAM_REFS -> StreamRefsStream.fromThread(setup);
            case STREAM_REFS_WITHIN -> StreamRefsStream.within(setup);
        };
    }

    /** Subscribes to the producer's end. */
    Inbound subscribe(Setup setup) throws IOException, InterruptedException, TimeoutException {
        return switch (this) {
            case PENSTOCK, PENSTOCK_TLS -> PenstockStream.subscribe(setup);
            case LINK, LINK_TLS -> LinkReceiver.subscribe(setup);
            case STREAM_REFS -> StreamRefsStream.toThread(setup);
            case STREAM_REFS_WITHIN -> StreamRefsStream.toStream(setup);
        };
    }

    /** The certificates of a process; null in plain text. */
    static Tls tls(Setup setup, String node) {
        return setup.stores() == null ? null : Stores.tls(setup.stores(), node);
    }
}
