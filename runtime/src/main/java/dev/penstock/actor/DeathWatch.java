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
    // An ActorCell with the refs by which it is watched, or a RemoteRef with itself.
    private Map<Object, Set<ActorRef<?>>> watched = Map.of();
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
        if (remember(other, ref)) {
            other.tellControl(new SystemMessage.Watch(owner));
        }
    }

    /** Watches an actor that whoever made its ref watches over. */
    void watch(RemoteRef<?> ref) {
        if (remember(ref, ref)) {
            ref.watchedBy(new RemoteWatch(owner, ref)); // may call back at once
        }
    }

    private boolean remember(Object other, ActorRef<?> ref) {
        if (watched.isEmpty()) {
            watched = new LinkedHashMap<>(2);
        }
        return watched.computeIfAbsent(other, key -> new LinkedHashSet<>(1)).add(ref);
    }

    /** Takes back the watch of an actor, or of a remote ref, by that ref. */
    void unwatch(Object other, ActorRef<?> ref) {
        if (forget(other, ref) && !watched.containsKey(other)) {
            tellUnwatched(other);
        }
    }

    void unwatchAll() {
        Set<Object> all = watched.keySet();
        watched = Map.of();
        toHear.clear();
        all.forEach(this::tellUnwatched);
    }

    private void tellUnwatched(Object other) {
        if (other instanceof ActorCell<?> cell) {
            cell.tellControl(new SystemMessage.Unwatch(owner));
            return;
        }
        RemoteRef<?> ref = (RemoteRef<?>) other;
        try {
            ref.unwatchedBy(new RemoteWatch(owner, ref));
        } catch (Throwable e) { // of whoever made the ref: no business of this actor's, which may be ending
            owner.system().report(ref.path() + " failed when a watch was taken back", e);
        }
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
    List<ActorRef<?>> refsOf(Object other) {
        return List.copyOf(watched.getOrDefault(other, Set.of()));
    }

    /** Whether the actor still watches the other by that ref; it does no more. */
    boolean forget(Object other, ActorRef<?> ref) {
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
