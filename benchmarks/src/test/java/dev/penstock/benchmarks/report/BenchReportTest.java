package dev.penstock.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.Idle;
import dev.penstock.benchmarks.Scaling;
import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.suite.BenchRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From JMH's JSON to the tables. */
class BenchReportTest {

    @TempDir
    Path folder;

    private final ArrayNode results = Json.array();

    @BeforeEach
    void measure() {
        peer(Peer.PENSTOCK, 1, 0.001, 12e6, 10e6, 14e6);
        peer(Peer.SUBMISSION_PUBLISHER, 1, 0.5, 5e6, 4e6, 7e6);
        peer(Peer.JCTOOLS_SPSC, 1, 0.0, 40e6, 20e6, 60e6);
        peer(Peer.PEKKO_TYPED_BATCHED, 1, 90, 1e6, 1e6, 1e6);
        peer(Peer.PENSTOCK, 256, 0.02, 60e6, 50e6, 70e6);
        peer(Peer.DISRUPTOR_YIELDING, 256, 0.0, 75e6, 70e6, 80e6);
        peer(Peer.ARRAY_BLOCKING_QUEUE, 256, 4, 15e6, 15e6, 15e6);
    }

    /** Each fork has an iteration on either side of its median. */
    private void peer(Peer peer, int demand, double bytes, double... forks) {
        ObjectNode result = results.addObject();
        result.put("benchmark", "dev.penstock.benchmarks.PeerThroughputBenchmark.putToTake");
        result.putObject("params").put("demand", Integer.toString(demand)).put("peer", peer.name());
        ObjectNode primary = result.putObject("primaryMetric").put("scoreUnit", "ops/s");
        ArrayNode scores = primary.putArray("rawData");
        ArrayNode allocated = result.putObject("secondaryMetrics")
                .putObject("gc.alloc.rate.norm")
                .putArray("rawData");
        for (double fork : forks) {
            scores.addArray().add(fork / 10).add(fork).add(fork * 10);
            allocated.addArray().add(bytes).add(bytes).add(bytes);
        }
    }

    private BenchFigures figures() throws IOException {
        Json.write(folder.resolve(BenchRun.THROUGHPUT), results);
        return BenchFigures.read(folder);
    }

    @Test
    void aForkIsTheMedianOfItsIterations() throws IOException {
        BenchFigures figures = figures();
        BenchFigures.Score stream = figures.of(Peer.PENSTOCK, 1).orElseThrow();
        assertEquals(new Spread(12e6, 10e6, 14e6, 3), stream.score());
        assertEquals(0.001, stream.allocated().orElseThrow().median());
        assertEquals(List.of(1, 256), figures.demands());
        assertTrue(figures.of(Peer.REACTOR, 1).isEmpty());
    }

    @Test
    void aForkWithoutAnAllocationHasNone() throws IOException {
        ((ObjectNode) results.get(0)).putObject("secondaryMetrics");
        BenchFigures figures = figures();
        assertTrue(figures.of(Peer.PENSTOCK, 1).orElseThrow().allocated().isEmpty());
        assertEquals(List.of("Penstock", "–", "0.0200 (0.0200–0.0200)"), row(table(figures, "Allocation"), "Penstock"));
    }

    @Test
    void throughputIsTabledByDemand() throws IOException {
        Table table = table(figures(), "Throughput, elements a second");
        assertEquals(List.of("", "d=1", "d=256"), table.columns());
        assertEquals(List.of("Penstock", "12 M (10 M–14 M)", "60 M (50 M–70 M)"), row(table, "Penstock"));
        assertEquals(List.of("Disruptor, yielding", "–", "75 M (70 M–80 M)"), row(table, "Disruptor, yielding"));
    }

    @Test
    void ratiosAreWithinTheRun() throws IOException {
        Table table = table(figures(), "Throughput of Penstock");
        assertEquals(List.of("SubmissionPublisher", "2.4 (1.43–3.5)", "–"), row(table, "SubmissionPublisher"));
    }

    @Test
    void eachGoalIsJudgedAgainstTheBestAmongThoseItNames() throws IOException {
        List<List<String>> goals = Goals.of(figures()).rows();
        assertEquals(
                List.of(
                        List.of("2 times the best peer", "demand 1", "2.4 (1.43–3.5) × SubmissionPublisher", "holds"),
                        List.of(
                                "20 times the same protocol on Pekko Typed",
                                "demand 1",
                                "12 (10–14) × same protocol, Pekko Typed, batched",
                                "does not hold"),
                        List.of(
                                "level with the Disruptor, yielding",
                                "demand 256",
                                "0.8 (0.625–1) × Disruptor, yielding",
                                "does not hold"),
                        List.of("3 times all other peers", "demand 256", "4 (3.33–4.67) × ArrayBlockingQueue", "holds"),
                        List.of(
                                "under 0.01 B an element",
                                "pool, at its worst: putToTake, demand 256",
                                "0.0200 (0.0200–0.0200) B",
                                "does not hold")),
                goals);
    }

    @Test
    void idleAndScalingAreTabled() throws IOException {
        Json.write(folder.resolve(BenchRun.IDLE), Json.of(List.of(new Idle.Found(1000, 6, 0.5, 0.25))));
        Json.write(
                folder.resolve(BenchRun.SCALING),
                Json.of(List.of(
                        new Scaling.Found(10, Scaling.Arrangement.TWO_THREADS, 3e6, 7000),
                        new Scaling.Found(10, Scaling.Arrangement.TWO_THREADS, 1e6, 5000))));
        BenchFigures figures = figures();
        assertEquals(
                List.of("two threads", "10", "2 M (1 M–3 M)", "6 k (5 k–7 k)"),
                row(table(figures, "Many streams"), "two threads"));
        assertEquals(List.of("1000", "6", "0.5", "0.25"), row(table(figures, "Idle"), "1000"));
        assertEquals(
                "holds",
                row(Goals.of(figures), "idle streams use under 1 % of one core").get(3));
    }

    @Test
    void plotsAreDrawnWithoutADisplay() throws IOException {
        Map<String, Plots.Plot> plots = Plots.of(figures());
        assertEquals(List.of("throughput.svg", "allocation.svg"), List.copyOf(plots.keySet()));
        String svg = plots.get("throughput.svg").svg();
        assertTrue(svg.contains("<svg"), svg);
        assertTrue(svg.contains(">SubmissionPublisher<"), svg);
    }

    private static Table table(BenchFigures figures, String title) {
        return Tables.of(figures).stream()
                .filter(table -> table.title().startsWith(title))
                .findFirst()
                .orElseThrow();
    }

    static List<String> row(Table table, String first) {
        return table.rows().stream()
                .filter(row -> row.get(0).equals(first))
                .findFirst()
                .orElseThrow();
    }
}
