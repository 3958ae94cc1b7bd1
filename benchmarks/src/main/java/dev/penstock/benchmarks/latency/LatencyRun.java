package dev.penstock.benchmarks.latency;

import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.peers.Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Measures one load in this virtual machine. */
final class LatencyRun {

    private LatencyRun() {}

    /** For {@link #main}. */
    static List<String> arguments(Load load, int round, Path folder) {
        return List.of(
                load.peer().name(),
                load.dispatcher().name(),
                load.waitStrategy().name(),
                Integer.toString(load.demand()),
                Integer.toString(load.ratePerSecond()),
                Double.toString(load.warmupSeconds()),
                Double.toString(load.seconds()),
                load.pacing().name(),
                Integer.toString(round),
                folder.toString());
    }

    static Load load(List<String> arguments) {
        return new Load(
                Peer.valueOf(arguments.get(0)),
                DispatcherKind.valueOf(arguments.get(1)),
                WaitKind.valueOf(arguments.get(2)),
                Integer.parseInt(arguments.get(3)),
                Integer.parseInt(arguments.get(4)),
                Double.parseDouble(arguments.get(5)),
                Double.parseDouble(arguments.get(6)),
                Pacing.valueOf(arguments.get(7)));
    }

    /**
     * Measures, and writes the files.
     *
     * @param arguments as {@link #arguments} makes them
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Load load = load(List.of(arguments));
        load.run().write(Path.of(arguments[9]), Integer.parseInt(arguments[8]));
        System.exit(0); // past threads that a peer leaves
    }
}
