package dev.penstock.benchmarks.command;

import dev.penstock.benchmarks.report.Report;
import dev.penstock.benchmarks.run.RunFolder;
import dev.penstock.benchmarks.suite.BenchRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures throughput, allocation, scaling and idling. */
@Command(
        name = "bench",
        sortOptions = false,
        description = {
            "Measures the throughput and the allocation of the stream and of its peers at several demands, what many streams"
                    + " cost at once, and what idle ones cost; then writes the report.",
            "Every fork is a virtual machine of its own, and the forks of what is compared are taken in turn."
        },
        footer = {
            "",
            "The raw files go to <out>/raw/<date>-bench. Leave the machine alone meanwhile.",
            "Exit status: 0; 1 if something could not be measured; 2 if the command was called wrongly."
        })
final class BenchCommand implements Callable<Integer> {

    private static final int FORKS = 5;

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "A try-out: 1 fork, short, fewer demands. Some minutes; proves nothing.")
    private boolean quick;

    @Option(names = "--all", description = "Every dispatcher, wait strategy and demand. Some hours.")
    private boolean all;

    @Option(
            names = "--only",
            paramLabel = "<regex>",
            description = "Only what has a match of this in its name, as --list prints it.")
    private Pattern only = Pattern.compile("");

    @Option(names = "--forks", paramLabel = "<n>", description = "How many (default: 5, with --quick 1).")
    private Integer forks;

    @Option(
            names = "--out",
            paramLabel = "<folder>",
            defaultValue = "results",
            description = "Where the results go (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(names = "--list", description = "Prints what would be measured, and how long it would take.")
    private boolean list;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    @Override
    public Integer call() throws IOException, InterruptedException, RunnerException {
        if (quick && all) {
            throw new ParameterException(spec.commandLine(), "--quick and --all exclude each other");
        }
        int rounds = forks != null ? forks : quick ? 1 : FORKS;
        if (rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--forks must be at least 1");
        }
        PrintWriter console = spec.commandLine().getOut();
        BenchRun run = BenchRun.of(quick, all, only, rounds);
        if (run.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "nothing has a match of " + only + " in its name: see --list");
        }
        if (list) {
            run.list(console);
            console.flush();
            return 0;
        }
        RunFolder folder = RunFolder.create(out, "bench", quick, RunFolder.command(spec), rounds);
        boolean complete = run.measure(folder, console);
        folder.end();
        Report.write(out, console);
        return complete ? 0 : 1;
    }
}
