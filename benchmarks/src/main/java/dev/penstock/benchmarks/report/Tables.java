package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.CancelBenchmark;
import dev.penstock.benchmarks.FanInBenchmark;
import dev.penstock.benchmarks.Idle;
import dev.penstock.benchmarks.Scaling;
import dev.penstock.benchmarks.StageBenchmark;
import dev.penstock.benchmarks.StreamThroughputBenchmark;
import dev.penstock.benchmarks.TellBenchmark;
import dev.penstock.benchmarks.latency.Tail;
import dev.penstock.benchmarks.peers.Peer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/** The tables. */
final class Tables {

    /** Beside a figure that is the machine's and not the peer's. */
    static final String INVALID = "†";

    private static final String NOTHING = "–";
    private static final String SPREAD = "Median of the forks (lowest–highest), each the median of its iterations.";

    private Tables() {}

    static List<Table> of(BenchFigures figures) {
        return Stream.of(
                        peers(
                                figures,
                                "Throughput, elements a second",
                                SPREAD,
                                score -> Optional.of(score.score()),
                                Numbers::big),
                        ratios(figures),
                        peers(
                                figures,
                                "Allocation, bytes an element",
                                SPREAD,
                                BenchFigures.Score::allocated,
                                Numbers::bytes),
                        variants(figures),
                        list(figures, TellBenchmark.class, "Bare actors: tell and ask"),
                        list(figures, FanInBenchmark.class, "Fan-in: several sinks"),
                        list(figures, CancelBenchmark.class, "From close to the throw of a blocked put"),
                        list(figures, StageBenchmark.class, "Cost of each stage, alone on one thread"),
                        scaling(figures),
                        idle(figures))
                .filter(table -> !table.isEmpty())
                .toList();
    }

    private static Table peers(
            BenchFigures figures,
            String title,
            String note,
            Function<BenchFigures.Score, Optional<Spread>> value,
            DoubleFunction<String> number) {
        List<List<String>> rows = new ArrayList<>();
        for (Contender contender : Contender.values()) {
            List<String> row = new ArrayList<>(List.of(contender.label()));
            boolean isMeasured = false;
            for (int demand : figures.demands()) {
                String cell = !isPeer(contender)
                        ? NOTHING
                        : figures.of(Peer.valueOf(contender.name()), demand)
                                .flatMap(value)
                                .map(spread -> Numbers.spread(spread, number))
                                .orElse(NOTHING);
                isMeasured |= !cell.equals(NOTHING);
                row.add(cell);
            }
            if (isMeasured) {
                rows.add(row);
            }
        }
        return new Table(title, note, byDemand("", figures.demands()), rows);
    }

    private static boolean isPeer(Contender contender) {
        return Stream.of(Peer.values()).anyMatch(peer -> Contender.of(peer) == contender);
    }

    private static List<String> byDemand(String first, List<Integer> demands) {
        List<String> columns = new ArrayList<>(List.of(first));
        demands.forEach(demand -> columns.add("d=" + demand));
        return columns;
    }

