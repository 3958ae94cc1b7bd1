package dev.penstock.network.membership;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Subscription;
import dev.penstock.network.Listing;
import dev.penstock.network.Member;
import dev.penstock.network.ServiceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The actors that are registered, on this node and on the others.
 *
 * <p>Each node owns a list of its own, and sends it whole: shortly after a change, when nodes join, when parts of the cluster
 * are merged, and now and then. The others keep the newest list of each life of a node, as long as it is in the view. Lists
 * are never merged with one another, so nothing has to be remembered of what was removed.
 *
 * <p>Threads: any, for what users call. The listener's methods, and subscribers: the membership thread.
 */
public final class Registry implements Membership.Listener {

    /** Changes within this time travel together. */
    static final Duration DEBOUNCE = Duration.ofMillis(20);

    /** A list that was lost in spite of all is sent again within this time. */
    static final Duration REPEAT = Duration.ofSeconds(30);

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final int MAX_TEXT = 1_000;

    /** A key as it travels. */
    private record Key(String name, String type) {
        static Key of(ServiceKey<?> key) {
            return new Key(key.name(), key.messageType().getName());
        }

        static Key of(Snapshots.Entry entry) {
            return new Key(entry.name(), entry.type());
        }
    }

    /** What is known of another node. Guarded by the registry's lock; the assembly: the membership thread only. */
    private static final class Remote {
        private final Snapshots.Assembly assembly = new Snapshots.Assembly();
        private Table table = new Table();
    }

    /** The entries of one node by their keys, in the order in which they were registered. */
    private static final class Table {
        private final Map<Key, Map<Snapshots.Entry, Listing.Entry<?>>> byKey = new LinkedHashMap<>();
        private int size;

        Listing.Entry<?> get(Snapshots.Entry entry) {
            return byKey.getOrDefault(Key.of(entry), Map.of()).get(entry);
        }

        void put(Snapshots.Entry entry, Listing.Entry<?> listed) {
            if (byKey.computeIfAbsent(Key.of(entry), unused -> new LinkedHashMap<>())
                            .put(entry, listed)
                    == null) {
                size++;
            }
        }

        /** Removes an actor's entry of that key, or all of its entries; answers them. */
        List<Snapshots.Entry> remove(ActorRef<?> actor, Key only) {
            List<Snapshots.Entry> removed = new ArrayList<>();
            byKey.forEach((key, entries) -> {
                if (only == null || only.equals(key)) {
                    entries.entrySet().removeIf(registered -> {
                        boolean meant = registered.getValue().ref().equals(actor);
                        if (meant) {
                            removed.add(registered.getKey());
                        }
                        return meant;
                    });
                }
            });
            byKey.values().removeIf(Map::isEmpty);
            size -= removed.size();
            return removed;
        }

        List<Snapshots.Entry> entries() {
            return byKey.values().stream()
                    .flatMap(entries -> entries.keySet().stream())
                    .toList();
        }

        // A key is for actors that take its messages: an actor is registered by a key of the same name and message
        // type.
        @SuppressWarnings("unchecked")
        <M> void collect(Key key, List<Listing.Entry<M>> found) {
            byKey.getOrDefault(key, Map.of()).values().forEach(listed -> found.add((Listing.Entry<M>) listed));
        }
    }

    /** One subscription. The last entries: the membership thread only. */
    private final class Watcher<M> implements Subscription {
        private final Key key;
        private final Consumer<List<Listing.Entry<M>>> consumer;
        private List<Listing.Entry<M>> last;
        // written: who closes, volatile; read: the membership thread
        private volatile boolean closed;

        Watcher(Key key, Consumer<List<Listing.Entry<M>>> consumer) {
            this.key = key;
            this.consumer = consumer;
        }

        void update() {
            List<Listing.Entry<M>> now = find(key);
            if (closed || now.equals(last)) {
                return;
            }
            last = now;
            try {
                consumer.accept(now);
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.WARNING, "a subscriber to " + key + " failed", e);
            }
        }

