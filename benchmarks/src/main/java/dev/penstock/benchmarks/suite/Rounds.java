package dev.penstock.benchmarks.suite;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.run.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.WorkloadParams;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs benchmarks one fork at a time, so that the caller can take those that are compared in turn, and merges the forks of
 * each into one result as JMH would have written it.
 */
final class Rounds {

    private static final int TIMEOUT_SECONDS = 60;

    private final Pace pace;
    private final Path log;
    private final Map<Case, List<RunResult>> results = new LinkedHashMap<>();

    /** JMH's own output goes to the log. */
    Rounds(Pace pace, Path log) {
        this.pace = pace;
        this.log = log;
    }

    /** One fork; nothing if it failed. */
    Optional<RunResult> fork(Case one) throws IOException, RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(one.pattern())
                .forks(1)
                .warmupForks(0)
                .warmupIterations(pace.warmups())
                .warmupTime(TimeValue.milliseconds(pace.warmupMillis()))
                .measurementIterations(pace.iterations())
                .measurementTime(TimeValue.milliseconds(pace.iterationMillis()))
                .timeout(TimeValue.seconds(TIMEOUT_SECONDS))
                .addProfiler(GCProfiler.class);
        one.params().forEach(options::param);
        try (PrintStream out = new PrintStream(
                Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
                false,
                StandardCharsets.UTF_8)) {
            Collection<RunResult> found = new Runner(
                            options.build(), OutputFormatFactory.createFormatInstance(out, VerboseMode.NORMAL))
                    .run();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            if (found.size() > 1) {
                throw new IllegalStateException(one.name() + " leaves a parameter open");
            }
            RunResult result = found.iterator().next();
            results.computeIfAbsent(one, key -> new ArrayList<>()).add(result);
            return Optional.of(result);
        }
    }

    /** All forks until now, in the schema of JMH's JSON. */
    JsonNode merged() throws IOException {
        List<RunResult> merged = new ArrayList<>();
        for (List<RunResult> forks : results.values()) {
            merged.add(merge(forks));
        }
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(json, false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(merged);
        }
        return Json.parse(json.toString(StandardCharsets.UTF_8));
    }

    /** Several forks of the same benchmark as one result of so many forks. */
    static RunResult merge(List<RunResult> forks) {
        List<BenchmarkResult> data = new ArrayList<>();
        for (RunResult fork : forks) {
            data.addAll(fork.getBenchmarkResults());
        }
        return new RunResult(withForks(forks.get(0).getParams(), data.size()), data);
    }

    /** The path of the virtual machine is nobody else's business. */
    private static BenchmarkParams withForks(BenchmarkParams params, int forks) {
        WorkloadParams workload = new WorkloadParams();
        int place = 0;
        for (String key : params.getParamsKeys()) {
            workload.put(key, params.getParam(key), place++);
        }
        return new BenchmarkParams(
                params.getBenchmark(),
                params.generatedBenchmark(),
                params.shouldSynchIterations(),
                params.getThreads(),
                params.getThreadGroups(),
                params.getThreadGroupLabels(),
                forks,
                params.getWarmupForks(),
                params.getWarmup(),
                params.getMeasurement(),
                params.getMode(),
                workload,
                params.getTimeUnit(),
                params.getOpsPerInvocation(),
                "java",
                params.getJvmArgs(),
                params.getJdkVersion(),
                params.getVmName(),
                params.getVmVersion(),
                params.getJmhVersion(),
                params.getTimeout());
    }
}
