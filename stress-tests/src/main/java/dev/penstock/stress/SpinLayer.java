package dev.penstock.stress;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Has Spin explore the model of the protocol, {@code stream.pml}: every interleaving of its steps. The right model must show
 * no error; each bug that is planted in it must show one, or the model has gone blind. The figures go to {@code spin.md} in the
 * report's folder.
 */
public final class SpinLayer {

    private static final Pattern TOTALS = Pattern.compile(
            "depth reached (\\d+), errors: (\\d+)\\s+(\\d+(?:\\.\\d+e\\+\\d+)?) states, stored", Pattern.DOTALL);

    /** What Spin says each million states. */
    private static final Pattern PROGRESS = Pattern.compile("Depth=.* States=\\s*(\\S+) Transitions=.*");

    private static final int MILLIONS_A_LINE = 5;

    private static final Duration LIMIT = Duration.ofMinutes(20);

    /** Deeper than any run of the model is long. */
    private static final String DEPTH = "-m100000";

    /** In the long form, where the mode does not say otherwise. */
    private static final int ELEMENTS = 4;

    private SpinLayer() {}

    /**
     * One run of Spin.
     *
     * @param bug the bug that is planted and must be found; null if there must be no error
     * @param mode what the writer and the reader do; empty if the one completes and the other takes all
     */
    private record Check(String bug, String mode, int buffer, int window, int elements) {

        String name() {
            return (bug == null ? "" : bug + ": ") + form();
        }

        String form() {
            return (mode.isEmpty() ? "" : mode + ", ") + "buffer " + buffer + ", window " + window + ", elements "
                    + elements;
        }

        String defines() {
            return "-DBUFFER=" + buffer + " -DWINDOW=" + window + " -DELEMENTS=" + elements
                    + (mode.isEmpty() ? "" : " -D" + mode) + (bug == null ? "" : " -DBUG_" + bug);
        }
    }

    /** What Spin found. */
    private record Found(boolean finished, long errors, long depth, long states, long seconds) {

        boolean is(Check check) {
            return finished && (errors > 0) == (check.bug() != null);
        }
    }

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
            if (shell(Path.of("."), "command -v " + tool, line -> {}).status() != 0) {
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
        List<String> page = new ArrayList<>(heading(arguments.isQuick()));
        long failed = 0;
        long states = 0;
        long depth = 0;
        Path folder = Files.createTempDirectory("penstock-spin");
        // Spin uses one processor for each.
        ExecutorService processors =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<Found>> all = new ArrayList<>();
            for (Check check : checks) {
                Path own = folder.resolve(String.valueOf(all.size()));
                all.add(processors.submit(() -> explore(check, own)));
            }
            for (int i = 0; i < checks.size(); i++) {
                Check check = checks.get(i);
                Found found = all.get(i).get();
                failed += found.is(check) ? 0 : 1;
                states += found.states();
                depth = Math.max(depth, found.depth());
                System.out.printf(
                        "%s  %-62s %,d states, depth %,d, errors: %d, %d s%n",
                        found.is(check) ? "ok  " : "FAIL",
                        check.name(),
                        found.states(),
                        found.depth(),
                        found.errors(),
                        found.seconds());
                if (!found.is(check) && check.bug() == null) {
                    trail(check, folder.resolve(String.valueOf(i)));
                }
                page.add(row(check, found));
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a check could not be made", e.getCause());
        } finally {
            processors.shutdownNow();
            Twin.delete(folder);
        }
        Files.createDirectories(arguments.reportFolder());
        Files.write(arguments.reportFolder().resolve("spin.md"), page);
        System.out.printf(
                "spin: %d checks, %d failed, %d of them planted bugs that must be found; %,d states, depth %,d%n",
                checks.size(),
                failed,
                checks.stream().filter(check -> check.bug() != null).count(),
                states,
                depth);
        return failed == 0 ? 0 : 1;
    }

