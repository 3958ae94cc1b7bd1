package dev.penstock.examples.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The nodes and the client as processes of this machine. What they print is printed behind their names. They end with this
 * one, however it ends: their standard input is a pipe from it, and its end is theirs.
 */
public final class GuideProcesses implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<String> command;
    private final Map<String, String> environment;
    private final PrintWriter out;
    private final PrintWriter err;
    private final ExecutorService readers = Executors.newCachedThreadPool();
    private final List<Child> children = new ArrayList<>(); // the thread that made this only

    private record Child(String name, Process process, Map<String, Tally> tallies, CompletableFuture<Void> ended) {}

    /**
     * Prepares to start processes.
     *
     * @param command what each of them runs, before its arguments
     * @param environment added to that of this process
     * @param out where their standard output goes
     * @param err where their standard error goes
     */
    public GuideProcesses(List<String> command, Map<String, String> environment, PrintWriter out, PrintWriter err) {
        this.command = command;
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /**
     * Starts one.
     *
     * @param name what to call it
     * @param arguments its arguments
     * @throws IOException if it could not be started
     */
    public void start(String name, List<String> arguments) throws IOException {
        List<String> words = new ArrayList<>(command);
        words.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(environment);
        Process process = builder.start();
        Map<String, Tally> tallies = new ConcurrentSkipListMap<>();
        children.add(new Child(
                name,
                process,
                tallies,
                CompletableFuture.allOf(
                        process.onExit(),
                        read(process.getInputStream(), line -> {
                            out.println(name + " | " + line);
                            Tally.parse(line).ifPresent(tally -> tallies.put(tally.sensor(), tally));
                        }),
                        read(process.getErrorStream(), line -> err.println(name + " | " + line)))));
    }

    private interface LineReader {
        void read(String line);
    }

    private CompletableFuture<Void> read(InputStream stream, LineReader reader) {
        return CompletableFuture.runAsync(
                () -> {
                    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                            reader.read(line);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                readers);
    }

    /**
     * Waits until all have ended, or one has failed.
     *
     * @param limit for how long
     * @throws TimeoutException if they have not by then
     * @throws IllegalStateException if one has failed
     * @throws InterruptedException if interrupted meanwhile
     */
    public void await(Duration limit) throws TimeoutException, InterruptedException {
        CompletableFuture<?>[] all = children.stream()
                .map(child -> child.ended().thenRun(() -> requireSuccess(child)))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> done = CompletableFuture.allOf(all);
        for (CompletableFuture<?> one : all) { // a failure is not waited for the others with
            one.exceptionally(e -> {
                done.completeExceptionally(e);
                return null;
            });
        }
        try {
            done.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("still running after " + limit.toSeconds() + " s: "
                    + String.join(
                            ", ",
                            children.stream()
                                    .filter(child -> child.process().isAlive())
                                    .map(Child::name)
                                    .toList()));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause().getMessage(), e);
        }
    }

    private static void requireSuccess(Child child) {
        int status = child.process().exitValue();
        if (status != 0) {
            throw new IllegalStateException(child.name() + " has ended with exit status " + status);
        }
    }

    /**
     * {@return what a process has printed of its streams, by sensors}
     *
     * @param names the processes
     */
    public Map<String, Tally> tallies(List<String> names) {
        Map<String, Tally> tallies = new TreeMap<>();
        children.stream()
                .filter(child -> names.contains(child.name()))
                .forEach(child -> tallies.putAll(child.tallies()));
        return tallies;
    }

    /** Ends those that run still: politely first. */
    @Override
    public void close() {
        children.forEach(child -> child.process().destroy());
        try {
            CompletableFuture.allOf(children.stream().map(Child::ended).toArray(CompletableFuture<?>[]::new))
                    .get(GRACE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            children.forEach(child -> child.process().destroyForcibly());
        } catch (ExecutionException e) {
            err.println("penstock: what a process printed could not be read: " + e.getCause());
        } catch (InterruptedException e) {
            children.forEach(child -> child.process().destroyForcibly());
            Thread.currentThread().interrupt();
        }
        readers.shutdown();
    }
}
