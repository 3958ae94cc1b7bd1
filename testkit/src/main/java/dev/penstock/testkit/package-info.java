/**
 * Tests for actors and streams: a {@linkplain dev.penstock.testkit.Simulation simulation} that runs a whole system on the
 * calling thread, in an order drawn from a seed and in virtual time; and probes, actors that write down what they are
 * told, for simulations and for real systems.
 *
 * <p>In a simulation turns are atomic. It finds faults of a protocol (who says what in which order), never those of
 * memory order or of a state word between threads; test these with real threads.
 */
package dev.penstock.testkit;
