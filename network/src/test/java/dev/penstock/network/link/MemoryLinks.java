package dev.penstock.network.link;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Links within this JVM. Each provider has its loop, or several share one; whatever passes between two ends is a task of the
 * receiving end's loop, so that on a {@link SteppedLoop} each step hands over one fill, and a {@link Cable} can be cut
 * between any two.
 */
public final class MemoryLinks implements LinkProvider {

    /** What may be under way in one direction before the sender has no room. */
    public static final int CAPACITY = 256 * 1024;

    private static final int BYTES = 64 * 1024;

    private final Network network;
    private final TestLoop loop;
    private final Set<String> names;
    private final List<InetSocketAddress> listening = new CopyOnWriteArrayList<>();

    // Below: the loop only.
    private final Set<End> ends = new HashSet<>();
    private boolean stopping;

    /**
     * Links in plain text.
     *
     * @param network where peers are found
     * @param loop their loop, which ends with them
     */
    public MemoryLinks(Network network, TestLoop loop) {
        this(network, loop, Set.of());
    }

    /**
     * Links as if with certificates.
     *
     * @param network where peers are found
     * @param loop their loop, which ends with them
     * @param names those in this side's certificate
     */
    public MemoryLinks(Network network, TestLoop loop, Set<String> names) {
        this.network = network;
        this.loop = loop;
        this.names = names;
    }

    /** Who listens where, and what is connected. */
    public static final class Network {
        private final Map<InetSocketAddress, Listener> listeners = new ConcurrentHashMap<>();
        private final AtomicInteger ports = new AtomicInteger(50_000);
        private final List<Cable> cables = new CopyOnWriteArrayList<>();

        /** The connections made so far, the oldest first, with those that have ended. */
        public List<Cable> cables() {
            return new ArrayList<>(cables);
        }
    }

    private record Listener(MemoryLinks links, Supplier<LinkHandler> accepted) {}

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public InetSocketAddress listen(InetSocketAddress bind, Supplier<LinkHandler> accepted) throws IOException {
        int port = bind.getPort() == 0 ? network.ports.incrementAndGet() : bind.getPort();
        InetSocketAddress address = new InetSocketAddress(bind.getAddress(), port);
        if (network.listeners.putIfAbsent(address, new Listener(this, accepted)) != null) {
            throw new IOException("cannot listen on " + address + ": in use");
        }
        listening.add(address);
        return address;
    }

    @Override
    public void dial(InetSocketAddress peer, LinkHandler handler) {
        loop.execute(() -> connect(peer, handler));
    }

    private void connect(InetSocketAddress peer, LinkHandler handler) {
        Listener listener = network.listeners.get(peer);
        if (listener == null || stopping) {
            handler.closed(new ConnectException("nobody listens on " + peer));
            return;
        }
        Cable cable = new Cable();
        End near = new End(this, cable, "memory" + peer, handler, null);
        End far = new End(listener.links, cable, "memory/dialer", null, listener.accepted);
        near.peer = far;
        far.peer = near;
        cable.near = near;
        cable.far = far;
        network.cables.add(cable);
        far.links.run(far::connected);
        near.connected();
    }

    @Override
    public void close() {
        listening.forEach(network.listeners::remove);
        run(() -> {
            stopping = true;
            List.copyOf(ends).forEach(End::closeNow);
        });
        loop.end();
    }

