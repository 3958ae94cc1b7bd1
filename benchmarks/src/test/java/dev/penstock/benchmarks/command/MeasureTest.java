package dev.penstock.benchmarks.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.run.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as a user calls them. What they find is not judged. */
class MeasureTest {

    @TempDir
    Path results;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        CommandLine line = Measure.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(arguments);
    }

    @Test
    void fromMeasurementsToThePage() throws IOException {
        String only = "demand=16 peer=(PENSTOCK|JCTOOLS)|streams=1 arrangement=TWO|Idle";
        assertEquals(0, run("bench", "--quick", "--forks=2", "--only", only, "--out", results.toString()), this::said);
        only = "penstock-pool-parking-d16-10000ps|array_blocking_queue-d16-10000ps";
        assertEquals(0, run("latency", "--quick", "--only", only, "--out=" + results), this::said);

        Path bench = rawFolder("-bench-quick");
        JsonNode scores = Json.read(bench.resolve("jmh.json"));
        assertEquals(2, scores.size());
        for (JsonNode score : scores) {
            assertEquals(2, score.at("/primaryMetric/rawData").size(), "one row for each fork");
            assertEquals(2, score.get("forks").asInt());
        }
        assertEquals(2, Json.read(bench.resolve("scaling.json")).size());
        assertEquals(2, Json.read(bench.resolve("idle.json")).size());
        JsonNode about = Json.read(bench.resolve("run.json"));
        assertFalse(about.get("ended").isNull());
        assertEquals(
                "./penstock bench --quick --forks=2 --only",
                about.get("command").asText().substring(0, 41));
        assertFalse(about.get("command").asText().contains(results.toString()), "a path is nobody else's business");

        Path latency = rawFolder("-latency-quick");
        String name = "penstock-pool-parking-d16-10000ps-spin-1";
        assertTrue(Json.read(latency.resolve(name + ".json")).get("valid").isBoolean());
        assertTrue(Files.exists(latency.resolve(name + ".hgrm")));
        assertTrue(Files.exists(latency.resolve(name + "-hiccups.hgrm")));

        String readme = Files.readString(results.resolve("README.md"));
        assertTrue(readme.contains("| Penstock | "), readme);
        assertTrue(readme.contains("![Latency against load: p99, demand 16](plots/load-d16-p99.svg)"), readme);
        String page = Files.readString(results.resolve("index.html"));
        assertTrue(page.contains("src=\"data:image/svg+xml;base64,"), "plots are in the page");
        assertFalse(page.contains("src=\"plots"), "the page needs no other file");
        assertTrue(out.toString().contains("[1/8] "), this::said);

        Files.writeString(results.resolve("NOTES.md"), "notes");
        Files.delete(results.resolve("index.html"));
        assertEquals(0, run("report", "--out", results.toString()), this::said);
        assertEquals(page, Files.readString(results.resolve("index.html")), "the same raw files give the same page");
        assertTrue(Files.readString(results.resolve("README.md")).contains("(NOTES.md)"));
    }

    private Path rawFolder(String end) throws IOException {
        try (Stream<Path> folders = Files.list(results.resolve("raw"))) {
            return folders.filter(folder -> folder.toString().endsWith(end))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aRunThatFoundNothingIsPassedOver() throws IOException {
        Path folder = results.resolve("raw").resolve("2026-01-02-bench");
        Files.createDirectories(folder);
        Json.write(
                folder.resolve("run.json"), Json.object().put("kind", "bench").put("began", "2026-01-02"));
        assertEquals(1, run("report", "--out", results.toString()));
        assertTrue(err.toString().contains("there is no run in"), err::toString);
    }

    @Test
    void whatWouldBeMeasuredIsListed() {
        assertEquals(0, run("bench", "--list", "--only", "peer=REACTOR$"), this::said);
        assertEquals(
                List.of(1, 2, 16, 64, 256, 1024).stream()
                        .map(demand -> "PeerThroughputBenchmark.putToTake demand=" + demand + " peer=REACTOR")
                        .toList(),
                out.toString().lines().limit(6).toList());
        assertTrue(out.toString().contains("30 forks, about "), this::said);
    }

    @Test
    void wrongCallsAreRefused() {
        assertEquals(2, run("bench", "--only", "no such benchmark"));
        assertEquals(2, run("bench", "--quick", "--all"));
        assertEquals(2, run("bench", "--forks=0"));
        assertEquals(2, run("latency", "--only", "no such peer"));
        assertEquals(2, run("latency", "--forks=0"));
        assertEquals(2, run("network-bench", "--only", "no such setup"));
        assertEquals(2, run("network-bench", "--forks", "none"));
        assertEquals(1, run("report", "--out", results.toString()));
        assertTrue(err.toString().contains("there is no run in"), err::toString);
        List<String> complaints = err.toString().lines().toList();
        assertEquals(8 + 7, complaints.size(), err::toString);
        for (String line : complaints) {
            assertTrue(line.startsWith("penstock: ") || line.startsWith("Try 'penstock "), line);
        }
        assertEquals("Try 'penstock bench --help'.", complaints.get(1));
    }

    @Test
    void helpIsThere() {
        for (String command : List.of("bench", "latency", "network-bench")) {
            out.getBuffer().setLength(0);
            assertEquals(0, run(command, "-h"), this::said);
            for (String option : List.of("--quick", "--only", "--forks", "--out", "--list")) {
                assertTrue(out.toString().contains(option), this::said);
            }
        }
        assertEquals("", err.toString());
    }

    private String said() {
        return out.toString() + err;
    }
}