    // ---- what is explored

    private static List<Check> checks(boolean quick) {
        List<Check> checks = new ArrayList<>();
        if (quick) {
            for (String mode : List.of("", "CANCEL", "INTERRUPT", "NO_END")) {
                checks.add(new Check(null, mode, 1, 1, 2));
            }
            for (String mode : List.of("FAIL", "STOP")) {
                checks.add(new Check(null, mode, 1, 1, 1));
            }
            checks.add(new Check(null, "ONE_TAKE", 1, 1, 4));
            checks.add(new Check(null, "AWAY", 1, 1, 3));
        } else {
            for (int buffer = 1; buffer <= 2; buffer++) {
                for (int window = 1; window <= 3; window++) {
                    checks.add(new Check(null, "", buffer, window, ELEMENTS));
                    checks.add(new Check(null, "CANCEL", buffer, window, ELEMENTS));
                    checks.add(new Check(null, "ONE_TAKE", buffer, window, buffer + window + 2)); // two puts that wait
                }
            }
            checks.add(new Check(null, "AWAY", 1, 2, ELEMENTS));
            checks.add(new Check(null, "AWAY", 2, 2, ELEMENTS + 1));
            for (String mode : List.of("FAIL", "INTERRUPT", "NO_END", "STOP")) {
                checks.add(new Check(null, mode, 1, 1, ELEMENTS));
                checks.add(new Check(null, mode, 2, 2, ELEMENTS));
            }
        }
        checks.addAll(bugs());
        return checks;
    }

    /** Each bug where it shows: no end that would come to the rescue, and the fewest elements. */
    private static List<Check> bugs() {
        List<Check> checks = new ArrayList<>();
        plant(
                checks,
                "",
                1,
                "COMPLETE_TELLS_NOBODY",
                "CREDIT_LEAKS",
                "DECIDED_BY_LOOK",
                "LEAVE_WITHOUT_LOOK",
                "NOBODY_WAKES_READER",
                "READER_SAYS_SO_LATE",
                "TURN_IGNORES_VISITOR",
                "TURN_WAKES_NO_READER");
        plant(checks, "", 2, "CALL_NOT_SENT", "END_OVERTAKES", "ROOM_WAKES_NOBODY");
        plant(checks, "AWAY", 3, "LEAVES_WATCHED", "LEFT_WITHOUT_LOOK");
        plant(checks, "CANCEL", 1, "CLOSED_SEEN_LATE", "CLOSE_TELLS_NOBODY", "HALF_STORED_LOST", "IN_FLIGHT_FORGOTTEN");
        plant(checks, "CANCEL", 2, "CLOSE_WAKES_NOBODY", "PUT_PARKS_WITHOUT_LOOK");
        plant(checks, "NO_END", 1, "ARMED_WITHOUT_LOOK", "BELL_RINGS_NOBODY", "PUT_FORGETS_BELL", "STILL_WATCHED");
        plant(checks, "NO_END", 2, "READER_ARMS_NO_BELL", "RING_HEARD_LATE", "VISIT_WAKES_NO_PUTTER");
        plant(
                checks,
                "ONE_TAKE",
                3,
                "COUNTED_AFTER_LOOK",
                "FULL_SINK_IS_QUIET",
                "NO_RING_ON_TAKE",
                "ON_TAKE_WITHOUT_LOOK",
                "SENT_ALL_IN_SILENCE",
                "TAKE_CALLS_NOBODY",
                "TURN_WAKES_NO_PUTTER");
        plant(checks, "ONE_TAKE", 4, "CALL_HEARD_LATE");
        plant(checks, "STOP", 1, "HOLD_BY_LOOK");
        return checks;
    }

    private static void plant(List<Check> checks, String mode, int elements, String... bugs) {
        for (String bug : bugs) {
            checks.add(new Check(bug, mode, 1, 1, elements));
        }
    }

    // ---- Spin

