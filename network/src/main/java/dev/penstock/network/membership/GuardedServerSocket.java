package dev.penstock.network.membership;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;

/**
 * The door: gives JGroups only connections that have said something, and with TLS only those that have shown a certificate.
 *
 * <p>JGroups reads from each new connection on the thread that accepts, so that one silent connection keeps all others
 * waiting. Here a thread of our own, the guard, accepts all, and waits for any of them to speak: for one byte without TLS,
 * for the whole first record with it. A few threads shake hands with those that have. Whoever needs longer than
 * {@link ClusterSockets#HANDSHAKE_MILLIS} in all is shut out; so is the longest silent one if there are too many.
 */
final class GuardedServerSocket extends ServerSocket {

    private static final int BACKLOG = 512;
    private static final int MAX_SILENT = 1024;
    private static final int MAX_READY = 64;
    private static final int HANDSHAKE_THREADS = 8;
    private static final int MAX_HANDSHAKES_WAITING = 64;
    private static final int MAX_HELLO = 8 << 10;
    private static final int RECORD_HEADER = 5;
    private static final int HANDSHAKE_RECORD = 22;
    private static final int TICK_MILLIS = 100;
    private static final int END_MILLIS = 1_000;

    /** Wakes up whoever waits when there is nothing to come. */
    private static final Socket NONE = new Socket();

    private final ClusterSockets owner;
    private final BlockingQueue<Socket> ready = new ArrayBlockingQueue<>(MAX_READY);
    private final ThreadPoolExecutor handshakes;
    private final Map<SocketChannel, Visitor> shaking = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    // written: who binds, before the guard is started and JGroups has the socket; read: any thread
    private ServerSocketChannel channel;
    private Selector selector;
    private Thread guard;

    // the guard only; the longest silent first
    private final Set<Visitor> silent = new LinkedHashSet<>();

    /** A connection that JGroups does not know of yet. */
    private static final class Visitor {
        final SocketChannel channel;
        final long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ClusterSockets.HANDSHAKE_MILLIS);
        final SelectionKey key;
        ByteBuffer hello = ByteBuffer.allocate(RECORD_HEADER);

        Visitor(SocketChannel channel, Selector selector) throws IOException {
            this.channel = channel;
            channel.configureBlocking(false);
            this.key = channel.register(selector, SelectionKey.OP_READ, this);
        }

