package dev.penstock.stress;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A program that was run: its exit status and what it wrote to standard output. Its standard error goes where this program's
 * goes, unless told otherwise.
 *
 * @param status the exit status
 * @param timedOut whether it was killed because its time was over
 * @param output the lines
 * @param took how long it ran
 */
record Run(int status, boolean timedOut, List<String> output, Duration took) {

    /**
     * Runs a program to its end, or until the time is over; then it and all that it started are killed.
     *
     * @param command the program and its arguments
     * @param limit how long it may run
     * @param eachLine told each line of its standard output as it comes
     */
    static Run of(List<String> command, Duration limit, Consumer<String> eachLine) throws InterruptedException {
        return in(Path.of(""), command, limit, ProcessBuilder.Redirect.INHERIT, eachLine);
    }

    /** The same in that folder, with its standard error going elsewhere. */
    static Run in(
            Path folder,
            List<String> command,
            Duration limit,
            ProcessBuilder.Redirect errors,
            Consumer<String> eachLine)
            throws InterruptedException {
        long begin = System.nanoTime();
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toAbsolutePath().toFile())
                    .redirectError(errors)
                    .redirectInput(ProcessBuilder.Redirect.from(Platform.nullFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.get(0), e);
        }
        Thread killer = new Thread(() -> kill(process), "kill " + process.pid());
        Runtime.getRuntime().addShutdownHook(killer);
        try {
            FutureTask<List<String>> reading = new FutureTask<>(() -> read(process, eachLine));
            new Thread(reading, "output of " + process.pid()).start();
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                kill(process);
                process.waitFor();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            return new Run(process.exitValue(), !ended, reading.get(), took);
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read the output of " + command.get(0), e);
        } finally {
            kill(process);
            try {
                Runtime.getRuntime().removeShutdownHook(killer);
            } catch (IllegalStateException shuttingDown) {
                // then the hook runs
            }
        }
    }

    private static List<String> read(Process process, Consumer<String> eachLine) throws IOException {
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
                eachLine.accept(line);
            }
        } catch (IOException e) {
            if (process.isAlive()) { // otherwise it was killed, and the stream closed with it
                throw e;
            }
        }
        return lines;
    }

    /** Kills a program and what it started, the youngest first. */
    private static void kill(Process process) {
        process.descendants()
                .sorted(Comparator.comparingLong(ProcessHandle::pid).reversed())
                .forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** The last line, which by the layers' contract has the totals. */
    String lastLine() {
        return output.isEmpty() ? "no output" : output.get(output.size() - 1);
    }
}
