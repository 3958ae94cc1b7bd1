package dev.penstock.stress;

import java.time.Duration;
import java.util.List;

/**
 * Streams on real threads under load, for as long as wanted, while everything goes wrong that may: see {@link Fault}. Starts
 * {@link SoakRun} in a virtual machine of its own, with assertions and with little memory.
 */
public final class SoakLayer {

    private SoakLayer() {}

    /**
     * Runs the layer.
     *
     * @param args see {@link LayerArguments}
     */
    public static void main(String[] args) throws InterruptedException {
        LayerArguments arguments = LayerArguments.parse("soak", args);
        List<String> command = Jvm.java(Jvm.classPath(), "dev.penstock.stress.SoakRun");
        command.addAll(1, List.of("-Xmx512m", "-ea"));
        Long seed = Long.getLong("penstock.seed");
        if (seed != null) {
            command.add(1, "-Dpenstock.seed=" + seed);
        }
        command.addAll(List.of(args));
        Run run = Run.of(command, Duration.ofSeconds(1200 + 2 * arguments.seconds()), System.out::println);
        if (run.timedOut()) {
            System.out.println("soak: 1 failed, stopped: it did not end in time");
        }
        System.exit(run.timedOut() ? 1 : run.status());
    }
}