    private static Table ratios(BenchFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Contender contender : Contender.values()) {
            if (contender.kind() == Contender.Kind.OURS) {
                continue;
            }
            List<String> row = new ArrayList<>(List.of(contender.label()));
            boolean isMeasured = false;
            for (int demand : figures.demands()) {
                var ours = figures.of(Peer.PENSTOCK, demand);
                var theirs = figures.of(Peer.valueOf(contender.name()), demand);
                if (ours.isPresent() && theirs.isPresent()) {
                    isMeasured = true;
                    row.add(Numbers.spread(ours.get().score().to(theirs.get().score()), Numbers::plain));
                } else {
                    row.add(NOTHING);
                }
            }
            if (isMeasured) {
                rows.add(row);
            }
        }
        return new Table(
                "Throughput of Penstock, in times that of each",
                "Ratio of the medians (the least and the most that a pair of forks showed). Less than 1.5 proves nothing.",
                byDemand("", figures.demands()),
                rows);
    }

    private static Table variants(BenchFigures figures) {
        List<BenchFigures.Score> scores = figures.of(StreamThroughputBenchmark.class);
        List<Integer> demands = scores.stream()
                .flatMap(score -> score.demand().stream())
                .distinct()
                .sorted()
                .toList();
        Map<String, Map<Integer, String>> cells = new LinkedHashMap<>();
        for (BenchFigures.Score score : scores) {
            String name = String.format(
                    "%s, %s, %s",
                    method(score),
                    score.params().get("dispatcher").toLowerCase(Locale.ROOT),
                    score.params().get("waitStrategy").toLowerCase(Locale.ROOT).replace('_', ' '));
            String cell = Numbers.spread(score.score(), Numbers::big)
                    + score.allocated()
                            .map(bytes -> ", " + Numbers.bytes(bytes.median()) + " B")
                            .orElse("");
            cells.computeIfAbsent(name, key -> new LinkedHashMap<>())
                    .put(score.demand().orElseThrow(), cell);
        }
        List<List<String>> rows = new ArrayList<>();
        cells.forEach((name, byDemand) -> {
            List<String> row = new ArrayList<>(List.of(name));
            demands.forEach(demand -> row.add(byDemand.getOrDefault(demand, NOTHING)));
            rows.add(row);
        });
        return new Table(
                "The stream's own variants, elements a second",
                SPREAD
                        + " Then the bytes an element. The first tables have the default: an iterator, on the pool, backing off.",
                byDemand("way, dispatcher, wait strategy", demands),
                rows);
    }

    /** The method of a benchmark. */
    static String method(BenchFigures.Score score) {
        return score.benchmark().substring(score.benchmark().indexOf('.') + 1);
    }

    private static Table list(BenchFigures figures, Class<?> owner, String title) {
        List<List<String>> rows = new ArrayList<>();
        for (BenchFigures.Score score : figures.of(owner)) {
            StringBuilder name = new StringBuilder(method(score));
            score.params()
                    .forEach((param, value) -> name.append(", ")
                            .append(param)
                            .append(' ')
                            .append(value.toLowerCase(Locale.ROOT).replace('_', ' ')));
            rows.add(List.of(
                    name.toString(),
                    Numbers.spread(score.score(), Numbers::big),
                    score.unit(),
                    score.allocated()
                            .map(bytes -> Numbers.spread(bytes, Numbers::bytes))
                            .orElse(NOTHING)));
        }
        return new Table(title, SPREAD, List.of("", "score", "unit", "bytes an operation"), rows);
    }

    private static Table scaling(BenchFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Scaling.Arrangement arrangement : Scaling.Arrangement.values()) {
            for (int streams : figures.streamCounts()) {
                figures.scaling(streams, arrangement, Scaling.Found::elementsPerSecond)
                        .ifPresent(rate -> rows.add(List.of(
                                arrangement.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                                Integer.toString(streams),
                                Numbers.spread(rate, Numbers::big),
                                Numbers.spread(
                                        figures.scaling(streams, arrangement, Scaling.Found::bytesPerStream)
                                                .orElseThrow(),
                                        Numbers::big))));
            }
        }
        return new Table(
                "Many streams at once",
                "The default dispatcher and wait strategy, a buffer of 64, a window of 16; a queue holds 80. Bytes on the heap,"
                        + " without the threads; of few streams they are noise.",
                List.of("threads", "streams", "elements a second, in total", "bytes each"),
                rows);
    }

    private static Table idle(BenchFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        for (Idle.Found found : figures.idle()) {
            rows.add(List.of(
                    Integer.toString(found.streams()),
                    Numbers.plain(found.seconds()),
                    Numbers.plain(found.percentOfOneCore()),
                    Numbers.plain(found.percentWithout())));
        }
        return new Table(
                "Idle streams",
                "Processor time of the process, in percent of one core, counted by the system in steps of 10 ms.",
                List.of(
                        "open streams, a reader waiting at each",
                        "seconds",
                        "percent",
                        "percent before they were opened"),
                rows);
    }

    static List<Table> of(LatencyFigures figures) {
        List<Table> tables = new ArrayList<>();
        for (int demand : figures.demands()) {
            tables.add(latency(figures, demand));
        }
        return tables;
    }

    private static Table latency(LatencyFigures figures, int demand) {
        List<String> columns = new ArrayList<>(List.of(""));
        figures.rates().forEach(rate -> columns.add(Numbers.big(rate) + "/s"));
        List<List<String>> rows = new ArrayList<>();
        for (Contender contender : figures.contenders()) {
            List<String> row = new ArrayList<>(List.of(contender.label()));
            for (int rate : figures.rates()) {
                row.add(figures.of(contender, demand, rate)
                        .map(Tables::percentiles)
                        .orElse(NOTHING));
            }
            rows.add(row);
        }
        List<String> hiccups = new ArrayList<>(List.of("the machine's hiccups"));
        for (int rate : figures.rates()) {
            List<LatencyFigures.Point> points = figures.of(demand, rate);
            hiccups.add(points.isEmpty() ? NOTHING : hiccups(points));
        }
        rows.add(hiccups);
        return new Table(
                "Latency at demand " + demand + ", µs: p50 / p99 / p99.9",
                "From the intended send time; medians of the forks. " + INVALID
                        + ": in most forks the machine's own hiccups exceed it, or there were too few elements to tell. "
                        + NOTHING + ": not measured, as the peer does not hold a lower rate.",
                columns,
                rows);
    }

    private static String percentiles(LatencyFigures.Point point) {
        if (!point.isHeld()) {
            return "rate not held";
        }
        List<String> cells = new ArrayList<>();
        for (Tail tail : List.of(Tail.P50, Tail.P99, Tail.P99_9)) {
            cells.add(micros(point, tail, point.micros(tail).median()));
        }
        return String.join(" / ", cells);
    }

    static String micros(LatencyFigures.Point point, Tail tail, double micros) {
        return Numbers.plain(micros) + (point.isValid(tail) ? "" : INVALID);
    }

    private static String hiccups(List<LatencyFigures.Point> points) {
        List<String> cells = new ArrayList<>();
        for (Tail tail : List.of(Tail.P50, Tail.P99, Tail.P99_9)) {
            cells.add(Numbers.plain(Spread.median(points.stream()
                    .map(point -> point.hiccupMicros(tail).median())
                    .toList())));
        }
        return String.join(" / ", cells);
    }
}
