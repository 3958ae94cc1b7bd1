package dev.penstock.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * Plays random systems of streams through random schedules, in virtual time: each seed is one system and one schedule. A
 * failing one is made as small as it gets, and drawn as a sequence diagram.
 */
public final class SimulationLayer {

    private static final int QUICK_SCHEDULES = 100_000;
    private static final int SCHEDULES = 1_000_000;
    private static final long SECOND = 1_000_000_000L;
    private static final long PROGRESS = 10 * SECOND;

    /** A schedule takes milliseconds; one that takes so long will not end. */
    private static final long HANG = 30 * SECOND;

    private static final Duration SHRINK = Duration.ofSeconds(30);

    /** One in so many schedules is played again from its picks: it must be the same run. */
    private static final int AGAIN = 64;

    // Thousands of actors are crashed on purpose; kept here, or the setting would be garbage collected.
    private static final Logger LOG = Logger.getLogger("dev.penstock");

    private final List<String> families;
    private final Path report;
    private final AtomicLong next;
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong schedules = new AtomicLong();
    private final AtomicLong steps = new AtomicLong();
    private final Map<String, Long> ends = new ConcurrentSkipListMap<>(); // how many streams ended how
    private final AtomicReference<Failure> failure = new AtomicReference<>();

    /** A seed and how it went. */
    private record Failure(long seed, Shrinker.Played played) {}

    private SimulationLayer(List<String> families, long firstSeed, Path report) {
        this.families = families;
        this.report = report;
        next = new AtomicLong(firstSeed);
    }

    /**
     * Runs the layer.
     *
     * @param args see {@link LayerArguments}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        LOG.setLevel(Level.OFF);
        ClassLoader.getSystemClassLoader().setPackageAssertionStatus("dev.penstock", true); // the runtime's own
        System.exit(run(LayerArguments.parse("simulation", args)));
    }

    private static int run(LayerArguments arguments) throws IOException, InterruptedException {
        Pattern only = Pattern.compile(arguments.only());
        List<String> families = Scenario.FAMILIES.stream()
                .filter(family -> only.matcher(family).find())
                .toList();
        if (families.isEmpty()) {
            System.out.println("simulation: 0 checks, 0 failed, no family of systems matches " + arguments.only()
                    + "; there are " + Scenario.FAMILIES);
            return 2;
        }
        Files.createDirectories(arguments.reportFolder());
        if (arguments.seed() != null) {
            return new SimulationLayer(families, arguments.seed(), arguments.reportFolder()).playOne();
        }
        boolean timed = arguments.seconds() > 0 && !arguments.isQuick();
        long first = timed ? System.currentTimeMillis() * 1_000_000 : 0;
        if (timed) {
            System.out.println("seeds from " + first);
        }
        return new SimulationLayer(families, first, arguments.reportFolder())
                .playMany(
                        timed ? Long.MAX_VALUE : arguments.isQuick() ? QUICK_SCHEDULES : SCHEDULES,
                        timed ? arguments.seconds() * SECOND : Long.MAX_VALUE);
    }

    private int playOne() throws IOException, InterruptedException {
        long seed = next.get();
        Scenario scenario = Scenario.draw(seed);
        Shrinker.Played played = Shrinker.play(scenario, seed);
        if (played.failure() != null) {
            report(new Failure(seed, played));
        } else {
            describe(seed, played);
            System.out.println("drawn: " + draw(seed, played, "nothing was found"));
        }
        System.out.println("simulation: 1 checks, " + (played.failure() == null ? 0 : 1) + " failed, seed " + seed
                + ", " + played.steps() + " steps");
        return played.failure() == null ? 0 : 1;
    }

    private int playMany(long count, long nanos) throws InterruptedException {
        long begin = System.nanoTime();
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < Math.max(1, Runtime.getRuntime().availableProcessors()); i++) {
            Worker worker = new Worker(count, nanos == Long.MAX_VALUE ? Long.MAX_VALUE : begin + nanos);
            workers.add(worker);
            worker.start();
        }
        Worker hung = await(workers, begin);
        if (hung != null) {
            reportHang(hung);
        } else if (failure.get() != null) {
            report(failure.get());
        }
        System.out.println("streams that ended: " + ends);
        boolean ok = hung == null && failure.get() == null;
        System.out.println("simulation: " + schedules.get() + " checks, " + (ok ? 0 : 1) + " failed, " + families.size()
                + " families, " + totals(begin));
        return ok ? 0 : 1;
    }

    private static Shrinker.Played play(long seed) {
        Scenario scenario = Scenario.draw(seed);
        Shrinker.Played played = Shrinker.play(scenario, seed);
        if (seed % AGAIN == 0 && played.failure() == null) {
            Shrinker.Played again = Shrinker.play(scenario, seed, played.picks(), Journal.NONE);
            if (!again.isSameAs(played)) {
                Violation violation = new Violation(
                        "not deterministic", played.steps() + " steps, and " + again.steps() + " the second time");
                return new Shrinker.Played(scenario, played.picks(), played.steps(), played.ends(), violation);
            }
        }
        return played;
    }

    private long nextSeed() {
        long drawn = next.getAndIncrement();
        while (!families.contains(Scenario.familyOf(drawn))) {
            drawn = next.getAndIncrement();
        }
        return drawn;
    }

    /** Waits until all have ended, or one will not; answers that one. */
    private Worker await(List<Worker> workers, long begin) throws InterruptedException {
        long told = begin;
        while (workers.stream().anyMatch(Worker::isAlive)) {
            for (Worker worker : workers) {
                worker.join(100);
                long now = System.nanoTime();
                if (worker.isAlive() && now - worker.since > HANG) {
                    return worker;
                }
                if (now - told > PROGRESS) {
                    told = now;
                    System.err.println("simulation: " + totals(begin));
                }
            }
        }
        return null;
    }