        @Override
        public void close() {
            closed = true;
            watchers.remove(this);
        }
    }

    private final Member self;
    private final Refs refs;
    private final Channel channel;
    private final Scheduler scheduler;
    private final Predicate<Member> reachable;
    private final List<Watcher<?>> watchers = new CopyOnWriteArrayList<>();
    private final AtomicLong malformed = new AtomicLong();

    // guarded by this
    private final Table own = new Table();
    private final Map<Member, Remote> remotes = new LinkedHashMap<>(); // in the order of the view
    private int ownBytes;
    private long version = 1; // of the own entries
    private boolean sendScheduled;
    private boolean updateScheduled;

    // the membership thread only
    private boolean repeating;

    /**
     * Makes an empty one. It sends nothing before its first view.
     *
     * @param self this node
     * @param refs turns refs into what travels, and back
     * @param channel the way to the others
     * @param scheduler the membership thread
     * @param reachable whether actors of that other member are to be found now; any thread
     */
    public Registry(Member self, Refs refs, Channel channel, Scheduler scheduler, Predicate<Member> reachable) {
        this.reachable = reachable;
        this.self = self;
        this.refs = refs;
        this.channel = channel;
        this.scheduler = scheduler;
    }

    /**
     * Makes one that goes with a membership; which is given it, or someone who forwards to it, as listener.
     *
     * @param self this node
     * @param refs turns refs into what travels, and back
     * @param membership the membership
     * @param reachable whether actors of that other member are to be found now; any thread
     */
    public Registry(Member self, Refs refs, Membership membership, Predicate<Member> reachable) {
        this(self, refs, membership, membership, reachable);
    }

    /**
     * Registers an actor of this node. It is found by {@link #lookup} here when this returns, and on the other nodes a little
     * later, until it is deregistered. Nothing happens if it is registered under the key already.
     *
     * @param <M> its messages
     * @param key the key
     * @param actor the actor
     * @throws IllegalStateException if there are as many registered on this node as there can be: 10,000, or 1 MiB of names
     *     and paths
     * @throws IllegalArgumentException if the path, or the name of the message type, has more than 1,000 characters
     */
    public <M> void register(ServiceKey<M> key, ActorRef<M> actor) {
        String type = key.messageType().getName();
        String path = actor.path();
        if (type.length() > MAX_TEXT || path.length() > MAX_TEXT) {
            throw new IllegalArgumentException("the names of an actor's path and message type are too long: " + path);
        }
        Snapshots.Entry entry = new Snapshots.Entry(key.name(), type, refs.export(actor, key.messageType()), path);
        synchronized (this) {
            if (own.get(entry) != null) {
                return;
            }
            int bytes = ownBytes + entry.bytes();
            if (own.size == Snapshots.MAX_ENTRIES || Snapshots.bytesOf(bytes) > Snapshots.MAX_BYTES) {
                throw new IllegalStateException("no more than " + Snapshots.MAX_ENTRIES + " actors and "
                        + Snapshots.MAX_BYTES + " bytes can be registered on a node");
            }
            own.put(entry, new Listing.Entry<>(self, actor));
            ownBytes = bytes;
            changed();
        }
    }

    /**
     * Removes an actor of this node from a key.
     *
     * @param <M> its messages
     * @param key the key
     * @param actor the actor
     * @return whether it was there
     */
    public <M> boolean deregister(ServiceKey<M> key, ActorRef<M> actor) {
        return removeOwn(actor, Key.of(key));
    }

    /**
     * Removes an actor of this node from all keys: it has ended.
     *
     * @param actor the actor
     * @return whether there was one
     */
    public boolean deregister(ActorRef<?> actor) {
        return removeOwn(actor, null);
    }

    private synchronized boolean removeOwn(ActorRef<?> actor, Key key) {
        List<Snapshots.Entry> removed = own.remove(actor, key);
        removed.forEach(entry -> ownBytes -= entry.bytes());
        if (!removed.isEmpty()) {
            changed();
        }
        return !removed.isEmpty();
    }

    /**
     * The actors that are registered under a key, as far as this node knows.
     *
     * @param <M> their messages
     * @param key the key
     * @return the listing; empty if there are none
     */
    public <M> Listing<M> lookup(ServiceKey<M> key) {
        return new Listing<>(key, find(Key.of(key)));
    }

    private synchronized <M> List<Listing.Entry<M>> find(Key wanted) {
        List<Listing.Entry<M>> found = new ArrayList<>();
        own.collect(wanted, found);
        remotes.forEach((member, remote) -> {
            if (reachable.test(member)) {
                remote.table.collect(wanted, found);
            }
        });
        return found;
    }

    /** Which members can be reached has changed. */
    public synchronized void reachabilityChanged() {
        scheduleUpdate();
    }

    /**
     * Hands over the listing of a key as it is, soon, and again each time it has changed. Listings may be passed over if
     * changes follow one another quickly; the last one never is.
     *
     * @param <M> the messages of the actors
     * @param key the key
     * @param subscriber receives the listings, on the membership thread; must not block
     * @return ends the subscription
     */
    public <M> Subscription subscribe(ServiceKey<M> key, Consumer<Listing<M>> subscriber) {
        return this.<M>subscribe(Key.of(key), entries -> subscriber.accept(new Listing<>(key, entries)));
    }

    /**
     * The same, for one who knows the key by its names alone.
     *
     * @param name the name of the key
     * @param type the name of the type of its messages
     * @param subscriber receives the entries, on the membership thread; must not block
     * @return ends the subscription
     */
    public Subscription subscribe(String name, String type, Consumer<List<Listing.Entry<Object>>> subscriber) {
        return subscribe(new Key(name, type), subscriber);
    }

    private <M> Subscription subscribe(Key key, Consumer<List<Listing.Entry<M>>> subscriber) {
        Watcher<M> watcher = new Watcher<>(key, subscriber);
        watchers.add(watcher);
        scheduler.execute(watcher::update);
        return watcher;
    }

    /** {@return how many messages of other nodes could not be read, and were dropped} */
    public long malformed() {
        return malformed.get();
    }

    /** The own entries have changed. With the lock held. */
    private void changed() {
        version++;
        scheduleSend();
        scheduleUpdate();
    }

    private void scheduleSend() {
        if (!sendScheduled) {
            sendScheduled = true;
            scheduler.schedule(DEBOUNCE, this::send);
        }
    }

    private void scheduleUpdate() {
        if (!updateScheduled) {
            updateScheduled = true;
            scheduler.execute(this::update);
        }
    }

    // On the membership thread

    @Override
    public void view(ViewChange change) {
        synchronized (this) {
            Map<Member, Remote> before = new HashMap<>(remotes);
            remotes.clear();
            for (Member member : change.members()) {
                if (!member.equals(self)) {
                    Remote known = before.get(member);
                    remotes.put(member, known != null ? known : new Remote());
                }
            }
            if (!change.joined().isEmpty() || change.merged()) {
                scheduleSend();
            }
        }
        update();
        if (!repeating) {
            repeating = true;
            scheduler.schedule(REPEAT, this::repeat);
        }
    }

    @Override
    public void message(Member from, byte[] bytes) {
        Remote remote;
        synchronized (this) {
            remote = remotes.get(from);
        }
        if (remote == null) {
            return; // of this node itself, or of no member
        }
        try {
            List<Snapshots.Entry> snapshot = remote.assembly.add(bytes);
            if (snapshot != null) {
                Table table = listed(from, remote, snapshot);
                synchronized (this) {
                    remote.table = table;
                }
                update();
            }
        } catch (Snapshots.Malformed e) {
            malformed.incrementAndGet();
            LOG.log(System.Logger.Level.DEBUG, "from " + from, e);
        }
    }

    /** The entries of a snapshot; those that were there before are the same objects. */
    private Table listed(Member from, Remote remote, List<Snapshots.Entry> snapshot) {
        Table table = new Table();
        for (Snapshots.Entry entry : snapshot) {
            Listing.Entry<?> known = remote.table.get(entry); // written on this thread only
            table.put(
                    entry,
                    known != null ? known : new Listing.Entry<>(from, refs.remote(from, entry.uid(), entry.path())));
        }
        return table;
    }

    private void send() {
        List<Snapshots.Entry> entries;
        long sent;
        synchronized (this) {
            sendScheduled = false;
            if (remotes.isEmpty()) {
                return;
            }
            entries = own.entries();
            sent = version;
        }
        Snapshots.encode(sent, entries).forEach(channel::broadcast);
    }

    private void repeat() {
        send();
        scheduler.schedule(REPEAT, this::repeat);
    }

    private void update() {
        synchronized (this) {
            updateScheduled = false;
        }
        watchers.forEach(Watcher::update);
    }
}
