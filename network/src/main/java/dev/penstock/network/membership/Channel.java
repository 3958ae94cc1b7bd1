package dev.penstock.network.membership;

/** What a registry needs of the membership: a way to the other nodes. */
@FunctionalInterface
public interface Channel {

    /**
     * Sends to all other members of the view: each receives it once, after what was sent before; unless it, or this node,
     * leaves the view. Does not wait.
     *
     * @param bytes the message; at most {@link Membership#MAX_MESSAGE}; must not be changed any more
     */
    void broadcast(byte[] bytes);
}
