package dev.penstock.network;

import dev.penstock.actor.ActorRef;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The actors that are registered under a key, as far as this node knows at this moment.
 *
 * @param <M> their messages
 * @param key the key
 * @param entries the actors, those of this node first
 */
public record Listing<M>(ServiceKey<M> key, List<Entry<M>> entries) {

    /**
     * Copies the entries.
     *
     * @param key as above
     * @param entries as above
     */
    public Listing {
        entries = List.copyOf(entries);
    }

    /** {@return the refs alone} */
    public List<ActorRef<M>> refs() {
        return entries.stream().map(Entry::ref).toList();
    }

    /** That there are fewer than were waited for, and which. */
    String without(int count, Duration timeout) {
        String which = entries.stream()
                .map(entry -> entry.ref().path() + " on " + entry.node().name())
                .collect(Collectors.joining(", "));
        return entries.size() + " of " + count + " actors are known within " + timeout + " under the key " + key.name()
                + " for messages of type " + key.messageType().getName() + (which.isEmpty() ? "" : ": " + which);
    }

    /**
     * One of the actors.
     *
     * @param <M> its messages
     * @param node the node that it runs on
     * @param ref the actor
     */
    public record Entry<M>(Member node, ActorRef<M> ref) {}
}
