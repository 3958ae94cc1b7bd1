package dev.penstock.stress;

import dev.penstock.testkit.Simulation;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;

/**
 * Makes a failing run as short as it gets: fewer parts of the scenario, and a simpler schedule. A schedule is a list of
 * picks; pieces of it are left out or set to 0, the first of what may be picked, as in delta debugging (Zeller and Hildebrandt,
 * 2002). What is smaller is kept if it fails in the same way.
 */
final class Shrinker {

    /** Enough for any scenario; it is soon found out that nothing more can go. */
    private static final int MOST_RUNS = 50_000;

    /** How many fresh schedules are tried when a part has gone. */
    private static final int RANDOM_SCHEDULES = 20;

    /** A run. {@code ends} is how its streams ended; {@code failure} is null if it went well. */
    record Played(Scenario scenario, int[] picks, int steps, List<String> ends, Throwable failure) {
        /** Whether the other run took the same way. */
        boolean isSameAs(Played other) {
            return steps == other.steps && Arrays.equals(picks, other.picks) && kind().equals(other.kind());
        }

        String kind() {
            return failure == null ? "" : Violation.kindOf(failure);
        }

        /** How long the schedule is: trailing picks of 0 need not be said. */
        int length() {
            int length = picks.length;
            while (length > 0 && picks[length - 1] == 0) {
                length--;
            }
            return length;
        }

        private long cost() {
            long set = Arrays.stream(picks).filter(pick -> pick != 0).count();
            return 4L * steps + 2L * length() + set;
        }

        /** First the scenario counts, then how long the schedule is and how simple. */
        private boolean isSmallerThan(Played other) {
            int weights = Integer.compare(scenario.weight(), other.scenario.weight());
            int costs = weights != 0 ? weights : Long.compare(cost(), other.cost());
            return costs < 0
                    || (costs == 0
                            && Arrays.stream(picks).sum()
                                    < Arrays.stream(other.picks).sum());
        }
    }

    private final long seed;
    private final BooleanSupplier timeIsOver;
    private final SplittableRandom random;
    private Played best;
    private int runs;

    private Shrinker(long seed, Played first, BooleanSupplier timeIsOver) {
        this.seed = seed;
        this.best = first;
        this.timeIsOver = timeIsOver;
        random = new SplittableRandom(seed);
    }

    /** Plays a scenario with the schedule that the seed gives. */
    static Played play(Scenario scenario, long seed) {
        return play(scenario, Simulation.seeded(seed), Journal.NONE);
    }

    /** Plays a scenario with that schedule. */
    static Played play(Scenario scenario, long seed, int[] picks, Journal journal) {
        return play(scenario, Simulation.replaying(seed, picks), journal);
    }

    private static Played play(Scenario scenario, Simulation simulation, Journal journal) {
        SimulatedSystem system = new SimulatedSystem(scenario, simulation, journal);
        Throwable failure = null;
        try {
            system.play();
        } catch (Throwable e) {
            failure = e;
        }
        journal.end();
        int steps = system.steps();
        List<String> ends = system.ends();
        int[] picks = simulation.picks();
        simulation.afterEach(name -> {});
        try {
            Thread.interrupted();
            simulation.close();
        } catch (Throwable e) {
            failure = failure == null ? e : failure;
        }
        return new Played(scenario, picks, steps, ends, failure);
    }

    /** The smallest that is found in time which fails in the same way. */
    static Played shrink(long seed, Played first, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        Shrinker shrinker = new Shrinker(seed, first, () -> System.nanoTime() - end > 0);
        shrinker.run();
        return shrinker.best;
    }

    private void run() {
        Played before;
        do {
            before = best;
            fewerParts();
            fewerPicks();
        } while (best != before && goesOn());
    }

    private boolean goesOn() {
        return runs < MOST_RUNS && !timeIsOver.getAsBoolean();
    }

    private boolean isKept(Scenario scenario, int[] picks) {
        runs++;
        Played played = play(scenario, seed, picks, Journal.NONE);
        if (played.kind().equals(best.kind()) && played.isSmallerThan(best)) {
            best = played;
            return true;
        }
        return false;
    }

    private void fewerParts() {
        boolean kept = true;
        while (kept) {
            kept = false;
            for (Scenario smaller : best.scenario().smaller()) {
                if (goesOn() && isKept(smaller)) {
                    kept = true;
                    break;
                }
            }
        }
    }

    /** Tries the schedule as it is, which the missing part may have moved, the simplest one, and some at random. */
    private boolean isKept(Scenario smaller) {
        boolean kept = isKept(smaller, best.picks()) || isKept(smaller, new int[0]);
        for (int i = 0; !kept && i < RANDOM_SCHEDULES; i++) {
            kept = isKept(smaller, random.ints(2L * best.picks().length).toArray());
        }
        return kept;
    }

    private void fewerPicks() {
        isKept(best.scenario(), new int[0]);
        for (int piece = Math.max(1, best.length() / 2); piece > 0; piece /= 2) {
            for (int from = best.length() - piece; from > -piece && goesOn(); from -= piece) {
                int begin = Math.max(0, from);
                if (begin < best.length() && !isKept(best.scenario(), without(best.picks(), begin, piece))) {
                    isKept(best.scenario(), zeroed(best.picks(), begin, piece));
                }
            }
        }
        for (int i = best.length() - 1; i >= 0 && goesOn(); i--) {
            for (int lower = i < best.picks().length ? best.picks()[i] - 1 : 0; lower > 0; lower--) {
                int[] picks = best.picks().clone();
                picks[i] = lower;
                isKept(best.scenario(), picks);
            }
        }
    }

    private static int[] without(int[] picks, int from, int count) {
        int end = Math.min(picks.length, from + count);
        int[] rest = Arrays.copyOf(picks, picks.length - (end - from));
        System.arraycopy(picks, end, rest, from, picks.length - end);
        return rest;
    }

    private static int[] zeroed(int[] picks, int from, int count) {
        int[] changed = picks.clone();
        Arrays.fill(changed, from, Math.min(picks.length, from + count), 0);
        return changed;
    }
}