    private static Found explore(Check check, Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path model = folder.resolve("stream.pml");
        try (InputStream in = Objects.requireNonNull(SpinLayer.class.getResourceAsStream("stream.pml"))) {
            Files.copy(in, model);
        }
        boolean right = check.bug() == null;
        // States are compared whole: Spin's hash-compact search (-DHC4) is no smaller here, and took some for others. A
        // bug is looked for breadth first, and so by the shortest run that shows it; under STOP such runs are long, and
        // many.
        String order = check.mode().equals("STOP") ? "" : "-DBFS";
        String compile = "gcc -w -DSAFETY -DNOFAIR -DCOLLAPSE -DMEMLIM=6000 " + (right ? "-O2" : "-O0 " + order)
                + " -o pan pan.c";
        String search = "./pan " + DEPTH + (right ? " -w25" : " -w20");
        Run run = shell(
                folder,
                "spin -a " + check.defines() + " stream.pml && " + compile + " && " + search,
                line -> progress(line, check));
        Matcher totals = TOTALS.matcher(String.join("\n", run.output()));
        if (run.timedOut() || !totals.find()) {
            run.output().forEach(line -> System.out.println("    " + line));
            return new Found(false, 0, 0, 0, run.took().toSeconds());
        }
        boolean whole = run.output().stream()
                .noneMatch(line -> line.contains("max search depth too small")
                        || line.contains("Search not completed")
                        || line.contains("reached -DMEMLIM"));
        long errors = Long.parseLong(totals.group(2));
        return new Found(
                whole || errors > 0,
                errors,
                Long.parseLong(totals.group(1)),
                (long) Double.parseDouble(totals.group(3)),
                run.took().toSeconds());
    }

    private static void progress(String line, Check check) {
        Matcher states = PROGRESS.matcher(line);
        if (states.matches()) {
            long millions = Math.round(Double.parseDouble(states.group(1)) / 1_000_000);
            if (millions > 0 && millions % MILLIONS_A_LINE == 0) {
                System.out.println("      " + check.name() + ": " + millions + " million states");
            }
        }
    }

    /** Prints the steps that led to an error. */
    private static void trail(Check check, Path folder) throws InterruptedException {
        shell(folder, "spin -t -p -g " + check.defines() + " stream.pml", line -> System.out.println("    " + line));
    }

    private static Run shell(Path folder, String command, Consumer<String> eachLine) throws InterruptedException {
        return Run.of(List.of("sh", "-c", "cd '" + folder + "' && " + command + " 2>&1"), LIMIT, eachLine);
    }

    // ---- the page

    private static List<String> heading(boolean quick) throws InterruptedException {
        Map<String, String> machine = Platform.fingerprint();
        String version = shell(Path.of("."), "spin -V", line -> {}).lastLine();
        return List.of(
                "# The model of the protocol, explored by Spin",
                "",
                "    ./penstock stress --layer spin" + (quick ? " --quick" : ""),
                "",
                version + ". " + machine.get("processor") + ", " + machine.get("processors") + " processors, "
                        + machine.get("system") + ", load before " + machine.get("load before") + ".",
                "Every state is visited and compared whole (`-DSAFETY -DCOLLAPSE`), with partial order reduction. Planted bugs",
                "are looked for breadth first, but under STOP: their depth is that of the shortest run that shows them. Seconds with",
                "the compiler's.",
                "",
                "| what the writer and the reader do | planted bug | states | depth | errors | seconds |",
                "|---|---|---|---|---|---|");
    }

    private static String row(Check check, Found found) {
        return String.format(
                "| %s | %s | %,d | %,d | %s | %d |",
                check.form(),
                check.bug() == null ? "" : check.bug(),
                found.states(),
                found.depth(),
                !found.finished()
                        ? "not finished"
                        : check.bug() == null ? found.errors() : found.errors() > 0 ? "found" : "MISSED",
                found.seconds());
    }
}
