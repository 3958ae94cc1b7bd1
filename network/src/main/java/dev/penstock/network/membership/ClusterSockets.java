package dev.penstock.network.membership;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jgroups.util.SocketFactory;
import org.jgroups.util.ThreadFactory;

/** All sockets that JGroups has on this node: one that listens, and those to and from other nodes. No others can be made. */
final class ClusterSockets implements SocketFactory {

    /** How long whoever connects to us has until JGroups may know of the connection. */
    static final int HANDSHAKE_MILLIS = 2_000;

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final String PROTOCOL = "TLSv1.3";
    private static final long LINE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final NodeThreads threads;
    private final String node;
    private final SSLContext context; // null: plaintext
    private final Timers timers;
    private final Set<PeerSocket> open = ConcurrentHashMap.newKeySet();
    private final Map<SocketAddress, Long> stuckUntil = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong nextLine = new AtomicLong(System.nanoTime()); // when the next line may be logged
    // written: whoever makes it, before connections are, volatile; read: any thread
    private volatile GuardedServerSocket server;
    // written: whoever closes, volatile; read: any thread
    private volatile boolean closed;

    ClusterSockets(String node, Optional<Trust> trust, Timers timers) {
        this.node = node;
        this.threads = new NodeThreads(node);
        this.timers = timers;
        this.context = trust.map(Trust::context).orElse(null);
        if (context != null) {
            // A resumed session was judged when it was new: let that not be long ago.
            context.getClientSessionContext().setSessionTimeout(1);
            context.getServerSessionContext().setSessionTimeout(1);
        }
    }

    ThreadFactory threads() {
        return threads;
    }

    String node() {
        return node;
    }

    boolean isSecure() {
        return context != null;
    }

    long refused() {
        return refused.get();
    }

    void refuse() {
        refused.incrementAndGet();
    }

    /** A handshake has failed: that may be an attack, or a certificate that somebody forgot. Said now and then. */
    void distrust(SocketAddress peer, IOException reason) {
        long now = System.nanoTime();
        long allowed = nextLine.get();
        if (now - allowed >= 0 && nextLine.compareAndSet(allowed, now + LINE_NANOS)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () -> "the membership of " + node + " has failed in a handshake with " + peer + " (" + refused
                            + " connections refused so far): " + reason);
        }
    }

    void opened(PeerSocket socket) throws IOException {
        open.add(socket);
        if (closed) {
            socket.close();
            throw new IOException("closed");
        }
    }

    /** Somebody was kept waiting by the node there: for a moment, nobody tries again. */
    void stuck(SocketAddress peer) {
        if (peer != null) {
            stuckUntil.put(peer, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timers.retryMillis()));
        }
    }

    void checkNotStuck(SocketAddress peer) throws IOException {
        Long until = stuckUntil.get(peer);
        if (until != null && System.nanoTime() - until < 0) {
            throw new ConnectException("it did not answer a moment ago: " + peer);
        }
    }

    void closed(PeerSocket socket) {
        open.remove(socket);
    }

    /** Closes the connections whose peers keep somebody waiting for too long. By the guard, several times a second. */
    void expire() {
        long now = System.nanoTime();
        long handshake = TimeUnit.MILLISECONDS.toNanos(2L * timers.connectMillis());
        long write = TimeUnit.MILLISECONDS.toNanos(timers.writeMillis());
        open.forEach(socket -> socket.expire(now, handshake, write));
        stuckUntil.values().removeIf(until -> now - until >= 0);
    }

    void close() {
        closed = true;
        GuardedServerSocket listening = server;
        if (listening != null) {
            listening.close();
        }
        open.forEach(PeerSocket::closeQuietly);
    }

    /** As a client; null without certificates. */
    SSLSocket shakeHands(Socket raw, InetSocketAddress peer) throws IOException {
        if (context == null) {
            return null;
        }
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(raw, peer.getHostString(), peer.getPort(), true);
        shakeHands(socket);
        return socket;
    }

    /** As a server, after something was read. */
    SSLSocket shakeHands(Socket raw, byte[] read) throws IOException {
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(raw, new ByteArrayInputStream(read), true);
        shakeHands(socket);
        return socket;
    }

    private static void shakeHands(SSLSocket socket) throws IOException {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setProtocols(new String[] {PROTOCOL});
        parameters.setNeedClientAuth(true);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
    }

    @Override
    public Socket createSocket(String service) throws IOException {
        return new PeerSocket(this);
    }

    @Override
    public ServerSocket createServerSocket(String service) throws IOException {
        GuardedServerSocket socket = new GuardedServerSocket(this);
        server = socket;
        return socket;
    }

    @Override
    public void close(Socket socket) throws IOException {
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public void close(ServerSocket socket) throws IOException {
        if (socket != null) {
            socket.close();
        }
    }

    @Override
    public void close(DatagramSocket socket) {
        // There are none.
    }

    // What nobody should ask for: it would be a way around the guard

    @Override
    public Socket createSocket(String service, String host, int port) throws IOException {
        throw unexpected(service);
    }

    @Override
    public Socket createSocket(String service, InetAddress host, int port) throws IOException {
        throw unexpected(service);
    }

    @Override
    public Socket createSocket(String service, String host, int port, InetAddress local, int localPort)
            throws IOException {
        throw unexpected(service);
    }

    @Override
    public Socket createSocket(String service, InetAddress host, int port, InetAddress local, int localPort)
            throws IOException {
        throw unexpected(service);
    }

    @Override
    public ServerSocket createServerSocket(String service, int port) throws IOException {
        throw unexpected(service);
    }

    @Override
    public ServerSocket createServerSocket(String service, int port, int backlog) throws IOException {
        throw unexpected(service);
    }

    @Override
    public ServerSocket createServerSocket(String service, int port, int backlog, InetAddress address)
            throws IOException {
        throw unexpected(service);
    }

    @Override
    public DatagramSocket createDatagramSocket(String service) {
        throw new UnsupportedOperationException(service);
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, SocketAddress address) {
        throw new UnsupportedOperationException(service);
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, int port) {
        throw new UnsupportedOperationException(service);
    }

    @Override
    public DatagramSocket createDatagramSocket(String service, int port, InetAddress address) {
        throw new UnsupportedOperationException(service);
    }

    @Override
    public MulticastSocket createMulticastSocket(String service) throws IOException {
        throw unexpected(service);
    }

    @Override
    public MulticastSocket createMulticastSocket(String service, int port) throws IOException {
        throw unexpected(service);
    }

    @Override
    public MulticastSocket createMulticastSocket(String service, SocketAddress address) throws IOException {
        throw unexpected(service);
    }

    private static IOException unexpected(String service) {
        return new IOException("JGroups has one port and TCP connections here; not for: " + service);
    }
}
