package dev.penstock.stress;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A copy of the runtime with a bug in it: compiled into a folder that comes first on the class path. The sources are those that
 * this program was built from; they travel in its jar.
 */
final class Twin {

    private static final String SOURCES = "/runtime-sources/";

    private Twin() {}

    /**
     * Compiles the changed file, against the runtime's classes.
     *
     * @return the class path of a program that runs with the bug
     */
    static String of(Mutant mutant, Path folder) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalStateException("mutants are compiled, and this is no JDK: set JAVA_HOME to one");
        }
        delete(folder);
        Path source = folder.resolve("source").resolve(mutant.file());
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Files.createDirectories(source.getParent());
        Files.writeString(source, mutant.plant(source(mutant.file())));
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "--release", "17", "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", Jvm.classPath());
            if (!compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                    .call()) {
                throw new IllegalStateException("mutant " + mutant.id() + " does not compile:\n" + messages);
            }
        }
        return classes + File.pathSeparator + Jvm.classPath();
    }

    /** The text of a file of the runtime. */
    static String source(String file) throws IOException {
        try (InputStream in = Twin.class.getResourceAsStream(SOURCES + "dev/penstock/" + file)) {
            if (in == null) {
                throw new IllegalStateException("the runtime has no " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
