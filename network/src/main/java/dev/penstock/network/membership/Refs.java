package dev.penstock.network.membership;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.Member;

/** Turns refs into what travels, and back. Called by any thread, with no lock held. */
public interface Refs {

    /**
     * Makes an actor of this node known to others.
     *
     * @param local the actor; throws if it is not one of this node
     * @param messages the type of the messages that others may tell it
     * @return its number, the same each time
     */
    long export(ActorRef<?> local, Class<?> messages);

    /**
     * A ref of an actor of another node.
     *
     * @param node the node
     * @param uid the number under which that node exported it
     * @param path its path there
     * @return the ref; equal refs for the same node and number
     */
    ActorRef<?> remote(Member node, long uid, String path);
}
