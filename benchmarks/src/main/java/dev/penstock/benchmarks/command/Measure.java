package dev.penstock.benchmarks.command;

import dev.penstock.benchmarks.latency.LatencyCommand;
import dev.penstock.benchmarks.network.NetworkCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code penstock}, as far as it measures. */
@Command(
        name = "penstock",
        description = "Measures the stream beside what a user would pick instead, and reports.",
        subcommands = {BenchCommand.class, LatencyCommand.class, NetworkCommand.class, ReportCommand.class})
public final class Measure {

    private static final int FAILED = 1;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    private Measure() {}

    /**
     * Runs the command and exits.
     *
     * @param arguments as {@code --help} tells
     */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Measure())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((e, arguments) -> {
                    CommandLine line = e.getCommandLine();
                    complain(line, e);
                    line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    complain(line, e);
                    return FAILED;
                });
    }

    private static void complain(CommandLine line, Exception e) {
        line.getErr().println("penstock: " + (e.getMessage() == null ? e : e.getMessage()));
    }
}
