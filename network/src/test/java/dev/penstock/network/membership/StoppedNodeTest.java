package dev.penstock.network.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A node that is stopped, with all buffers to it full: the others go on, and it comes back. */
@DisabledOnOs(OS.WINDOWS)
class StoppedNodeTest {

    private static final Duration DETECTION = Duration.ofSeconds(4);

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        Nodes.awaitNoThreads();
    }

    @Test
    void itIsLeftBehindAndComesBack() throws Exception {
        stopped(Optional.empty(), Optional.empty());
    }

    @Test
    void itIsLeftBehindAndComesBackWithCertificates(@TempDir Path folder) throws Exception {
        KeyStore member = Certificates.make(folder, "member");
        stopped(Optional.of(Certificates.trust(member, member, "member")), Optional.of(folder));
    }

    private static void stopped(Optional<Trust> trust, Optional<Path> certificates) throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0, trust);
            Nodes.Node b = nodes.join("b", 1, 1, trust);
            NodeProcess stopped = nodes.start("stopped", 1, 2, certificates);
            stopped.awaitJoined();
            Nodes.await(
                    "all three", () -> a.members().size() == 3 && b.members().size() == 3);
            int views = b.views.size();
            stopped.signal("STOP");
            try {
                byte[] bytes = new byte[Membership.MAX_MESSAGE];
                for (int i = 0; i < 200; i++) {
                    a.membership.broadcast(bytes);
                }
                Nodes.awaitOneView(a, b);
                assertEquals(views + 1, b.views.size(), () -> "somebody else was taken for dead: " + b.views);
                a.membership.broadcast("still here".getBytes(StandardCharsets.UTF_8));
                Nodes.await("what was sent", () -> b.messages.contains("a:still here"));
            } finally {
                stopped.signal("CONT");
            }
            Nodes.await(
                    () -> a.members() + " and " + b.members(),
                    () -> a.members().contains(stopped.self) && b.members().equals(a.members()));
            assertEquals(
                    List.of(),
                    a.views.stream()
                            .filter(change -> change.left().contains(b.self))
                            .toList());
        }
    }
}
