package dev.penstock.benchmarks.latency;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.run.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.HdrHistogram.Histogram;

/**
 * What one run found.
 *
 * @param takenPerSecond the rate at which elements came out
 * @param latencies in nanoseconds
 * @param hiccups of the machine, in nanoseconds
 */
record Result(Load load, double takenPerSecond, Histogram latencies, Histogram hiccups) {

    private static final double MICROSECOND_NANOS = 1_000;
    private static final double SECOND_NANOS = 1e9;

    /** A peer that falls behind the rate by more than this has not held it: its latencies tell how long the run was. */
    private static final double HELD = 0.99;

    /** Nor has one that keeps up, but is behind by such a part of the run all the time. */
    private static final double BEHIND = 0.1;

    boolean isHeld() {
        return takenPerSecond >= HELD * load.ratePerSecond()
                && Tail.P50.of(latencies) <= BEHIND * load.seconds() * SECOND_NANOS;
    }

    /**
     * Writes the two distributions, in microseconds, and a summary of both.
     *
     * @param round which of the runs of this load
     */
    void write(Path folder, int round) throws IOException {
        Files.createDirectories(folder);
        String name = load.name() + "-" + round;
        writeDistribution(latencies, folder.resolve(name + ".hgrm"));
        writeDistribution(hiccups, folder.resolve(name + "-hiccups.hgrm"));
        Json.write(folder.resolve(name + ".json"), json(round));
    }

    private static void writeDistribution(Histogram histogram, Path file) throws IOException {
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            histogram.outputPercentileDistribution(out, MICROSECOND_NANOS);
            if (out.checkError()) {
                throw new IOException("cannot write " + file);
            }
        }
    }

    private ObjectNode json(int round) {
        ObjectNode json = Json.object();
        json.put("peer", load.peer().name());
        if (load.isStream()) {
            json.put("dispatcher", load.dispatcher().name());
            json.put("waitStrategy", load.waitStrategy().name());
        }
        json.put("demand", load.demand());
        json.put("ratePerSecond", load.ratePerSecond());
        json.put("pacing", load.pacing().name());
        json.put("warmupSeconds", load.warmupSeconds());
        json.put("seconds", load.seconds());
        json.put("round", round);
        json.put("takenPerSecond", Math.round(takenPerSecond));
        json.put("held", isHeld());
        ArrayNode invalid = Json.array();
        Tail.invalid(latencies, hiccups).forEach(tail -> invalid.add(tail.label()));
        json.put("valid", isHeld() && invalid.isEmpty());
        json.set("invalid", invalid);
        json.set("latencyMicros", micros(latencies));
        json.set("hiccupMicros", micros(hiccups));
        return json;
    }

    private static ObjectNode micros(Histogram histogram) {
        ObjectNode json = Json.object();
        json.put("count", histogram.getTotalCount());
        json.put("mean", histogram.getMean() / MICROSECOND_NANOS);
        for (Tail tail : Tail.values()) {
            json.put(tail.label(), tail.of(histogram) / MICROSECOND_NANOS);
        }
        return json;
    }
}
