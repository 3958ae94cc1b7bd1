package dev.penstock.network.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/** What came of each fault. Any thread. */
final class FaultTable {

    private final Map<Fault, Row> rows = new EnumMap<>(Fault.class);

    private static final class Row {
        private int resumed;
        private int failed;
        private final List<String> wrong = new ArrayList<>();
        private long worstDetection;
        private String lastFailure;
    }

    private final List<FaultRun.Result> beside = new ArrayList<>();
    private final List<Long> merges = new ArrayList<>();

    synchronized void add(Fault fault, FaultRun.Result result) {
        Row row = row(fault);
        if (result.resumed()) {
            row.resumed++;
        } else {
            row.failed++;
            row.lastFailure = result.ends().toString();
        }
        row.worstDetection = Math.max(row.worstDetection, result.detectionNanos());
        if (result.before() != null) {
            beside.add(result);
        }
        if (result.mergedNanos() > 0) {
            merges.add(result.mergedNanos());
        }
    }

    synchronized void addWrong(Fault fault, String what) {
        row(fault).wrong.add(what);
    }

    synchronized List<String> wrong(Fault fault) {
        Row row = rows.getOrDefault(fault, new Row());
        List<String> wrong = new ArrayList<>(row.wrong);
        if (fault.expected == Fault.Expected.RESUME && row.resumed < 9 * row.failed) {
            wrong.add("it should have resumed, and has failed " + row.failed + " times, " + row.lastFailure);
        }
        return wrong;
    }

    private Row row(Fault fault) {
        return rows.computeIfAbsent(fault, unused -> new Row());
    }

    /** What came of a fault; nothing if it was not tried. */
    synchronized Optional<String> line(Fault fault) {
        return Optional.ofNullable(rows.get(fault)).map(row -> line(fault, row));
    }

    private static String line(Fault fault, Row row) {
        return "| " + fault.text + " | " + fault.detection.toSeconds() + " s | "
                + (row.resumed + row.failed + row.wrong.size()) + " | " + row.resumed + " | " + row.failed + " | "
                + row.wrong.size() + " | "
                + (row.worstDetection == 0 ? "" : String.format(Locale.ROOT, "%.2f s", row.worstDetection / 1e9))
                + " |";
    }

    synchronized String text() {
        StringBuilder text = new StringBuilder(
                "| fault | detection | repeats | resumed | failed once | anything else | worst detection |\n");
        text.append("|---|---|---|---|---|---|---|\n");
        rows.forEach((fault, row) -> text.append(line(fault, row)).append('\n'));
        text.append('\n').append(besideLine()).append(mergeLine());
        rows.forEach((fault, row) -> row.wrong.forEach(what -> text.append("\n* ")
                .append(fault.text)
                .append(": ")
                .append(what, 0, Math.min(what.length(), 400))
                .append('\n')));
        return text.toString();
    }

    static void write(Path file, CharSequence text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private String besideLine() {
        return beside.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "The live stream beside a stopped node, %d times, medians of the p50 and of the p99: before,"
                                + " %d and %d µs; while the other is stopped, %d and %d µs.%n",
                        beside.size(),
                        median(result -> result.before().median()),
                        median(result -> result.before().p99()),
                        median(result -> result.during().median()),
                        median(result -> result.during().p99()));
    }

    private long median(ToLongFunction<FaultRun.Result> of) {
        long[] sorted = beside.stream().mapToLong(of).sorted().toArray();
        return sorted[sorted.length / 2] / 1000;
    }

    private String mergeLine() {
        return merges.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "After a split, %d times: all three nodes had the same listing within %.1f s.%n",
                        merges.size(),
                        Collections.max(merges) / 1e9);
    }
}
