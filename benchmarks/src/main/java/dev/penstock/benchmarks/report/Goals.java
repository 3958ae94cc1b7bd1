package dev.penstock.benchmarks.report;

import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.Idle;
import dev.penstock.benchmarks.StreamThroughputBenchmark;
import dev.penstock.benchmarks.latency.Tail;
import dev.penstock.benchmarks.peers.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What the stream is meant to reach, and whether these figures show it. Ratios of medians within one run. */
final class Goals {

    private static final List<Integer> SMALL_DEMANDS = List.of(1, 2, 16);
    private static final List<Integer> LARGE_DEMANDS = List.of(256, 1024);
    private static final double TIMES_BEST_SMALL = 2;
    private static final double TIMES_OTHERS_LARGE = 3;
    private static final double TIMES_SAME_PROTOCOL = 20;
    private static final double SHARE_OF_RING = 0.5;
    private static final double LEVEL = 1;
    private static final double BYTES = 0.01;
    private static final double IDLE_PERCENT = 1;
    private static final List<Integer> LATENCY_RATES = List.of(50_000, 200_000);

    private static final String HOLDS = "holds";
    private static final String NOT = "does not hold";

    private final List<List<String>> rows = new ArrayList<>();

    private Goals() {}

    static Table of(BenchFigures figures) {
        Goals goals = new Goals();
        for (int demand : figures.demands()) {
            goals.throughput(figures, demand);
        }
        goals.allocation(figures);
        goals.idle(figures);
        return new Table(
                "Goals",
                "Ratios of medians within this run; in brackets the least and the most that a pair of forks showed. The bare"
                        + " ring is the limit, and no peer.",
                List.of("goal", "at", "measured", "verdict"),
                goals.rows);
    }

    private void throughput(BenchFigures figures, int demand) {
        Optional<BenchFigures.Score> ours = figures.of(Peer.PENSTOCK, demand);
        if (ours.isEmpty()) {
            return;
        }
        Spread stream = ours.get().score();
        if (LARGE_DEMANDS.contains(demand)) {
            ratio(
                    "level with the Disruptor, yielding",
                    demand,
                    LEVEL,
                    stream,
                    best(figures, demand, Contender.DISRUPTOR_YIELDING));
            ratio(
                    "3 times all other peers",
                    demand,
                    TIMES_OTHERS_LARGE,
                    stream,
                    best(figures, demand, peersBut(Contender.DISRUPTOR_YIELDING)));
            ratio(
                    "half of the bare ring",
                    demand,
                    SHARE_OF_RING,
                    stream,
                    best(figures, demand, Contender.JCTOOLS_SPSC));
        } else if (SMALL_DEMANDS.contains(demand)) {
            ratio("2 times the best peer", demand, TIMES_BEST_SMALL, stream, best(figures, demand, peersBut()));
        } else {
            ratio("ahead of the best peer", demand, LEVEL, stream, best(figures, demand, peersBut()));
        }
        ratio(
                "20 times the same protocol on Pekko Typed",
                demand,
                TIMES_SAME_PROTOCOL,
                stream,
                best(figures, demand, Contender.PEKKO.toArray(Contender[]::new)));
    }

    private static Contender[] peersBut(Contender... left) {
        return Stream.of(Contender.values())
                .filter(contender -> contender.isPeer() && !List.of(left).contains(contender))
                .toArray(Contender[]::new);
    }

    /** A peer and its throughput. */
    private record Best(Contender contender, Spread score) {}

    private static Optional<Best> best(BenchFigures figures, int demand, Contender... among) {
        return Stream.of(among)
                .flatMap(contender -> figures.of(Peer.valueOf(contender.name()), demand).stream()
                        .map(score -> new Best(contender, score.score())))
                .max(Comparator.comparingDouble(best -> best.score().median()));
    }

    private void ratio(String goal, int demand, double least, Spread stream, Optional<Best> best) {
        best.ifPresent(other -> {
            Spread ratio = stream.to(other.score());
            add(
                    goal,
                    "demand " + demand,
                    Numbers.spread(ratio, Numbers::plain) + " × "
                            + other.contender().label(),
                    ratio.median() >= least);
        });
    }

