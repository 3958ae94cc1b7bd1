package dev.penstock.benchmarks.run;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands that measure are told in the same way. */
public final class MeasureOptions {

    private static final int FORKS = 5;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--quick", description = "A try-out: 1 fork, short, less of it. Some minutes; proves nothing.")
    private boolean quick;

    @Option(
            names = "--only",
            paramLabel = "<regex>",
            description = "Only what has a match of this in its name, as --list prints it.")
    private Pattern only = Pattern.compile("");

    @Option(names = "--forks", paramLabel = "<n>", description = "How many (default: " + FORKS + ", with --quick 1).")
    private Integer forks;

    @Option(names = "--list", description = "Prints what would be measured, and how long it would take.")
    private boolean list;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    public boolean quick() {
        return quick;
    }

    public boolean list() {
        return list;
    }

    public Pattern only() {
        return only;
    }

    /** Of what there is, that which is wanted; there is some. */
    public <T> List<T> wanted(List<T> all, Function<T, String> name) {
        List<T> wanted =
                all.stream().filter(one -> only.matcher(name.apply(one)).find()).toList();
        checkAny(wanted.isEmpty());
        return wanted;
    }

    /** Refuses the call if nothing is wanted. */
    public void checkAny(boolean none) {
        if (none) {
            throw wrong("nothing has a match of " + only + " in its name: see --list");
        }
    }

    /** How often each is measured. */
    public int rounds() {
        int rounds = forks != null ? forks : quick ? 1 : FORKS;
        if (rounds < 1) {
            throw wrong("--forks must be at least 1");
        }
        return rounds;
    }

    /** A call that cannot be understood. */
    public ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
