package dev.penstock.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.latency.Tail;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What one {@code penstock latency} found. */
record LatencyFigures(List<Point> points) {

    /** One fork of one load. */
    record Run(JsonNode json, Path hgrm, Path hiccups) {

        double micros(Tail tail) {
            return json.get("latencyMicros").get(tail.label()).asDouble();
        }

        double hiccupMicros(Tail tail) {
            return json.get("hiccupMicros").get(tail.label()).asDouble();
        }

        boolean isHeld() {
            return json.get("held").asBoolean();
        }

        boolean isValid(Tail tail) {
            for (JsonNode invalid : json.get("invalid")) {
                if (invalid.asText().equals(tail.label())) {
                    return false;
                }
            }
            return true;
        }
    }

    /** All forks of one load. */
    record Point(Contender contender, int demand, int ratePerSecond, List<Run> runs) {

        Spread micros(Tail tail) {
            return Spread.of(runs.stream().map(run -> run.micros(tail)).toList());
        }

        Spread hiccupMicros(Tail tail) {
            return Spread.of(runs.stream().map(run -> run.hiccupMicros(tail)).toList());
        }

        /** Most forks held the rate. */
        boolean isHeld() {
            return isMost(runs.stream().filter(Run::isHeld).count());
        }

        /** Of most forks it is the peer's and not the machine's. */
        boolean isValid(Tail tail) {
            return isMost(runs.stream().filter(run -> run.isValid(tail)).count());
        }

        private boolean isMost(long some) {
            return 2 * some > runs.size();
        }

        /** The fork in the middle, by its 99th percentile. */
        Run typical() {
            List<Run> sorted = runs.stream()
                    .sorted(Comparator.comparingDouble(run -> run.micros(Tail.P99)))
                    .toList();
            return sorted.get((sorted.size() - 1) / 2);
        }
    }

    static LatencyFigures read(Path folder) throws IOException {
        Map<String, Point> points = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(LatencyFigures::isRun).sorted().toList()) {
                JsonNode json = Json.read(file);
                Contender contender = Contender.of(
                        json.get("peer").asText(), json.path("waitStrategy").asText(""));
                int demand = json.get("demand").asInt();
                int rate = json.get("ratePerSecond").asInt();
                String base = file.getFileName().toString().replaceFirst("\\.json$", "");
                points.computeIfAbsent(
                                contender + " " + demand + " " + rate,
                                key -> new Point(contender, demand, rate, new ArrayList<>()))
                        .runs()
                        .add(new Run(json, folder.resolve(base + ".hgrm"), folder.resolve(base + "-hiccups.hgrm")));
            }
        }
        return new LatencyFigures(List.copyOf(points.values()));
    }

    private static boolean isRun(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".json") && !name.equals(RunFolder.ABOUT);
    }

    List<Integer> demands() {
        return points.stream().map(Point::demand).distinct().sorted().toList();
    }

    List<Integer> rates() {
        return points.stream().map(Point::ratePerSecond).distinct().sorted().toList();
    }

    List<Contender> contenders() {
        return points.stream().map(Point::contender).distinct().sorted().toList();
    }

    List<Point> of(int demand, int rate) {
        return points.stream()
                .filter(point -> point.demand() == demand && point.ratePerSecond() == rate)
                .sorted(Comparator.comparing(Point::contender))
                .toList();
    }

    Optional<Point> of(Contender contender, int demand, int rate) {
        return of(demand, rate).stream()
                .filter(point -> point.contender() == contender)
                .findFirst();
    }
}
