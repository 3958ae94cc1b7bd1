/**
 * Three nodes with sensors, and a client outside the cluster that finds what is wrong with the readings: what
 * {@code ./penstock network-guide} runs. Copy from here.
 *
 * <pre>
 *   node a, b, c                                            client
 *   Sensor ─▶ producer of readings ═══ key "readings" ═══▶ consumer ─▶ Anomalies
 *                                                                          │
 *   print ◀─ consumer ◀══════════════════════════════ producer of alerts ◀─╯
 *                alerts actor ◀─── key "alerts" ─── AlertOffer
 * </pre>
 *
 * <ol>
 *   <li>{@code Protocol}: what the two sides have agreed upon: types with their numbers, keys. {@code Reading},
 *       {@code Alert} and {@code AlertOffer} are what travels.
 *   <li>{@code SensorNode}: a member of the cluster. Puts the readings of one {@code Sensor}, prints the alerts about it.
 *   <li>{@code Watcher}: the client. It knows the address of one node, and reaches all of them through that one.
 *   <li>{@code GuideProcesses}: runs the four of them on this machine.
 * </ol>
 *
 * <p>Who ends when: a sensor completes its stream; so the client completes the alerts for that node; so the producer of
 * those alerts ends, of which the node's alerts actor hears, and ends too. A node that sees no alerts actor anywhere is
 * needed by nobody, and leaves: until then it may have to pass on what the client and the others say to each other.
 */
package dev.penstock.examples.network;
