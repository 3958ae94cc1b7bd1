package dev.penstock.examples;

import dev.penstock.examples.network.Protocol;
import dev.penstock.examples.network.SensorNode;
import dev.penstock.network.ClusterOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One node of the network guide: {@code ./penstock network-guide node}. */
@Command(
        name = "node",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        description = "A node with a sensor. It joins, waits for a client, and leaves when all alerts have come.",
        footer = {
            "",
            "  penstock network-guide node --name a --bind 127.0.0.1:7801 --link-port 7901",
            "  penstock network-guide node --name b --bind 127.0.0.1:7802 --seed 127.0.0.1:7801"
        })
final class NetworkNodeCommand implements Callable<Integer> {

    static final String READINGS = "2000";

    private static final int MOST_MEMBERS = 100;
    private static final long LEAST_READINGS = 10; // else there is no room for the faults
    private static final long MOST_READINGS = 1_000_000_000;

    @Spec
    private CommandSpec spec;

    @Option(names = "--name", paramLabel = "NAME", required = true, description = "the node, and its sensor")
    private String name;

    @Option(
            names = "--bind",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:0",
            description = "where the membership listens; port 0 is any that is free (default: ${DEFAULT-VALUE})")
    private String bind;

    @Option(
            names = "--link-port",
            paramLabel = "N",
            defaultValue = "0",
            description = "the port for streams, at the same host, to which clients connect; 0 is any that is free"
                    + " (default: ${DEFAULT-VALUE})")
    private int linkPort;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            description = "where another node's membership listens; may be given more than once")
    private List<String> seeds = new ArrayList<>();

    @Option(
            names = "--members",
            paramLabel = "N",
            defaultValue = "1",
            description = "wait until there are so many nodes, this one among them (default: ${DEFAULT-VALUE})")
    private int members;

    @Option(
            names = "--readings",
            paramLabel = "N",
            defaultValue = READINGS,
            description = "how many readings the sensor has (default: ${DEFAULT-VALUE})")
    private long readings;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description = "where node-NAME.p12 and trust.p12 are, made by 'penstock cert --cluster "
                    + Protocol.CLUSTER + "'; their password is in the environment variable "
                    + Protocol.PASSWORD_VARIABLE)
    private String tls;

    @Option(names = "--end-with-input", description = "end when standard input does")
    private boolean endWithInput;

    static void checkReadings(CommandSpec spec, long readings) {
        if (readings < LEAST_READINGS || readings > MOST_READINGS) {
            throw NetworkRun.wrong(
                    spec, "--readings is " + readings + "; expected: " + LEAST_READINGS + " to " + MOST_READINGS);
        }
    }

    @Override
    public Integer call() throws IOException {
        checkReadings(spec, readings);
        if (members < 1 || members > MOST_MEMBERS) {
            throw NetworkRun.wrong(spec, "--members is " + members + "; expected: 1 to " + MOST_MEMBERS);
        }
        ClusterOptions options = options();
        if (endWithInput) {
            NetworkRun.endWithInput();
        }
        return NetworkRun.of(spec, () -> SensorNode.run(name, options, members, readings, out()));
    }

    private ClusterOptions options() throws IOException {
        boolean secure = tls != null;
        InetSocketAddress address = NetworkRun.address(spec, "--bind", bind, secure);
        seeds.forEach(seed -> NetworkRun.address(spec, "--seed", seed, secure));
        if (linkPort < 0 || linkPort > NetworkRun.LAST_PORT) {
            throw NetworkRun.wrong(spec, "--link-port is " + linkPort + "; expected: 0 to " + NetworkRun.LAST_PORT);
        }
        try {
            ClusterOptions options = ClusterOptions.of(Protocol.CLUSTER, name).seeds(seeds.toArray(String[]::new));
            if (secure) {
                options = options.tls(NetworkRun.tls(spec, tls, "node-" + name));
            }
            String host = address.getHostString();
            return options.bind(host, address.getPort() == 0 ? freePort("--bind", host) : address.getPort())
                    .linkPort(linkPort == 0 ? freePort("--link-port", host) : linkPort);
        } catch (IllegalArgumentException e) {
            throw NetworkRun.wrong(spec, e.getMessage());
        }
    }

    /** Finds a port and tells it, for others to be called with. */
    private int freePort(String option, String host) throws IOException {
        int port = FreePorts.find(host, 1).findFirst().orElseThrow();
        out().println(option + " is " + host + ":" + port);
        return port;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
