package dev.penstock.benchmarks.network;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.report.Numbers;
import dev.penstock.benchmarks.report.Report;
import dev.penstock.benchmarks.report.Spread;
import dev.penstock.benchmarks.report.Table;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/** The page on one run: the goals, and tables. */
final class NetworkReport {

    private static final double TIMES_STREAM_REFS = 10;
    private static final double OF_THE_LINK = 0.8;
    private static final String OURS = "penstock";
    private static final String OURS_TLS = "penstock_tls";
    private static final String LINK = "link";
    private static final String LINK_TLS = "link_tls";
    private static final String OURS_AERON = "penstock_aeron";
    private static final String LINK_AERON = "link_aeron";
    private static final String STREAM_REFS = "stream_refs";
    private static final String NOTES = "NOTES.md";

    /** Throughput: way, then demand, then one result a fork. */
    private final Map<String, Map<Integer, List<JsonNode>>> throughput = new LinkedHashMap<>();

    private final Map<String, List<JsonNode>> latency = new LinkedHashMap<>();

    private NetworkReport(JsonNode results) {
        for (JsonNode result : results) {
            String way = result.get("way").asText();
            if (result.get("ratePerSecond").asInt() > 0) {
                latency.computeIfAbsent(way, key -> new ArrayList<>()).add(result);
            } else {
                throughput
                        .computeIfAbsent(way, key -> new TreeMap<>())
                        .computeIfAbsent(result.get("demand").asInt(), key -> new ArrayList<>())
                        .add(result);
            }
        }
    }

    static void write(Path out, Path run, PrintWriter console) throws IOException {
        NetworkReport report = new NetworkReport(Json.read(run.resolve(NetworkCommand.RESULTS)));
        RunFolder.About about = Json.as(Json.read(run.resolve(RunFolder.ABOUT)), RunFolder.About.class);
        StringBuilder text = new StringBuilder(
                "# Streams between two processes\n\nWritten by `./penstock network-bench`;"
                        + " raw files: [" + run.getFileName() + "](raw/" + run.getFileName()
                        + "). Two virtual machines on the"
                        + " loopback interface, elements of 32 bytes, all of them checked by the thread that takes them.\n\n");
        if (Files.exists(out.resolve(NOTES))) {
            text.append("Where the time goes, and what was tried: [" + NOTES + "](" + NOTES + ").\n\n");
        }
        for (Table table : report.tables(about)) {
            if (!table.isEmpty()) {
                text.append(table.markdown());
            }
        }
        Files.writeString(out.resolve("README.md"), text.toString());
        console.println("report: " + out.resolve("README.md"));
        console.flush();
    }

    private List<Table> tables(RunFolder.About about) {
        return List.of(
                Report.machine(about),
                goals(),
                table(
                        "Throughput, elements a second",
                        "Median of the forks (lowest–highest).",
                        result -> result.get("takenPerSecond").asDouble(),
                        Numbers::big),
                table(
                        "Bytes allocated an element, both processes together",
                        "What is sent is ready-made and used again; each element that is taken is a new object of 48 bytes.",
                        result -> result.get("bytesAnElement").asDouble(),
                        Numbers::bytes),
                table(
                        "Processor time an element, both processes together, in microseconds",
                        "",
                        result -> result.get("cpuNanosAnElement").asDouble() / 1e3,
                        Numbers::plain),
                latencies());
    }

    private Table goals() {
        List<List<String>> rows = new ArrayList<>();
        String suffix = ("-" + NetworkSuite.DEFAULT + "-" + WaitKind.BACKOFF).toLowerCase(Locale.ROOT);
        for (int demand : NetworkSuite.DEMANDS) {
            goal(rows, OURS + suffix, STREAM_REFS, demand, TIMES_STREAM_REFS);
            goal(rows, OURS + suffix, LINK, demand, OF_THE_LINK);
            goal(rows, OURS_TLS + suffix, LINK_TLS, demand, OF_THE_LINK);
            goal(rows, OURS_AERON + suffix, LINK_AERON, demand, OF_THE_LINK);
        }
        return new Table(
                "Goals",
                "Ratios of the medians, each with the best way to use the other (lowest–highest of any two forks).",
                List.of("ours", "to the best of", "demand", "throughput", "goal", "", "bytes an element"),
                rows);
    }

