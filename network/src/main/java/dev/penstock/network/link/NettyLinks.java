package dev.penstock.network.link;

import dev.penstock.network.Tls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** Links over TCP, by Netty, on one thread of its own. */
public final class NettyLinks implements LinkProvider {

    private static final int BYTES = 64 * 1024;
    private static final int CONNECT_MILLIS = 3_000;

    private final NettyLoop loop = new NettyLoop();
    private final TlsHandshakes handshakes; // null: in plain text
    private final ConnectionGate gate;
    private final CompletableFuture<Void> empty = new CompletableFuture<>(); // once it stops

    // Below: the loop only.
    private final byte[] receiving = new byte[BYTES];
    private final byte[] sending = new byte[BYTES];
    private final List<Channel> listening = new ArrayList<>();
    private final Set<NettyLink> links = new HashSet<>();
    private boolean stopping;

    private NettyLinks(TlsHandshakes handshakes, GateLimits limits) {
        this.handshakes = handshakes;
        gate = new ConnectionGate(limits, loop);
    }

    /**
     * Links over which everybody on the way can read and forge what is sent, and to which everybody may pretend to be a
     * node: for tests, or a network that is protected otherwise.
     *
     * @param limits for those who connect to this side
     * @return the links
     */
    public static NettyLinks plaintext(GateLimits limits) {
        return new NettyLinks(null, limits);
    }

    /**
     * Links with TLS 1.3, for which both sides show a certificate: one who dials, that of a node or client of the cluster;
     * one who accepts, that of a node.
     *
     * @param tls this side's certificate, and whom it believes
     * @param cluster the cluster
     * @param limits for those who connect to this side
     * @return the links
     */
    public static NettyLinks secure(Tls tls, String cluster, GateLimits limits) {
        return new NettyLinks(new TlsHandshakes(tls, cluster), limits);
    }

    /**
     * {@return what came of the connections that were accepted} Any thread.
     */
    public GateCounts counts() {
        return gate.counts();
    }

    @Override
    public Loop loop() {
        return loop;
    }

    NettyLoop nettyLoop() {
        return loop;
    }

    /** Where every link puts what it has received, for its handler to read at once. On the loop. */
    byte[] receiving() {
        return receiving;
    }

    /** What every handler fills, to be copied at once. On the loop. */
    byte[] sending() {
        return sending;
    }

    // ---- any thread but the loop

    @Override
    public InetSocketAddress listen(InetSocketAddress bind, Supplier<LinkHandler> accepted) throws IOException {
        notInLoop();
        ServerBootstrap server = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel, accepted);
                    }
                });
        ChannelFuture bound = server.bind(bind).awaitUninterruptibly();
        Channel channel = bound.channel();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + text(bind) + ": " + bound.cause().getMessage(), bound.cause());
        }
        loop.execute(() -> {
            listening.add(channel);
            if (stopping) {
                channel.close();
            }
        });
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void close() {
        notInLoop();
        try {
            loop.execute(this::stop);
            empty.join();
        } catch (RejectedExecutionException e) {
            // somebody else has closed it, or is about to
        }
        if (handshakes != null) {
            handshakes.end(); // before the loop, which it tells of what it has done; of closed links that is nothing
        }
        loop.end();
    }

    private void notInLoop() {
        if (loop.inLoop()) {
            throw new IllegalStateException("not on the loop, which this would block");
        }
    }

    // ---- any thread

    @Override
    public void dial(InetSocketAddress peer, LinkHandler handler) {
        loop.execute(() -> connect(peer, handler));
    }

    // ---- the loop

    ConnectionGate gate() {
        return gate;
    }

    private void connect(InetSocketAddress peer, LinkHandler handler) {
        NioSocketChannel channel;
        try {
            channel = new NioSocketChannel();
        } catch (Throwable e) { // no file descriptor is left
            handler.closed(e);
            return;
        }
        NettyLink link = NettyLink.dialed(this, channel, peer, handler);
        loop.register(channel);
        try {
            begin(channel, link, false);
            if (stopping) {
                throw new IOException("these links are closed");
            }
            if (peer.isUnresolved()) {
                throw new UnknownHostException(peer.getHostString());
            }
        } catch (Throwable e) {
            link.fail(e);
            return;
        }
        channel.config().setConnectTimeoutMillis(CONNECT_MILLIS);
        channel.connect(peer).addListener(connected -> {
            if (!connected.isSuccess()) {
                link.fail(connected.cause());
            }
        });
    }

    private void accept(SocketChannel channel, Supplier<LinkHandler> accepted) {
        ConnectionGate.Pass pass = gate.admit(channel.remoteAddress().getAddress());
        if (pass == null) {
            channel.config().setSoLinger(0); // a reset: nothing of it is left here to wait for the peer
            channel.unsafe().close(channel.voidPromise());
            return;
        }
        channel.closeFuture().addListener(closed -> pass.leave());
        NettyLink link = NettyLink.accepted(this, channel, accepted, pass);
        pass.onEvicted(() -> {
            channel.config().setSoLinger(0);
            link.fail(new IOException("closed for another connection, before it was established"));
        });
        begin(channel, link, true);
    }

    private void begin(SocketChannel channel, NettyLink link, boolean accepts) {
        links.add(link);
        channel.closeFuture().addListener(closed -> link.over());
        channel.config()
                .setAllocator(PooledByteBufAllocator.DEFAULT)
                .setRecvByteBufAllocator(new FixedRecvByteBufAllocator(BYTES))
                .setWriteBufferWaterMark(new WriteBufferWaterMark(BYTES, 4 * BYTES))
                .setTcpNoDelay(true);
        if (handshakes != null) {
            SslHandler tls = accepts ? handshakes.acceptor() : handshakes.dialer();
            link.secure(tls);
            channel.pipeline().addLast(tls);
        }
        channel.pipeline().addLast(link);
    }

    /** A link is over. */
    void forget(NettyLink link) {
        links.remove(link);
        tellIfEmpty();
    }

    private void stop() {
        stopping = true;
        listening.forEach(Channel::close);
        List.copyOf(links).forEach(NettyLink::closeGently);
        tellIfEmpty();
    }

    private void tellIfEmpty() {
        if (stopping && links.isEmpty()) {
            empty.complete(null);
        }
    }

    static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