    private void allocation(BenchFigures figures) {
        record Allocated(String dispatcher, String at, Spread bytes) {}
        List<Allocated> all = Stream.concat(
                        figures.demands().stream().flatMap(demand -> figures.of(Peer.PENSTOCK, demand).stream()),
                        figures.of(StreamThroughputBenchmark.class).stream())
                .flatMap(score -> score.allocated().stream()
                        .map(bytes -> new Allocated(
                                score.params().getOrDefault("dispatcher", "POOL"),
                                Tables.method(score) + ", demand "
                                        + score.params().get("demand"),
                                bytes)))
                .toList();
        for (DispatcherKind dispatcher : DispatcherKind.values()) {
            all.stream()
                    .filter(one -> one.dispatcher().equals(dispatcher.name()))
                    .max(Comparator.comparingDouble(one -> one.bytes().median()))
                    .ifPresent(worst -> add(
                            "under 0.01 B an element",
                            dispatcher.name().toLowerCase(Locale.ROOT) + ", at its worst: " + worst.at(),
                            Numbers.spread(worst.bytes(), Numbers::bytes) + " B",
                            worst.bytes().median() < BYTES));
        }
    }

    private void idle(BenchFigures figures) {
        if (figures.idle().isEmpty()) {
            return;
        }
        Spread percent = Spread.of(
                figures.idle().stream().map(Idle.Found::percentOfOneCore).toList());
        add(
                "idle streams use under 1 % of one core",
                figures.idle().get(0).streams() + " streams, a reader waiting at each",
                Numbers.spread(percent, Numbers::plain) + " %",
                percent.median() < IDLE_PERCENT);
    }

    private void add(String goal, String at, String measured, boolean holds) {
        rows.add(List.of(goal, at, measured, holds ? HOLDS : NOT));
    }

    static Table of(LatencyFigures figures) {
        Goals goals = new Goals();
        for (int rate : LATENCY_RATES) {
            for (int demand : figures.demands()) {
                goals.latency(figures, demand, rate, Contender.PENSTOCK_PARKING, Contender.Kind.PARKING);
                goals.latency(figures, demand, rate, Contender.PENSTOCK_BUSY_SPIN, Contender.Kind.SPINNING);
            }
        }
        return new Table(
                "Goals: latency",
                "At or below the best peer that waits in the same way (the bare ring is the limit, and no peer), in µs,"
                        + " medians of the forks. " + Tables.INVALID
                        + " beside a figure: in most forks the machine's own hiccups exceed it.",
                List.of("ours", "at", "p50", "p99", "p99.9"),
                goals.rows);
    }

    private void latency(LatencyFigures figures, int demand, int rate, Contender ours, Contender.Kind kind) {
        Optional<LatencyFigures.Point> stream = figures.of(ours, demand, rate);
        List<LatencyFigures.Point> peers = figures.of(demand, rate).stream()
                .filter(point -> point.contender().kind() == kind && point.isHeld())
                .toList();
        if (stream.isEmpty() || peers.isEmpty()) {
            return;
        }
        List<String> row = new ArrayList<>(List.of(ours.label(), Numbers.big(rate) + "/s, demand " + demand));
        for (Tail tail : List.of(Tail.P50, Tail.P99, Tail.P99_9)) {
            row.add(latency(stream.get(), peers, tail));
        }
        rows.add(row);
    }

    private static String latency(LatencyFigures.Point stream, List<LatencyFigures.Point> peers, Tail tail) {
        LatencyFigures.Point best = peers.stream()
                .min(Comparator.comparingDouble(point -> point.micros(tail).median()))
                .orElseThrow();
        double mine = stream.micros(tail).median();
        double theirs = best.micros(tail).median();
        String verdict;
        if (!stream.isHeld()) {
            verdict = NOT + ": rate not held";
        } else {
            verdict = mine <= theirs ? HOLDS : NOT;
        }
        return Tables.micros(stream, tail, mine) + " to " + Tables.micros(best, tail, theirs) + " ("
                + best.contender().label() + "): " + verdict;
    }
}
