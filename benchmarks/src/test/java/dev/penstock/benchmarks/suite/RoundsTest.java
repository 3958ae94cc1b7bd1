package dev.penstock.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.run.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ResultRole;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.ThroughputResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.WorkloadParams;
import org.openjdk.jmh.runner.options.TimeValue;

/** Forks taken one at a time become what JMH would have written of all of them. */
class RoundsTest {

    private static final IterationParams ITERATIONS =
            new IterationParams(IterationType.MEASUREMENT, 2, TimeValue.seconds(1), 1);

    private static BenchmarkParams params() {
        WorkloadParams workload = new WorkloadParams();
        workload.put("demand", "16", 0);
        workload.put("peer", "REACTOR", 1);
        return new BenchmarkParams(
                "some.Benchmark.method",
                "some.generated.Benchmark.method",
                true,
                1,
                new int[] {1},
                List.of("method"),
                1,
                0,
                new IterationParams(IterationType.WARMUP, 1, TimeValue.seconds(1), 1),
                ITERATIONS,
                Mode.Throughput,
                workload,
                TimeUnit.SECONDS,
                1,
                "/some/where/bin/java",
                List.of("-Xmx1g"),
                "25",
                "VM",
                "25+1",
                "1.37",
                TimeValue.seconds(10));
    }

    /** One iteration for each count of operations, a second long. */
    private static RunResult fork(long... operations) {
        List<IterationResult> iterations = new ArrayList<>();
        for (long count : operations) {
            IterationResult iteration = new IterationResult(params(), ITERATIONS, null);
            iteration.addResult(
                    new ThroughputResult(ResultRole.PRIMARY, "method", count, 1_000_000_000L, TimeUnit.SECONDS));
            iterations.add(iteration);
        }
        return new RunResult(params(), List.of(new BenchmarkResult(params(), iterations)));
    }

    @Test
    void eachForkIsARowOfTheRawData() throws IOException {
        JsonNode json = json(Rounds.merge(List.of(fork(10, 20), fork(30, 40), fork(50, 60))));
        assertEquals(
                "[[10.0,20.0],[30.0,40.0],[50.0,60.0]]",
                json.at("/primaryMetric/rawData").toString());
        assertEquals(35.0, json.at("/primaryMetric/score").asDouble());
        assertEquals(3, json.get("forks").asInt());
    }

    @Test
    void allElseIsKeptButForThePathOfTheJvm() throws IOException {
        JsonNode one = json(fork(10, 20));
        JsonNode merged = json(Rounds.merge(List.of(fork(10, 20), fork(30, 40))));
        for (String field : List.of(
                "jmhVersion", "benchmark", "mode", "threads", "jvmArgs", "jdkVersion", "measurementTime", "params")) {
            assertEquals(one.get(field), merged.get(field), field);
        }
        assertEquals("java", merged.get("jvm").asText());
    }

    private static JsonNode json(RunResult result) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(List.of(result));
        }
        return Json.parse(bytes.toString(StandardCharsets.UTF_8)).get(0);
    }
}
