package dev.penstock.network;

import java.net.InetSocketAddress;

/**
 * A node of a cluster, in one of its lives. Two are equal if name and incarnation are.
 *
 * @param name its name, one of a kind in its cluster
 * @param incarnation which life of the node of that name: later ones are greater
 * @param address where its links are accepted
 */
public record Member(String name, long incarnation, InetSocketAddress address) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Member member && member.incarnation == incarnation && member.name.equals(name);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(incarnation);
    }
}
