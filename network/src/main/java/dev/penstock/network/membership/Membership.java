package dev.penstock.network.membership;

import dev.penstock.network.Member;
import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.util.MessageBatch;

/**
 * This node's part in a cluster.
 *
 * <p>Threads: any. Nothing but {@link #join(Listener)} and {@link #close()} waits. Listeners are called on one thread,
 * {@code penstock-membership-<node>}, one call after another.
 */
public final class Membership implements Channel, Scheduler, AutoCloseable {

    /** The most that can be broadcast at once, in bytes: what goes into one packet of JGroups. */
    public static final int MAX_MESSAGE = 48 << 10;

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");

    /** What others have sent and the listener has not received yet; more than this is dropped. */
    private static final long MAX_PENDING_BYTES = 16 << 20;

    private static final int MAX_EARLY = 256;
    private static final long LEAVE_MILLIS = 4_000;
    private static final long END_MILLIS = 1_000;

    /** Hears of the cluster, on the membership thread. */
    public interface Listener {

        /**
         * The members have changed, or parts of the cluster were merged. The first call is for the first view of this node.
         *
         * @param change who is there now
         */
        void view(ViewChange change);

        /**
         * A member has broadcast something.
         *
         * @param from the member; one of the last view
         * @param bytes the message
         */
        void message(Member from, byte[] bytes);
    }

