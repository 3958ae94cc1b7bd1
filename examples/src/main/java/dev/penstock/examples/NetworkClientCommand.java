package dev.penstock.examples;

import dev.penstock.examples.network.Protocol;
import dev.penstock.examples.network.Watcher;
import dev.penstock.network.ClientOptions;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The client of the network guide: {@code ./penstock network-guide client}. */
@Command(
        name = "client",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        description = "The client. It waits for the sensors, consumes all readings, and streams alerts back.",
        footer = {"", "  penstock network-guide client --contact 127.0.0.1:7901 --sensors 2"})
final class NetworkClientCommand implements Callable<Integer> {

    private static final int MOST_SENSORS = 1_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "watcher",
            description = "the client (default: ${DEFAULT-VALUE})")
    private String name;

    @Option(
            names = "--contact",
            paramLabel = "HOST:PORT",
            required = true,
            description = "the --link-port of a node; may be given more than once, one of them has to be up")
    private List<String> contacts;

    @Option(
            names = "--sensors",
            paramLabel = "N",
            defaultValue = "3",
            description = "how many sensors to wait for (default: ${DEFAULT-VALUE})")
    private int sensors;

    @Option(
            names = "--tls",
            paramLabel = "DIR",
            description = "where client-NAME.p12 and trust.p12 are, made by 'penstock cert --cluster "
                    + Protocol.CLUSTER + "'; their password is in the environment variable "
                    + Protocol.PASSWORD_VARIABLE)
    private String tls;

    @Option(names = "--end-with-input", description = "end when standard input does")
    private boolean endWithInput;

    @Override
    public Integer call() {
        if (sensors < 1 || sensors > MOST_SENSORS) {
            throw NetworkRun.wrong(spec, "--sensors is " + sensors + "; expected: 1 to " + MOST_SENSORS);
        }
        contacts.forEach(contact -> NetworkRun.address(spec, "--contact", contact, tls != null));
        ClientOptions options = options();
        if (endWithInput) {
            NetworkRun.endWithInput();
        }
        return NetworkRun.of(
                spec,
                () -> Watcher.run(contacts, options, sensors, spec.commandLine().getOut()));
    }

    private ClientOptions options() {
        try {
            ClientOptions options = ClientOptions.of(Protocol.CLUSTER, name);
            return tls == null ? options : options.tls(NetworkRun.tls(spec, tls, "client-" + name));
        } catch (IllegalArgumentException e) {
            throw NetworkRun.wrong(spec, e.getMessage());
        }
    }
}
