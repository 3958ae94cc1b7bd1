package dev.penstock.benchmarks.network;

import dev.penstock.network.Tls;
import dev.penstock.network.aeron.AeronTransport;
import dev.penstock.network.link.GateLimits;
import dev.penstock.network.link.Link;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.NettyLinks;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** One end of a bare link; as little as can be done with it. */
abstract class BareLink implements LinkHandler, LinkFrames.Taker {

    private final LinkFrames frames = new LinkFrames(this);

    // written: the loop, once, volatile; read: the thread that sends or receives
    private volatile Link link;

    static LinkProvider links(Setup setup, String node) {
        Tls tls = Transport.tls(setup, node);
        if (setup.transport().isOverAeron()) {
            return AeronTransport.embedded().open(Stores.CLUSTER, tls);
        }
        return tls == null
                ? NettyLinks.plaintext(GateLimits.DEFAULT)
                : NettyLinks.secure(tls, Stores.CLUSTER, GateLimits.DEFAULT);
    }

    static InetSocketAddress address(Setup setup) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), setup.producerPort());
    }

    final Link link() {
        return link;
    }

    final void awaitConnected() throws InterruptedException {
        while (link == null) {
            Thread.sleep(1);
        }
    }

    // ---- the loop

    @Override
    public final void connected(Link to) {
        to.established();
        link = to;
        to.wakeWriter();
    }

    @Override
    public final void received(byte[] bytes, int from, int to) {
        frames.received(bytes, from, to);
    }

    @Override
    public final void closed(Throwable cause) {
        if (cause != null) {
            cause.printStackTrace();
        }
    }
}
