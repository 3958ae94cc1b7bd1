/**
 * Faults between real processes: each node runs in a network namespace of its own, and what is between them loses packets,
 * falls silent, or is cut; processes are stopped and killed.
 *
 * <ul>
 *   <li>{@code Hosts}: the namespaces, and what nftables drops between them.
 *   <li>{@code NodeMain}: a node, told what to do by lines on its standard input; {@code NodeProcess}: its process.
 *   <li>{@code Reports}: what the two ends of a stream say; {@code TestStream}: a stream, and whether they can both be right.
 *   <li>{@code Fault}: what is done to a stream, and how it may end; {@code FaultRun}: one time that it is done.
 *   <li>{@code Wires}: what the nodes are linked by.
 *   <li>{@code FaultsTest}: does it, once or a hundred times, on all wires of a module; {@code FaultTable}: what came of it.
 * </ul>
 */
package dev.penstock.network.faults;
