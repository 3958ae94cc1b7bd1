package dev.penstock.benchmarks.command;

import dev.penstock.benchmarks.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes the report again. */
@Command(
        name = "report",
        sortOptions = false,
        description = {
            "Writes index.html, README.md and the plots from the raw files of the newest bench and the newest latency run.",
            "It measures nothing."
        })
final class ReportCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "<folder>",
            defaultValue = "results",
            description = "Where the results are (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        Report.write(out, spec.commandLine().getOut());
        return 0;
    }
}
