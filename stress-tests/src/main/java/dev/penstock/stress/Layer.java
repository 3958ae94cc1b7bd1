package dev.penstock.stress;

import java.util.List;
import java.util.Locale;

/** The ways of proof, in the order in which they run. Each is a program of its own, so that a hang or a crash is contained. */
enum Layer {
    JCSTRESS("jcstress: the lock-free steps of the real classes, on real cores", "dev.penstock.stress.JcstressLayer"),
    LINCHECK("Lincheck: interleavings of the small real classes", "dev.penstock.stress.LincheckLayer"),
    SPIN("Spin: every interleaving of a model of the protocol", "dev.penstock.stress.SpinLayer"),
    SIMULATION(
            "simulation: systems of streams in random schedules and virtual time",
            "dev.penstock.stress.SimulationLayer"),
    SOAK("soak: real threads under load while everything goes wrong", "dev.penstock.stress.SoakLayer");

    private final String title;
    private final String mainClass;

    Layer(String title, String mainClass) {
        this.title = title;
        this.mainClass = mainClass;
    }

    String title() {
        return title;
    }

    /** The command that runs this layer with those classes. */
    List<String> command(String classPath, List<String> arguments) {
        List<String> command = Jvm.java(classPath, mainClass);
        command.addAll(arguments);
        return command;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
