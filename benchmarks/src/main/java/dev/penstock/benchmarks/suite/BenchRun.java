package dev.penstock.benchmarks.suite;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.penstock.benchmarks.Idle;
import dev.penstock.benchmarks.Scaling;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.run.Jvm;
import dev.penstock.benchmarks.run.Progress;
import dev.penstock.benchmarks.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;

/** One call of {@code penstock bench}: all that it measures, round after round. */
public final class BenchRun {

    /** JMH's JSON, which the usual visualisers load. */
    public static final String THROUGHPUT = "jmh.json";

    /** A list of {@link Scaling.Found}. */
    public static final String SCALING = "scaling.json";

    /** A list of {@link Idle.Found}. */
    public static final String IDLE = "idle.json";

    private static final int IDLE_STREAMS = 1000;
    private static final double START_SECONDS = 1;

    /** A measurement that is no JMH benchmark. No comparison of closely matched peers hangs on it: few forks do. */
    private record Extra(String name, Class<?> main, List<String> arguments, double seconds, String file) {}

    private final int rounds;
    private final Pace pace;
    private final List<Case> cases;
    private final List<Extra> extras;

    private BenchRun(int rounds, Pace pace, List<Case> cases, List<Extra> extras) {
        this.rounds = rounds;
        this.pace = pace;
        this.cases = cases;
        this.extras = extras;
    }

    /**
     * What is to be measured.
     *
     * @param only has a match in the names of what is taken
     */
    public static BenchRun of(boolean quick, boolean all, Pattern only, int rounds) {
        Suite suite = quick ? Suite.QUICK : all ? Suite.ALL : Suite.FULL;
        return new BenchRun(
                rounds,
                quick ? Pace.QUICK : Pace.FULL,
                suite.cases().stream()
                        .filter(one -> only.matcher(one.name()).find())
                        .toList(),
                extras(quick).stream()
                        .filter(extra -> only.matcher(extra.name()).find())
                        .toList());
    }

    private static List<Extra> extras(boolean quick) {
        List<Extra> extras = new ArrayList<>();
        long warmupMillis = quick ? 300 : 1_000;
        long millis = quick ? 500 : 1_500;
        for (int streams : List.of(1, 10, 100, 1_000)) {
            for (Scaling.Arrangement arrangement : Scaling.Arrangement.values()) {
                extras.add(new Extra(
                        String.format(Locale.ROOT, "Scaling streams=%d arrangement=%s", streams, arrangement),
                        Scaling.class,
                        List.of(
                                Integer.toString(streams),
                                arrangement.name(),
                                Long.toString(warmupMillis),
                                Long.toString(millis)),
                        (warmupMillis + millis) / 1e3,
                        SCALING));
            }
        }
        long settleMillis = quick ? 300 : 4_000;
        long idleMillis = quick ? 1_000 : 20_000;
        extras.add(new Extra(
                "Idle streams=" + IDLE_STREAMS,
                Idle.class,
                List.of(Integer.toString(IDLE_STREAMS), Long.toString(settleMillis), Long.toString(idleMillis)),
                2 * (settleMillis + idleMillis) / 1e3,
                IDLE));
        return extras;
    }

    public boolean isEmpty() {
        return cases.isEmpty() && extras.isEmpty();
    }

    /** Prints what it would measure. */
    public void list(PrintWriter out) {
        for (Case one : cases) {
            out.println(one.name());
        }
        for (Extra extra : extras) {
            out.println(extra.name());
        }
        out.printf("%d forks, about %s%n", steps(), Progress.text(estimate()));
    }

    private int steps() {
        int steps = 0;
        for (int round = 1; round <= rounds; round++) {
            for (Case one : cases) {
                steps += one.isTakenIn(round) ? 1 : 0;
            }
            steps += extrasIn(round).size();
        }
        return steps;
    }

    private List<Extra> extrasIn(int round) {
        return round <= Case.FEW_FORKS ? extras : List.of();
    }

    private Duration estimate() {
        Duration sum = Duration.ZERO;
        for (Case one : cases) {
            sum = sum.plus(one.estimate(rounds, pace));
        }
        for (Extra extra : extras) {
            sum = sum.plusMillis((long) (1e3 * (extra.seconds() + START_SECONDS) * Math.min(rounds, Case.FEW_FORKS)));
        }
        return sum;
    }

    /** Measures; what was found is written after each round. Returns whether all could be measured. */
    public boolean measure(RunFolder folder, PrintWriter out)
            throws IOException, InterruptedException, RunnerException {
        Path log = Files.createDirectories(Path.of("target")).resolve("bench.log");
        Files.deleteIfExists(log);
        out.printf(
                "%d forks, about %s; raw files: %s; log: %s%n", steps(), Progress.text(estimate()), folder.path(), log);
        Progress progress = new Progress(steps(), estimate(), System::nanoTime, out);
        Rounds benchmarks = new Rounds(pace, log);
        ArrayNode scaling = Json.array();
        ArrayNode idle = Json.array();
        boolean complete = true;
        for (int round = 1; round <= rounds; round++) {
            for (Case one : cases) {
                if (one.isTakenIn(round)) {
                    Optional<RunResult> found = benchmarks.fork(one);
                    progress.done(one.name() + "  " + found.map(BenchRun::text).orElse("FAILED, see the log"));
                    complete &= found.isPresent();
                }
            }
            if (!cases.isEmpty()) {
                folder.write(THROUGHPUT, benchmarks.merged());
            }
            for (Extra extra : extrasIn(round)) {
                ArrayNode list = extra.file().equals(IDLE) ? idle : scaling;
                boolean ok = run(extra, list, log);
                progress.done(extra.name() + "  " + (ok ? list.get(list.size() - 1) : "FAILED, see the log"));
                complete &= ok;
            }
            writeUnlessEmpty(folder, SCALING, scaling);
            writeUnlessEmpty(folder, IDLE, idle);
        }
        return complete;
    }

    private static boolean run(Extra extra, ArrayNode list, Path log) throws IOException, InterruptedException {
        Path file = Files.createTempFile("penstock", ".json");
        try {
            List<String> arguments = new ArrayList<>(extra.arguments());
            arguments.add(file.toString());
            boolean ok = Jvm.run(extra.main(), arguments, extra.seconds(), log);
            if (ok) {
                list.add(Json.read(file));
            }
            return ok;
        } finally {
            Files.delete(file);
        }
    }

    private static void writeUnlessEmpty(RunFolder folder, String name, ArrayNode list) throws IOException {
        if (!list.isEmpty()) {
            folder.write(name, list);
        }
    }

    private static String text(RunResult found) {
        Result<?> score = found.getPrimaryResult();
        Result<?> allocated = found.getSecondaryResults().get("gc.alloc.rate.norm");
        return String.format(
                Locale.ROOT,
                "%,.1f %s%s",
                score.getScore(),
                score.getScoreUnit(),
                allocated == null ? "" : String.format(Locale.ROOT, ", %.3f B/op", allocated.getScore()));
    }
}
