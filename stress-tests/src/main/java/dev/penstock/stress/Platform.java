package dev.penstock.stress;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The machine that a verdict holds for. */
final class Platform {

    private Platform() {}

    static File nullFile() {
        return new File(System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
    }

    /** What was run on: processor, cores, system, JDK, load. */
    static Map<String, String> fingerprint() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", processor());
        facts.put("processors", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("system", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        facts.put("JDK", property("java.vm.name") + " " + property("java.vm.version"));
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        facts.put("load before", load < 0 ? "unknown" : String.format("%.1f", load));
        return facts;
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    private static String processor() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
                if (line.startsWith("model name")) {
                    return line.substring(line.indexOf(':') + 1).trim();
                }
            }
        } catch (IOException e) {
            // not a Linux: the architecture must do
        }
        return property("os.arch");
    }
}
