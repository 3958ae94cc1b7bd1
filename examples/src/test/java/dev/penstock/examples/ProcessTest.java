package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, with pipes and signals. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals and pipes of POSIX")
class ProcessTest {

    private static final long LIMIT_SECONDS = 60;
    private static final byte[] HEADER = "symbol,date,price\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] ROWS = "A,2000-01-01,1.5\n".repeat(1000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private Process process;

    @AfterEach
    void endProcess() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    @Test
    void standardInputIsReadToItsEnd() throws Exception {
        start("feed", "-");
        try (OutputStream in = process.getOutputStream()) {
            in.write(HEADER);
            in.write(ROWS);
        }

        assertEquals(1000, finished().expect(0).expectEnd("completed").ledger("delivered"));
    }

    @Test
    void badRowOfStandardInputIsNamed() throws Exception {
        start("feed", "-");
        try (OutputStream in = process.getOutputStream()) {
            in.write(HEADER);
            in.write("A,2000-01-01,1\nB,2000-01-01,?\n".getBytes(StandardCharsets.UTF_8));
        }

        Run run = finished().expect(1).expectEnd("failed: stdin:3: price '?' is not a number");
        assertEquals("penstock: stdin:3: price '?' is not a number\n", run.err());
        assertEquals(1, run.ledger("delivered"));
    }

    /** The feeding thread waits for input that never comes; the reader has what it wants. */
    @Test
    void takeDoesNotWaitForMoreInput() throws Exception {
        start("feed", "--take", "3", "-");
        OutputStream in = process.getOutputStream(); // stays open
        in.write(HEADER);
        in.write("A,2000-01-01,1\n".repeat(3).getBytes(StandardCharsets.UTF_8));
        in.flush();

        finished().expect(0).expectEnd("cancelled by --take 3");
    }

    @Test
    void ctrlCEndsTheStreamInOrder() throws Exception {
        start("feed", "--buffer", "16", "-");
        OutputStream in = process.getOutputStream(); // stays open
        in.write(HEADER);
        for (int i = 0; i < 100; i++) { // far more than a pipe and the stream hold: when this is written, it flows
            in.write(ROWS);
        }
        in.flush();
        interrupt();

        Run run = finished().expect(130).expectEnd("cancelled by an interrupt");
        assertTrue(run.ledger("delivered") > 0, run::toString);
    }

    /** Neither the locale nor the JVM's options choose the encoding, and the JVM has nothing to say. */
    @Test
    void guideIsUtf8InEveryLocale() throws Exception {
        start("guide");

        try (var text = ProcessTest.class.getResourceAsStream("/guide.txt")) {
            assertEquals(
                    new String(text.readAllBytes(), StandardCharsets.UTF_8),
                    finished().expect(0).out());
        }
    }

    @Test
    void readerOfTheOutputMayLeave() throws Exception {
        process =
                command("feed").redirectError(directory.resolve("err").toFile()).start();
        process.getInputStream().close();

        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
        assertEquals("", Files.readString(directory.resolve("err")));
        assertEquals(0, process.exitValue());
    }

    private void start(String... arguments) throws IOException {
        process = command(arguments)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile())
                .start();
    }

    static ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>();
        if (resetsSignals()) { // a build started in the background may have SIGINT ignored, and hands that down
            command.addAll(List.of("env", "--default-signal=INT"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Penstock.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", "C");
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"));
        return builder;
    }

    private static boolean resetsSignals() {
        try {
            return new ProcessBuilder("env", "--default-signal=INT", "true")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void interrupt() throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor());
    }

    private Run finished() throws InterruptedException {
        assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "still runs after " + LIMIT_SECONDS + " s");
        try {
            return new Run(
                    process.exitValue(),
                    Files.readString(directory.resolve("out")),
                    Files.readString(directory.resolve("err")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