    private String totals(long begin) {
        double seconds = (System.nanoTime() - begin) / (double) SECOND;
        return String.format(
                Locale.ROOT,
                "%d schedules, %.1f million steps, %.0f schedules/s",
                schedules.get(),
                steps.get() / 1e6,
                schedules.get() / seconds);
    }

    /** Plays one seed after the other. */
    private final class Worker extends Thread {
        private final long count;
        private final long deadline;
        // written: this thread, volatile; read: the one that waits for it
        private volatile long seed;
        private volatile long since = System.nanoTime();

        Worker(long count, long deadline) {
            this.count = count;
            this.deadline = deadline;
            setDaemon(true);
        }

        @Override
        public void run() {
            while (failure.get() == null
                    && (deadline == Long.MAX_VALUE || deadline - System.nanoTime() > 0)
                    && begun.getAndIncrement() < count) {
                long drawn = nextSeed();
                seed = drawn;
                since = System.nanoTime();
                Shrinker.Played played = play(drawn);
                schedules.incrementAndGet();
                steps.addAndGet(played.steps());
                played.ends().forEach(end -> ends.merge(end, 1L, Long::sum));
                if (played.failure() != null) {
                    failure.accumulateAndGet(
                            new Failure(drawn, played), (a, b) -> a == null || b.seed < a.seed ? b : a);
                }
            }
        }
    }

    // ---- what is said of a failure

    /** On a thread of its own: a broken runtime may never come back. */
    private void report(Failure found) throws InterruptedException {
        System.out.println("FAIL seed " + found.seed + ": " + message(found.played.failure()));
        describe(found.seed, found.played);
        Thread thread = new Thread(() -> makeSmaller(found), "report");
        thread.setDaemon(true);
        thread.start();
        thread.join(4 * SHRINK.toMillis());
        System.out.println("again: penstock stress --layer simulation --seed " + found.seed);
    }

    private void makeSmaller(Failure found) {
        Shrinker.Played before = found.played;
        Shrinker.Played after = Shrinker.shrink(found.seed, before, SHRINK);
        System.out.println("made smaller: " + before.steps() + " steps and " + before.length() + " picks before, "
                + after.steps() + " steps and " + after.length() + " picks after");
        after.scenario().words().forEach(line -> System.out.println("    " + line));
        System.out.println("    picks " + Arrays.toString(Arrays.copyOf(after.picks(), after.length())));
        System.out.println("    " + message(after.failure()));
        try {
            Path file = draw(found.seed, after, message(after.failure()));
            Files.readAllLines(file).forEach(line -> System.out.println("    " + line));
            System.out.println("drawn: " + file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void reportHang(Worker worker) {
        long seed = worker.seed;
        System.out.println("FAIL seed " + seed + ": a step of it does not end");
        Scenario.draw(seed).words().forEach(line -> System.out.println("    " + line));
        for (StackTraceElement frame : worker.getStackTrace()) {
            System.out.println("    at " + frame);
        }
    }

    private static void describe(long seed, Shrinker.Played played) {
        System.out.println("seed " + seed + ":");
        played.scenario().words().forEach(line -> System.out.println("    " + line));
    }

    private Path draw(long seed, Shrinker.Played played, String end) throws IOException {
        SequenceDiagram diagram = new SequenceDiagram();
        Shrinker.play(played.scenario(), seed, played.picks(), diagram);
        Path file = report.resolve("simulation-" + seed + ".mmd");
        Files.writeString(file, diagram.mermaid(end));
        return file;
    }

    private static String message(Throwable failure) {
        for (Throwable e = failure; e != null; e = e.getCause()) {
            if (e instanceof Violation) {
                return e.getMessage();
            }
        }
        return String.valueOf(failure.getMessage()).replaceFirst("^(seed -?\\d+: )+", "");
    }
}
