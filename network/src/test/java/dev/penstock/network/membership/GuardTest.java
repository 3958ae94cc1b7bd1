package dev.penstock.network.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may come in, and who keeps nobody waiting. */
class GuardTest {

    private static final Duration DETECTION = Duration.ofSeconds(4);

    @TempDir
    private static Path folder;

    private static Optional<Trust> members;
    private static Optional<Trust> strangers;

    @BeforeAll
    static void makeCertificates() throws Exception {
        KeyStore member = Certificates.make(folder, "member");
        KeyStore stranger = Certificates.make(folder, "stranger");
        members = Optional.of(Certificates.trust(member, member, "member"));
        strangers = Optional.of(Certificates.trust(stranger, member, "member"));
    }

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        Nodes.awaitNoThreads();
    }

    @Test
    void membersJoinWithCertificates() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0, members);
            Nodes.Node b = nodes.join("b", 1, 1, members);
            Nodes.Node c = nodes.join("c", 1, 2, members);
            Nodes.awaitOneView(a, b, c);
            a.membership.broadcast("hello".getBytes(StandardCharsets.UTF_8));
            Nodes.await("the message", () -> b.messages.size() == 1 && c.messages.size() == 1);
            b.close();
            Nodes.awaitOneView(a, c);
        }
    }

    @Test
    void aStrangerCannotJoinAndDelaysNobody() throws Exception {
        try (Nodes nodes = new Nodes(4, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0, members);
            Nodes.Node stranger = nodes.join("stranger", 1, 1, strangers);
            Nodes.Node plain = nodes.join("plain", 1, 2);
            Nodes.Node b = nodes.join("b", 1, 3, members);
            Nodes.awaitOneView(a, b);
            Nodes.await("refusals", () -> a.membership.refusedConnections() > 1);
            assertEquals(List.of(stranger.self), stranger.members(), "each is alone");
            assertEquals(List.of(plain.self), plain.members());
            for (Nodes.Node node : List.of(a, b)) {
                node.views.forEach(change -> assertTrue(
                        change.members().stream()
                                .allMatch(member -> member.name().length() == 1),
                        change::toString));
            }
        }
    }

    @Test
    void silentConnectionsKeepNobodyFromJoining() throws Exception {
        manyConnectionsAndAFourthMember(Optional.empty(), new byte[0]);
    }

    @Test
    void silentConnectionsKeepNobodyFromJoiningWithCertificates() throws Exception {
        manyConnectionsAndAFourthMember(members, new byte[0]);
    }

    @Test
    void connectionsThatStopInTheMiddleOfAHelloKeepNobodyFromJoining() throws Exception {
        manyConnectionsAndAFourthMember(members, new byte[] {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc});
    }

    private static void manyConnectionsAndAFourthMember(Optional<Trust> trust, byte[] said) throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (Nodes nodes = new Nodes(4, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0, trust);
            Nodes.Node b = nodes.join("b", 1, 1, trust);
            Nodes.Node c = nodes.join("c", 1, 2, trust);
            Nodes.awaitOneView(a, b, c);
            int views = a.views.size();
            for (int i = 0; i < 500; i++) {
                Socket socket = new Socket();
                silent.add(socket);
                socket.connect(nodes.ports.get(i % 3), 10_000);
                socket.getOutputStream().write(said);
            }
            long began = System.nanoTime();
            Nodes.Node d = nodes.join("d", 1, 3, trust);
            Nodes.awaitOneView(a, b, c, d);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            // Some 3 s. JGroups alone needs half a second for each silent connection: 80 s.
            assertTrue(took.compareTo(Duration.ofSeconds(40)) < 0, took::toString);
            assertEquals(views + 1, a.views.size(), "nobody was taken for dead meanwhile");
            Nodes.await("all of them are shut out", () -> silent.stream().allMatch(GuardTest::isShutOut));
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    private static boolean isShutOut(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void noiseIsRefusedAtOnce() throws Exception {
        try (Nodes nodes = new Nodes(1, DETECTION);
                Socket socket = new Socket()) {
            Nodes.Node a = nodes.join("a", 1, 0, members);
            socket.connect(nodes.ports.get(0));
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            Nodes.await("the door", () -> isShutOut(socket));
            assertTrue(a.membership.refusedConnections() > 0);
        }
    }
}
