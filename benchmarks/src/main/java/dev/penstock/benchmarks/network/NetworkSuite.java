package dev.penstock.benchmarks.network;

import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import java.util.ArrayList;
import java.util.List;

/** What is measured. */
record NetworkSuite(double warmupSeconds, double seconds, double latencySeconds) {

    static final NetworkSuite QUICK = new NetworkSuite(1, 2, 2);
    static final NetworkSuite FULL = new NetworkSuite(2, 2, 6);

    static final List<Integer> DEMANDS = List.of(1, 16, 256);
    static final int LATENCY_DEMAND = 16;
    static final int LATENCY_RATE = 10_000;

    /** So many times longer it takes until the ciphers of the JDK are compiled too. */
    private static final int CIPHERS = 5;

    /** What a user gets who chooses nothing. */
    static final DispatcherKind DEFAULT = DispatcherKind.POOL;

    List<Setup> setups() {
        List<Setup> setups = new ArrayList<>();
        for (int demand : DEMANDS) {
            for (Setup way : ways()) {
                setups.add(of(way, demand, 0, seconds));
            }
        }
        for (Setup way : ways()) {
            setups.add(of(way, LATENCY_DEMAND, LATENCY_RATE, latencySeconds));
        }
        return setups;
    }

    private static List<Setup> ways() {
        List<Setup> ways = new ArrayList<>();
        for (Transport ours : List.of(Transport.PENSTOCK, Transport.PENSTOCK_TLS, Transport.PENSTOCK_AERON)) {
            ways.add(way(ours, DEFAULT, WaitKind.BACKOFF));
            ways.add(way(ours.link(), null, WaitKind.BACKOFF));
        }
        ways.add(way(Transport.STREAM_REFS, null, null));
        ways.add(way(Transport.STREAM_REFS_WITHIN, null, null));
        return ways;
    }

    private static Setup way(Transport transport, DispatcherKind dispatcher, WaitKind wait) {
        return new Setup(transport, dispatcher, wait, 0, 0, 0, 0, null, 0, 0);
    }

    private Setup of(Setup way, int demand, int rate, double time) {
        double warmup = way.transport().isSecure() ? CIPHERS * warmupSeconds : warmupSeconds;
        return new Setup(way.transport(), way.dispatcher(), way.waitStrategy(), demand, rate, warmup, time, null, 0, 0);
    }
}
