package dev.penstock.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.benchmarks.run.Machine;
import dev.penstock.benchmarks.run.RunFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The report on the newest bench and the newest latency run: {@code README.md}, {@code index.html} and {@code plots}. */
public final class Report {

    private static final String PLOTS = "plots";

    /** What others keep beside the report, and what it is; linked if it is there. */
    private static final Map<String, String> NEIGHBOURS =
            Map.of("NOTES.md", "what was tried and did not help", "stress/README.md", "what the stress tests found");

    /**
     * What is shown of one run.
     *
     * @param first before the plots
     * @param plots by file name
     */
    private record Part(
            Path raw, RunFolder.About about, List<Table> first, Map<String, Plots.Plot> plots, List<Table> tables) {}

    private Report() {}

    /**
     * Writes the report.
     *
     * @param results the folder that has {@code raw}
     * @param console is told where it is
     */
    public static void write(Path results, PrintWriter console) throws IOException {
        System.setProperty("java.awt.headless", "true"); // plots are drawn, not shown
        List<Part> parts = new ArrayList<>();
        Optional<Path> bench = newest(results, "bench");
        if (bench.isPresent()) {
            BenchFigures figures = BenchFigures.read(bench.get());
            parts.add(part(bench.get(), Goals.of(figures), Tables.of(figures), Plots.of(figures)));
        }
        Optional<Path> latency = newest(results, "latency");
        if (latency.isPresent()) {
            LatencyFigures figures = LatencyFigures.read(latency.get());
            parts.add(part(latency.get(), Goals.of(figures), Tables.of(figures), Plots.of(figures)));
        }
        if (parts.isEmpty()) {
            throw new IOException(
                    "there is no run in " + results.resolve("raw") + ": use penstock bench or penstock latency");
        }
        writePlots(results.resolve(PLOTS), parts);
        Files.writeString(results.resolve("README.md"), markdown(results, parts));
        Files.writeString(results.resolve("index.html"), html(parts));
        console.println("report: " + results.resolve("index.html") + ", " + results.resolve("README.md"));
        console.flush();
    }

    private static Part part(Path raw, Table goals, List<Table> tables, Map<String, Plots.Plot> plots)
            throws IOException {
        RunFolder.About about = Json.as(Json.read(raw.resolve(RunFolder.ABOUT)), RunFolder.About.class);
        List<Table> first = goals.isEmpty() ? List.of(machine(about)) : List.of(machine(about), goals);
        return new Part(raw, about, first, plots, tables);
    }

    /** What is told of a run. */
    public static Table machine(RunFolder.About about) {
        Machine machine = about.machine();
        return new Table(
                "The run and its machine",
                "",
                List.of("", ""),
                List.of(
                        List.of("command", about.command()),
                        List.of(
                                "begun, ended",
                                about.began() + ", " + (about.ended() == null ? "never" : about.ended())),
                        List.of(
                                "forks",
                                "at most " + about.forks() + " of each; those that are compared were taken in turn"),
                        List.of("processor", machine.processor() + ", " + machine.cores() + " cores"),
                        List.of("memory", machine.memory()),
                        List.of("kernel", machine.kernel()),
                        List.of("JDK", machine.jdk()),
                        List.of("flags", machine.flags().isEmpty() ? "none" : String.join(" ", machine.flags())),
                        List.of(
                                "load before",
                                machine.loadBefore() < 0
                                        ? "unknown"
                                        : String.format(Locale.ROOT, "%.2f", machine.loadBefore()))));
    }

    /** The run of a kind that began last, of those that found anything. */
    static Optional<Path> newest(Path results, String kind) throws IOException {
        Path raw = results.resolve("raw");
        if (!Files.isDirectory(raw)) {
            return Optional.empty();
        }
        record Candidate(Path folder, String began) {}
        List<Candidate> candidates = new ArrayList<>();
        try (Stream<Path> folders = Files.list(raw)) {
            for (Path folder : folders.toList()) {
                Path about = folder.resolve(RunFolder.ABOUT);
                JsonNode run = Files.exists(about) ? Json.read(about) : Json.object();
                if (run.path("kind").asText().equals(kind) && hasFigures(folder)) {
                    candidates.add(new Candidate(folder, run.get("began").asText()));
                }
            }
        }
        return candidates.stream()
                .max(Comparator.comparing(Candidate::began).thenComparing(Candidate::folder))
                .map(Candidate::folder);
    }

