package dev.penstock.benchmarks.latency;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.report.Report;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.run.Jvm;
import dev.penstock.benchmarks.run.MeasureOptions;
import dev.penstock.benchmarks.run.Progress;
import dev.penstock.benchmarks.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the latency of peers at fixed rates. */
@Command(
        name = "latency",
        sortOptions = false,
        description = {
            "Sends elements at a fixed rate through the stream and its peers, and records how long after its intended time each"
                    + " is taken; then writes the report.",
            "Each combination of peer, demand, rate and wait strategy is measured in virtual machines of its own, taken in"
                    + " turn. Above a rate that a peer cannot hold it is not measured."
        },
        footer = {
            "",
            "For each it writes to <out>/raw/<date>-latency the distribution (.hgrm, in microseconds), that of the machine's"
                    + " hiccups, and a summary (.json). Leave the machine alone meanwhile.",
            "Exit status: 0; 1 if a peer could not be measured; 2 if the command was called wrongly."
        })
public final class LatencyCommand implements Callable<Integer> {

    /** Of a virtual machine and of its peer. */
    private static final double START_SECONDS = 0.8;

    @Spec
    private CommandSpec spec;

    @Mixin
    private MeasureOptions options;

    @Option(names = "--all", description = "Every peer and wait strategy, more rates and demands. Some hours.")
    private boolean all;

    @Option(
            names = "--pacing",
            paramLabel = "<pacing>",
            defaultValue = "SPIN",
            description = "What the sender does until the next is due: ${COMPLETION-CANDIDATES} (default:"
                    + " ${DEFAULT-VALUE}).")
    private Pacing pacing;

    @Option(
            names = "--out",
            paramLabel = "<folder>",
            defaultValue = "results",
            description = "Where the results go (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean quick = options.quick();
        if (quick && all) {
            throw options.wrong("--quick and --all exclude each other");
        }
        int rounds = options.rounds();
        LatencySuite suite = quick ? LatencySuite.QUICK : all ? LatencySuite.ALL : LatencySuite.FULL;
        List<Planned> plan =
                options.wanted(suite.loads(pacing), planned -> planned.load().name());
        PrintWriter console = spec.commandLine().getOut();
        if (options.list()) {
            plan.forEach(planned -> console.println(planned.load().name()));
            console.println(size(plan, rounds));
            console.flush();
            return 0;
        }
        RunFolder folder = RunFolder.create(out, "latency", quick, RunFolder.command(spec), rounds);
        boolean complete = measure(plan, rounds, folder, console);
        folder.end();
        Report.write(out, console);
        return complete ? 0 : 1;
    }

    private static String size(List<Planned> plan, int rounds) {
        return steps(plan, rounds) + " forks, at most about " + Progress.text(estimate(plan, rounds));
    }

    private static int steps(List<Planned> plan, int rounds) {
        return plan.stream()
                .mapToInt(planned -> Math.min(rounds, planned.forks()))
                .sum();
    }

    private static Duration estimate(List<Planned> plan, int rounds) {
        double seconds = plan.stream()
                .mapToDouble(planned -> Math.min(rounds, planned.forks()) * forkSeconds(planned.load()))
                .sum();
        return Duration.ofMillis((long) (1e3 * seconds));
    }

    private static double forkSeconds(Load load) {
        return START_SECONDS + load.warmupSeconds() + load.seconds();
    }

    private static boolean measure(List<Planned> plan, int rounds, RunFolder folder, PrintWriter console)
            throws IOException, InterruptedException {
        Path log = Files.createDirectories(Path.of("target")).resolve("latency.log");
        Files.deleteIfExists(log);
        console.println(size(plan, rounds) + "; raw files: " + folder.path() + "; log: " + log);
        Progress progress = new Progress(steps(plan, rounds), estimate(plan, rounds), System::nanoTime, console);
        Knees knees = new Knees();
        boolean complete = true;
        for (int round = 1; round <= rounds; round++) {
            for (Planned planned : plan) {
                Load load = planned.load();
                if (!planned.isTakenIn(round)) {
                    continue;
                }
                if (knees.isBeyond(load)) {
                    progress.dropped(1);
                    continue;
                }
                Path file = folder.path().resolve(load.name() + "-" + round + ".json");
                boolean ok = Jvm.run(
                        LatencyRun.class, LatencyRun.arguments(load, round, folder.path()), forkSeconds(load), log);
                complete &= ok;
                if (!ok) {
                    progress.done(load.name() + "  FAILED, see the log");
                    continue;
                }
                JsonNode found = Json.read(file);
                progress.done(load.name() + "  " + text(found));
                knees.held(load, found.get("takenPerSecond").asDouble());
            }
        }
        return complete;
    }

    private static String text(JsonNode found) {
        JsonNode latency = found.get("latencyMicros");
        String held = found.get("held").asBoolean()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; rate not held: %d a second",
                        found.get("takenPerSecond").asLong());
        String invalid = found.get("invalid").isEmpty() ? "" : "; invalid: " + found.get("invalid");
        return String.format(
                Locale.ROOT,
                "p50 %.1f  p99 %.1f  p99.9 %.1f us, hiccups p99.9 %.1f us%s%s",
                latency.get("p50").asDouble(),
                latency.get("p99").asDouble(),
                latency.get("p99.9").asDouble(),
                found.get("hiccupMicros").get("p99.9").asDouble(),
                held,
                invalid);
    }
}
