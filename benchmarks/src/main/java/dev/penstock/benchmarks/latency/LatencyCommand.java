package dev.penstock.benchmarks.latency;

import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.peers.Peer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the latency of peers at a fixed rate. */
@Command(
        name = "latency",
        sortOptions = false,
        description = {
            "Sends elements at a fixed rate through each peer and records how long after its intended time each is taken.",
            "Each combination of peer, demand, rate and wait strategy is measured in a virtual machine of its own."
        },
        footer = {
            "",
            "For each it writes the distribution (.hgrm, in microseconds), that of the machine's hiccups, and a summary (.json).",
            "Exit status: 0; 1 if a peer could not be measured; 2 if the command was called wrongly."
        })
final class LatencyCommand implements Callable<Integer> {

    private static final int SOFTWARE = 1;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--peer",
            split = ",",
            paramLabel = "PEER",
            description = "what to measure, several by commas: ${COMPLETION-CANDIDATES} (default: PENSTOCK)")
    private List<Peer> peers = List.of(Peer.PENSTOCK);

    @Option(names = "--demand", split = ",", paramLabel = "N", description = "the peer's window (default: 16)")
    private List<Integer> demands = List.of(16);

    @Option(names = "--rate", split = ",", paramLabel = "N", description = "elements a second (default: 50000)")
    private List<Integer> rates = List.of(50_000);

    @Option(
            names = "--wait",
            split = ",",
            paramLabel = "STRATEGY",
            description = "how the stream's two threads wait: ${COMPLETION-CANDIDATES} (default: BACKOFF)")
    private List<WaitKind> waitStrategies = List.of(WaitKind.BACKOFF);

    @Option(
            names = "--dispatcher",
            paramLabel = "DISPATCHER",
            defaultValue = "POOL",
            description = "what runs the stream's actors: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private DispatcherKind dispatcher;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "how long to send (default: ${DEFAULT-VALUE})")
    private double seconds;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "3",
            description = "seconds before that, which do not count (default: ${DEFAULT-VALUE})")
    private double warmupSeconds;

    @Option(
            names = "--pacing",
            paramLabel = "PACING",
            defaultValue = "SPIN",
            description =
                    "what the sender does until the next is due: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Pacing pacing;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            defaultValue = "target/latency",
            description = "where the files go (default: ${DEFAULT-VALUE})")
    private Path folder;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    private boolean help;

    /**
     * Runs the command and exits.
     *
     * @param arguments as {@code --help} tells
     */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new LatencyCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println("latency: " + e);
                    return SOFTWARE;
                });
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Load> loads = loads();
        if (loads.size() == 1) {
            Result result = loads.get(0).run();
            result.write(folder);
            spec.commandLine().getOut().println(result.summary());
            spec.commandLine().getOut().flush();
            return 0;
        }
        int status = 0;
        for (Load load : loads) {
            status = Math.max(status, runInOwnMachine(load));
        }
        return status;
    }

    private List<Load> loads() {
        List<Load> loads = new ArrayList<>();
        for (int rate : rates) {
            for (int demand : demands) {
                for (Peer peer : peers) {
                    // the others have one way to wait
                    List<WaitKind> strategies = peer == Peer.PENSTOCK ? waitStrategies : waitStrategies.subList(0, 1);
                    for (WaitKind strategy : strategies) {
                        Load load = new Load(peer, dispatcher, strategy, demand, rate, warmupSeconds, seconds, pacing);
                        check(load);
                        loads.add(load);
                    }
                }
            }
        }
        return loads;
    }

    private void check(Load load) {
        if (load.demand() < 1 || load.ratePerSecond() < 1 || load.warmupSeconds() < 0) {
            throw wrong("--demand and --rate must be at least 1, --warmup at least 0");
        }
        if (load.count() < 2) {
            throw wrong("--seconds " + seconds + " at --rate " + load.ratePerSecond() + " is less than two elements");
        }
        if ((seconds + warmupSeconds) * load.ratePerSecond() > Integer.MAX_VALUE) {
            throw wrong("--seconds and --warmup at --rate " + load.ratePerSecond() + " are too many elements");
        }
        if (load.peer() == Peer.ARRAY_BLOCKING_QUEUE_ONE_CARRIER && pacing == Pacing.SPIN) {
            throw wrong("a sender that spins keeps the one carrier from the taker: use --pacing YIELD");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private int runInOwnMachine(Load load) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), LatencyCommand.class.getName()));
        command.addAll(List.of("--peer", load.peer().name(), "--demand", Integer.toString(load.demand())));
        command.addAll(List.of("--rate", Integer.toString(load.ratePerSecond())));
        command.addAll(List.of("--wait", load.waitStrategy().name()));
        command.addAll(List.of("--dispatcher", load.dispatcher().name()));
        command.addAll(List.of("--seconds", Double.toString(load.seconds())));
        command.addAll(List.of("--warmup", Double.toString(load.warmupSeconds())));
        command.addAll(List.of("--pacing", load.pacing().name(), "--out", folder.toString()));
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
