package dev.penstock.stress;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Has Spin explore the model of the protocol, {@code stream.pml}: every interleaving of its steps. The right model must show
 * no error; each bug that is planted in it must show one, or the model has gone blind.
 */
public final class SpinLayer {

    private static final Pattern TOTALS = Pattern.compile(
            "depth reached (\\d+), errors: (\\d+)\\s+(\\d+(?:\\.\\d+e\\+\\d+)?) states, stored", Pattern.DOTALL);

    private static final Duration LIMIT = Duration.ofMinutes(20);

    /** Deeper than any run of the model is long. */
    private static final String DEPTH = "-m2000000";

    private SpinLayer() {}

    /** One run of Spin: the model's parameters, and whether it must find an error. */
    private record Check(String name, List<String> defines, boolean broken) {
        static Check right(int buffer, int window, int elements, String mode) {
            List<String> defines =
                    new ArrayList<>(List.of("-DBUFFER=" + buffer, "-DWINDOW=" + window, "-DELEMENTS=" + elements));
            if (!mode.isEmpty()) {
                defines.add("-D" + mode);
            }
            String name = "buffer " + buffer + ", window " + window + ", elements " + elements;
            return new Check(mode.isEmpty() ? name : name + ", " + mode, defines, false);
        }

        static Check bug(String name, String mode) {
            return new Check("BUG_" + name, List.of("-DELEMENTS=2", "-D" + mode, "-DBUG_" + name), true);
        }
    }

    /** What Spin found. */
    private record Found(boolean finished, long errors, String depth, String states, long seconds) {}

    /**
     * Runs the layer.
     *
     * @param args see {@link LayerArguments}
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.exit(run(LayerArguments.parse("spin", args)));
    }

    private static int run(LayerArguments arguments) throws IOException, InterruptedException {
        for (String tool : List.of("spin", "gcc")) {
            if (!isThere(tool)) {
                System.out.println("spin: 0 checks, 0 failed, there is no " + tool
                        + ": install it (Debian: apt-get install spin gcc)");
                return 2;
            }
        }
        Pattern only = Pattern.compile(arguments.only());
        List<Check> checks = checks(arguments.isQuick()).stream()
                .filter(check -> only.matcher(check.name()).find())
                .toList();
        if (checks.isEmpty()) {
            System.out.println("spin: 0 checks, 0 failed, none matches " + arguments.only());
            return 2;
        }
        Path folder = Files.createTempDirectory("penstock-spin");
        int failed = 0;
        try {
            for (Check check : checks) {
                Found found = explore(check, folder);
                boolean ok = found.finished() && (found.errors() > 0) == check.broken();
                failed += ok ? 0 : 1;
                System.out.printf(
                        "%s  %-50s %s states, depth %s, errors: %d, %d s%n",
                        ok ? "ok  " : "FAIL",
                        check.name(),
                        found.states(),
                        found.depth(),
                        found.errors(),
                        found.seconds());
                if (!ok && !check.broken()) {
                    trail(check, folder);
                }
            }
        } finally {
            Twin.delete(folder);
        }
        System.out.println("spin: " + checks.size() + " checks, " + failed + " failed, "
                + checks.stream().filter(Check::broken).count() + " of them planted bugs that must be found");
        return failed == 0 ? 0 : 1;
    }

    private static List<Check> checks(boolean quick) {
        List<Check> checks = new ArrayList<>();
        for (String mode : List.of("", "CANCEL", "FAIL", "INTERRUPT", "NO_END")) {
            for (int buffer = 1; buffer <= (quick ? 1 : 2); buffer++) {
                for (int window = 1; window <= (quick ? 1 : 2); window++) {
                    checks.add(Check.right(buffer, window, 2, mode));
                }
            }
        }
        for (String bug : List.of(
                "BELL_RINGS_NOBODY",
                "CALL_NOT_SENT",
                "CLOSED_SEEN_LATE",
                "CLOSE_TELLS_NOBODY",
                "COMPLETE_TELLS_NOBODY",
                "CREDIT_LEAKS",
                "DECIDED_BY_LOOK",
                "END_OVERTAKES",
                "HALF_STORED_LOST",
                "IN_FLIGHT_FORGOTTEN",
                "LEAVE_WITHOUT_LOOK",
                "NOBODY_WAKES_READER",
                "PUT_PARKS_WITHOUT_LOOK",
                "READER_SAYS_SO_LATE",
                "ROOM_WAKES_NOBODY",
                "TURN_IGNORES_VISITOR",
                "VISIT_WAKES_NO_PUTTER")) {
            checks.add(Check.bug(bug, "CANCEL"));
        }
        for (String bug : List.of("ARMED_WITHOUT_LOOK", "PUT_FORGETS_BELL", "READER_ARMS_NO_BELL")) {
            checks.add(Check.bug(bug, "NO_END"));
        }
        return checks;
    }

    private static Found explore(Check check, Path folder) throws IOException, InterruptedException {
        Twin.delete(folder);
        Files.createDirectories(folder);
        Path model = folder.resolve("stream.pml");
        try (InputStream in = Objects.requireNonNull(SpinLayer.class.getResourceAsStream("stream.pml"))) {
            Files.copy(in, model);
        }
        String generate = "spin -a " + String.join(" ", check.defines()) + " stream.pml";
        // HC4 keeps a hash of 64 bits of each state: two states may be taken for one, with odds of one in millions.
        String compile = "gcc " + (check.broken() ? "-O1" : "-O2") + " -w -DSAFETY -DHC4 -DMEMLIM=6000 -o pan pan.c";
        Run run = shell(folder, generate + " && " + compile + " && ./pan " + DEPTH, LIMIT);
        Matcher totals = TOTALS.matcher(String.join("\n", run.output()));
        if (!totals.find()) {
            run.output().forEach(line -> System.out.println("    " + line));
            return new Found(false, 0, "?", "?", run.took().toSeconds());
        }
        boolean whole = run.output().stream().noneMatch(line -> line.contains("max search depth too small"))
                && run.output().stream().noneMatch(line -> line.contains("Search not completed"));
        long errors = Long.parseLong(totals.group(2));
        return new Found(
                !run.timedOut() && (whole || errors > 0),
                errors,
                totals.group(1),
                totals.group(3),
                run.took().toSeconds());
    }

    /** Prints the steps that led to an error. */
    private static void trail(Check check, Path folder) throws InterruptedException {
        Run replay = shell(
                folder, "spin -t -p -g " + String.join(" ", check.defines()) + " stream.pml", Duration.ofMinutes(1));
        replay.output().forEach(line -> System.out.println("    " + line));
    }

    private static boolean isThere(String tool) throws InterruptedException {
        return shell(Path.of("."), "command -v " + tool, Duration.ofMinutes(1)).status() == 0;
    }

    private static Run shell(Path folder, String command, Duration limit) throws InterruptedException {
        return Run.of(List.of("sh", "-c", "cd '" + folder + "' && " + command + " 2>&1"), limit, line -> {});
    }
}
