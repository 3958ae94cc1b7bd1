package dev.penstock.benchmarks.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** The folder of one run's raw files, {@code raw/<date>-<what>}; its {@value #ABOUT} says what they are. */
public final class RunFolder {

    /** The file that tells what was run, when, where and how. */
    public static final String ABOUT = "run.json";

    /**
     * What was run.
     *
     * @param kind {@code bench} or {@code latency}
     * @param quick a try-out: one fork, short
     * @param forks of each measurement, taken in turn
     * @param ended null while it runs, and of one that was cut short
     */
    public record About(
            String kind, boolean quick, String command, int forks, String began, String ended, Machine machine) {

        About endedAt(Instant now) {
            return new About(kind, quick, command, forks, began, text(now), machine);
        }
    }

    private final Path path;
    private final About about;

    private RunFolder(Path path, About about) {
        this.path = path;
        this.about = about;
    }

    /** Makes a new one; a second run on the same day gets a number. */
    public static RunFolder create(Path results, String kind, boolean quick, String command, int forks)
            throws IOException {
        Instant now = Instant.now();
        Path raw = Files.createDirectories(results.resolve("raw"));
        String name = LocalDate.ofInstant(now, ZoneOffset.UTC) + "-" + kind + (quick ? "-quick" : "");
        Path path = raw.resolve(name);
        for (int number = 2; Files.exists(path); number++) {
            path = raw.resolve(name + "-" + number);
        }
        Files.createDirectory(path);
        RunFolder folder = new RunFolder(path, new About(kind, quick, command, forks, text(now), null, Machine.here()));
        folder.write(ABOUT, Json.of(folder.about));
        return folder;
    }

    /** The command as it was typed, but for where the results went. */
    public static String command(CommandSpec spec) {
        List<String> words = new ArrayList<>(List.of("./penstock", spec.name()));
        List<String> arguments = spec.commandLine().getParseResult().originalArgs();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.equals("--out")) {
                i++;
            } else if (!argument.startsWith("--out=") && !argument.equals(spec.name())) {
                words.add(argument);
            }
        }
        return String.join(" ", words);
    }

    private static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    public Path path() {
        return path;
    }

    /** Writes one of its files. */
    public void write(String name, JsonNode node) throws IOException {
        Json.write(path.resolve(name), node);
    }

    /** All has been measured. */
    public void end() throws IOException {
        write(ABOUT, Json.of(about.endedAt(Instant.now())));
    }
}
