package dev.penstock.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code penstock stress mutants}: plants each bug of the catalogue, and finds out who catches it. */
@Command(
        name = "mutants",
        sortOptions = false,
        description = {
            "Plants bugs in a copy of the runtime, one at a time, and runs the quick checks that should catch it.",
            "Exit status: 0 each was caught; 1 one was not; 2 it could not run."
        })
final class MutantsCommand implements Callable<Integer> {

    private static final Duration LIMIT = Duration.ofMinutes(10);
    private static final String CAUGHT = "caught, ";

    /** The order in which layers hunt: most mutants are caught by the first, in seconds. */
    private static final List<Layer> QUICKEST_FIRST =
            List.of(Layer.SIMULATION, Layer.SOAK, Layer.LINCHECK, Layer.JCSTRESS, Layer.SPIN);

    @Option(
            names = "--only",
            description = "Only mutants whose name contains a match of this regular expression.",
            paramLabel = "<regex>")
    private String only = ".*";

    @Option(names = "--all-layers", description = "Go on to the other layers after one has caught it.")
    private boolean allLayers;

    @Option(
            names = "--layer",
            split = ",",
            description = "Only mutants that these layers should catch, by these layers: ${COMPLETION-CANDIDATES}.")
    private List<Layer> layers = List.of(Layer.values());

    @Option(names = "--list", description = "Prints the catalogue, and runs nothing; each mutant is compiled.")
    private boolean list;

    @Option(names = "--table", description = "Writes the table to this file, in Markdown.", paramLabel = "<file>")
    private Path table;

    @Option(names = "--resume", description = "Leaves out those that the table has as caught, and keeps their lines.")
    private boolean resume;

    @Option(names = "--report", description = "The folder to work in (${DEFAULT-VALUE}).", paramLabel = "<folder>")
    private Path report = Path.of("target", "stress", "mutants");

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    /** What one layer said of a mutant. */
    private record Hunt(boolean caught, long seconds) {
        @Override
        public String toString() {
            return (caught ? CAUGHT : "missed, ") + seconds + " s";
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Mutant> mutants = Mutant.catalogue().stream()
                .filter(mutant -> Pattern.compile(only).matcher(mutant.id()).find())
                .filter(mutant -> mutant.hunters().keySet().stream().anyMatch(layers::contains))
                .toList();
        if (mutants.isEmpty()) {
            StressCommand.complain("no mutant for " + layers + " matches " + only);
            return 2;
        }
        if (resume && table == null) {
            StressCommand.complain("--resume goes with --table");
            return 2;
        }
        Map<String, String> rows = resume ? caughtRows() : new HashMap<>();
        int missed = 0;
        for (Mutant mutant : mutants) {
            if (rows.containsKey(mutant.id())) {
                continue;
            }
            String classPath = Twin.of(mutant, report.resolve(mutant.id()));
            if (list) {
                System.out.println(mutant.id() + ": " + mutant.title());
                continue;
            }
            Map<Layer, Hunt> found = hunt(mutant, classPath);
            rows.put(mutant.id(), row(mutant, found));
            boolean caught = found.values().stream().anyMatch(Hunt::caught);
            missed += caught ? 0 : 1;
            System.out.printf("%-7s %-34s %s%n", caught ? "caught" : "MISSED", mutant.id(), found);
            if (table != null) {
                Files.writeString(table, markdown(rows));
            }
        }
        if (!list) {
            System.out.println("mutants: " + mutants.size() + " planted, " + (mutants.size() - missed) + " caught, "
                    + missed + " missed" + (resume ? ", with those of before" : ""));
        }
        return missed == 0 ? 0 : 1;
    }

    private Map<Layer, Hunt> hunt(Mutant mutant, String classPath) throws InterruptedException {
        Map<Layer, Hunt> hunts = new LinkedHashMap<>();
        for (Layer layer : QUICKEST_FIRST) {
            String only = mutant.hunters().get(layer);
            if (only == null || !layers.contains(layer)) {
                continue;
            }
            Path folder = report.resolve(mutant.id());
            List<String> arguments = List.of("--quick", "--only", only, "--report", folder.toString());
            List<String> output = new ArrayList<>();
            Run run = Run.of(layer.command(classPath, arguments), LIMIT, output::add);
            if (run.status() == 2 && !run.timedOut()) {
                throw new IllegalStateException(
                        "mutant " + mutant.id() + ": " + layer + " could not run: " + String.join("\n", output));
            }
            boolean caught = run.timedOut() || run.status() != 0;
            hunts.put(layer, new Hunt(caught, run.took().toSeconds()));
            if (caught && !allLayers) {
                break;
            }
        }
        return hunts;
    }

    /** The lines of the table, as far as it is there, by mutant. */
    private Map<String, String> caughtRows() throws IOException {
        Map<String, String> rows = new HashMap<>();
        if (Files.exists(table)) {
            for (String line : Files.readAllLines(table)) {
                if (line.contains(CAUGHT)) {
                    rows.put(line.split("\\|")[1].strip(), line);
                }
            }
        }
        return rows;
    }

    private static String row(Mutant mutant, Map<Layer, Hunt> found) {
        StringBuilder row =
                new StringBuilder("| " + mutant.id() + " | " + mutant.title() + " | " + mutant.file() + " |");
        for (Layer layer : QUICKEST_FIRST) {
            row.append(' ')
                    .append(found.containsKey(layer) ? found.get(layer).toString() : "")
                    .append(" |");
        }
        return row.toString();
    }

    private static String markdown(Map<String, String> rows) {
        List<String> lines = Mutant.catalogue().stream()
                .map(mutant -> rows.get(mutant.id()))
                .filter(Objects::nonNull)
                .toList();
        long caught = lines.stream().filter(line -> line.contains(CAUGHT)).count();
        StringBuilder text = new StringBuilder("# Planted bugs, and who catches them\n\n");
        text.append("Written by `./penstock stress mutants --table <file>`, JDK ")
                .append(Runtime.version())
                .append(
                        ". Each mutant meets the quick checks that its entry in the catalogue names, layer by layer, until")
                .append(" one catches it: so an empty field says nothing. ")
                .append(caught)
                .append(" of ")
                .append(lines.size())
                .append(" were caught.\n\n")
                .append("| mutant | what is wrong | file |");
        QUICKEST_FIRST.forEach(layer -> text.append(' ').append(layer).append(" |"));
        text.append("\n|---|---|---|")
                .append("---|".repeat(QUICKEST_FIRST.size()))
                .append('\n');
        lines.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
