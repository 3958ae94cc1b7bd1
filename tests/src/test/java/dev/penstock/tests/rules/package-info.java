/**
 * The fifteen rules of the stream protocol, a class each.
 *
 * <p>{@code onSeeds} plays scenarios drawn from a seed in simulations, and looks at the invariants after every step;
 * {@code onDispatchers} plays the rule with real threads, on every dispatcher, for a consumer that shares its producer's
 * lane and for one with a lane of its own. With {@code -Dpenstock.full=true} twenty times as many.
 */
package dev.penstock.tests.rules;
