package dev.penstock.benchmarks.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.run.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.TimeUnit;

/** The producer's and the consumer's process of one measurement, with the flags of this virtual machine. */
final class TwoProcesses implements AutoCloseable {

    private static final double PATIENCE_SECONDS = 60;
    private static final long END_SECONDS = 5;

    private final Setup setup;
    private final Path log;
    private final List<Process> processes = new ArrayList<>();
    private final Timer watchdog = new Timer("watchdog", true);

    private TwoProcesses(Setup setup, Path log) {
        this.setup = setup;
        this.log = log;
    }

    /**
     * Measures.
     *
     * @param stores where the certificates are
     * @param log gets what the two print otherwise
     * @return what both found; nothing if that failed
     */
    static Optional<ObjectNode> measure(Setup setup, Path stores, Path log) throws IOException {
        int[] ports = freePorts();
        String secured = setup.transport().isSecure() ? stores.toString() : null;
        try (TwoProcesses both = new TwoProcesses(setup.at(secured, ports[0], ports[1]), log)) {
            return both.run();
        }
    }

    private static int[] freePorts() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket one = new ServerSocket(0, 1, loopback);
                ServerSocket other = new ServerSocket(0, 1, loopback)) {
            return new int[] {one.getLocalPort(), other.getLocalPort()};
        }
    }

    private Optional<ObjectNode> run() throws IOException {
        long patience = (long) (1e3 * (PATIENCE_SECONDS + setup.warmupSeconds() + setup.seconds()));
        watchdog.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        processes.forEach(Process::destroyForcibly);
                    }
                },
                patience);
        Process producer = start(Stores.PRODUCER);
        BufferedReader fromProducer = reader(producer);
        if (answer(fromProducer, NetworkRun.READY).isEmpty()) {
            return Optional.empty();
        }
        BufferedReader fromConsumer = reader(start(Stores.CONSUMER));
        if (answer(fromConsumer, NetworkRun.BEGIN).isEmpty()) {
            return Optional.empty();
        }
        tell(producer, NetworkRun.BEGIN);
        Optional<String> found = answer(fromConsumer, NetworkRun.END);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        tell(producer, NetworkRun.END);
        Optional<String> used = answer(fromProducer, NetworkRun.END);
        if (used.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode result = Json.object();
        result.put("way", setup.way());
        result.put("demand", setup.demand());
        result.put("ratePerSecond", setup.ratePerSecond());
        result.put("warmupSeconds", setup.warmupSeconds());
        result.put("seconds", setup.seconds());
        result.setAll((ObjectNode) Json.parse(found.get()));
        JsonNode producerUsed = Json.parse(used.get());
        result.set("producer", producerUsed);
        double taken = result.get("taken").asDouble();
        result.put("bytesAnElement", sum(result, "bytes") / taken);
        result.put("cpuNanosAnElement", sum(result, "cpuNanos") / taken);
        return Optional.of(result);
    }

    private static double sum(ObjectNode result, String what) {
        return result.get(Stores.PRODUCER).get(what).asDouble()
                + result.get(Stores.CONSUMER).get(what).asDouble();
    }

    private Process start(String side) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), NetworkRun.class.getName()));
        command.addAll(List.of(side, Json.of(setup).toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        processes.add(process);
        return process;
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void tell(Process process, String line) throws IOException {
        OutputStream to = process.getOutputStream();
        to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        to.flush();
    }

    /** What follows a word, in the first line that begins with it. */
    private static Optional<String> answer(BufferedReader from, String word) throws IOException {
        for (String line = from.readLine(); line != null; line = from.readLine()) {
            if (line.startsWith(word)) {
                return Optional.of(line.substring(word.length()));
            }
        }
        return Optional.empty();
    }

    /** Ends the two: by the end of what they are told, so that they can still write what a profiler found. */
    @Override
    public void close() {
        watchdog.cancel();
        for (Process process : processes) {
            try {
                process.getOutputStream().close();
                process.waitFor(END_SECONDS, TimeUnit.SECONDS);
            } catch (IOException e) {
                // it has ended
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
