package dev.penstock.network.membership;

import dev.penstock.network.FreePorts;
import dev.penstock.network.Member;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Nodes of one cluster on the loopback address, for tests. Closing leaves with all of them. */
final class Nodes implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final String cluster = "c" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    final List<InetSocketAddress> ports;
    private final Duration detection;
    private final List<Node> nodes = new CopyOnWriteArrayList<>();
    private final List<NodeProcess> processes = new CopyOnWriteArrayList<>();

    /** What a node heard. */
    static final class Node implements Membership.Listener, AutoCloseable {
        final Member self;
        final Membership membership;
        final List<ViewChange> views = new CopyOnWriteArrayList<>();
        final List<String> messages = new CopyOnWriteArrayList<>();
        final Set<Thread> threads = ConcurrentHashMap.newKeySet();

        Node(Member self, MembershipOptions options) {
            this.self = self;
            this.membership = new Membership(options, self);
        }

        @Override
        public void view(ViewChange change) {
            threads.add(Thread.currentThread());
            views.add(change);
        }

        @Override
        public void message(Member from, byte[] bytes) {
            threads.add(Thread.currentThread());
            messages.add(from.name() + ":" + new String(bytes, StandardCharsets.UTF_8));
        }

        List<Member> members() {
            return views.isEmpty() ? List.of() : views.get(views.size() - 1).members();
        }

        Set<String> names() {
            return members().stream().map(Member::name).collect(Collectors.toSet());
        }

        @Override
        public void close() {
            membership.close();
        }
    }

    Nodes(int count, Duration detection) throws IOException {
        this.ports = Arrays.stream(FreePorts.any(count))
                .mapToObj(port -> new InetSocketAddress("127.0.0.1", port))
                .toList();
        this.detection = detection;
    }

    /** A node that has not joined; it looks for all. */
    Node prepare(String name, long incarnation, int port, Optional<Trust> trust) {
        Member self = member(name, incarnation, port);
        Node node = new Node(self, new MembershipOptions(cluster, ports.get(port), ports, detection, trust));
        nodes.add(node);
        return node;
    }

    static Member member(String name, long incarnation, int port) {
        return new Member(name, incarnation, InetSocketAddress.createUnresolved("127.0.0.1", 1000 + port));
    }

    Node join(String name, long incarnation, int port) throws IOException, InterruptedException {
        return join(name, incarnation, port, Optional.empty());
    }

    Node join(String name, long incarnation, int port, Optional<Trust> trust) throws IOException, InterruptedException {
        Node node = prepare(name, incarnation, port, trust);
        node.membership.join(node);
        return node;
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        await(() -> what, condition);
    }

    static void await(Supplier<String> what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + what.get());
            }
            Thread.sleep(5);
        }
    }

    static void awaitNoThreads() throws InterruptedException {
        await(() -> "threads are left: " + threads(), () -> threads().isEmpty());
    }

    /** Waits until these nodes, and no others, are in the views of all of them, in one order. */
    static void awaitOneView(Node... together) throws InterruptedException {
        Set<Member> all = Arrays.stream(together).map(node -> node.self).collect(Collectors.toSet());
        await(
                () -> all + " in " + Arrays.stream(together).map(Node::members).toList(),
                () -> Arrays.stream(together)
                        .allMatch(node -> Set.copyOf(node.members()).equals(all)
                                && node.members().equals(together[0].members())));
    }

    /** A node in a process of its own. */
    NodeProcess start(String name, long incarnation, int port) throws IOException {
        return start(name, incarnation, port, Optional.empty());
    }

    /** With the certificate "member" of that folder. */
    NodeProcess start(String name, long incarnation, int port, Optional<Path> certificates) throws IOException {
        NodeProcess process = NodeProcess.start(cluster, name, incarnation, port, ports, detection, certificates);
        processes.add(process);
        return process;
    }

    /** Threads of membership that are there at this moment. */
    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("penstock-")
                        || name.toLowerCase(Locale.ROOT).contains("jgroups"))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        processes.forEach(NodeProcess::kill);
        nodes.forEach(Node::close);
    }
}
