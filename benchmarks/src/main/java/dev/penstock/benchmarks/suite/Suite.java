package dev.penstock.benchmarks.suite;

import dev.penstock.benchmarks.CancelBenchmark;
import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.FanInBenchmark;
import dev.penstock.benchmarks.PeerThroughputBenchmark;
import dev.penstock.benchmarks.StageBenchmark;
import dev.penstock.benchmarks.StreamThroughputBenchmark;
import dev.penstock.benchmarks.TellBenchmark;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.peers.ActorPeer;
import dev.penstock.benchmarks.peers.Peer;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code penstock bench} measures, and in which order. What is compared stands side by side, so that a change of the
 * machine's mood meets all of it: for each demand all peers, then the stream's own variants.
 */
enum Suite {
    /** Fewer demands, the default variant, no actors but the stream's. */
    QUICK,
    /** What is published. */
    FULL,
    /** Every dispatcher, wait strategy and demand. */
    ALL;

    private static final List<Integer> DEMANDS = List.of(1, 2, 16, 64, 256, 1024);
    private static final List<Integer> FEW_DEMANDS = List.of(1, 16, 256);

    private static final List<String> STAGES = List.of("ring", "mailboxHop", "demandTurn", "put", "take", "putAndTake");

    List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (int demand : this == QUICK ? FEW_DEMANDS : DEMANDS) {
            peers(demand, cases);
            streams(demand, cases);
        }
        if (this != QUICK) {
            actors(cases);
        }
        for (String stage : STAGES) {
            cases.add(Case.of(StageBenchmark.class, stage).withFewForks());
        }
        return cases;
    }

    /** The stream on the pool, its default, is one of them. */
    private static void peers(int demand, List<Case> cases) {
        for (Peer peer : Peer.values()) {
            if (peer.isAvailable()) {
                cases.add(Case.of(PeerThroughputBenchmark.class, "putToTake")
                        .with("demand", demand)
                        .with("peer", peer));
            }
        }
    }

    private void streams(int demand, List<Case> cases) {
        for (String way : List.of("putToIterator", "putToDrain", "putAllToIterator")) {
            for (DispatcherKind dispatcher : DispatcherKind.values()) {
                for (WaitKind wait : WaitKind.values()) {
                    if (dispatcher.isAvailable() && has(way, dispatcher, wait, demand)) {
                        cases.add(Case.of(StreamThroughputBenchmark.class, way)
                                .with("demand", demand)
                                .with("dispatcher", dispatcher)
                                .with("waitStrategy", wait));
                    }
                }
            }
        }
    }

    /** One thing at a time differs from the default; the other ways, and the other waits, at few demands. */
    private boolean has(String way, DispatcherKind dispatcher, WaitKind wait, int demand) {
        if (this == ALL) {
            return true;
        }
        boolean isPool = dispatcher == DispatcherKind.POOL;
        boolean backsOff = wait == WaitKind.BACKOFF;
        boolean iterates = way.equals("putToIterator");
        if (this == QUICK) {
            return backsOff && (iterates ? !isPool : isPool);
        }
        if (dispatcher == DispatcherKind.VIRTUAL) {
            return false;
        }
        if (!iterates) {
            return backsOff && FEW_DEMANDS.contains(demand);
        }
        return backsOff ? !isPool : isPool && FEW_DEMANDS.contains(demand);
    }

    private void actors(List<Case> cases) {
        for (String method : List.of("tell", "ask", "askMany")) {
            for (ActorPeer peer : ActorPeer.values()) {
                if (peer.isAvailable() && (this == ALL || peer != ActorPeer.PENSTOCK_VIRTUAL)) {
                    cases.add(Case.of(TellBenchmark.class, method)
                            .with("peer", peer)
                            .withFewForks());
                }
            }
        }
        for (int sinks : List.of(2, 4)) {
            for (int demand : this == ALL ? DEMANDS : List.of(16, 256)) {
                cases.add(Case.of(FanInBenchmark.class, "putToIterator")
                        .with("sinks", sinks)
                        .with("demand", demand)
                        .with("dispatcher", DispatcherKind.POOL)
                        .withFewForks());
            }
        }
        for (DispatcherKind dispatcher : DispatcherKind.values()) {
            for (WaitKind wait : List.of(WaitKind.BUSY_SPIN, WaitKind.BACKOFF, WaitKind.PARKING)) {
                if (dispatcher.isAvailable() && (this == ALL || dispatcher == DispatcherKind.POOL)) {
                    cases.add(Case.of(CancelBenchmark.class, "closeToThrow")
                            .with("dispatcher", dispatcher)
                            .with("waitStrategy", wait)
                            .withFewForks());
                }
            }
        }
    }
}
