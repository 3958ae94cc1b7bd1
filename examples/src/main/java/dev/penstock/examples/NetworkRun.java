package dev.penstock.examples;

import dev.penstock.examples.network.Protocol;
import dev.penstock.network.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What the commands of the network guide have in common: how they end, and what they read. */
final class NetworkRun {

    static final int LAST_PORT = 65_535;

    private static final int INTERRUPTED = 130;
    private static final Pattern ADDRESS = Pattern.compile("(.+):(\\d{1,5})");

    // That a node has left is news, but no news here. Held because java.util.logging holds loggers weakly.
    private static final Logger LOG = Logger.getLogger("dev.penstock");

    private NetworkRun() {}

    interface Action {
        void run() throws Exception;
    }

    /** Runs an action, and answers the exit status. */
    static int of(CommandSpec spec, Action action) {
        LOG.setLevel(Level.WARNING);
        try (CtrlC ctrlC = new CtrlC()) {
            try {
                action.run();
                return ExitCode.OK;
            } catch (InterruptedException e) {
                return INTERRUPTED;
            } catch (Exception e) {
                if (ctrlC.disarm()) {
                    return INTERRUPTED;
                }
                Penstock.complain(spec.commandLine(), Text.printable(explain(e)));
                return ExitCode.SOFTWARE;
            }
        }
    }

    private static String explain(Throwable e) {
        boolean wrapped = (e instanceof ExecutionException || e instanceof CompletionException) && e.getCause() != null;
        return wrapped ? explain(e.getCause()) : e.getMessage() != null ? e.getMessage() : e.toString();
    }

    /** Ends this process when whoever holds the other end of its standard input has gone. */
    static void endWithInput() {
        Thread thread = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // Nothing is said.
                        }
                    } catch (IOException e) {
                        // That is an end too.
                    }
                    System.exit(ExitCode.SOFTWARE);
                },
                "end-with-input");
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads {@code HOST:PORT}; only with TLS may it be on a network. */
    static InetSocketAddress address(CommandSpec spec, String option, String text, boolean tls) {
        Matcher matcher = ADDRESS.matcher(text);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : -1;
        if (port < 0 || port > LAST_PORT) {
            throw wrong(spec, option + " is " + Text.quote(text) + "; expected: HOST:PORT");
        }
        InetAddress host;
        try {
            host = InetAddress.getByName(matcher.group(1));
        } catch (UnknownHostException e) {
            throw wrong(spec, option + " is " + Text.quote(text) + ", and there is no such host");
        }
        if (!tls && !host.isLoopbackAddress()) {
            throw wrong(spec, option + " is " + Text.quote(text) + ", on a network: that needs --tls");
        }
        return new InetSocketAddress(host, port);
    }

    /** Reads the certificates of a node or client. */
    static Tls tls(CommandSpec spec, String directory, String who) {
        String password = System.getenv(Protocol.PASSWORD_VARIABLE);
        if (password == null) {
            throw wrong(
                    spec, "--tls: the password is expected in the environment variable " + Protocol.PASSWORD_VARIABLE);
        }
        try {
            return Protocol.certificates(Path.of(directory), who, password);
        } catch (InvalidPathException e) {
            throw wrong(spec, "--tls " + Text.quote(directory) + " is no path");
        } catch (IllegalArgumentException e) {
            throw wrong(spec, "--tls: " + e.getMessage());
        }
    }

    static ParameterException wrong(CommandSpec spec, String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
