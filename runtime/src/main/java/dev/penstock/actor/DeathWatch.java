package dev.penstock.actor;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whom an actor watches, who watches it, and the ends that it is still to hear of.
 *
 * <p>An end is heard after the data that had been offered when it was told: what the stopped actor itself sent is among
 * it. Threads: the one that runs the actor.
 */
final class DeathWatch {

    private final ActorCell<?> owner;
    private final Mailbox mailbox;

    private Set<ActorCell<?>> watchers = Set.of();
    private Map<ActorCell<?>, Set<ActorRef<?>>> watched = Map.of(); // with the refs by which they are watched
    private final ArrayDeque<SystemMessage.WatchedStopped> toHear = new ArrayDeque<>(0);

    DeathWatch(ActorCell<?> owner, Mailbox mailbox) {
        this.owner = owner;
        this.mailbox = mailbox;
    }

    // ---- those who watch

    void addWatcher(ActorCell<?> watcher) {
        if (watchers.isEmpty()) {
            watchers = new LinkedHashSet<>(2);
        }
        watchers.add(watcher);
    }

    void removeWatcher(ActorCell<?> watcher) {
        if (!watchers.isEmpty()) {
            watchers.remove(watcher);
        }
    }

    void tellWatchers(Throwable failure) {
        Set<ActorCell<?>> tell = watchers;
        watchers = Set.of();
        for (ActorCell<?> watcher : tell) {
            watcher.watchedStopped(owner, Optional.ofNullable(failure));
        }
    }

    // ---- those who are watched

    /** Watches the actor behind a ref. */
    void watch(ActorCell<?> other, ActorRef<?> ref) {
        if (other == owner) {
            return;
        }
        if (watched.isEmpty()) {
            watched = new LinkedHashMap<>(2);
        }
        if (watched.computeIfAbsent(other, cell -> new LinkedHashSet<>(1)).add(ref)) {
            other.tellControl(new SystemMessage.Watch(owner));
        }
    }

    void unwatch(ActorCell<?> other, ActorRef<?> ref) {
        if (forget(other, ref) && !watched.containsKey(other)) {
            other.tellControl(new SystemMessage.Unwatch(owner));
        }
    }

    void unwatchAll() {
        for (ActorCell<?> other : watched.keySet()) {
            other.tellControl(new SystemMessage.Unwatch(owner));
        }
        watched = Map.of();
        toHear.clear();
    }

    // ---- ends to hear of

    void stopped(SystemMessage.WatchedStopped end) {
        toHear.add(end);
    }

    /** The next end, if all data that had been offered before it has been taken; null otherwise. */
    SystemMessage.WatchedStopped pollDue() {
        SystemMessage.WatchedStopped next = toHear.peek();
        return next != null && next.afterData() <= mailbox.dataTaken() ? toHear.poll() : null;
    }

    /** The refs by which the actor watches another. */
    List<ActorRef<?>> refsOf(ActorCell<?> other) {
        return List.copyOf(watched.getOrDefault(other, Set.of()));
    }

    /** Whether the actor still watches the other by that ref; it does no more. */
    boolean forget(ActorCell<?> other, ActorRef<?> ref) {
        Set<ActorRef<?>> refs = watched.get(other);
        if (refs == null || !refs.remove(ref)) {
            return false;
        }
        if (refs.isEmpty()) {
            watched.remove(other);
        }
        return true;
    }
}
