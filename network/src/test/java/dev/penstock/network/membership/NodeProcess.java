package dev.penstock.network.membership;

import dev.penstock.network.Member;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A node in a process of its own, to be killed or stopped. It ends when its standard input does. */
final class NodeProcess {

    final Member self;
    private final Process process;
    private final BufferedReader out;

    private NodeProcess(Member self, Process process) {
        this.self = self;
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static NodeProcess start(
            String cluster,
            String name,
            long incarnation,
            int port,
            List<InetSocketAddress> ports,
            Duration detection,
            Optional<Path> certificates)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NodeProcess.class.getName(),
                cluster,
                name,
                Long.toString(incarnation),
                Integer.toString(port),
                detection.toString(),
                certificates.map(Path::toString).orElse("")));
        ports.forEach(address -> command.add(Integer.toString(address.getPort())));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new NodeProcess(Nodes.member(name, incarnation, port), process);
    }

    /** Waits until it has joined; whatever it printed before would be in the way. */
    void awaitJoined() throws IOException {
        String line = out.readLine();
        if (!"joined".equals(line)) {
            throw new AssertionError("the process says: " + line);
        }
    }

    /** SIGKILL: nothing is said good-bye to. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGSTOP or SIGCONT. */
    void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + name + ": " + status);
        }
    }

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[3]);
        List<InetSocketAddress> ports = new ArrayList<>();
        for (int i = 6; i < args.length; i++) {
            ports.add(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[i])));
        }
        Optional<Trust> trust = Optional.empty();
        if (!args[5].isEmpty()) {
            KeyStore member = Certificates.load(Path.of(args[5]), "member");
            trust = Optional.of(Certificates.trust(member, member, "member"));
        }
        MembershipOptions options =
                new MembershipOptions(args[0], ports.get(port), ports, Duration.parse(args[4]), trust);
        Nodes.Node node = new Nodes.Node(Nodes.member(args[1], Long.parseLong(args[2]), port), options);
        node.membership.join(node);
        System.out.println("joined");
        while (System.in.read() >= 0) {
            // Nothing is said.
        }
        node.close();
    }
}
