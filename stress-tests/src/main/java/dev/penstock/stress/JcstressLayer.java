package dev.penstock.stress;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the jcstress tests, by jcstress's own main class, and sees to what that leaves open: an empty selection is an error, and
 * a run that hangs is ended.
 */
public final class JcstressLayer {

    private static final Pattern TOTALS = Pattern.compile(
            "\\(Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs\\)");

    /**
     * Two threads go through a stride of so many states, each at its own pace, then wait for each other; so many strides are an
     * epoch. jcstress's own, 256 and 40, are for states that cost nothing. Ours take microseconds: in a long stride the threads
     * drift apart and meet no more, and most of a short run goes by while jcstress tries how many states there is room for.
     */
    private static final List<String> STRIDES = List.of("-strideSize", "16", "-strideCount", "16");

    private JcstressLayer() {}

    /**
     * Runs the layer.
     *
     * @param args see {@link LayerArguments}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.exit(run(LayerArguments.parse("jcstress", args)));
    }

    private static int run(LayerArguments arguments) throws IOException, InterruptedException {
        int tests = countTests(arguments);
        if (tests == 0) {
            System.out.println("jcstress: 0 checks, 0 failed, no test matches " + arguments.only());
            return 2;
        }
        boolean oneConfiguration = arguments.isQuick() || arguments.seconds() > 0;
        List<String> command = Jvm.java(
                Jvm.classPath(),
                oneConfiguration ? JcstressMain.class.getName() : org.openjdk.jcstress.Main.class.getName());
        Path folder = Files.createDirectories(arguments.reportFolder().toAbsolutePath());
        command.addAll(List.of("-r", folder.resolve("jcstress").toString(), "-t", arguments.only()));
        command.addAll(STRIDES);
        if (oneConfiguration) {
            command.addAll(List.of("-m", "quick", "-sc", "false", "-pth", "false", "-jvmArgs", "-ea"));
        }
        Duration limit;
        if (arguments.isQuick()) {
            boolean all = arguments.only().equals(".*"); // then its share of the quick form is some two minutes
            int iterations = all ? 1 : Math.max(3, Math.min(10, 30 / tests));
            command.addAll(List.of("-time", all ? "600" : "1000", "-iters", String.valueOf(iterations)));
            limit = Duration.ofSeconds(60 + 20L * tests);
        } else if (arguments.seconds() > 0) {
            long iterations = Math.max(3, arguments.seconds() / tests);
            command.addAll(List.of("-time", "1000", "-iters", String.valueOf(iterations)));
            limit = Duration.ofSeconds(600 + 3 * arguments.seconds());
        } else {
            command.addAll(List.of("-m", "default", "-hs", "256"));
            limit = Duration.ofHours(12);
        }
        Progress progress = new Progress();
        // Newer virtual machines warn there of what jcstress itself does.
        File errors = folder.resolve("jcstress.err").toFile();
        // In the folder, where it leaves its raw results.
        Run run = Run.in(folder, command, limit, ProcessBuilder.Redirect.to(errors), progress::line);
        if (!run.timedOut() && progress.planned < tests) { // a test of three actors cannot run on two processors
            System.out.println("jcstress: " + tests + " checks, 0 failed, but only " + progress.planned
                    + " could be planned: a test needs as many processors as it has actors");
            return 2;
        }
        return verdict(run, progress, tests);
    }

    private static int countTests(LayerArguments arguments) {
        Pattern only = Pattern.compile(arguments.only());
        return (int) TestList.tests().stream()
                .filter(name -> only.matcher(name).find())
                .count();
    }

    private static int verdict(Run run, Progress progress, int tests) {
        boolean complete = !run.timedOut() && progress.planned > 0 && progress.done() == progress.planned;
        boolean ok = complete && run.status() == 0 && progress.bad() == 0;
        if (!ok) {
            int results = Math.max(0, run.output().indexOf("RUN RESULTS:"));
            for (String line : run.output().subList(results, run.output().size())) {
                System.out.println("    " + line);
            }
        }
        String totals = progress.planned + " configurations, " + progress.passed + " passed, " + progress.failed
                + " with a forbidden outcome, " + (progress.soft + progress.hard) + " broken off";
        if (run.timedOut()) {
            totals = "stopped: it did not end in time; " + totals;
        } else if (!complete) {
            totals = "incomplete (exit status " + run.status() + "); " + totals;
        }
        int failed = ok ? 0 : Math.max(1, progress.failedTests.size());
        for (String name : progress.failedTests) {
            System.out.println("FAIL " + name);
        }
        System.out.println("jcstress: " + tests + " checks, " + failed + " failed, " + totals);
        return ok ? 0 : 1;
    }

    /** Reads jcstress's output as it comes. */
    private static final class Progress {
        private final List<String> failedTests = new ArrayList<>();
        private boolean inFailures;
        private int planned;
        private int passed;
        private int failed;
        private int soft;
        private int hard;
        private long told = System.nanoTime();

        void line(String line) {
            Matcher totals = TOTALS.matcher(line);
            if (totals.find()) {
                planned = Integer.parseInt(totals.group(1));
                passed = Integer.parseInt(totals.group(2));
                failed = Integer.parseInt(totals.group(3));
                soft = Integer.parseInt(totals.group(4));
                hard = Integer.parseInt(totals.group(5));
                if (System.nanoTime() - told > 10_000_000_000L) {
                    told = System.nanoTime();
                    System.err.println("jcstress: " + done() + " of " + planned + " configurations, " + bad() + " bad");
                }
            } else if (line.trim().startsWith("Failed tests:") || line.trim().startsWith("Error tests:")) {
                inFailures = !line.contains("No matches");
            } else if (line.trim().startsWith("All remaining tests:")) {
                inFailures = false;
            } else if (inFailures && line.trim().startsWith("dev.penstock.")) {
                failedTests.add(line.trim());
            }
        }

        int done() {
            return passed + bad();
        }

        int bad() {
            return failed + soft + hard;
        }
    }
}
