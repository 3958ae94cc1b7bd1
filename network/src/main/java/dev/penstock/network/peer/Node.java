package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Subscription;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.Loop;
import dev.penstock.network.log.RateLimitedLog;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** This node as its peers see it: what it exports, whom it knows, and the connections. */
public final class Node implements AutoCloseable {

    /** The beginning of each client's name. */
    public static final String CLIENT = "client/";

    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final int MAX_WAITING = 16;
    private static final long GOODBYE_MILLIS =
            2_000; // each connection takes one second at most, to say it, and one to end

    /** Hears of connections; on the loop. */
    public interface Listener {

        /**
         * The member can be reached now.
         *
         * @param member the member
         */
        void up(Member member);

        /**
         * The member can be reached no more, for now.
         *
         * @param member the member
         * @param why why
         */
        void down(Member member, String why);

        /**
         * An actor of this node that others know has ended.
         *
         * @param ref the actor
         */
        default void ended(ActorRef<?> ref) {}
    }

    private final ActorSystem system;
    private final String cluster;
    private final Member self;
    private final Codecs codecs;
    private final LinkProvider links;
    private final long detectionNanos;
    private final Listener listener;
    private final Exports exports = new Exports();
    private final RateLimitedLog log;
    private final ActorRef<ActorRef<?>> localWatch;

    // written: the loop; read: any thread
    private final Map<PeerId, Peer> peers = new ConcurrentHashMap<>();
    // the loop only: who greeted, and is not known to be a member yet
    private final Map<Connection, Loop.Timer> waiting = new HashMap<>();
    private boolean closed;
    private final Set<Connection> leaving = new HashSet<>(); // on which a good-bye is on its way
    private int lastEpoch;
    private Consumer<Throwable> onContactLost = why -> {};
    // written: whoever makes the node, before it listens; read: the loop
    private volatile Directory directory = (key, type, listener) -> () -> {};

    private final CountDownLatch left = new CountDownLatch(1); // nobody is to be told good-bye any more

    private record PeerId(String name, long incarnation) {}

    /**
     * Makes one that nobody can reach yet.
     *
     * @param system whose actors these are
     * @param cluster the name of the cluster
     * @param self this node
     * @param codecs what may travel
     * @param links the transport; closed with the node
     * @param detectionNanos after so long a silence a peer is lost
     * @param listener hears of connections
     */
    public Node(
            ActorSystem system,
            String cluster,
            Member self,
            Codecs codecs,
            LinkProvider links,
            long detectionNanos,
            Listener listener) {
        this.system = system;
        this.cluster = cluster;
        this.self = self;
        this.codecs = codecs;
        this.links = links;
        this.detectionNanos = detectionNanos;
        this.listener = listener;
        log = new RateLimitedLog(system.clock()::nanoTime);
        localWatch = system.spawn(
                LocalWatch.create(this::actorEnded),
                "$network-" + NUMBERS.incrementAndGet()); // the one before may not have ended yet
    }

    // ---- any thread

    /** {@return what hangs on a connection that somebody else made} */
    public dev.penstock.network.link.LinkHandler accept() {
        return Connection.accepting(this);
    }

    /**
     * Takes a new view of the cluster: peers that are not in it any more are lost.
     *
     * @param members all members, this one among them or not
     */
    public void members(List<Member> members) {
        onLoop(() -> view(members));
    }

    /**
     * Makes a ref of a member's actor.
     *
     * @param <M> its messages
     * @param member the member
     * @param uid its number there
     * @param path its path there
     * @return the ref
     */
    public <M> ActorRef<M> remote(Member member, long uid, String path) {
        return new RemoteActorRef<>(this, member, uid, path);
    }

    /**
     * Makes a ref known to others.
     *
     * @param ref a ref of this node
     * @return its number
     */
    public long export(ActorRef<?> ref) {
        if (ref instanceof RemoteActorRef<?> remote && remote.node() == this) {
            return exports.exportRelay(remote);
        }
        if (system.inspect(ref).isEmpty()) { // of an ask, or the user's own, or it has ended
            return exports.exportOther(ref);
        }
        return exports.exportActor(ref, localWatch::tell);
    }

    /**
     * Makes an actor known to others, who find it by a key: it takes from them messages of the types of its keys alone, until
     * it ends.
     *
     * @param ref an actor of this node
     * @param messages the type of the key's messages
     * @return its number
     */
    public long export(ActorRef<?> ref, Class<?> messages) {
        long uid = export(ref);
        if (exports.isExportedActor(ref)) {
            exports.takes(uid, messages);
        }
        return uid;
    }

