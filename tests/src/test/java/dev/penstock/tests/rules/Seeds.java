package dev.penstock.tests.rules;

import dev.penstock.testkit.Simulation;
import java.util.SplittableRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How often a scenario is played. */
final class Seeds {

    private static final int FACTOR = Boolean.getBoolean("penstock.full") ? 20 : 1;

    // Thousands of actors are crashed on purpose; kept here, or the setting would be garbage collected.
    private static final Logger LOG = Logger.getLogger("dev.penstock");

    static {
        LOG.setLevel(Level.OFF);
    }

    private Seeds() {}

    /** With that many seeds, or twenty times as many. */
    static void explore(int seeds, Simulation.Scenario scenario) {
        Simulation.explore(seeds * FACTOR, scenario);
    }

    /** So many times on real threads, or twenty times as often. */
    static int rounds(int rounds) {
        return rounds * FACTOR;
    }

    /** Another source of randomness than the simulation's own, of the same seed. */
    static SplittableRandom random(Simulation simulation) {
        return new SplittableRandom(simulation.seed() * 31 + 7);
    }
}
