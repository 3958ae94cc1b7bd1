package dev.penstock.network.faults;

import dev.penstock.network.Keytool;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.ObjectInputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The process of a {@link NodeMain}, to be asked, stopped and killed. */
final class NodeProcess implements AutoCloseable {

    static final int MEMBERSHIP_PORT = 7800;
    static final int LINK_PORT = 7900;

    /** Longer than anything takes that is not stuck. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    final String name;
    final int host;
    final BlackBox box;
    private final Process process;
    private final Writer in;
    private final Map<Integer, CompletableFuture<Object>> asked = new ConcurrentHashMap<>();
    private int last; // guarded by this

    NodeProcess(Wires wires, Hosts hosts, int host, String name, Duration detection, List<Integer> seeds, Path files)
            throws IOException, InterruptedException {
        this.name = name;
        this.host = host;
        Path boxFile = Path.of(files + ".box");
        box = new BlackBox(boxFile);
        List<String> java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        java.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        java.addAll(wires.jvmOptions());
        java.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), wires.main().getName()));
        java.addAll(List.of(name, hosts.address(host), detection.toString(), boxFile.toString()));
        java.add(wires.secure() ? Keytool.nodeStore(name).toString() : NodeMain.PLAINTEXT);
        java.add(wires.secure() ? Keytool.trust("ca").toString() : NodeMain.PLAINTEXT);
        seeds.forEach(seed -> java.add(hosts.address(seed) + ":" + MEMBERSHIP_PORT));
        CompletableFuture<Object> joined = new CompletableFuture<>();
        asked.put(0, joined);
        process = new ProcessBuilder(hosts.on(host, java))
                .redirectError(Path.of(files + ".log").toFile())
                .start();
        in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "answers of " + name);
        reader.setDaemon(true);
        reader.start();
        boolean made = false;
        try {
            get(joined, "to join");
            made = true;
        } finally {
            if (!made) {
                close();
            }
        }
    }

    private void read() {
        IOException ended = new IOException(name + " has ended");
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                String[] words = line.split(" ");
                CompletableFuture<Object> waiting = asked.remove(Integer.parseInt(words[0]));
                try (ObjectInputStream value = new ObjectInputStream(
                        new ByteArrayInputStream(Base64.getDecoder().decode(words[1])))) {
                    waiting.complete(value.readObject());
                }
            }
        } catch (IOException | ClassNotFoundException | RuntimeException e) {
            ended = new IOException(name + " has ended, or cannot be understood", e);
        }
        IOException why = ended;
        asked.values().forEach(waiting -> waiting.completeExceptionally(why));
    }

    /** Sends a request; the answer may take as long as it takes. */
    synchronized CompletableFuture<Object> send(Object... words) {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        asked.put(++last, answer);
        String line = Stream.concat(Stream.of(last), Stream.of(words))
                .map(Object::toString)
                .collect(Collectors.joining(" "));
        try {
            in.write(line + "\n");
            in.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " has ended", e);
        }
        return answer;
    }

    /** Sends a request and waits for the answer. */
    @SuppressWarnings("unchecked") // each request has answers of one type
    <T> T ask(Object... words) throws InterruptedException {
        return (T) get(send(words), List.of(words));
    }

    /** Waits for an answer. */
    Object get(CompletableFuture<Object> answer, Object what) throws InterruptedException {
        try {
            Object value = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (value instanceof RuntimeException failure) {
                throw new AssertionError(name + ", asked " + what + ": " + failure.getMessage());
            }
            return value;
        } catch (TimeoutException e) {
            throw new AssertionError(name + " did not answer " + what + " for " + PATIENCE, e);
        } catch (ExecutionException e) {
            throw new AssertionError(name + " did not answer " + what, e);
        }
    }

    /** SIGSTOP: the process is there, and does nothing. */
    void stop() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** SIGCONT. */
    void goOn() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + signal + ": " + status);
        }
    }

    boolean isKilled() {
        return !process.isAlive();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            throw new AssertionError(name + " outlives SIGKILL");
        }
    }

    /** Kills it too, and does not wait. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