    /** A loop that has ended takes nothing more, as a node that is gone. */
    private void run(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // nobody is there to hear of it
        }
    }

    /** What connects two ends. */
    public static final class Cable {
        private End near; // written once, before the cable is found
        private End far;

        // written: any thread, volatile; read: the loops
        private volatile boolean cut;
        private volatile boolean held;

        private Cable() {}

        /** Ends the connection for both sides; what is under way is lost. Any thread. */
        public void cut() {
            cut = true;
            near.links.run(() -> near.lost(new IOException("the connection was cut")));
            far.links.run(() -> far.lost(new IOException("the connection was cut")));
        }

        /** Has whatever is under way wait: the peers fall silent, and nobody is told. Any thread. */
        public void hold() {
            held = true;
        }

        /** Hands over what has waited, in order. Any thread. */
        public void release() {
            held = false;
            near.links.run(near::releaseWaiting);
            far.links.run(far::releaseWaiting);
        }
    }

    private static final class End implements Link {
        private final MemoryLinks links;
        private final Cable cable;
        private final String peerAddress;
        private final Supplier<LinkHandler> accepted;
        private final AtomicBoolean awake = new AtomicBoolean();
        private End peer; // written once, before it is connected

        // Below: the loop of this end only.
        private final byte[] bytes = new byte[BYTES];
        private final Queue<Runnable> waiting = new ArrayDeque<>(); // held by the cable
        private LinkHandler handler;
        private int underWay;
        private boolean stalled;
        private boolean closing;
        private boolean closed;

        private End(
                MemoryLinks links,
                Cable cable,
                String peerAddress,
                LinkHandler handler,
                Supplier<LinkHandler> accepted) {
            this.links = links;
            this.cable = cable;
            this.peerAddress = peerAddress;
            this.handler = handler;
            this.accepted = accepted;
        }

        @Override
        public void wakeWriter() {
            if (!awake.getAndSet(true)) {
                links.run(this::turn);
            }
        }

        @Override
        public void close() {
            if (links.loop.inLoop()) {
                closing = true;
            }
            links.run(this::closeNow);
        }

        @Override
        public void established() {}

        @Override
        public Set<String> peerNames() {
            return peer.links.names;
        }

        @Override
        public boolean isSecure() {
            return !peerNames().isEmpty() && !links.names.isEmpty();
        }

        @Override
        public String peerAddress() {
            return peerAddress;
        }

        private void connected() {
            if (closed) {
                return;
            }
            if (links.stopping) {
                fail(new IOException("closed"));
                return;
            }
            links.ends.add(this);
            try {
                if (handler == null) {
                    handler = accepted.get();
                }
                handler.connected(this);
            } catch (Throwable e) {
                fail(e);
            }
        }

        private void turn() {
            if (closing) {
                return;
            }
            awake.set(false);
            if (underWay >= CAPACITY) {
                awake.set(true);
                stalled = true;
                return;
            }
            int length;
            try {
                length = Objects.checkIndex(handler.fill(bytes), BYTES + 1);
            } catch (Throwable e) {
                fail(e);
                return;
            }
            if (length == 0) {
                return;
            }
            byte[] filled = Arrays.copyOf(bytes, length);
            underWay += length;
            hand(() -> peer.receive(filled));
            wakeWriter();
        }

        /** Has the peer do something, after what was handed to it before. */
        private void hand(Runnable arrival) {
            peer.links.run(() -> peer.arrive(arrival));
        }

        private void arrive(Runnable arrival) {
            if (cable.held || !waiting.isEmpty()) {
                waiting.add(arrival);
            } else if (!cable.cut) {
                arrival.run();
            }
        }

        private void releaseWaiting() {
            while (!cable.held && !waiting.isEmpty()) {
                Runnable arrival = waiting.remove();
                if (!cable.cut) {
                    arrival.run();
                }
            }
        }

        private void receive(byte[] filled) {
            peer.links.run(() -> peer.received(filled.length));
            if (closing) {
                return;
            }
            try {
                handler.received(filled, 0, filled.length);
            } catch (Throwable e) {
                fail(e);
            }
        }

        private void received(int length) {
            underWay -= length;
            if (stalled && underWay < CAPACITY) {
                stalled = false;
                links.run(this::turn);
            }
        }

        private void fail(Throwable e) {
            hangUp(closing ? null : e);
        }

        private void closeNow() {
            if (!closed) {
                hangUp(null);
            }
        }

        private void hangUp(Throwable cause) {
            hand(() -> peer.lost(new EOFException("the peer has closed the connection")));
            end(cause);
        }

        /** The other side has ended it, or nobody has; if this side was about to, it never knows. */
        private void lost(IOException cause) {
            end(closing ? null : cause);
        }

        private void end(Throwable cause) {
            if (closed) {
                return;
            }
            closing = true;
            closed = true;
            links.ends.remove(this);
            if (handler != null) {
                handler.closed(cause);
            }
        }
    }
}