        boolean isLate(long now) {
            return now - deadline > 0;
        }
    }

    GuardedServerSocket(ClusterSockets owner) throws IOException {
        this.owner = owner;
        this.handshakes = new ThreadPoolExecutor(
                HANDSHAKE_THREADS,
                HANDSHAKE_THREADS,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_HANDSHAKES_WAITING),
                task -> thread(task, "penstock-handshake-" + owner.node()));
        handshakes.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void bind(SocketAddress endpoint, int backlog) throws IOException {
        ServerSocketChannel bound = ServerSocketChannel.open();
        try {
            bound.bind(endpoint, BACKLOG);
            bound.configureBlocking(false);
            selector = Selector.open();
            bound.register(selector, SelectionKey.OP_ACCEPT);
        } catch (IOException | RuntimeException e) {
            bound.close();
            throw e;
        }
        channel = bound;
        guard = thread(this::run, "penstock-guard-" + owner.node());
        guard.start();
    }

    @Override
    public void bind(SocketAddress endpoint) throws IOException {
        bind(endpoint, BACKLOG);
    }

    @Override
    public Socket accept() throws IOException {
        try {
            Socket socket = closed.get() ? NONE : ready.take();
            if (socket == NONE) {
                throw new SocketException("closed");
            }
            return socket;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SocketException("interrupted");
        }
    }

    @Override
    public void setReceiveBufferSize(int bytes) {
        // The system's choice.
    }

    @Override
    public void close() {
        try {
            super.close(); // the socket that the superclass makes when JGroups sets an option
        } catch (IOException e) {
            // It was never used.
        }
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        handshakes.shutdownNow();
        if (selector != null) {
            selector.wakeup(); // the guard closes everything
            try {
                guard.join(END_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isClosed() {
        return closed.get();
    }

    @Override
    public boolean isBound() {
        return channel != null;
    }

    @Override
    public InetAddress getInetAddress() {
        return channel == null ? null : channel.socket().getInetAddress();
    }

    @Override
    public int getLocalPort() {
        return channel == null ? -1 : channel.socket().getLocalPort();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return channel == null ? null : new InetSocketAddress(getInetAddress(), getLocalPort());
    }

    @Override
    public String toString() {
        return "GuardedServerSocket[" + getLocalSocketAddress() + "]";
    }

    // The guard

    private void run() {
        try {
            while (!closed.get()) {
                selector.select(TICK_MILLIS);
                for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext(); ) {
                    SelectionKey key = keys.next();
                    keys.remove();
                    if (key.isValid() && key.isAcceptable()) {
                        acceptOne();
                    } else if (key.isValid() && key.isReadable()) {
                        listen((Visitor) key.attachment());
                    }
                }
                expire();
            }
        } catch (IOException e) {
            System.getLogger("dev.penstock.network")
                    .log(System.Logger.Level.ERROR, "the membership of " + owner.node() + " accepts no connections", e);
        } finally {
            silent.forEach(visitor -> closeQuietly(visitor.channel));
            shaking.keySet().forEach(GuardedServerSocket::closeQuietly);
            closeQuietly(channel);
            closeQuietly(selector); // what was closed is really gone only now
            ready.forEach(GuardedServerSocket::closeQuietly);
            ready.clear();
            ready.offer(NONE);
        }
    }

    private void acceptOne() {
        try {
            SocketChannel accepted = channel.accept();
            if (accepted == null) {
                return;
            }
            if (silent.size() == MAX_SILENT) {
                refuse(silent.iterator().next());
            }
            silent.add(new Visitor(accepted, selector));
        } catch (IOException e) {
            owner.refuse(); // too many open files, or gone already
        }
    }

    private void listen(Visitor visitor) {
        try {
            if (!owner.isSecure()) {
                admit(release(visitor), null);
            } else if (hasSaidHello(visitor)) {
                release(visitor);
                shaking.put(visitor.channel, visitor);
                handshakes.execute(() -> shakeHands(visitor));
            }
        } catch (IOException | RejectedExecutionException e) {
            refuse(visitor);
        }
    }

    /** Reads what is there; whether the first record is complete. */
    private static boolean hasSaidHello(Visitor visitor) throws IOException {
        if (visitor.channel.read(visitor.hello) < 0) {
            throw new SocketException("gone");
        }
        if (visitor.hello.hasRemaining()) {
            return false;
        }
        if (visitor.hello.capacity() > RECORD_HEADER) {
            return true;
        }
        ByteBuffer header = visitor.hello.flip();
        int length = header.getShort(3) & 0xffff;
        if (header.get(0) != HANDSHAKE_RECORD || header.get(1) != 3 || length == 0 || length > MAX_HELLO) {
            throw new SocketException("that is not TLS");
        }
        visitor.hello = ByteBuffer.allocate(RECORD_HEADER + length).put(header);
        return hasSaidHello(visitor);
    }

    /** From the guard to somebody who may block. */
    private Socket release(Visitor visitor) throws IOException {
        silent.remove(visitor);
        visitor.key.cancel();
        visitor.channel.configureBlocking(true);
        return visitor.channel.socket();
    }

    private void expire() {
        long now = System.nanoTime();
        while (!silent.isEmpty() && silent.iterator().next().isLate(now)) {
            refuse(silent.iterator().next());
        }
        shaking.values().forEach(visitor -> {
            if (visitor.isLate(now)) {
                closeQuietly(visitor.channel); // its handshake fails
            }
        });
        owner.expire();
    }

    private void refuse(Visitor visitor) {
        silent.remove(visitor);
        shaking.remove(visitor.channel);
        owner.refuse();
        closeQuietly(visitor.channel);
    }

    // Threads that shake hands; the guard without TLS

    private void shakeHands(Visitor visitor) {
        SocketAddress peer = visitor.channel.socket().getRemoteSocketAddress();
        try {
            if (visitor.isLate(System.nanoTime())) {
                throw new SocketException("too late");
            }
            Socket raw = visitor.channel.socket();
            SSLSocket tls = owner.shakeHands(raw, visitor.hello.array());
            shaking.remove(visitor.channel);
            admit(raw, tls);
        } catch (IOException | RuntimeException e) {
            owner.refuse();
            if (e instanceof SSLHandshakeException failed && !closed.get()) {
                owner.distrust(peer, failed);
            }
            closeQuietly(visitor.channel);
        } finally {
            shaking.remove(visitor.channel);
        }
    }

    private void admit(Socket raw, SSLSocket tls) throws IOException {
        PeerSocket socket = new PeerSocket(owner, raw, tls);
        owner.opened(socket);
        if (closed.get() || !ready.offer(socket)) {
            socket.close();
            throw new SocketException("JGroups does not keep up");
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // Closed all the same.
        }
    }
}
