package dev.penstock.benchmarks.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.run.MeasureOptions;
import dev.penstock.benchmarks.run.Progress;
import dev.penstock.benchmarks.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures the stream between two processes. */
@Command(
        name = "network-bench",
        sortOptions = false,
        description = {
            "Measures throughput, allocation and latency of the stream between two processes of this machine, side by side"
                    + " with Pekko StreamRefs over Artery TCP and with the bare link; then writes the report.",
            "Each measurement has two virtual machines of its own, and those that are compared are taken in turn."
        },
        footer = {
            "",
            "The raw file goes to <out>/raw/<date>-network-bench. Leave the machine alone meanwhile.",
            "Exit status: 0; 1 if something could not be measured; 2 if the command was called wrongly."
        })
public final class NetworkCommand implements Callable<Integer> {

    /** In the folder of a run. */
    static final String RESULTS = "results.json";

    /** Of two virtual machines, and until they have found each other. */
    private static final double START_SECONDS = 3;

    @Spec
    private CommandSpec spec;

    @Mixin
    private MeasureOptions options;

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            description = "How long each is measured (default: 2; latency 6, with --quick 2).")
    private Double seconds;

    @Option(
            names = "--out",
            paramLabel = "<folder>",
            defaultValue = "results/network",
            description = "Where the results go (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Override
    public Integer call() throws IOException, InterruptedException, GeneralSecurityException {
        boolean quick = options.quick();
        int rounds = options.rounds();
        NetworkSuite suite = quick ? NetworkSuite.QUICK : NetworkSuite.FULL;
        if (seconds != null) {
            suite = new NetworkSuite(suite.warmupSeconds(), seconds, seconds);
        }
        List<Setup> plan = options.wanted(suite.setups(), Setup::name);
        PrintWriter console = spec.commandLine().getOut();
        Duration estimate = estimate(plan, rounds);
        String size = rounds * plan.size() + " forks, about " + Progress.text(estimate);
        if (options.list()) {
            plan.forEach(setup -> console.println(setup.name()));
            console.println(size);
            console.flush();
            return 0;
        }
        Path log = Files.createDirectories(Path.of("target")).resolve("network-bench.log");
        Files.deleteIfExists(log);
        RunFolder folder = RunFolder.create(out, "network-bench", quick, RunFolder.command(spec), rounds);
        console.println(size + "; raw files: " + folder.path() + "; log: " + log);
        Progress progress = new Progress(rounds * plan.size(), estimate, System::nanoTime, console);
        boolean complete = measure(plan, rounds, folder, log, progress);
        folder.end();
        NetworkReport.write(out, folder.path(), console);
        return complete ? 0 : 1;
    }

    private static Duration estimate(List<Setup> plan, int rounds) {
        double seconds = plan.stream()
                .mapToDouble(setup -> START_SECONDS + setup.warmupSeconds() + setup.seconds())
                .sum();
        return Duration.ofMillis((long) (1e3 * rounds * seconds));
    }

    private boolean measure(List<Setup> plan, int rounds, RunFolder folder, Path log, Progress progress)
            throws IOException, InterruptedException, GeneralSecurityException {
        boolean complete = true;
        ArrayNode results = Json.array();
        Path stores = Files.createTempDirectory("penstock-benchmark");
        try {
            Stores.make(stores);
            for (int round = 1; round <= rounds; round++) {
                for (Setup setup : plan) {
                    Optional<ObjectNode> found = TwoProcesses.measure(setup, stores, log);
                    complete &= found.isPresent();
                    found.ifPresent(results::add);
                    folder.write(RESULTS, results);
                    progress.done(setup.name() + "  "
                            + found.map(NetworkCommand::text).orElse("FAILED, see the log"));
                }
            }
        } finally {
            try (Stream<Path> files = Files.list(stores)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(stores);
        }
        return complete;
    }

    private static String text(ObjectNode found) {
        String all = String.format(
                Locale.ROOT,
                "%d a second, %.1f B and %.0f ns of processor an element",
                found.get("takenPerSecond").asLong(),
                found.get("bytesAnElement").asDouble(),
                found.get("cpuNanosAnElement").asDouble());
        if (!found.has("latencyMicros")) {
            return all;
        }
        return all
                + String.format(
                        Locale.ROOT,
                        "; p50 %.1f  p99 %.1f us",
                        found.get("latencyMicros").get("p50").asDouble(),
                        found.get("latencyMicros").get("p99").asDouble());
    }
}
