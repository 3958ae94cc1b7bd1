package dev.penstock.network.membership;

import dev.penstock.network.Member;
import java.util.List;

/**
 * Who is in the cluster now, and how that differs from before.
 *
 * @param members the members, each name once, in an order that is the same on all of them. This node is among them, unless a
 *     later life of it has come up elsewhere
 * @param joined those of them that were not there before
 * @param left those that were there before; also a life of a node that a later one has replaced
 * @param merged whether two parts of the cluster have found each other again: others may have missed what was sent
 */
public record ViewChange(List<Member> members, List<Member> joined, List<Member> left, boolean merged) {

    /**
     * Copies the lists.
     *
     * @param members as above
     * @param joined as above
     * @param left as above
     * @param merged as above
     */
    public ViewChange {
        members = List.copyOf(members);
        joined = List.copyOf(joined);
        left = List.copyOf(left);
    }
}
