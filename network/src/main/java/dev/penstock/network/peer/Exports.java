package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.Member;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The refs of this node that other nodes know, each by a number that is given once in this life of the node.
 *
 * <p>An actor is kept until it ends. Other refs, of asks and of users' own making, are held weakly: an ask is held by its
 * system as long as it waits. Threads: any.
 */
final class Exports {

    private static final int MAX_RELAYED_ASKS = 65_536;

    private final Map<Long, Object> byUid = new HashMap<>(); // a ref, or a WeakExport
    private final Map<ActorRef<?>, Long> actors = new IdentityHashMap<>();
    private final Map<Long, Set<Class<?>>> messages = new HashMap<>(); // of the actors that are found by keys
    private final Map<Object, Long> others = new HashMap<>(); // keyed by WeakExport
    private final Map<RemoteActorRef<?>, Long> relays = new HashMap<>();
    private final Map<Long, RemoteActorRef<?>> relaysOfAsks = new LinkedHashMap<>(); // those of relays that serve once
    private final ReferenceQueue<ActorRef<?>> cleared = new ReferenceQueue<>();
    private long last;

    /** The number of an actor's ref; the first time, has it watched. */
    synchronized long exportActor(ActorRef<?> ref, Consumer<ActorRef<?>> watch) {
        Long known = actors.get(ref);
        if (known != null) {
            return known;
        }
        long uid = ++last;
        actors.put(ref, uid);
        byUid.put(uid, ref);
        watch.accept(ref);
        return uid;
    }

    /** From now on the actor takes messages of that type from others; of the types that were said, if any was. */
    synchronized void takes(long uid, Class<?> type) {
        if (byUid.containsKey(uid)) { // or it has ended meanwhile
            messages.computeIfAbsent(uid, unused -> new HashSet<>()).add(type);
        }
    }

    /** Whether whoever is known by that number takes messages of that class, as far as its keys say. */
    synchronized boolean isTaken(long uid, Class<?> message) {
        Set<Class<?>> types = messages.get(uid);
        if (types == null) {
            return true;
        }
        for (Class<?> type : types) {
            if (type.isAssignableFrom(message)) {
                return true;
            }
        }
        return false;
    }

    synchronized boolean isExportedActor(ActorRef<?> ref) {
        return actors.containsKey(ref);
    }

    /** An actor of another node, for one that cannot reach it itself: what is told to the number is passed on. */
    synchronized long exportRelay(RemoteActorRef<?> ref) {
        Long known = relays.get(ref);
        if (known != null) {
            return known;
        }
        long uid = ++last;
        relays.put(ref, uid);
        byUid.put(uid, ref);
        if (ref.isOfAnAsk()) {
            if (relaysOfAsks.size() >= MAX_RELAYED_ASKS) {
                dropRelay(relaysOfAsks.keySet().iterator().next()); // the oldest will hardly be answered any more
            }
            relaysOfAsks.put(uid, ref);
        }
        return uid;
    }

    /** Something was told by that number: if it is that of an ask, it was the answer. */
    synchronized boolean answered(long uid) {
        if (relaysOfAsks.containsKey(uid)) {
            dropRelay(uid);
            return true;
        }
        ActorRef<?> ref = isWeak(uid) ? find(uid) : null;
        return ref != null && RemoteActorRef.isOfAnAsk(ref);
    }

    private void dropRelay(long uid) {
        relays.remove(relaysOfAsks.remove(uid));
        byUid.remove(uid);
    }

    /** Nobody reaches the actors of that node any more. */
    synchronized void dropRelaysTo(Member member) {
        relays.entrySet().removeIf(entry -> {
            boolean there = entry.getKey().member().equals(member);
            if (there) {
                byUid.remove(entry.getValue());
                relaysOfAsks.remove(entry.getValue());
            }
            return there;
        });
    }

    synchronized long exportOther(ActorRef<?> ref) {
        sweep();
        Long known = others.get(new Probe(ref));
        if (known != null) {
            return known;
        }
        long uid = ++last;
        WeakExport export = new WeakExport(ref, uid, cleared);
        others.put(export, uid);
        byUid.put(uid, export);
        return uid;
    }

    /** Whether the number is that of an ask's ref, or the user's own. */
    synchronized boolean isWeak(long uid) {
        return byUid.get(uid) instanceof WeakExport;
    }

    /** The ref of that number; null if it is gone, or never was. */
    synchronized ActorRef<?> find(long uid) {
        Object export = byUid.get(uid);
        return export instanceof WeakExport weak ? weak.get() : (ActorRef<?>) export;
    }

    /** An actor has ended; answers its number, 0 if it had none. */
    synchronized long ended(ActorRef<?> ref) {
        Long uid = actors.remove(ref);
        if (uid == null) {
            return 0;
        }
        byUid.remove(uid);
        messages.remove(uid);
        return uid;
    }

    synchronized int size() {
        sweep();
        return byUid.size();
    }

    private void sweep() {
        for (Reference<? extends ActorRef<?>> gone = cleared.poll(); gone != null; gone = cleared.poll()) {
            WeakExport export = (WeakExport) gone;
            others.remove(export);
            byUid.remove(export.uid);
        }
    }

    /** Equal to another, or to a probe, for the same ref. */
    private static final class WeakExport extends WeakReference<ActorRef<?>> {
        private final long uid;
        private final int hash;

        WeakExport(ActorRef<?> ref, long uid, ReferenceQueue<ActorRef<?>> queue) {
            super(ref, queue);
            this.uid = uid;
            this.hash = System.identityHashCode(ref);
        }

        @Override
        public boolean equals(Object other) {
            return other == this || other instanceof Probe probe && probe.ref == get();
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    private record Probe(ActorRef<?> ref) {
        @Override
        public boolean equals(Object other) {
            return other instanceof WeakExport export && export.get() == ref;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(ref);
        }
    }
}
