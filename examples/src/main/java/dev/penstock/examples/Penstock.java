package dev.penstock.examples;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code penstock} command. Its exit status: 0, or 1 if something failed, or 2 if it was called wrongly. */
@Command(
        name = "penstock",
        description = "Runs the examples of Penstock.",
        footer = {
            "",
            "Also, each with a help of its own (--help):",
            "  stress                                  the stress tests",
            "  bench, latency, network-bench, report   the measurements, and their page"
        },
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        subcommands = {FeedCommand.class, NetworkGuideCommand.class, CertCommand.class})
public final class Penstock implements Runnable {

    @Spec
    private CommandSpec spec;

    private Penstock() {}

    /**
     * Runs the command and exits.
     *
     * @param arguments its arguments
     */
    public static void main(String[] arguments) {
        // UTF-8 whatever the locale.
        Output output = new Output();
        PrintWriter out = utf8(output);
        PrintWriter err = utf8(new FileOutputStream(FileDescriptor.err));
        int status = run(out, err, arguments);
        out.flush();
        if (output.failure != null && !output.readerHasGone()) {
            err.println("penstock: cannot write to standard output: " + output.failure.getMessage());
            status = Math.max(status, CommandLine.ExitCode.SOFTWARE);
        }
        err.flush();
        System.exit(status);
    }

    /** Runs the command and answers its exit status. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new Penstock())
                .setOut(out)
                .setErr(err)
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .setParameterExceptionHandler(Penstock::explain)
                .execute(arguments);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    @Command(
            name = "guide",
            description = "Shows a stream from beginning to end, and one that is left early.",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class)
    void guide() throws Exception {
        Guide.run(spec.commandLine().getOut());
    }

    private static int explain(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        complain(command, Text.printable(e.getMessage()));
        command.getErr().println("Try '" + name + " --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    /** Says what went wrong, as all commands do. */
    static void complain(CommandLine command, String what) {
        command.getErr().println("penstock: " + what);
    }

    private static PrintWriter utf8(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** Standard output, which remembers why it could not be written: a PrintWriter does not. */
    private static final class Output extends OutputStream {
        private final OutputStream stream = new FileOutputStream(FileDescriptor.out);
        private IOException failure;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                stream.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        /** As with {@code | head}: it has what it wanted, and nothing is wrong. */
        boolean readerHasGone() {
            return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("broken pipe");
        }
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            try (InputStream in = Penstock.class.getResourceAsStream("version.txt")) {
                String version = new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
                return new String[] {"penstock " + version + " (Java " + Runtime.version() + ")"};
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