    private void goal(List<List<String>> rows, String ours, String others, int demand, double atLeast) {
        Optional<String> best = throughput.keySet().stream()
                .filter(way -> way.equals(others) || way.startsWith(others + (others.equals(STREAM_REFS) ? "_" : "-")))
                .filter(way -> throughput.get(way).containsKey(demand))
                .max(Comparator.comparingDouble(way -> rate(way, demand).median()));
        if (best.isEmpty() || !throughput.getOrDefault(ours, Map.of()).containsKey(demand)) {
            return;
        }
        Spread ratio = rate(ours, demand).to(rate(best.get(), demand));
        rows.add(List.of(
                ours,
                best.get(),
                Integer.toString(demand),
                Numbers.spread(ratio, Numbers::plain),
                "at least " + Numbers.plain(atLeast),
                ratio.median() >= atLeast ? "holds" : "does not hold",
                Numbers.bytes(bytes(ours, demand)) + " to " + Numbers.bytes(bytes(best.get(), demand))));
    }

    private Spread rate(String way, int demand) {
        return spread(
                throughput.get(way).get(demand),
                result -> result.get("takenPerSecond").asDouble());
    }

    private double bytes(String way, int demand) {
        return spread(
                        throughput.get(way).get(demand),
                        result -> result.get("bytesAnElement").asDouble())
                .median();
    }

    private static Spread spread(List<JsonNode> forks, ToDoubleFunction<JsonNode> figure) {
        return Spread.of(forks.stream().map(figure::applyAsDouble).toList());
    }

    private Table table(String title, String note, ToDoubleFunction<JsonNode> figure, DoubleFunction<String> number) {
        List<List<String>> rows = new ArrayList<>();
        throughput.forEach((way, byDemand) -> {
            List<String> row = new ArrayList<>(List.of(way));
            for (int demand : NetworkSuite.DEMANDS) {
                row.add(
                        byDemand.containsKey(demand)
                                ? Numbers.spread(spread(byDemand.get(demand), figure), number)
                                : "–");
            }
            rows.add(row);
        });
        List<String> columns = new ArrayList<>(List.of("way, dispatcher, wait strategy"));
        NetworkSuite.DEMANDS.forEach(demand -> columns.add("d=" + demand));
        return new Table(title, note, columns, rows);
    }

    private Table latencies() {
        List<List<String>> rows = new ArrayList<>();
        latency.forEach((way, forks) -> {
            List<String> row = new ArrayList<>(List.of(way));
            for (String tail : List.of("p50", "p99", "p99.9")) {
                row.add(Numbers.spread(
                        spread(
                                forks,
                                result -> result.get("latencyMicros").get(tail).asDouble()),
                        Numbers::plain));
            }
            row.add(Numbers.plain(spread(
                            forks,
                            result -> result.get("hiccupMicros").get("p99.9").asDouble())
                    .median()));
            row.add(Numbers.big(
                    spread(forks, result -> result.get("takenPerSecond").asDouble())
                            .median()));
            rows.add(row);
        });
        return new Table(
                "Latency, µs",
                "From the intended send time in one process to the take in the other, by the one monotonic clock of the"
                        + " machine; open loop, " + NetworkSuite.LATENCY_RATE + " elements a second, demand "
                        + NetworkSuite.LATENCY_DEMAND
                        + "; the sender yields its processor between two elements. Medians of"
                        + " the forks (lowest–highest). Beyond the machine's own hiccups a tail tells nothing; where fewer"
                        + " were taken a second than sent, the latency tells how long the run was.",
                List.of("way", "p50", "p99", "p99.9", "hiccups p99.9", "taken a second"),
                rows);
    }
}
