package dev.penstock.benchmarks.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The machine that figures hold for.
 *
 * @param cores as many as the virtual machine sees
 * @param flags of the virtual machine, as given
 * @param loadBefore of the last minute, before the first measurement; negative if the system does not tell
 */
public record Machine(
        String processor, int cores, String memory, String kernel, String jdk, List<String> flags, double loadBefore) {

    private static final Path PROC = Path.of("/proc");
    private static final String UNKNOWN = "unknown";

    /** This one, now. */
    public static Machine here() {
        return new Machine(
                processor(fact(PROC.resolve("cpuinfo"), "model name"), System.getProperty("os.arch", UNKNOWN)),
                Runtime.getRuntime().availableProcessors(),
                memory(fact(PROC.resolve("meminfo"), "MemTotal")),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    static String processor(String model, String architecture) {
        return model.equals(UNKNOWN) ? architecture : model + ", " + architecture;
    }

    /** From {@code 8123456 kB}. */
    static String memory(String kilobytes) {
        String digits = kilobytes.replaceAll("\\D", "");
        return digits.isEmpty() ? UNKNOWN : String.format(Locale.ROOT, "%.1f GiB", Long.parseLong(digits) / 1048576.0);
    }

    /** The first value of a key in a file of lines {@code key: value}. */
    static String fact(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file)) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).trim().equals(key)) {
                    return line.substring(colon + 1).trim();
                }
            }
        } catch (IOException e) {
            // a system without such a file
        }
        return UNKNOWN;
    }
}
