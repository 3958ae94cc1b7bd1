package dev.penstock.examples;

import dev.penstock.examples.network.GuideProcesses;
import dev.penstock.examples.network.Protocol;
import dev.penstock.examples.network.Tally;
import dev.penstock.network.Tls;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Three nodes and a client, as four processes: {@code ./penstock network-guide}. */
@Command(
        name = "network-guide",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        description = {
            "Three nodes with sensors, and a client outside their cluster that consumes all readings, and streams an"
                    + " alert back for each that cannot be right.",
            "Without a sub-command all four run, as processes of this machine, over mutual TLS with certificates made"
                    + " for the occasion."
        },
        footer = {"", "Exit status: 0; 1 if it failed; 2 if the command was called wrongly; 130 after Ctrl-C."},
        subcommands = {NetworkNodeCommand.class, NetworkClientCommand.class})
final class NetworkGuideCommand implements Callable<Integer> {

    private static final List<String> NODES = List.of("a", "b", "c");
    private static final String CLIENT = "watcher";
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int PORTS = 2 * NODES.size(); // of the memberships, then of the links

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = NetworkNodeCommand.READINGS,
            description = "how many readings each sensor has (default: ${DEFAULT-VALUE})")
    private long readings;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "the first of six ports of 127.0.0.1, in sequence (default: any that are free)")
    private Integer port;

    @Option(names = "--plaintext", description = "without TLS")
    private boolean plaintext;

    @Override
    public Integer call() {
        NetworkNodeCommand.checkReadings(spec, readings);
        if (port != null && (port < 1 || port > NetworkRun.LAST_PORT - PORTS + 1)) {
            throw NetworkRun.wrong(
                    spec, "--port is " + port + "; expected: 1 to " + (NetworkRun.LAST_PORT - PORTS + 1));
        }
        return NetworkRun.of(spec, this::run);
    }

    private void run() throws Exception {
        if (plaintext) {
            runAll(List.of(), Map.of());
            return;
        }
        Path directory = Files.createTempDirectory("penstock-guide"); // nobody else can read it
        try {
            String password = CertCommand.random();
            makeCertificates(directory, password);
            runAll(List.of("--tls", directory.toString()), Map.of(Protocol.PASSWORD_VARIABLE, password));
        } finally {
            remove(directory);
        }
    }

    private void runAll(List<String> tls, Map<String, String> environment) throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (GuideProcesses processes = new GuideProcesses(command(), environment, out, err)) {
            start(processes, tls);
            processes.await(LIMIT);
            report(processes.tallies(NODES), processes.tallies(List.of(CLIENT)));
        }
    }

    /** As {@code ./penstock cert} does. */
    private static void makeCertificates(Path directory, String password) throws IOException, InterruptedException {
        Certificates certificates = new Certificates(directory, password);
        Path authority = certificates.authority(Protocol.CLUSTER, 1);
        certificates.trust(authority);
        for (String node : NODES) {
            certificates.signed(authority, "node-" + node + ".p12", node, Tls.member(Protocol.CLUSTER, node), true, 1);
        }
        certificates.signed(
                authority, "client-" + CLIENT + ".p12", CLIENT, Tls.client(Protocol.CLUSTER, CLIENT), false, 1);
    }

    /** This command once more; C1 and one collector thread: it runs for seconds. */
    private static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Penstock.class.getName(),
                "network-guide");
    }

    private void start(GuideProcesses processes, List<String> tls) throws IOException {
        List<String> ports = ports();
        List<String> memberships = ports.subList(0, NODES.size());
        List<String> links = ports.subList(NODES.size(), ports.size());
        for (int i = 0; i < NODES.size(); i++) {
            List<String> arguments = new ArrayList<>(List.of("node", "--end-with-input", "--name", NODES.get(i)));
            arguments.addAll(List.of("--bind", "127.0.0.1:" + memberships.get(i), "--link-port", links.get(i)));
            for (String membership : memberships) {
                arguments.addAll(List.of("--seed", "127.0.0.1:" + membership));
            }
            arguments.addAll(List.of("--members", String.valueOf(NODES.size())));
            arguments.addAll(List.of("--readings", String.valueOf(readings)));
            arguments.addAll(tls);
            processes.start(NODES.get(i), arguments);
        }
        List<String> arguments = new ArrayList<>(List.of("client", "--end-with-input", "--name", CLIENT));
        arguments.addAll(List.of("--contact", "127.0.0.1:" + links.get(0)));
        arguments.addAll(List.of("--sensors", String.valueOf(NODES.size())));
        arguments.addAll(tls);
        processes.start(CLIENT, arguments);
    }

    private List<String> ports() throws IOException {
        return (port == null ? FreePorts.find("127.0.0.1", PORTS) : Stream.iterate(port, next -> next + 1))
                .limit(PORTS)
                .map(String::valueOf)
                .toList();
    }

    /** Each node has counted what it put and received, the client what it consumed and sent. */
    private void report(Map<String, Tally> atNodes, Map<String, Tally> atClient) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("sensor", "readings put", "consumed", "alerts sent", "received"));
        for (String node : NODES) {
            Tally there = atNodes.getOrDefault(node, new Tally(node, 0, 0));
            Tally here = atClient.getOrDefault(node, new Tally(node, 0, 0));
            rows.add(List.of(
                    node,
                    String.valueOf(there.readings()),
                    String.valueOf(here.readings()),
                    String.valueOf(here.alerts()),
                    String.valueOf(there.alerts())));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.print(Text.table(rows));
        out.flush();
        if (!atNodes.equals(atClient)
                || !atNodes.keySet().containsAll(NODES)
                || atNodes.values().stream().anyMatch(tally -> tally.readings() != readings)) {
            throw new IllegalStateException("the counts do not agree");
        }
    }

    private static void remove(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(directory)) {
            files = list.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(directory);
    }
}
