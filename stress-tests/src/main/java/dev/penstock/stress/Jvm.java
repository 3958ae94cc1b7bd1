package dev.penstock.stress;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts further virtual machines like this one. */
final class Jvm {

    private Jvm() {}

    /** The class path of this program. */
    static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The beginning of a command line: the same java, that class path, that main class. */
    static List<String> java(String classPath, String mainClass) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        return command;
    }
}
