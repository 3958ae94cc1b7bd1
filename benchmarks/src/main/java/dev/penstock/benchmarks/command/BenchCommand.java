package dev.penstock.benchmarks.command;

import dev.penstock.benchmarks.report.Report;
import dev.penstock.benchmarks.run.MeasureOptions;
import dev.penstock.benchmarks.run.RunFolder;
import dev.penstock.benchmarks.suite.BenchRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Spec
    private CommandSpec spec;

    @Mixin
    private MeasureOptions options;

    @Option(names = "--all", description = "Every dispatcher, wait strategy and demand. Some hours.")
    private boolean all;

    @Option(
            names = "--out",
            paramLabel = "<folder>",
            defaultValue = "results",
            description = "Where the results go (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Override
    public Integer call() throws IOException, InterruptedException, RunnerException {
        boolean quick = options.quick();
        if (quick && all) {
            throw options.wrong("--quick and --all exclude each other");
        }
        int rounds = options.rounds();
        PrintWriter console = spec.commandLine().getOut();
        BenchRun run = BenchRun.of(quick, all, options.only(), rounds);
        options.checkAny(run.isEmpty());
        if (options.list()) {
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