    private final MembershipOptions options;
    private final Member self;
    private final Address address;
    private final MembershipThread thread;
    private final ClusterSockets sockets;
    private final CompletableFuture<ViewChange> firstView = new CompletableFuture<>();
    private final AtomicLong pendingBytes = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);

    // written: the thread that joins, before JGroups has threads; read: JGroups' threads, the membership thread
    private Listener listener;
    // written: the thread that joins, volatile; read: any thread
    private volatile JChannel channel;
    // written: the membership thread, volatile; read: any thread
    private volatile List<Address> others = List.of();

    // the membership thread only
    private Map<Address, Member> members = Map.of();
    private final ArrayDeque<Message> early = new ArrayDeque<>();

    /**
     * Makes one that takes no part yet: nothing is bound, no thread runs.
     *
     * @param options how to take part
     * @param self this node; its address is where its links are accepted, not where the membership listens
     */
    public Membership(MembershipOptions options, Member self) {
        this.options = options;
        this.self = self;
        this.address = NodeInfo.newAddress(self);
        this.thread = new MembershipThread(self.name());
        this.sockets = new ClusterSockets(self.name(), options.trust(), Timers.of(options.detection()));
    }

    /**
     * Makes one, and joins.
     *
     * @param options how to take part
     * @param self this node
     * @param listener hears of the cluster
     * @return the membership
     * @throws IOException as {@link #join(Listener)}
     * @throws InterruptedException as {@link #join(Listener)}
     */
    public static Membership join(MembershipOptions options, Member self, Listener listener)
            throws IOException, InterruptedException {
        Membership membership = new Membership(options, self);
        membership.join(listener);
        return membership;
    }

    /**
     * Joins the cluster, or begins one if no seed answers. Waits until this node has its first view: one to two seconds;
     * longer if the node that has to let it in has just died. The listener may be called before this returns. If this throws,
     * the membership is closed.
     *
     * @param hearer hears of the cluster
     * @throws IOException if the port is taken or the address is not one of this machine, if JGroups was configured from
     *     outside, or if a later life of this node is in the cluster
     * @throws InterruptedException if the thread was interrupted
     */
    public void join(Listener hearer) throws IOException, InterruptedException {
        if (listener != null) {
            throw new IllegalStateException("joined before");
        }
        listener = hearer;
        try {
            JChannel created = JGroupsStack.create(options, sockets, sockets.threads());
            created.name(self.name());
            created.addAddressGenerator(() -> address);
            created.setReceiver(new FromJGroups());
            channel = created;
            created.connect(options.cluster());
            if (closed.get()) {
                created.close(); // connecting was faster than closing
                throw new IOException("closed");
            }
            JGroupsStack.verify(created, options);
            ViewChange first = firstView.get(10, TimeUnit.SECONDS);
            if (!first.members().contains(self)) {
                throw new IOException("a later life of node " + self.name() + " is in the cluster: " + first.members());
            }
        } catch (InterruptedException e) {
            close();
            throw e;
        } catch (Exception e) {
            close();
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            String address =
                    options.bind().getHostString() + ":" + options.bind().getPort();
            String why = cause instanceof BindException
                    ? "cannot listen on " + address
                            + " for the membership, as another program does, or it is no address of"
                            + " this machine; bind(..) wants a free port of one"
                    : "at " + address + ": " + cause;
            throw new IOException("cannot join cluster " + options.cluster() + ": " + why, cause);
        }
    }

    @Override
    public void broadcast(byte[] bytes) {
        if (bytes.length > MAX_MESSAGE) {
            throw new IllegalArgumentException(bytes.length + " bytes are more than " + MAX_MESSAGE);
        }
        JChannel connected = channel;
        // One by one, not as a multicast: a member that has stopped reading then delays nobody else's copy, and no
        // heartbeat.
        for (Address other : others) {
            try {
                connected.send(new BytesMessage(other, bytes));
            } catch (Exception e) {
                LOG.log(System.Logger.Level.DEBUG, "not sent to " + other, e); // closed, or not a member any more
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(task);
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        thread.schedule(delay, task);
    }

    /** {@return how many messages of others were dropped: they were not from members, or more than the listener kept up with} */
    public long droppedMessages() {
        return dropped.get();
    }

    /** {@return how many connections were refused because they brought no certificate that is trusted, or nothing in time} */
    public long refusedConnections() {
        return sockets.refused();
    }

    /**
     * Leaves the cluster: tells the others, if they can be reached within a few seconds, and ends all threads. After it has
     * returned, the listener is not called any more.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            if (!thread.isCurrent()) {
                awaitUninterruptibly(ended, LEAVE_MILLIS + 2 * END_MILLIS);
            }
            return;
        }
        firstView.completeExceptionally(new IOException("closed")); // who joins waits no longer
        JChannel connected = channel;
        if (connected != null) {
            CountDownLatch left = new CountDownLatch(1);
            Thread leaver = new Thread(
                    () -> {
                        try {
                            connected.close();
                        } finally {
                            left.countDown();
                        }
                    },
                    "penstock-leave-" + self.name());
            leaver.setDaemon(true);
            leaver.start();
            if (!awaitUninterruptibly(left, LEAVE_MILLIS)) {
                sockets.close(); // whoever waits for a peer wakes up
                awaitUninterruptibly(left, END_MILLIS);
            }
        }
        sockets.close();
        try {
            thread.close(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.countDown();
    }

    private static boolean awaitUninterruptibly(CountDownLatch latch, long millis) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            while (true) {
                try {
                    return latch.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        return "Membership[" + self.name() + " in " + options.cluster() + "]";
    }

    // On the membership thread

    private void installed(View view) {
        if (closed.get()) {
            return;
        }
        Map<Address, Member> now = newestLives(view);
        List<Member> before = List.copyOf(members.values());
        List<Member> after = List.copyOf(now.values());
        members = now;
        others = now.keySet().stream().filter(other -> !other.equals(address)).toList();
        ViewChange change =
                new ViewChange(after, without(after, before), without(before, after), view instanceof MergeView);
        LOG.log(System.Logger.Level.DEBUG, () -> self.name() + " sees " + change);
        if (change.merged() || !before.equals(after)) {
            MembershipThread.guarded(() -> listener.view(change));
        }
        firstView.complete(change);
        while (!early.isEmpty()) {
            deliver(early.poll());
        }
    }

    /** The members of a view by their addresses, each name with its greatest incarnation only, in the order of the view. */
    private Map<Address, Member> newestLives(View view) {
        Map<String, Address> byName = new LinkedHashMap<>();
        Map<Address, Member> byAddress = new HashMap<>();
        for (Address candidate : view.getMembers()) {
            Optional<Member> member = candidate.equals(address) ? Optional.of(self) : NodeInfo.member(candidate);
            member.ifPresent(found -> {
                byAddress.put(candidate, found);
                byName.merge(
                        found.name(),
                        candidate,
                        (known, other) -> byAddress.get(known).incarnation() >= found.incarnation() ? known : other);
            });
        }
        Map<Address, Member> newest = new LinkedHashMap<>();
        byName.values().forEach(chosen -> newest.put(chosen, byAddress.get(chosen)));
        return newest;
    }

    private static List<Member> without(List<Member> all, List<Member> some) {
        List<Member> rest = new ArrayList<>(all);
        rest.removeAll(some);
        return rest;
    }

    private void received(Message message) {
        if (members.containsKey(message.getSrc())) {
            deliver(message);
        } else if (early.size() < MAX_EARLY) {
            early.add(message); // its sender may be of a view that is just being installed
        } else {
            drop(message);
        }
    }

    private void deliver(Message message) {
        Member from = members.get(message.getSrc());
        if (from == null) {
            drop(message);
            return;
        }
        pendingBytes.addAndGet(-message.getLength());
        MembershipThread.guarded(() -> listener.message(from, bytesOf(message)));
    }

    private void drop(Message message) {
        pendingBytes.addAndGet(-message.getLength());
        dropped.incrementAndGet();
    }

    private static byte[] bytesOf(Message message) {
        byte[] bytes = new byte[message.getLength()];
        System.arraycopy(message.getArray(), message.getOffset(), bytes, 0, bytes.length);
        return bytes;
    }

    /** On JGroups' threads: hands over. */
    private final class FromJGroups implements Receiver {

        @Override
        public void viewAccepted(View view) {
            thread.execute(() -> installed(view));
        }

        @Override
        public void receive(Message message) {
            // Only bytes: other kinds of messages would be deserialized.
            if (!(message instanceof BytesMessage) || !message.hasArray()) {
                dropped.incrementAndGet();
                return;
            }
            if (pendingBytes.addAndGet(message.getLength()) > MAX_PENDING_BYTES) {
                drop(message);
                return;
            }
            thread.execute(() -> received(message));
        }

        @Override
        public void receive(MessageBatch batch) {
            for (Message message : batch) {
                receive(message);
            }
        }
    }
}
