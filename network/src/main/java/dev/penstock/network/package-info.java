/**
 * Actors and streams between machines: the same refs, the same protocol.
 *
 * <p>A node {@linkplain dev.penstock.network.Cluster#join joins} a cluster with its actor system. An actor is found by the
 * {@link dev.penstock.network.ServiceKey} under which it was registered, on whichever node it runs; its ref is told, asked
 * and watched like any other. A {@link dev.penstock.stream.StreamConsumer} made for the ref of a producer on another node
 * subscribes to it as it would here; the sink stays with the producer, the source with the consumer.
 *
 * <p>What may travel is registered with {@link dev.penstock.network.codec.Codecs}.
 *
 * <p>Rooms behind this one, none of them exported:
 *
 * <ul>
 *   <li>{@code peer}: what two nodes have to do with each other. {@code Node} knows the peers; a {@code Connection} greets,
 *       and then has a {@code Session}, which lasts as long as the connection: queues, streams both ways, watches. All of it
 *       runs on one thread, the loop; other threads only offer to its queues.
 *   <li>{@code link}: pipes of bytes between nodes, over TCP by Netty, with mutual TLS 1.3. Another transport may take its
 *       place: {@link dev.penstock.network.LinkTransport}.
 *   <li>{@code membership}: who is in the cluster, and which actors are registered, by JGroups.
 * </ul>
 */
package dev.penstock.network;
