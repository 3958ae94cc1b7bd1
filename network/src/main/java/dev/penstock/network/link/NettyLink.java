package dev.penstock.network.link;

import dev.penstock.network.Tls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/**
 * A link that is a channel of Netty, and the last handler in the channel's pipeline.
 *
 * <p>Writing is asked for by a flag that is raised by whoever has something to send, who then has a turn run on the loop, and
 * lowered by the turn before it asks the handler: what was ready before {@link #wakeWriter} is either seen by the turn that
 * runs, or finds the flag down and has another one run. While there is no room, or the turn has yielded, the flag stays up,
 * so that nobody has a turn run that could do nothing. A link has one turn between two looks at the sockets: those who
 * wake it again and again must not keep the loop from reading.
 */
final class NettyLink extends ChannelInboundHandlerAdapter implements Link {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final VarHandle AWAKE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "awake", VarHandle.class, NettyLink.class, boolean.class);

    /** How many full arrays one link may send before the others have their turn. */
    private static final int FILLS_A_TURN = 4;

    private static final long CLOSE_NANOS = 1_000_000_000L;

    private final NettyLinks links;
    private final NettyLoop loop;
    private final SocketChannel channel;
    private final Supplier<LinkHandler> accepted; // null if dialed
    private final ConnectionGate.Pass pass; // null if dialed
    private final Runnable turn = this::turn;
    private final Runnable anotherTurn;

    // written: any thread, CAS, to true; the loop, volatile, to both; read: any thread
    private volatile boolean awake;

    // written: the loop, plain, before it is connected; read: whoever was given the link
    private SslHandler tls; // null: in plain text
    private Set<String> peerNames = Set.of();
    private String peerAddress;

    // Below: the loop only.
    private LinkHandler handler; // of an accepted connection: null until it is connected
    private boolean connected;
    private boolean stalled; // no room: the channel will tell
    private long lastTurn = -1; // its round
    private boolean closing; // the handler hears of nothing but the end
    private boolean ending; // this side has begun to say goodbye
    private boolean closed; // the handler has heard of the end
    private Throwable cause; // null while closing: this side closes it
    private Loop.Timer deadline; // to be established, later to be closed; null: none

    private NettyLink(
            NettyLinks links,
            SocketChannel channel,
            LinkHandler handler,
            Supplier<LinkHandler> accepted,
            ConnectionGate.Pass pass) {
        this.links = links;
        this.channel = channel;
        this.handler = handler;
        this.accepted = accepted;
        this.pass = pass;
        loop = links.nettyLoop();
        anotherTurn = () -> loop.execute(turn);
    }

    static NettyLink dialed(NettyLinks links, SocketChannel channel, InetSocketAddress peer, LinkHandler handler) {
        NettyLink link = new NettyLink(links, channel, handler, null, null);
        link.peerAddress = NettyLinks.text(peer);
        return link;
    }

    /** A link for which a handler is made once it is connected, and which is to be established in time. */
    static NettyLink accepted(
            NettyLinks links, SocketChannel channel, Supplier<LinkHandler> accepted, ConnectionGate.Pass pass) {
        NettyLink link = new NettyLink(links, channel, null, accepted, pass);
        link.peerAddress = NettyLinks.text(channel.remoteAddress());
        link.deadline = pass.limit(link::tooLate);
        return link;
    }

    /** It is to be connected once TLS is. */
    void secure(SslHandler handshake) {
        tls = handshake;
    }

    // ---- any thread

    @Override
    public void wakeWriter() {
        VarHandle.fullFence(); // what is to be sent was made ready, then the flag is read
        if (!awake && AWAKE.compareAndSet(this, false, true)) {
            run(turn);
        }
    }

    @Override
    public void close() {
        if (loop.inLoop()) {
            closing = true;
        }
        run(this::closeGently);
    }

    /** A loop that has ended has closed all its links. */
    private void run(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            if (!loop.isShuttingDown()) {
                throw e;
            }
        }
    }

    @Override
    public Set<String> peerNames() {
        return peerNames;
    }

    @Override
    public boolean isSecure() {
        return tls != null;
    }

    @Override
    public String peerAddress() {
        return peerAddress;
    }

    @Override
    public String toString() {
        return "link with " + peerAddress;
    }

    // ---- the loop: sending

    private void turn() {
        if (closing) {
            return; // the flag stays up
        }
        if (lastTurn == loop.round()) {
            yieldTurn();
            return;
        }
        lastTurn = loop.round();
        awake = false;
        VarHandle.fullFence(); // the flag is down, then the handler looks for what there is
        byte[] bytes = links.sending();
        for (int fills = 0; fills < FILLS_A_TURN; fills++) {
            if (!channel.isWritable()) {
                awake = true;
                stalled = true;
                return;
            }
            int length = fill(bytes);
            if (length == 0) {
                return;
            }
            write(bytes, length);
            if (closing) {
                return;
            }
        }
        awake = true;
        yieldTurn();
    }

    /** Has a turn run after the sockets have been looked at. */
    private void yieldTurn() {
        loop.executeAfterEventLoopIteration(anotherTurn);
    }

    private int fill(byte[] bytes) {
        try {
            return Objects.checkIndex(handler.fill(bytes), bytes.length + 1);
        } catch (Throwable e) {
            fail(e);
            return 0;
        }
    }

    private void write(byte[] bytes, int length) {
        ByteBuf buffer = tls == null
                ? channel.alloc().directBuffer(length, length)
                : channel.alloc().heapBuffer(length, length); // the JDK encrypts from an array to an array
        buffer.writeBytes(bytes, 0, length);
        channel.writeAndFlush(buffer, channel.voidPromise());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (stalled && channel.isWritable()) {
            stalled = false;
            loop.execute(turn); // not here, which may be within a write
        }
    }

    // ---- the loop: the beginning

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (tls == null) {
            connected();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent handshake)) {
            return;
        }
        if (!handshake.isSuccess()) {
            giveUp(handshake.cause()); // Netty is about to tell the peer, then closes
            return;
        }
        try {
            X509Certificate certificate =
                    (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
            certificate.checkValidity(); // a session that is resumed was judged some time ago
            peerNames = Tls.names(certificate);
        } catch (SSLException | GeneralSecurityException e) {
            fail(e);
            return;
        }
        connected();
    }

    private void connected() {
        if (closing) {
            return;
        }
        connected = true;
        try {
            if (handler == null) {
                handler = accepted.get();
            }
            handler.connected(this);
        } catch (Throwable e) {
            if (handler == null) {
                links.gate().unhandled(peerAddress, e); // there is nobody else to tell
            }
            fail(e);
        }
    }

    @Override
    public void established() {
        if (pass != null && !closing) {
            pass.leave();
            cancelDeadline();
        }
    }

    private void tooLate() {
        if (!closing) {
            closing = true;
            cause = new IOException("not established in time");
            links.gate().late(peerAddress);
        }
        abort();
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    // ---- the loop: receiving

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        try {
            byte[] bytes = links.receiving();
            while (buffer.isReadable() && !closing) {
                int length = Math.min(buffer.readableBytes(), bytes.length);
                buffer.readBytes(bytes, 0, length);
                handler.received(bytes, 0, length);
            }
        } catch (Throwable e) {
            fail(e);
        } finally {
            buffer.release();
        }
    }

    // ---- the loop: the end

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable e) {
        fail(e instanceof DecoderException && e.getCause() != null ? e.getCause() : e);
    }

    /** The connection is of no use any more, or never came to be. */
    void fail(Throwable e) {
        giveUp(e);
        abort();
    }

    private void giveUp(Throwable e) {
        if (!closing) {
            closing = true;
            cause = e;
            boolean brokenOff = e instanceof IOException && !(e instanceof SSLException);
            if (pass != null && !connected && !brokenOff) {
                links.gate().rejected(peerAddress, e);
            }
        }
    }

    /** Sends what is on its way, and that there is no more; the peer's end of it is the end, or that it takes too long. */
    void closeGently() {
        closing = true;
        if (ending || closed) {
            return;
        }
        ending = true;
        if (!connected || !channel.isActive()) {
            abort();
            return;
        }
        cancelDeadline();
        deadline = loop.schedule(CLOSE_NANOS, this::abort);
        ChannelFuture sent = tls == null ? channel.writeAndFlush(Unpooled.EMPTY_BUFFER) : tls.closeOutbound();
        sent.addListener(done -> {
            if (done.isSuccess()) {
                channel.shutdownOutput();
            } else {
                abort();
            }
        });
    }

    /** Closes it at once, whatever is still to be sent. */
    private void abort() {
        channel.unsafe().close(channel.voidPromise());
    }

    /** The channel is closed. */
    void over() {
        if (closed) {
            return;
        }
        closed = true;
        if (!closing) {
            closing = true;
            cause = new EOFException("the peer has closed the connection");
        }
        cancelDeadline();
        links.forget(this);
        if (handler != null) {
            try {
                handler.closed(cause);
            } catch (Throwable e) {
                LOG.log(System.Logger.Level.ERROR, "the handler of a " + this + " failed at its end", e);
            }
        }
    }
}
