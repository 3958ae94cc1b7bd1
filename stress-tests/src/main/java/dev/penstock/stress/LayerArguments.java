package dev.penstock.stress;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What every layer's program takes on its command line. */
public final class LayerArguments {

    @Option(names = "--quick", description = "The form that continuous integration runs.")
    private boolean quick;

    @Option(names = "--seconds", description = "About how long to run, where more time means more proof.")
    private long seconds;

    @Option(names = "--only", description = "Only the checks whose name contains a match of this regular expression.")
    private String only = ".*";

    @Option(names = "--seed", description = "Only this seed, where a check is one.")
    private Long seed;

    @Option(names = "--report", description = "The folder for what is not a line of text.")
    private Path report = Path.of("target", "stress");

    private LayerArguments() {}

    /**
     * Parses a command line; explains itself and exits with 2 if it can't be.
     *
     * @param layer the layer's name
     * @param args the command line
     */
    public static LayerArguments parse(String layer, String[] args) {
        LayerArguments arguments = new LayerArguments();
        try {
            new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(arguments)
                            .name(layer))
                    .parseArgs(args);
        } catch (CommandLine.ParameterException e) {
            StressCommand.complain(layer + ": " + e.getMessage());
            System.exit(2);
        }
        return arguments;
    }

    public boolean isQuick() {
        return quick;
    }

    /** {@return about how long to run; 0 if not said} */
    public long seconds() {
        return seconds;
    }

    public String only() {
        return only;
    }

    /** {@return the one seed to run; null if not said} */
    public Long seed() {
        return seed;
    }

    public Path reportFolder() {
        return report;
    }
}
