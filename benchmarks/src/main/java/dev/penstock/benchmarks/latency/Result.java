package dev.penstock.benchmarks.latency;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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

    /** A peer that falls behind the rate by more than this has not held it: its latencies tell how long the run was. */
    private static final double HELD = 0.99;

    boolean isHeld() {
        return takenPerSecond >= HELD * load.ratePerSecond();
    }

    /** One line, times in microseconds. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "%-56s p50 %.1f  p99 %.1f  p99.9 %.1f  max %.1f us; machine p99 %.1f  p99.9 %.1f  max %.1f us%s",
                load.name(),
                micros(latencies, 50),
                micros(latencies, 99),
                micros(latencies, 99.9),
                micros(latencies, 100),
                micros(hiccups, 99),
                micros(hiccups, 99.9),
                micros(hiccups, 100),
                isHeld() ? "" : String.format(Locale.ROOT, "; rate not held: %.0f a second", takenPerSecond));
    }

    /** Writes the two distributions, in microseconds, and a summary of both. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        writeDistribution(latencies, folder.resolve(load.name() + ".hgrm"));
        writeDistribution(hiccups, folder.resolve(load.name() + "-hiccups.hgrm"));
        Files.writeString(folder.resolve(load.name() + ".json"), json());
    }

    private static void writeDistribution(Histogram histogram, Path file) throws IOException {
        try (PrintStream out = new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8)) {
            histogram.outputPercentileDistribution(out, MICROSECOND_NANOS);
            if (out.checkError()) {
                throw new IOException("cannot write " + file);
            }
        }
    }

    private String json() {
        String stream = load.isStream()
                ? String.format(
                        "\"dispatcher\": \"%s\", \"waitStrategy\": \"%s\", ", load.dispatcher(), load.waitStrategy())
                : "";
        return String.format(
                Locale.ROOT,
                """
                {
                  "peer": "%s", %s"demand": %d, "pacing": "%s",
                  "ratePerSecond": %d, "takenPerSecond": %.0f, "held": %b,
                  "warmupSeconds": %s, "seconds": %s,
                  "java": "%s", "os": "%s", "processors": %d,
                  "latencyMicros": %s,
                  "hiccupMicros": %s
                }
                """,
                load.peer(),
                stream,
                load.demand(),
                load.pacing(),
                load.ratePerSecond(),
                takenPerSecond,
                isHeld(),
                load.warmupSeconds(),
                load.seconds(),
                System.getProperty("java.runtime.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                Runtime.getRuntime().availableProcessors(),
                json(latencies),
                json(hiccups));
    }

    private static String json(Histogram histogram) {
        return String.format(
                Locale.ROOT,
                "{\"count\": %d, \"mean\": %.3f, \"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"p99.9\": %.3f,"
                        + " \"p99.99\": %.3f, \"max\": %.3f}",
                histogram.getTotalCount(),
                histogram.getMean() / MICROSECOND_NANOS,
                micros(histogram, 50),
                micros(histogram, 90),
                micros(histogram, 99),
                micros(histogram, 99.9),
                micros(histogram, 99.99),
                micros(histogram, 100));
    }

    private static double micros(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / MICROSECOND_NANOS;
    }
}
