package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.Scaling;
import dev.penstock.benchmarks.latency.Tail;
import dev.penstock.benchmarks.peers.Peer;
import java.awt.Color;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** The plots: SVG by file name. */
final class Plots {

    /**
     * A plot.
     *
     * @param caption what to know about it
     */
    record Plot(String title, String caption, String svg) {}

    /** Less than this is not told apart from nothing. */
    private static final double LEAST_BYTES = 0.0001;

    private static final double TEN = 10;
    private static final int STEPS_PER_DECADE = 8;
    private static final List<Integer> COMPARED_RATES = List.of(50_000, 200_000);
    private static final String HICCUPS = "the machine's hiccups";
    private static final Line HICCUP_LINE = Line.dashed(new Color(0x888888));
    private static final String WHISKERS = "Median of the forks; whiskers from the lowest to the highest.";

    private final Map<String, Plot> plots = new LinkedHashMap<>();

    private Plots() {}

    static Map<String, Plot> of(BenchFigures figures) throws IOException {
        Plots made = new Plots();
        made.throughput(figures);
        made.scaling(figures);
        return made.plots;
    }

    static Map<String, Plot> of(LatencyFigures figures) throws IOException {
        Plots made = new Plots();
        for (int demand : figures.demands()) {
            made.load(figures, demand, Tail.P50);
            made.load(figures, demand, Tail.P99);
        }
        for (int rate : compared(figures.rates())) {
            for (int demand : figures.demands()) {
                made.percentiles(figures, demand, rate);
            }
        }
        return made.plots;
    }

    private static List<Integer> compared(List<Integer> rates) {
        List<Integer> compared = rates.stream().filter(COMPARED_RATES::contains).toList();
        return compared.isEmpty() ? rates : compared;
    }

    private void add(String name, String caption, String title, Chart chart) throws IOException {
        plots.put(name + ".svg", new Plot(title, caption, chart.svg()));
    }

    private void throughput(BenchFigures figures) throws IOException {
        if (figures.demands().isEmpty()) {
            return;
        }
        Chart.Axis demand = new Chart.Axis("demand (the peer's window)", 2, Numbers::big);
        String title = "Throughput by demand, elements a second";
        Chart throughput = new Chart(title, demand);
        byDemand(
                figures,
                throughput.left(new Chart.Axis("elements a second", TEN, Numbers::big)),
                score -> Optional.of(score.score()));
        add("throughput", WHISKERS, title, throughput);
        title = "Allocation by demand, bytes an element";
        Chart allocation = new Chart(title, demand);
        byDemand(
                figures,
                allocation.left(new Chart.Axis("bytes an element", TEN, Plots::bytes)),
                score -> score.allocated().map(Plots::atLeast));
        add("allocation", WHISKERS + " Below 0.01 it is JMH and the virtual machine.", title, allocation);
    }

    private static String bytes(double value) {
        return value < LEAST_BYTES * 2 ? "≤ " + Numbers.plain(LEAST_BYTES) : Numbers.plain(value);
    }

    private static Spread atLeast(Spread bytes) {
        return new Spread(
                Math.max(LEAST_BYTES, bytes.median()),
                Math.max(LEAST_BYTES, bytes.lowest()),
                Math.max(LEAST_BYTES, bytes.highest()),
                bytes.forks());
    }

    private static void byDemand(
            BenchFigures figures, Chart.Side side, Function<BenchFigures.Score, Optional<Spread>> value) {
        for (Contender contender : inOrder(Stream.of(Peer.values()).map(Contender::of))) {
            List<Chart.Dot> dots = new ArrayList<>();
            for (int demand : figures.demands()) {
                figures.of(Peer.valueOf(contender.name()), demand)
                        .flatMap(value)
                        .ifPresent(spread -> dots.add(new Chart.Dot(demand, spread)));
            }
            if (!dots.isEmpty() && contender.isNamed()) {
                side.line(contender.label(), contender.line(), dots);
            } else if (!dots.isEmpty()) {
                side.other(dots);
            }
        }
    }

