package dev.penstock.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compiles and runs the example of README.md.
 *
 * <p>The example is the fenced block that follows the line {@code <!-- ci:java -->}: a whole source file whose top-level
 * class has a {@code main}. What it prints is the fenced block that follows {@code <!-- ci:output -->}.
 */
class ReadmeTest {
    private static final Pattern MAIN_CLASS =
            Pattern.compile("^(?:public |final )*(?:class|record|interface|enum) (\\w+)", Pattern.MULTILINE);
    private static final long RUN_LIMIT_SECONDS = 60;

    @TempDir
    Path directory;

    @Test
    void exampleCompilesAndPrintsWhatTheReadmeSays() throws Exception {
        Path readme = readme();
        String source = blockAfter("<!-- ci:java -->", readme);
        String output = blockAfter("<!-- ci:output -->", readme);
        String mainClass = compile(source);

        Path standardOutput = directory.resolve("stdout");
        Path standardError = directory.resolve("stderr");
        Process example = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dfile.encoding=UTF-8",
                        "-Dstdout.encoding=UTF-8",
                        "-ea",
                        "-cp",
                        directory + File.pathSeparator + classPath(),
                        mainClass)
                .redirectOutput(standardOutput.toFile())
                .redirectError(standardError.toFile())
                .start();
        boolean ended = example.waitFor(RUN_LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            example.destroyForcibly().waitFor();
        }

        String errors = Files.readString(standardError);
        assertTrue(ended, () -> "the example still ran after " + RUN_LIMIT_SECONDS + " s; it said: " + errors);
        assertEquals(0, example.exitValue(), () -> "exit code of the example; it said: " + errors);
        assertEquals("", errors, "standard error of the example");
        assertEquals(output, Files.readString(standardOutput), "standard output of the example");
    }

    /** Compiles a source file into the directory, for the language level of the runtime; answers its main class. */
    private String compile(String source) throws IOException {
        Matcher declaration = MAIN_CLASS.matcher(source);
        assertTrue(declaration.find(), "the example declares no top-level class");
        String mainClass = declaration.group(1);
        Path file = Files.writeString(directory.resolve(mainClass + ".java"), source);

        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        List<String> options = new ArrayList<>(
                List.of("--release", "17", "-proc:none", "-d", directory.toString(), "-cp", classPath()));
        boolean compiled;
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(diagnostics, null, StandardCharsets.UTF_8)) {
            compiled = compiler.getTask(null, files, diagnostics, options, null, files.getJavaFileObjects(file))
                    .call();
        }
        assertTrue(
                compiled,
                () -> "the example does not compile:\n"
                        + diagnostics.getDiagnostics().stream()
                                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                                .map(Object::toString)
                                .collect(Collectors.joining("\n")));
        return mainClass;
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    /** The first fenced block after a marker that stands alone on its line, without its fences. */
    private static String blockAfter(String marker, Path readme) throws IOException {
        List<String> lines = Files.readAllLines(readme);
        int at = lines.indexOf(marker);
        assertTrue(at >= 0, () -> "no line " + marker + " in README.md");
        while (!lines.get(at).startsWith("```")) {
            at++;
        }
        StringBuilder block = new StringBuilder();
        for (at++; !lines.get(at).startsWith("```"); at++) {
            block.append(lines.get(at)).append('\n');
        }
        return block.toString();
    }

    /** README.md beside the parent POM, from wherever the tests were started. */
    private static Path readme() {
        for (Path parent = Path.of("").toAbsolutePath(); parent != null; parent = parent.getParent()) {
            Path readme = parent.resolve("README.md");
            if (Files.exists(readme) && Files.exists(parent.resolve("tests/pom.xml"))) {
                return readme;
            }
        }
        throw new IllegalStateException("no README.md above " + Path.of("").toAbsolutePath());
    }
}