    /** {@return whether the caller is on the node's thread, from which it cannot be closed} */
    public boolean isOnLoop() {
        return links.loop().inLoop();
    }

    /** Runs a task on the loop once an actor of this node has ended; never for a ref that stands for none. */
    void whenEnded(ActorRef<?> ref, Runnable task) {
        CompletableFuture<Void> stopped;
        try {
            stopped = system.whenStopped(ref);
        } catch (IllegalArgumentException e) { // of an ask, or the user's own
            return;
        }
        stopped.whenComplete((nothing, e) -> onLoop(task));
    }

    /**
     * Sets where clients look keys up.
     *
     * @param registry the registry of the cluster
     */
    public void directory(Directory registry) {
        directory = registry;
    }

    /**
     * Connects this client to a member.
     *
     * @param address the address of its links
     * @param onLost hears, on the loop, that the connection was lost or could not be made
     */
    public void connect(InetSocketAddress address, Consumer<Throwable> onLost) {
        onLoop(() -> {
            onContactLost = onLost;
            links.dial(address, Connection.dialingAnybody(this));
        });
    }

    /**
     * Asks the member that this client has reached for a key.
     *
     * @param key the name of the key
     * @param type its type
     * @param listener hears what is registered, now and on each change; on the loop
     * @return ends it; nothing if there is no connection, in which case nobody will hear
     */
    public Optional<Subscription> lookup(String key, String type, Directory.Listener listener) {
        for (Peer peer : peers.values()) {
            Session session = peer.session();
            if (session != null) {
                return Optional.of(session.lookup(key, type, listener));
            }
        }
        return Optional.empty();
    }

    /**
     * Whether there is a connection to a member.
     *
     * @param member the member
     * @return whether there is one
     */
    public boolean isUp(Member member) {
        Peer peer = peer(member.name(), member.incarnation());
        return peer != null && peer.session() != null;
    }

