package dev.penstock.benchmarks.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A measurement in a virtual machine of its own, with the flags of this one. */
public final class Jvm {

    private static final long PATIENCE_SECONDS = 120;

    private Jvm() {}

    /**
     * Runs it to its end.
     *
     * @param log gets all that it prints
     * @return whether it ended well, in time
     */
    public static boolean run(Class<?> main, List<String> arguments, double expectedSeconds, Path log)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try {
            return process.waitFor((long) expectedSeconds + PATIENCE_SECONDS, TimeUnit.SECONDS)
                    && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }
}
