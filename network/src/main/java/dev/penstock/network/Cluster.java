package dev.penstock.network;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Subscription;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.membership.Membership;
import dev.penstock.network.membership.MembershipOptions;
import dev.penstock.network.membership.Refs;
import dev.penstock.network.membership.Registry;
import dev.penstock.network.membership.ViewChange;
import dev.penstock.network.peer.Directory;
import dev.penstock.network.peer.Node;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * This node's part in a cluster: who is in it, which actors are registered, and the connections over which their refs work.
 *
 * <p>A node is a member for others once it is in the membership and there is a connection to it. Of two nodes, that with the
 * lesser name connects. Threads: any.
 */
public final class Cluster implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");

    private enum State {
        /** In the membership; not reached yet. */
        NEW,
        REACHABLE,
        /** Reached before, and lost. */
        UNREACHABLE
    }

    private final ActorSystem system;
    private final ClusterOptions options;
    private final Member self;
    private final Node node;
    private final Membership membership;
    private final Registry registry;
    private final List<Consumer<? super MemberEvent>> subscribers = new CopyOnWriteArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Member, State> others =
            new LinkedHashMap<>(); // guarded by the lock; written on the membership thread
    private boolean closed; // guarded by the lock

    private Cluster(ActorSystem system, ClusterOptions options, LinkProvider links) throws IOException {
        this.system = system;
        this.options = options;
        Node[] made = new Node[1]; // nobody knows the port before the node is made
        InetSocketAddress address = listen(options, links, () -> made[0].accept());
        self = new Member(options.node(), Transport.incarnation(system), address);
        node = new Node(
                system,
                options.cluster(),
                self,
                options.codecs(),
                links,
                options.detection().toNanos(),
                new FromNode());
        made[0] = node;
        membership = new Membership(
                new MembershipOptions(
                        options.cluster(),
                        options.bind(),
                        options.seeds(),
                        options.detection(),
                        Optional.ofNullable(options.tls()).map(tls -> () -> tls.context(options.cluster()))),
                self);
        registry = new Registry(self, new ThisNodesRefs(), membership, node::isUp);
        node.directory((name, type, listener) -> registry.subscribe(
                name,
                type,
                entries -> listener.found(entries.stream()
                        .map(entry -> new Directory.Entry(entry.node(), entry.ref()))
                        .toList())));
    }

    private static InetSocketAddress listen(ClusterOptions options, LinkProvider links, Supplier<LinkHandler> accepted)
            throws IOException {
        InetSocketAddress wanted = new InetSocketAddress(options.bind().getAddress(), options.linkPort());
        try {
            return links.listen(wanted, accepted);
        } catch (IOException e) {
            String advice = options.linkPort() == 0
                    ? "bind(..) wants an address of this machine"
                    : "linkPort(..) wants a free port, or 0 for any, and bind(..) an address of this machine";
            throw new IOException("connections between actors: " + e.getMessage() + "; " + advice, e);
        }
    }

    /**
     * Joins a cluster, or begins one if no seed answers. Waits until this node is in the membership: one to two seconds;
     * longer if the node that has to let it in has just died. Connections to the others follow: {@link #awaitMembers}.
     *
     * @param system the system whose actors take part. Either may be closed first. Close the system first, so that its streams
     *     end for the other nodes as they do without a cluster; if the cluster is closed first, each side has lost the other
     * @param options the options
     * @return this node's part, to be closed
     * @throws IOException if a port is taken or an address not one of this machine, which it names, or the membership is not what
     *     was asked
     * @throws InterruptedException if interrupted meanwhile; nothing is left
     */
    public static Cluster join(ActorSystem system, ClusterOptions options) throws IOException, InterruptedException {
        Objects.requireNonNull(system, "system");
        if (options.isOpenByMistake()) {
            throw new IllegalArgumentException(options.bind()
                    + " is on a network, and there is neither tls() nor, if that is" + " meant, plaintext()");
        }
        LinkProvider links = options.transport().open(options.cluster(), options.tls());
        Cluster cluster = null;
        boolean joined = false;
        try {
            cluster = new Cluster(system, options, links);
            cluster.membership.join(cluster.new FromMembership());
            joined = true;
        } finally {
            if (!joined && cluster != null) {
                cluster.node.close();
            } else if (!joined) {
                links.close();
            }
        }
        return cluster;
    }

    /** {@return this node} */
    public Member self() {
        return self;
    }

    /** {@return the members that can be reached now, this one first} */
    public List<Member> members() {
        List<Member> members = new ArrayList<>();
        members.add(self);
        lock.lock();
        try {
            others.forEach((member, state) -> {
                if (state == State.REACHABLE) {
                    members.add(member);
                }
            });
        } finally {
            lock.unlock();
        }
        return members;
    }

    /**
     * Waits until there are so many members, this one among them, that can be reached.
     *
     * @param count how many
     * @param timeout for how long; zero or less does not wait
     * @return whether there are
     * @throws InterruptedException if interrupted before or meanwhile
     */
    public boolean awaitMembers(int count, Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lockInterruptibly();
        try {
            while (members().size() < count) {
                if (left <= 0 || closed) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells a subscriber of each change from now on, and first of the members that there are.
     *
     * @param subscriber called on the membership's thread; must not block
     * @return ends it
     */
    public Subscription subscribe(Consumer<? super MemberEvent> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        membership.execute(() -> {
            for (Member member : members()) {
                if (!member.equals(self)) {
                    tell(subscriber, new MemberEvent(member, MemberEvent.Kind.JOINED));
                }
            }
            subscribers.add(subscriber);
        });
        return () -> membership.execute(() -> subscribers.remove(subscriber));
    }

    /**
     * Has an actor of this system found under a key by all nodes, until it ends or is deregistered. Doing it twice is doing it
     * once.
     *
     * <p>From then on, until it ends, other nodes can tell it only what is of the {@linkplain ServiceKey#messageType type} of
     * one of its keys; the rest becomes dead letters, {@code UNHANDLED}, here.
     *
     * @param <M> its messages
     * @param key the key
     * @param actor the actor
     * @throws IllegalStateException if this node has registered as much as it may: 10,000 entries, or 1 MiB of names
     */
    public <M> void register(ServiceKey<M> key, ActorRef<M> actor) {
        registry.register(key, actor);
        if (system.inspect(actor).isEmpty()) { // it may have ended before it was in the registry
            registry.deregister(actor);
        }
    }

    /**
     * Spawns an actor that is found under a key from the beginning.
     *
     * @param <M> its messages
     * @param key the key
     * @param behavior its behavior
     * @param name its name
     * @return its ref
     */
    public <M> ActorRef<M> spawn(ServiceKey<M> key, Behavior<M> behavior, String name) {
        ActorRef<M> actor = system.spawn(behavior, name);
        register(key, actor);
        return actor;
    }

    /**
     * Has an actor no longer found under a key.
     *
     * @param <M> its messages
     * @param key the key
     * @param actor the actor
     * @return whether it was
     */
    public <M> boolean deregister(ServiceKey<M> key, ActorRef<M> actor) {
        return registry.deregister(key, actor);
    }

    /**
     * Looks up who is registered under a key, as far as this node knows at this moment, on members that can be reached.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @return the actors
     */
    public <M> Listing<M> lookup(ServiceKey<M> key) {
        return registry.lookup(key);
    }

    /**
     * Waits until so many actors are known to be registered under a key, on members that can be reached. Not from a subscriber,
     * on whose thread that becomes known.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @param count how many at least
     * @param timeout for how long; zero or less does not wait
     * @return the actors
     * @throws TimeoutException if there are fewer by then; it says which
     * @throws InterruptedException if interrupted before or meanwhile
     * @throws IllegalStateException if this is closed before or meanwhile
     */
    public <M> Listing<M> awaitListing(ServiceKey<M> key, int count, Duration timeout)
            throws TimeoutException, InterruptedException {
        long left = timeout.toNanos();
        Subscription subscription = subscribe(key, (Listing<M> listing) -> tellWaiting());
        lock.lockInterruptibly();
        try {
            while (true) {
                Listing<M> known = lookup(key);
                if (known.entries().size() >= count) {
                    return known;
                }
                if (closed) {
                    throw new IllegalStateException(this + " is closed");
                }
                if (left <= 0) {
                    throw new TimeoutException(known.without(count, timeout) + "; members that can be reached: "
                            + members().stream().map(Member::name).collect(Collectors.joining(", ")));
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
            subscription.close();
        }
    }

    private void tellWaiting() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells a subscriber who is registered under a key, now and on each change.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @param subscriber called on the membership's thread; must not block
     * @return ends it
     */
    public <M> Subscription subscribe(ServiceKey<M> key, Consumer<? super Listing<M>> subscriber) {
        return registry.subscribe(key, subscriber::accept);
    }

    /**
     * Leaves: the others are told, and the connections closed. What hangs on them ends as if this node were lost, but for what
     * has been sent already. Blocks, for some seconds at most. The system stays as it is; if it is closed before, actors and
     * streams have ended by then.
     */
    @Override
    public void close() {
        if (node.isOnLoop()) {
            throw new IllegalStateException("a cluster is not closed from the network's thread, for which it waits");
        }
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        membership.close();
        node.close();
    }

    @Override
    public String toString() {
        return options.node() + " of cluster " + options.cluster();
    }

    // ---- the membership's thread

    private void update(Member member, State state) {
        State before;
        lock.lock();
        try {
            before = state == null ? others.remove(member) : others.put(member, state);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        MemberEvent.Kind kind = kind(before, state);
        if (kind != null) {
            MemberEvent event = new MemberEvent(member, kind);
            subscribers.forEach(subscriber -> tell(subscriber, event));
        }
        registry.reachabilityChanged();
    }

    private static MemberEvent.Kind kind(State before, State after) {
        if (after == State.REACHABLE) {
            return before == State.UNREACHABLE
                    ? MemberEvent.Kind.REACHABLE
                    : before == State.REACHABLE ? null : MemberEvent.Kind.JOINED;
        }
        if (after == State.UNREACHABLE) {
            return before == State.REACHABLE ? MemberEvent.Kind.UNREACHABLE : null;
        }
        return after == null && before != null && before != State.NEW ? MemberEvent.Kind.LEFT : null;
    }

    private static void tell(Consumer<? super MemberEvent> subscriber, MemberEvent event) {
        try {
            subscriber.accept(event);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a subscriber failed when it was told " + event, e);
        }
    }

    private boolean isKnown(Member member) {
        lock.lock();
        try {
            return others.containsKey(member);
        } finally {
            lock.unlock();
        }
    }

    private final class FromMembership implements Membership.Listener {
        @Override
        public void view(ViewChange change) {
            node.members(change.members());
            registry.view(change);
            for (Member member : change.left()) {
                update(member, null);
            }
            for (Member member : change.joined()) {
                if (!member.equals(self)) {
                    update(member, node.isUp(member) ? State.REACHABLE : State.NEW);
                }
            }
        }

        @Override
        public void message(Member from, byte[] bytes) {
            registry.message(from, bytes);
        }
    }

    /** Called on the loop. */
    private final class FromNode implements Node.Listener {
        @Override
        public void up(Member member) {
            reached(member);
        }

        @Override
        public void down(Member member, String why) {
            reached(member);
        }

        /** As it is by then: a later change has been told by then, or will be. */
        private void reached(Member member) {
            membership.execute(() -> {
                if (isKnown(member)) {
                    update(member, node.isUp(member) ? State.REACHABLE : State.UNREACHABLE);
                }
            });
        }

        @Override
        public void ended(ActorRef<?> ref) {
            registry.deregister(ref);
        }
    }

    private final class ThisNodesRefs implements Refs {
        @Override
        public long export(ActorRef<?> local, Class<?> messages) {
            return node.export(local, messages);
        }

        @Override
        public ActorRef<?> remote(Member member, long uid, String path) {
            return node.remote(member, uid, path);
        }
    }
}