    /** Those with a name first, so that they lie on top. */
    private static List<Contender> inOrder(Stream<Contender> contenders) {
        return contenders
                .sorted(Comparator.comparing((Contender contender) -> !contender.isNamed())
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private void scaling(BenchFigures figures) throws IOException {
        if (figures.scaling().isEmpty()) {
            return;
        }
        String title = "Many streams at once: elements a second in total, bytes a stream";
        Chart chart = new Chart(title, new Chart.Axis("streams", TEN, Numbers::big));
        chart.left(new Chart.Axis("elements a second, in total", TEN, Numbers::big))
                .line(
                        "streams: two threads for all",
                        Line.thick(new Color(0x0072B2)),
                        scaling(figures, Scaling.Arrangement.TWO_THREADS, Scaling.Found::elementsPerSecond))
                .line(
                        "streams: two threads each",
                        Line.thick(new Color(0x00264D)),
                        scaling(figures, Scaling.Arrangement.THREADS_EACH, Scaling.Found::elementsPerSecond))
                .line(
                        "queues: two threads each",
                        Line.of(new Color(0x8C6D31)),
                        scaling(figures, Scaling.Arrangement.QUEUES_THREADS_EACH, Scaling.Found::elementsPerSecond));
        chart.right(new Chart.Axis("bytes on the heap, each (dashed)", TEN, Numbers::big))
                .line(
                        "bytes a stream",
                        Line.dashed(new Color(0x0072B2)),
                        scaling(figures, Scaling.Arrangement.TWO_THREADS, Scaling.Found::bytesPerStream))
                .line(
                        "bytes a queue",
                        Line.dashed(new Color(0x8C6D31)),
                        scaling(figures, Scaling.Arrangement.QUEUES_THREADS_EACH, Scaling.Found::bytesPerStream));
        add(
                "scaling",
                "Median of the forks; whiskers from the lowest to the highest. The queues are ArrayBlockingQueues.",
                title,
                chart);
    }

    private static List<Chart.Dot> scaling(
            BenchFigures figures, Scaling.Arrangement arrangement, ToDoubleFunction<Scaling.Found> value) {
        List<Chart.Dot> dots = new ArrayList<>();
        for (int streams : figures.streamCounts()) {
            figures.scaling(streams, arrangement, value).ifPresent(spread -> dots.add(new Chart.Dot(streams, spread)));
        }
        return dots;
    }

    private void load(LatencyFigures figures, int demand, Tail tail) throws IOException {
        String title = "Latency against load: " + tail.label() + ", demand " + demand;
        Chart chart = new Chart(title, new Chart.Axis("elements a second", TEN, Numbers::big));
        Chart.Side side = chart.left(new Chart.Axis("µs from the intended send time", TEN, Numbers::big));
        for (Contender contender : inOrder(figures.contenders().stream())) {
            List<Chart.Dot> dots = new ArrayList<>();
            for (int rate : figures.rates()) {
                figures.of(contender, demand, rate)
                        .filter(LatencyFigures.Point::isHeld)
                        .ifPresent(point -> dots.add(new Chart.Dot(rate, point.micros(tail))));
            }
            if (contender.isNamed()) {
                side.line(contender.label(), contender.line(), dots);
            } else {
                side.other(dots);
            }
        }
        List<Chart.Dot> hiccups = new ArrayList<>();
        for (int rate : figures.rates()) {
            List<Double> all = figures.of(demand, rate).stream()
                    .map(point -> point.hiccupMicros(tail).median())
                    .toList();
            if (!all.isEmpty()) {
                hiccups.add(new Chart.Dot(rate, Spread.of(List.of(Spread.median(all)))));
            }
        }
        side.curve(HICCUPS, HICCUP_LINE, hiccups);
        add(
                "load-d" + demand + "-" + tail.label(),
                "Median of the forks; whiskers from the lowest to the highest. A line ends where its peer no longer holds"
                        + " the rate. What lies below the hiccups is the machine's.",
                title,
                chart);
    }

    private void percentiles(LatencyFigures figures, int demand, int rate) throws IOException {
        List<LatencyFigures.Point> points = figures.of(demand, rate).stream()
                .filter(LatencyFigures.Point::isHeld)
                .toList();
        if (points.isEmpty()) {
            return;
        }
        String title = "Latency by percentile: " + Numbers.big(rate) + " elements a second, demand " + demand;
        Chart chart = new Chart(title, new Chart.Axis("percentile", TEN, Plots::percentile));
        Chart.Side side = chart.left(new Chart.Axis("µs from the intended send time", TEN, Numbers::big));
        List<Distribution> hiccups = new ArrayList<>();
        for (Contender contender : inOrder(points.stream().map(LatencyFigures.Point::contender))) {
            LatencyFigures.Run run =
                    figures.of(contender, demand, rate).orElseThrow().typical();
            hiccups.add(Distribution.read(run.hiccups()));
            List<Chart.Dot> curve = curve(List.of(Distribution.read(run.hgrm())));
            if (contender.isNamed()) {
                side.curve(contender.label(), contender.line(), curve);
            } else {
                side.other(curve);
            }
        }
        side.curve(HICCUPS, HICCUP_LINE, curve(hiccups));
        add(
                "percentiles-" + rate + "-d" + demand,
                "Of each the fork with the middle 99th percentile. The hiccups are the median of those beside each fork.",
                title,
                chart);
    }

    /** From half of all values to the last but a few; the median of several distributions. */
    private static List<Chart.Dot> curve(List<Distribution> distributions) {
        long count = distributions.stream().mapToLong(Distribution::count).min().orElseThrow();
        List<Chart.Dot> dots = new ArrayList<>();
        for (int step = 0; ; step++) {
            double oneOf = Math.pow(TEN, (double) step / STEPS_PER_DECADE);
            if (oneOf > count) {
                return dots;
            }
            double value = Spread.median(distributions.stream()
                    .map(distribution -> distribution.at(1 - 1 / oneOf))
                    .toList());
            dots.add(new Chart.Dot(oneOf, Spread.of(List.of(value))));
        }
    }

    /** Of so many one lies beyond it. */
    private static String percentile(double oneOf) {
        return Numbers.plain(100 - 100 / oneOf, 6) + " %";
    }
}
