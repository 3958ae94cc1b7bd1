package dev.penstock.network.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A cluster of nodes, each a process on a host of its own. For one thread. */
final class Nodes implements AutoCloseable {

    final Hosts hosts;
    final Duration detection;
    private final Wires wires;
    private final Path files;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private int started;
    private long runs;

    Nodes(Wires wires, int count, Duration detection, Path files) throws IOException, InterruptedException {
        this.wires = wires;
        this.detection = detection;
        this.files = Files.createDirectories(files);
        hosts = new Hosts(count);
        boolean made = false;
        try {
            for (int host = 0; host < count; host++) {
                nodes.add(start(host, count));
            }
            made = true;
        } finally {
            if (!made) {
                close();
            }
        }
    }

    private NodeProcess start(int host, int count) throws IOException, InterruptedException {
        String name = String.valueOf((char) ('a' + host));
        List<Integer> seeds = IntStream.range(0, count).boxed().toList();
        return new NodeProcess(wires, hosts, host, name, detection, seeds, files.resolve(name + "-" + ++started));
    }

    NodeProcess get(int host) {
        return nodes.get(host);
    }

    int count() {
        return nodes.size();
    }

    /** The next life of a node that was killed: same name, same address, same ports. */
    NodeProcess restart(NodeProcess killed) throws IOException, InterruptedException {
        NodeProcess next = start(killed.host, nodes.size());
        nodes.set(killed.host, next);
        return next;
    }

    /** Waits until each can reach all others. */
    void awaitAll() throws InterruptedException {
        for (NodeProcess node : nodes) {
            if (!node.<Boolean>ask("members", nodes.size())) {
                throw new AssertionError(node.name + " does not see all " + nodes.size() + " members");
            }
        }
    }

    /** A number that no stream of this cluster has had. */
    long nextRun() {
        return ++runs;
    }

    @Override
    public void close() {
        for (NodeProcess node : nodes) {
            node.close();
        }
        hosts.close();
    }
}
