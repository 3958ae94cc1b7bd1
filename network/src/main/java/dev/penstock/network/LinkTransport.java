package dev.penstock.network;

import dev.penstock.network.link.LinkProvider;

/**
 * What the connections between actors of different nodes run over: TCP, unless the options say otherwise. The same for all
 * members of a cluster and its clients. The membership is not concerned: it has connections of its own, over TCP.
 */
@FunctionalInterface
public interface LinkTransport {

    /**
     * Makes the links of one node or client, which closes them with itself.
     *
     * @param cluster the cluster
     * @param tls this side's certificate, and whom it believes; null: in plain text, which the options allow on the loopback
     *     address, and elsewhere where they say so
     * @return the links
     */
    LinkProvider open(String cluster, Tls tls);
}
