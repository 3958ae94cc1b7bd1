/**
 * Who is in the cluster, and which actors are registered.
 *
 * <p>{@link dev.penstock.network.membership.Membership} is a node's part in a cluster: JGroups finds the other nodes, agrees
 * with them on who is there, and notices who is not there any more. A node says who it is in its very address, so that a
 * view needs no further messages to be understood. {@code Registry} lets each node tell the
 * others, over the membership, what is registered with it.
 *
 * <p>All calls out of this package happen on one thread of each node, {@code penstock-membership-<node>}. JGroups' threads
 * only hand over to it. What reaches JGroups has come through {@code GuardedServerSocket}: with TLS, only nodes that have
 * shown a certificate.
 */
package dev.penstock.network.membership;