    private static boolean hasFigures(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> !file.endsWith(RunFolder.ABOUT));
        }
    }

    private static void writePlots(Path folder, List<Part> parts) throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> old = Files.list(folder)) {
            for (Path plot :
                    old.filter(file -> file.toString().endsWith(".svg")).toList()) {
                Files.delete(plot);
            }
        }
        for (Part part : parts) {
            for (Map.Entry<String, Plots.Plot> plot : part.plots().entrySet()) {
                Files.writeString(folder.resolve(plot.getKey()), plot.getValue().svg());
            }
        }
    }

    private static String markdown(Path results, List<Part> parts) {
        StringBuilder text = new StringBuilder();
        text.append(
                "# Results\n\nWritten by `./penstock report` from the raw files; [index.html](index.html) has the same on"
                        + " one page, with the plots.\n");
        NEIGHBOURS.entrySet().stream()
                .filter(neighbour -> Files.exists(results.resolve(neighbour.getKey())))
                .sorted(Map.Entry.comparingByKey())
                .forEach(neighbour ->
                        text.append(String.format("See also [%s](%s).%n", neighbour.getValue(), neighbour.getKey())));
        for (Part part : parts) {
            text.append("\n# ").append(heading(part)).append("\n\n");
            text.append(warning(part).map(warning -> "**" + warning + "**\n\n").orElse(""));
            text.append("Raw files: [").append(part.raw().getFileName()).append("](raw/");
            text.append(part.raw().getFileName()).append(").\n\n");
            part.first().forEach(table -> text.append(table.markdown()));
            part.plots()
                    .forEach((file, plot) -> text.append(String.format("![%s](%s/%s)%n%n", plot.title(), PLOTS, file)));
            part.tables().forEach(table -> text.append(table.markdown()));
        }
        return text.toString().stripTrailing() + "\n";
    }

    private static String heading(Part part) {
        return part.about().kind().equals("bench") ? "Throughput, allocation, scaling" : "Latency under an open load";
    }

    /** What keeps these figures from proving anything. */
    private static Optional<String> warning(Part part) {
        if (part.about().quick()) {
            return Optional.of("A quick run: short, and few forks. It proves nothing.");
        }
        return part.about().ended() == null ? Optional.of("This run was cut short.") : Optional.empty();
    }

    private static String html(List<Part> parts) {
        StringBuilder text = new StringBuilder("""
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>Penstock: results</title>
                <style>
                body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 72em; margin: 2em auto;
                       padding: 0 1em }
                h1 { margin: 1.6em 0 .4em } h2 { margin: 1.8em 0 .3em; font-size: 1.15em }
                table { border-collapse: collapse; font-size: 13px; display: block; overflow-x: auto }
                th, td { padding: .25em .7em; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap }
                tr:nth-child(even) td { background: #f7f7f7 }
                figure { margin: 1.5em 0 } img { max-width: 100%; border: 1px solid #ddd } figcaption { color: #555 }
                .warning { background: #fff3cd; padding: .5em .8em } code { background: #f2f2f2; padding: .1em .4em }
                </style>
                </head>
                <body>
                """);
        for (Part part : parts) {
            text.append("<h1>").append(heading(part)).append("</h1>\n");
            warning(part)
                    .ifPresent(warning ->
                            text.append("<p class=\"warning\">").append(warning).append("</p>\n"));
            part.first().forEach(table -> text.append(table.html()));
            part.plots().values().forEach(plot -> text.append(figure(plot)));
            part.tables().forEach(table -> text.append(table.html()));
        }
        return text.append("</body>\n</html>\n").toString();
    }

    /** An image of its own, as the names within one plot are those within another. */
    private static String figure(Plots.Plot plot) {
        String data = Base64.getEncoder().encodeToString(plot.svg().getBytes(StandardCharsets.UTF_8));
        return "<figure><img alt=\"" + Table.escaped(plot.title()) + "\" src=\"data:image/svg+xml;base64," + data
                + "\"><figcaption>" + Table.escaped(plot.caption()) + "</figcaption></figure>\n";
    }
}