    /** Says good-bye to all peers, and ends the transport. Blocks until its thread has ended. */
    @Override
    public void close() {
        if (links.loop().inLoop()) {
            throw new IllegalStateException("a node is not closed from its own thread, for which it waits");
        }
        boolean asked = onLoop(() -> {
            closed = true;
            List.copyOf(waiting.keySet()).forEach(Connection::close);
            view(List.of());
            tellIfLeft();
        });
        if (asked) {
            try {
                left.await(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        links.close();
        system.stop(localWatch);
    }

    ActorSystem system() {
        return system;
    }

    String cluster() {
        return cluster;
    }

    Member self() {
        return self;
    }

    Codecs codecs() {
        return codecs;
    }

    LinkProvider links() {
        return links;
    }

    Exports exports() {
        return exports;
    }

    RateLimitedLog log() {
        return log;
    }

    long detectionNanos() {
        return detectionNanos;
    }

    long now() {
        return system.clock().nanoTime();
    }

    long jitter(long up) {
        return system.random().nextLong(up + 1);
    }

    /** Whether that is a client of this member, whom no other node reaches. */
    boolean isClientOfThis(Member member) {
        return member.name().startsWith(CLIENT);
    }

    boolean isClient() {
        return self.name().startsWith(CLIENT);
    }

    String uri(String node) {
        return "penstock://" + cluster + "/" + node;
    }

    Peer peer(String name, long incarnation) {
        return peers.get(new PeerId(name, incarnation));
    }

    /** False if the loop has ended. */
    boolean onLoop(Runnable task) {
        if (links.loop().inLoop()) {
            task.run();
            return true;
        }
        try {
            links.loop().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    // ---- the loop

    private void view(List<Member> members) {
        for (Peer peer : new ArrayList<>(peers.values())) {
            if (closed) {
                remove(peer, session -> session.leave(peer + " is left"));
            } else if (peer.kind() == Peer.Kind.MEMBER && !members.contains(peer.member())) {
                remove(peer, session -> session.excluded(peer + " is no member any more"));
            }
        }
        if (closed) {
            return;
        }
        for (Member member : members) {
            PeerId id = new PeerId(member.name(), member.incarnation());
            if (!member.name().equals(self.name()) && !peers.containsKey(id)) {
                Peer peer = new Peer(this, member, Peer.Kind.MEMBER);
                peers.put(id, peer);
                peer.dial();
            }
        }
        List.copyOf(waiting.keySet()).forEach(Connection::answer);
    }

    /** Whether there are streams from this node; for tests. */
    boolean hasStreams() {
        return peers.values().stream()
                .anyMatch(peer -> peer.session() != null && peer.session().hasStreams());
    }

    /** Closes all connections, which are then made anew; for tests. */
    void breakConnections() {
        onLoop(() -> {
            for (Peer peer : peers.values()) {
                Session session = peer.session();
                if (session != null) {
                    session.end("broken for a test", null);
                }
            }
        });
    }

    /** A client greets: the peer that it is from now on; a former life of it is over. */
    Peer client(Greeting hello, String address) {
        if (closed) {
            return null;
        }
        PeerId id = new PeerId(hello.name(), hello.incarnation());
        Peer known = peers.get(id);
        if (known == null) {
            for (Peer peer : peers.values()) {
                if (peer.member().name().equals(hello.name())) {
                    remove(peer, session -> session.end(peer + " has come in another life", null));
                }
            }
            known = new Peer(this, member(hello, address), Peer.Kind.CLIENT);
            peers.put(id, known);
        }
        return known;
    }

    /** This client has reached a member. */
    Peer contact(Greeting theirs, String address) {
        PeerId id = new PeerId(theirs.name(), theirs.incarnation());
        return peers.computeIfAbsent(id, unused -> new Peer(this, member(theirs, address), Peer.Kind.CONTACT));
    }

    private static Member member(Greeting greeting, String address) {
        return new Member(greeting.name(), greeting.incarnation(), InetSocketAddress.createUnresolved(address, 0));
    }

    /** This client has lost the member, or has not reached it. */
    void contactLost(Throwable why) {
        onContactLost.accept(why);
    }

    Directory directory() {
        return directory;
    }

    private void remove(Peer peer, Consumer<Session> end) {
        peers.remove(new PeerId(peer.member().name(), peer.member().incarnation()));
        peer.gone(end);
        exports.dropRelaysTo(peer.member());
    }

    /** The last connection to one that is no member is over: whoever comes back is a peer anew. */
    void forget(Peer peer) {
        if (peer(peer.member().name(), peer.member().incarnation()) == peer) {
            remove(peer, session -> {}); // it has none
        }
    }

    void up(Peer peer) {
        listener.up(peer.member());
    }

    /** That is no orderly end. */
    void lost(Peer peer, String why) {
        log.info("lost", () -> self.name() + " has lost " + peer + ": " + why);
    }

    void down(Peer peer, String why) {
        listener.down(peer.member(), why);
    }

    /** No connection to this node has had it, whatever the peer remembers. */
    int nextEpoch(int theirs, int ours) {
        lastEpoch = Math.max(lastEpoch, Math.max(theirs, ours)) + 1;
        return lastEpoch;
    }

    /** How many peers there are, for tests. */
    int peers() {
        return peers.size();
    }

    /** Somebody who is not known here yet wants to be answered; false if too many do. */
    boolean awaitsMember(Connection connection) {
        if (waiting.containsKey(connection)) {
            return true;
        }
        if (closed || waiting.size() >= MAX_WAITING) {
            return false;
        }
        waiting.put(
                connection,
                links.loop().schedule(detectionNanos, () -> connection.reject("it is not a member of the cluster")));
        return true;
    }

    boolean isClosed() {
        return closed;
    }

    void leaves(Connection connection) {
        leaving.add(connection);
    }

    void isOver(Connection connection) {
        leaving.remove(connection);
        tellIfLeft();
    }

    private void tellIfLeft() {
        if (closed && leaving.isEmpty()) {
            left.countDown();
        }
    }

    void waitsNoMore(Connection connection) {
        Loop.Timer timer = waiting.remove(connection);
        if (timer != null) {
            timer.cancel();
        }
    }

    void violated(Connection connection, Throwable violation) {
        log.warn("violation", () -> connection + " broke the protocol: " + violation.getMessage());
    }

    void refused(Connection connection, Throwable why) {
        log.warn("refused", why::getMessage);
    }

    private void actorEnded(ActorRef<?> ref, Throwable failure) { // in the turn of the watching actor
        onLoop(() -> {
            listener.ended(ref);
            long uid = exports.ended(ref);
            for (Peer peer : peers.values()) {
                Session session = peer.session();
                if (session != null) {
                    session.actorEnded(uid, failure);
                }
            }
        });
    }
}
