package dev.penstock.stress;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The program that {@link SoakLayer} starts: round after round, with an audit now and then. */
public final class SoakRun {

    /** {@code -Dpenstock.seed=4711} begins with that round. The threads are real: a seed fixes the shape, not the schedule. */
    private static final String SEED_PROPERTY = "penstock.seed";

    private static final long QUICK_SECONDS = 30;
    private static final long SECONDS = 600;
    private static final int ROUNDS_PER_AUDIT = 12;
    private static final int MOST_FAILED = 3;
    private static final long PROGRESS_NANOS = 10_000_000_000L;

    // Held, or the settings are collected with it.
    private static final Logger LOGGER = Logger.getLogger("dev.penstock");

    private final Selection selection;
    private final long seconds;
    private final long firstSeed = Long.getLong(SEED_PROPERTY, System.nanoTime());
    private final Watchdog watchdog = new Watchdog(this::stalled);
    private final Leaks leaks = new Leaks();
    private final Log log = new Log();

    private final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    private int rounds;
    private int failed;
    private long streams;
    private long elements;
    private int leftOver;
    private volatile SoakRound round;

    private SoakRun(Selection selection, long seconds) {
        this.selection = selection;
        this.seconds = seconds;
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(log);
    }

    /**
     * Runs.
     *
     * @param args see {@link LayerArguments}
     */
    public static void main(String[] args) {
        LayerArguments arguments = LayerArguments.parse("soak", args);
        Selection selection = Selection.of(arguments.only());
        if (!selection.any()) {
            System.out.println("soak: 0 rounds, 0 failed, no fault, feed or reading matches " + arguments.only());
            System.exit(2);
        }
        long seconds = arguments.isQuick() ? QUICK_SECONDS : arguments.seconds() > 0 ? arguments.seconds() : SECONDS;
        System.exit(new SoakRun(selection, seconds).run());
    }

    private int run() {
        long begin = System.nanoTime();
        long told = begin;
        SplittableRandom seeds = new SplittableRandom(firstSeed);
        long seed = firstSeed;
        boolean last = false;
        while (!last) {
            runRound(seed);
            seed = seeds.nextLong();
            long now = System.nanoTime();
            last = now - begin > seconds * 1_000_000_000L || failed >= MOST_FAILED;
            if (last || rounds % ROUNDS_PER_AUDIT == 0) {
                audit();
            }
            if (now - told > PROGRESS_NANOS) {
                told = now;
                System.err.println("soak: " + rounds + " rounds, " + failed + " failed, " + streams + " streams, "
                        + elements + " elements, "
                        + faults.values().stream().mapToInt(Integer::intValue).sum()
                        + " faults");
            }
        }
        System.out.println(totals());
        return failed + leftOver == 0 ? 0 : 1;
    }

    private void runRound(long seed) {
        SoakRound now = new SoakRound(seed, selection, watchdog, leaks);
        round = now;
        List<String> breaches = new ArrayList<>(now.run());
        breaches.addAll(log.take());
        rounds++;
        streams += now.streams();
        elements += now.elements();
        now.faults().forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
        if (!breaches.isEmpty()) {
            failed++;
            fail(breaches, now.describe());
        }
        round = null;
    }

    private void audit() {
        List<String> breaches = leaks.audit();
        if (!breaches.isEmpty()) {
            leftOver++;
            failed++;
            fail(breaches, "audit after " + rounds + " rounds that began with seed " + firstSeed);
        }
    }

    private static void fail(List<String> breaches, String where) {
        System.out.println("FAIL " + where);
        breaches.stream().limit(10).forEach(breach -> System.out.println("  - " + breach));
        if (breaches.size() > 10) {
            System.out.println("  - and " + (breaches.size() - 10) + " more");
        }
    }

    /** Somebody waits for ever: nothing can be waited for any more, so the program ends. By the watchdog. */
    private void stalled(String who) {
        failed++;
        SoakRound now = round;
        fail(List.of(who, "the threads:\n" + watchdog.threads()), now == null ? "between rounds" : now.describe());
        System.out.println(totals());
        System.out.flush();
        Runtime.getRuntime().halt(1);
    }

    private String totals() {
        StringBuilder text = new StringBuilder("soak: " + rounds + " rounds, " + failed + " failed, " + streams
                + " streams, " + elements + " elements, "
                + faults.values().stream().mapToInt(Integer::intValue).sum() + " faults");
        if (!faults.isEmpty()) {
            text.append(' ').append(faults);
        }
        text.append(", ").append(leaks.audits()).append(" audits: ");
        if (leftOver == 0) {
            text.append("no thread, actor or element left over (")
                    .append(leaks.elementsSeenGone())
                    .append(" elements followed), memory ");
            text.append(leaks.growth() >> 10).append(" KB above the level after warm-up");
        } else {
            text.append(leftOver).append(" found something left over");
        }
        return text.toString();
    }

    /** Keeps what the library logs from the screen, and looks at it: it may have caught what it should never see. */
    private static final class Log extends Handler {
        private final List<String> unexpected = new ArrayList<>(); // guarded by itself

        @Override
        public void publish(LogRecord line) {
            Throwable thrown = line.getThrown();
            boolean expected = line.getLevel().intValue() < Level.WARNING.intValue()
                    || thrown == null
                    || thrown instanceof Fault.Planned
                    || thrown instanceof OutOfMemoryError
                    || "the consumer was made here".equals(thrown.getMessage());
            if (!expected) {
                synchronized (unexpected) {
                    unexpected.add("logged: " + line.getMessage() + ": " + Worker.trace(thrown));
                }
            }
        }

        List<String> take() {
            synchronized (unexpected) {
                List<String> all = List.copyOf(unexpected);
                unexpected.clear();
                return all;
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
