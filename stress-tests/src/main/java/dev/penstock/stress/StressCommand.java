package dev.penstock.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code penstock stress}. */
@Command(
        name = "stress",
        sortOptions = false,
        description = {
            "Looks for interleavings that break the runtime, with several tools, and writes a verdict page for this machine.",
            "Exit status: 0 nothing was found; 1 something was; 2 it could not run."
        },
        subcommands = MutantsCommand.class)
public final class StressCommand implements Callable<Integer> {

    /** Nothing is quick that takes longer than this. */
    private static final Duration QUICK_LIMIT = Duration.ofMinutes(15);

    private static final int COULD_NOT_RUN = 2;

    @Option(names = "--quick", description = "The form that continuous integration runs: some minutes.")
    private boolean quick;

    @Option(names = "--minutes", description = "Run each layer for about so long.", paramLabel = "<n>")
    private long minutes;

    @Option(names = "--hours", description = "Run each layer for about so long.", paramLabel = "<n>")
    private long hours;

    @Option(names = "--layer", split = ",", description = "Only these layers: ${COMPLETION-CANDIDATES}.")
    private List<Layer> layers = List.of(Layer.values());

    @Option(
            names = "--only",
            description =
                    "Only checks whose name contains a match of this regular expression; each layer must have one.",
            paramLabel = "<regex>")
    private String only = ".*";

    @Option(
            names = "--seed",
            description = "Only this seed of the simulation; with --layer simulation.",
            paramLabel = "<n>")
    private Long seed;

    @Option(
            names = "--report",
            description = "The folder for the verdict page and the tools' own reports (${DEFAULT-VALUE}).",
            paramLabel = "<folder>")
    private Path report = Path.of("target", "stress");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    /**
     * Runs the command.
     *
     * @param args its arguments
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new StressCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setCommandName("penstock stress")
                .setParameterExceptionHandler((e, arguments) -> {
                    CommandLine line = e.getCommandLine();
                    complain(e.getMessage());
                    System.err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
                    return COULD_NOT_RUN;
                })
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    complain(e);
                    return COULD_NOT_RUN;
                });
    }

    /** Says what went wrong, as all commands do. */
    static void complain(Object what) {
        System.err.println("penstock: " + what);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Files.createDirectories(report);
        Map<String, String> machine = Platform.fingerprint(); // before there is a load of our own
        List<Verdict.Entry> entries = new ArrayList<>();
        for (Layer layer : layers) {
            System.out.println("== " + layer.title());
            Run run = Run.of(
                    layer.command(Jvm.classPath(), layerArguments()),
                    quick ? QUICK_LIMIT : Duration.ofSeconds(4 * seconds() + 24 * 3600),
                    System.out::println);
            entries.add(new Verdict.Entry(layer, run));
            System.out.println();
        }
        Path page = Verdict.write(report, machine, entries);
        boolean ok = true;
        boolean ran = true;
        for (Verdict.Entry entry : entries) {
            System.out.println(entry.sentence());
            ok &= entry.run().status() == 0;
            ran &= entry.run().status() != 2;
        }
        System.out.println("verdict: " + page);
        return ok ? 0 : ran ? 1 : 2;
    }

    private List<String> layerArguments() {
        List<String> arguments = new ArrayList<>();
        if (quick) {
            arguments.add("--quick");
        }
        arguments.addAll(List.of("--seconds", String.valueOf(seconds()), "--only", only));
        if (seed != null) {
            arguments.addAll(List.of("--seed", String.valueOf(seed)));
        }
        arguments.addAll(List.of("--report", report.toString()));
        return arguments;
    }

    private long seconds() {
        return 60 * (minutes + 60 * hours);
    }
}
