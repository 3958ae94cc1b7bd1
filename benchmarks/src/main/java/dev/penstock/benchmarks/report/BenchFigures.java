package dev.penstock.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.Idle;
import dev.penstock.benchmarks.PeerThroughputBenchmark;
import dev.penstock.benchmarks.Scaling;
import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.suite.BenchRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * What one {@code penstock bench} found.
 *
 * @param scores in the order in which they were measured
 */
record BenchFigures(List<Score> scores, List<Scaling.Found> scaling, List<Idle.Found> idle) {

    /**
     * One benchmark with one value of each parameter.
     *
     * @param benchmark class and method
     * @param allocated bytes an operation; JMH does not find out for every fork
     */
    record Score(String benchmark, Map<String, String> params, String unit, Spread score, Optional<Spread> allocated) {

        Optional<Integer> demand() {
            return Optional.ofNullable(params.get("demand")).map(Integer::valueOf);
        }

        boolean is(String name, String value) {
            return value.equals(params.get(name));
        }
    }

    private static final String PEERS = PeerThroughputBenchmark.class.getSimpleName() + ".putToTake";
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    static BenchFigures read(Path folder) throws IOException {
        List<Score> scores = new ArrayList<>();
        for (JsonNode result : list(folder.resolve(BenchRun.THROUGHPUT))) {
            scores.add(score(result));
        }
        List<Scaling.Found> scaling = new ArrayList<>();
        for (JsonNode found : list(folder.resolve(BenchRun.SCALING))) {
            scaling.add(Json.as(found, Scaling.Found.class));
        }
        List<Idle.Found> idle = new ArrayList<>();
        for (JsonNode found : list(folder.resolve(BenchRun.IDLE))) {
            idle.add(Json.as(found, Idle.Found.class));
        }
        return new BenchFigures(scores, scaling, idle);
    }

    private static JsonNode list(Path file) throws IOException {
        return Files.exists(file) ? Json.read(file) : Json.array();
    }

    private static Score score(JsonNode result) {
        String name = result.get("benchmark").asText();
        int method = name.lastIndexOf('.');
        Map<String, String> params = new LinkedHashMap<>();
        result.path("params")
                .properties()
                .forEach(param -> params.put(param.getKey(), param.getValue().asText()));
        JsonNode primary = result.get("primaryMetric");
        return new Score(
                name.substring(name.lastIndexOf('.', method - 1) + 1),
                params,
                primary.get("scoreUnit").asText(),
                forks(primary).orElseThrow(),
                forks(result.path("secondaryMetrics").path(ALLOCATED)));
    }

    /** A fork's value is the median of its iterations. */
    private static Optional<Spread> forks(JsonNode metric) {
        List<Double> forks = new ArrayList<>();
        for (JsonNode fork : metric.path("rawData")) {
            List<Double> iterations = new ArrayList<>();
            fork.forEach(iteration -> iterations.add(iteration.asDouble()));
            if (!iterations.isEmpty()) {
                forks.add(Spread.median(iterations));
            }
        }
        return forks.isEmpty() ? Optional.empty() : Optional.of(Spread.of(forks));
    }

    List<Score> of(Class<?> owner) {
        return scores.stream()
                .filter(score -> score.benchmark().startsWith(owner.getSimpleName() + "."))
                .toList();
    }

    Optional<Score> of(Peer peer, int demand) {
        return scores.stream()
                .filter(score -> score.benchmark().equals(PEERS)
                        && score.is("peer", peer.name())
                        && score.is("demand", Integer.toString(demand)))
                .findFirst();
    }

    /** At which the peers were measured. */
    List<Integer> demands() {
        return scores.stream()
                .filter(score -> score.benchmark().equals(PEERS))
                .flatMap(score -> score.demand().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** How many streams at once were measured. */
    List<Integer> streamCounts() {
        return scaling.stream().map(Scaling.Found::streams).distinct().sorted().toList();
    }

    Optional<Spread> scaling(int streams, Scaling.Arrangement arrangement, ToDoubleFunction<Scaling.Found> value) {
        List<Double> forks = scaling.stream()
                .filter(found -> found.streams() == streams && found.arrangement() == arrangement)
                .mapToDouble(value)
                .boxed()
                .toList();
        return forks.isEmpty() ? Optional.empty() : Optional.of(Spread.of(forks));
    }
}
