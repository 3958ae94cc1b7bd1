package dev.penstock.benchmarks.latency;

import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.peers.Peer;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code penstock latency} measures, and in which order: by rate, so that those above a peer's knee can be left out; for
 * each rate and demand what is compared side by side.
 */
enum LatencySuite {
    /** Two rates, one demand. */
    QUICK(List.of(10_000, 50_000), List.of(16), 0.5, 1),
    /** What is published. */
    FULL(List.of(1_000, 10_000, 50_000, 200_000, 1_000_000), List.of(16, 256), 1, 2.5),
    /** Every peer and wait strategy. */
    ALL(
            List.of(1_000, 10_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 4_000_000),
            List.of(1, 16, 256),
            1.5,
            5);

    /** Rates at which the peers are compared: taken with all forks. The others show the curve, with few. */
    private static final List<Integer> COMPARED_RATES = List.of(50_000, 200_000);

    private static final int FEW_FORKS = 3;

    /** The best by themselves, by the way in which they wait, and the same protocol on another runtime. */
    private static final List<Peer> PEERS = List.of(
            Peer.JCTOOLS_SPSC,
            Peer.ARRAY_BLOCKING_QUEUE,
            Peer.DISRUPTOR_YIELDING,
            Peer.DISRUPTOR_BLOCKING,
            Peer.SUBMISSION_PUBLISHER,
            Peer.REACTOR,
            Peer.PEKKO_TYPED);

    private static final List<WaitKind> WAITS = List.of(WaitKind.BACKOFF, WaitKind.PARKING, WaitKind.BUSY_SPIN);

    private final List<Integer> rates;
    private final List<Integer> demands;
    private final double warmupSeconds;
    private final double seconds;

    LatencySuite(List<Integer> rates, List<Integer> demands, double warmupSeconds, double seconds) {
        this.rates = rates;
        this.demands = demands;
        this.warmupSeconds = warmupSeconds;
        this.seconds = seconds;
    }

    List<Planned> loads(Pacing pacing) {
        List<Planned> loads = new ArrayList<>();
        for (int rate : rates) {
            int forks = COMPARED_RATES.contains(rate) ? Integer.MAX_VALUE : FEW_FORKS;
            for (int demand : demands) {
                for (WaitKind wait : this == ALL ? List.of(WaitKind.values()) : WAITS) {
                    loads.add(new Planned(load(Peer.PENSTOCK, wait, demand, rate, pacing), forks));
                }
                for (Peer peer : this == ALL ? List.of(Peer.values()) : PEERS) {
                    if (peer != Peer.PENSTOCK && peer.isAvailable() && !pacing.starves(peer)) {
                        loads.add(new Planned(load(peer, WaitKind.BACKOFF, demand, rate, pacing), forks));
                    }
                }
            }
        }
        return loads;
    }

    private Load load(Peer peer, WaitKind wait, int demand, int rate, Pacing pacing) {
        return new Load(peer, DispatcherKind.POOL, wait, demand, rate, warmupSeconds, seconds, pacing);
    }
}
