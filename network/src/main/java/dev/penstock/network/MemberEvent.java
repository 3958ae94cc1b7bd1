package dev.penstock.network;

/**
 * A change among the members of a cluster, as this node sees it.
 *
 * @param member the node
 * @param kind what became of it
 */
public record MemberEvent(Member member, Kind kind) {

    /** What became of a node. */
    public enum Kind {
        /** It is a member, and there is a connection to it. */
        JOINED,
        /** It is a member still, but the connection to it was lost: its streams, watches and asks have ended. */
        UNREACHABLE,
        /** The connection is there again: refs of its actors work again; what has ended does not begin anew. */
        REACHABLE,
        /**
         * It has left, was found dead, or is on the other side of a partition: all that hung on it has ended. If the same life
         * of it comes back when the partition heals, it has {@link #JOINED} again, and refs of its actors work again.
         */
        LEFT
    }
}
