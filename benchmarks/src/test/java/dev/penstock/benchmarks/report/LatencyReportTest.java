package dev.penstock.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.latency.Tail;
import dev.penstock.benchmarks.run.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the files of single runs to the tables. */
class LatencyReportTest {

    private static final int RATE = 50_000;

    @TempDir
    Path folder;

    /** A run whose 99th percentile is its median ten times. */
    private void run(String peer, String wait, int round, double medianMicros, boolean held, String... invalid)
            throws IOException {
        ObjectNode json = Json.object();
        json.put("peer", peer);
        if (!wait.isEmpty()) {
            json.put("waitStrategy", wait);
        }
        json.put("demand", 16).put("ratePerSecond", RATE).put("held", held);
        json.set("invalid", Json.of(List.of(invalid)));
        micros(json.putObject("latencyMicros"), medianMicros);
        micros(json.putObject("hiccupMicros"), 2);
        String name = peer + wait + round;
        Json.write(folder.resolve(name + ".json"), json);
        distribution(folder.resolve(name + ".hgrm"), medianMicros);
        distribution(folder.resolve(name + "-hiccups.hgrm"), 2);
    }

    private static void micros(ObjectNode json, double median) {
        for (Tail tail : Tail.values()) {
            json.put(tail.label(), tail == Tail.P50 ? median : 10 * median);
        }
    }

    private static void distribution(Path file, double medianMicros) throws IOException {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount((long) (1_000 * medianMicros), 900);
        histogram.recordValueWithCount((long) (10_000 * medianMicros), 100);
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            histogram.outputPercentileDistribution(out, 1_000.0);
        }
    }

    private LatencyFigures measure() throws IOException {
        run("PENSTOCK", "PARKING", 1, 5, true);
        run("PENSTOCK", "PARKING", 2, 7, true, "p99.9");
        run("PENSTOCK", "PARKING", 3, 6, true, "p99.9");
        run("DISRUPTOR_BLOCKING", "", 1, 6.5, true);
        run("REACTOR", "", 1, 1, false);
        Json.write(folder.resolve("run.json"), Json.object());
        return LatencyFigures.read(folder);
    }

    @Test
    void theForksOfALoadBelongTogether() throws IOException {
        LatencyFigures figures = measure();
        LatencyFigures.Point point =
                figures.of(Contender.PENSTOCK_PARKING, 16, RATE).orElseThrow();
        assertEquals(new Spread(6, 5, 7, 3), point.micros(Tail.P50));
        assertEquals(6, point.typical().micros(Tail.P50));
        assertTrue(point.isValid(Tail.P99));
        assertFalse(point.isValid(Tail.P99_9), "two of three are not");
        assertFalse(figures.of(Contender.REACTOR, 16, RATE).orElseThrow().isHeld());
    }

    @Test
    void whatTheMachineExceedsIsMarked() throws IOException {
        Table table = Tables.of(measure()).get(0);
        assertEquals(List.of("", "50 k/s"), table.columns());
        assertEquals(List.of("Penstock, parking", "6 / 60 / 60†"), BenchReportTest.row(table, "Penstock, parking"));
        assertEquals(List.of("Reactor", "rate not held"), BenchReportTest.row(table, "Reactor"));
        assertEquals(
                List.of("the machine's hiccups", "2 / 20 / 20"), BenchReportTest.row(table, "the machine's hiccups"));
    }

    @Test
    void aPeerThatDoesNotHoldTheRateIsNotTheBest() throws IOException {
        assertEquals(
                List.of(List.of(
                        "Penstock, parking",
                        "50 k/s, demand 16",
                        "6 to 6.5 (Disruptor, blocking): holds",
                        "60 to 65 (Disruptor, blocking): holds",
                        "60† to 65 (Disruptor, blocking): holds")),
                Goals.of(measure()).rows());
    }

    @Test
    void everyPlotHasTheHiccups() throws IOException {
        Map<String, Plots.Plot> plots = Plots.of(measure());
        assertEquals(
                List.of("load-d16-p50.svg", "load-d16-p99.svg", "percentiles-50000-d16.svg"),
                List.copyOf(plots.keySet()));
        plots.values().forEach(plot -> assertTrue(plot.svg().contains("the machine's hiccups"), plot::title));
    }

    @Test
    void aDistributionIsReadAsHdrHistogramWroteIt() throws IOException {
        distribution(folder.resolve("it.hgrm"), 5);
        Distribution distribution = Distribution.read(folder.resolve("it.hgrm"));
        assertEquals(1_000, distribution.count());
        assertEquals(5, distribution.at(0.5), 0.01);
        assertEquals(5, distribution.at(0.9), 0.01);
        assertEquals(50, distribution.at(0.95), 0.05);
        assertEquals(50, distribution.at(1), 0.05);
    }
}
