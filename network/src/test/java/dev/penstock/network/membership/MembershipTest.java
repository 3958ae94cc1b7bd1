package dev.penstock.network.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.Member;
import dev.penstock.network.ServiceKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class MembershipTest {

    private static final Duration DETECTION = Duration.ofSeconds(4);

    @AfterEach
    void noThreadIsLeft() throws InterruptedException {
        Nodes.awaitNoThreads();
    }

    @Test
    void nodesFindEachOtherBySeedsAndAgree() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.join("b", 1, 1);
            Nodes.Node c = nodes.join("c", 1, 2);
            Nodes.awaitOneView(a, b, c);
            c.close();
            Nodes.awaitOneView(a, b);
            assertEquals(List.of(c.self), a.views.get(a.views.size() - 1).left());
            for (Nodes.Node node : List.of(a, b, c)) {
                assertEquals(
                        Set.of("penstock-membership-" + node.self.name()),
                        Set.copyOf(node.threads.stream().map(Thread::getName).toList()));
                assertEquals(1, node.threads.size());
            }
        }
    }

    @Test
    void viewsAreTheSumOfWhatJoinedAndLeft() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.join("b", 1, 1);
            Nodes.Node c = nodes.join("c", 1, 2);
            Nodes.awaitOneView(a, b, c);
            b.close();
            Nodes.awaitOneView(a, c);
            List<Member> sum = new ArrayList<>();
            for (ViewChange change : a.views) {
                sum.removeAll(change.left());
                sum.addAll(change.joined());
                assertEquals(Set.copyOf(change.members()), Set.copyOf(sum));
            }
        }
    }

    @Test
    void aKilledNodeLeavesTheView() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.join("b", 1, 1);
            NodeProcess victim = nodes.start("victim", 1, 2);
            victim.awaitJoined();
            Nodes.await(
                    "all three", () -> a.members().size() == 3 && b.members().size() == 3);
            victim.kill();
            Nodes.awaitOneView(a, b);
        }
    }

    @Test
    void aKilledCoordinatorLeavesTheView() throws Exception {
        withCoordinator((nodes, a, b, coordinator) -> {
            coordinator.kill();
            Nodes.awaitOneView(a, b);
        });
    }

    @Test
    void aCoordinatorThatIsRestartedAtOnceComesBack() throws Exception {
        withCoordinator((nodes, a, b, coordinator) -> {
            coordinator.kill();
            Nodes.Node second = nodes.join("c", 2, 2);
            Nodes.awaitOneView(a, b, second);
        });
    }

    private interface CoordinatorTest {
        void run(Nodes nodes, Nodes.Node a, Nodes.Node b, NodeProcess coordinator) throws Exception;
    }

    /** With nodes a and b, and a process that heads their view. On a busy machine another may do so: then once more. */
    private static void withCoordinator(CoordinatorTest test) throws Exception {
        for (int attempt = 0; attempt < 5; attempt++) {
            try (Nodes nodes = new Nodes(3, DETECTION)) {
                NodeProcess first = nodes.start("c", 1, 2);
                first.awaitJoined();
                Nodes.Node a = nodes.join("a", 1, 0);
                Nodes.Node b = nodes.join("b", 1, 1);
                Nodes.await(
                        "all three",
                        () -> a.members().size() == 3 && b.members().size() == 3);
                if (a.members().get(0).equals(first.self)) {
                    test.run(nodes, a, b, first);
                    return;
                }
            }
        }
        throw new AssertionError("the first node never heads the view");
    }

    @Test
    void nodesThatStartTogetherEndInOneView() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            List<Nodes.Node> all = List.of(
                    nodes.prepare("a", 1, 0, Optional.empty()),
                    nodes.prepare("b", 1, 1, Optional.empty()),
                    nodes.prepare("c", 1, 2, Optional.empty()));
            CountDownLatch start = new CountDownLatch(1);
            List<CompletableFuture<Void>> joins = all.stream()
                    .map(node -> CompletableFuture.runAsync(
                            () -> {
                                try {
                                    start.await();
                                    node.membership.join(node);
                                } catch (IOException | InterruptedException e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            task -> new Thread(task).start()))
                    .toList();
            start.countDown();
            for (CompletableFuture<Void> join : joins) {
                join.get(60, TimeUnit.SECONDS);
            }
            Nodes.awaitOneView(all.toArray(Nodes.Node[]::new));
        }
    }

    @Test
    void aRestartedNodeReplacesItsFormerLife() throws Exception {
        try (Nodes nodes = new Nodes(2, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            NodeProcess first = nodes.start("b", 1, 1);
            first.awaitJoined();
            Nodes.await("both", () -> a.members().contains(first.self));
            first.kill();
            Nodes.Node second = nodes.join("b", 2, 1); // on the same port, before the first was found dead
            Nodes.awaitOneView(a, second);
            for (ViewChange change : a.views) {
                assertEquals(
                        change.members().stream().map(Member::name).distinct().count(),
                        change.members().size());
            }
            second.close();
            Nodes.Node third = nodes.join("b", 3, 1);
            Nodes.awaitOneView(a, third);
        }
    }

    @Test
    void aNodeThatIsClosedWhileItJoinsIsClosed() throws Exception {
        try (Nodes nodes = new Nodes(1, DETECTION)) {
            Nodes.Node a = nodes.prepare("a", 1, 0, Optional.empty());
            CompletableFuture<Void> joining = CompletableFuture.runAsync(
                    () -> {
                        try {
                            a.membership.join(a);
                        } catch (IOException | InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    task -> new Thread(task).start());
            Nodes.await("it listens", () -> Nodes.threads().stream().anyMatch(name -> name.contains("guard")));
            a.close();
            assertThrows(ExecutionException.class, () -> joining.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void aListenerThatThrowsHarmsNobody() throws Exception {
        try (Nodes nodes = new Nodes(2, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.prepare("b", 1, 1, Optional.empty());
            b.membership.join(new Membership.Listener() {
                @Override
                public void view(ViewChange change) {
                    b.view(change);
                    throw new IllegalStateException("on purpose");
                }

                @Override
                public void message(Member from, byte[] bytes) {
                    b.message(from, bytes);
                    throw new IllegalStateException("on purpose");
                }
            });
            Nodes.awaitOneView(a, b);
            a.membership.broadcast(new byte[1]);
            a.membership.broadcast(new byte[1]);
            Nodes.await("both", () -> b.messages.size() == 2);
        }
    }

    @Test
    void aLaterLifeWinsAndAnEarlierOneMayNotJoin() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node early = nodes.join("b", 5, 1);
            Nodes.awaitOneView(a, early);
            Nodes.Node late = nodes.join("b", 7, 2);
            Nodes.awaitOneView(a, late);
            Nodes.await("it sees that it was replaced", () -> early.members().equals(late.members()));
            early.close();
            Nodes.Node earlier = nodes.prepare("b", 6, 1, Optional.empty());
            try {
                earlier.membership.join(earlier);
                // On a busy machine it found nobody at first, and hears of it when it does.
                Nodes.await("it is not wanted", () -> !earlier.members().contains(earlier.self));
                earlier.close();
            } catch (IOException refused) {
                assertTrue(refused.getMessage().contains("a later life of node b"), refused.getMessage());
            }
            Nodes.awaitOneView(a, late);
        }
    }

    @Test
    void aTakenPortIsSaid() throws Exception {
        try (Nodes nodes = new Nodes(1, DETECTION);
                ServerSocket taken = new ServerSocket()) {
            taken.bind(nodes.ports.get(0));
            IOException refused = assertThrows(IOException.class, () -> nodes.join("a", 1, 0));
            assertInstanceOf(BindException.class, refused.getCause());
        }
    }

    @Test
    void aPortIsFreeAfterClosing() throws Exception {
        try (Nodes nodes = new Nodes(2, DETECTION)) {
            for (int life = 1; life <= 3; life++) {
                Nodes.Node a = nodes.join("a", life, 0);
                Nodes.Node b = nodes.join("b", life, 1);
                Nodes.awaitOneView(a, b);
                a.close();
                b.close();
            }
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void noSocketIsLeftOpen() throws Exception {
        long before = -1;
        for (int round = 0; round < 3; round++) {
            try (Nodes nodes = new Nodes(2, DETECTION)) {
                Nodes.awaitOneView(nodes.join("a", 1, 0), nodes.join("b", 1, 1));
            }
            if (round == 0) {
                before = openSockets(); // the JDK keeps one of its own
            }
        }
        long enough = before;
        Nodes.await(() -> openSockets() + " sockets, " + enough + " before", () -> openSockets() <= enough);
    }

    private static long openSockets() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.filter(MembershipTest::isSocket).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isSocket(Path file) {
        try {
            return Files.readSymbolicLink(file).toString().startsWith("socket");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    @Test
    void messagesArriveOnceAndInOrder() throws Exception {
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.join("b", 1, 1);
            Nodes.Node c = nodes.join("c", 1, 2);
            Nodes.awaitOneView(a, b, c);
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                a.membership.broadcast(Integer.toString(i).getBytes(StandardCharsets.UTF_8));
                expected.add("a:" + i);
            }
            a.membership.broadcast(new byte[Membership.MAX_MESSAGE]);
            Nodes.await("all", () -> b.messages.size() == 501 && c.messages.size() == 501);
            assertEquals(expected, b.messages.subList(0, 500));
            assertEquals(expected, c.messages.subList(0, 500));
            assertEquals(2 + Membership.MAX_MESSAGE, c.messages.get(500).length());
            assertEquals(List.of(), a.messages);
            assertThrows(
                    IllegalArgumentException.class, () -> a.membership.broadcast(new byte[Membership.MAX_MESSAGE + 1]));
        }
    }

    @Test
    void aListenerMayClose() throws Exception {
        try (Nodes nodes = new Nodes(2, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.join("b", 1, 1);
            Nodes.awaitOneView(a, b);
            b.membership.execute(b::close);
            Nodes.awaitOneView(a);
        }
    }

    @Test
    void systemPropertiesChangeNothing() throws Exception {
        Map<String, String> meant = Map.of(
                "jgroups.bind_addr", "127.0.0.9",
                "jgroups.bind_port", "1",
                "jgroups.tcpping.initial_hosts", "127.0.0.9[1]",
                "jgroups.external_addr", "127.0.0.9",
                "jgroups.tcp.client_bind_addr", "127.0.0.9");
        meant.forEach(System::setProperty);
        try (Nodes nodes = new Nodes(2, DETECTION)) {
            Nodes.Node a = nodes.join("a", 1, 0);
            Nodes.Node b = nodes.join("b", 1, 1);
            Nodes.awaitOneView(a, b);
        } finally {
            meant.keySet().forEach(System::clearProperty);
        }
    }

    private record Local(String path) implements ActorRef<String> {
        @Override
        public boolean tell(String message) {
            return false;
        }
    }

    private record Far(Member node, long uid, String path) implements ActorRef<String> {
        @Override
        public boolean tell(String message) {
            return false;
        }
    }

    private static final class Numbers implements Refs {
        private final Map<ActorRef<?>, Long> numbers = new ConcurrentHashMap<>();

        @Override
        public long export(ActorRef<?> local, Class<?> messages) {
            return numbers.computeIfAbsent(local, unused -> numbers.size() + 1L);
        }

        @Override
        public ActorRef<?> remote(Member node, long uid, String path) {
            return new Far(node, uid, path);
        }
    }

    @Test
    void snapshotsTravel() throws Exception {
        ServiceKey<String> key = new ServiceKey<>("texts", String.class);
        try (Nodes nodes = new Nodes(3, DETECTION)) {
            List<Registry> registries = new ArrayList<>();
            List<Membership> memberships = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Member self = Nodes.member("n" + i, 1, i);
                Nodes.Node node = nodes.prepare("n" + i, 1, i, Optional.empty());
                Registry registry = new Registry(self, new Numbers(), node.membership, member -> true);
                for (int actor = 0; actor < 1000; actor++) {
                    registry.register(key, new Local("/user/" + "x".repeat(100) + actor));
                }
                node.membership.join(registry);
                registries.add(registry);
                memberships.add(node.membership);
            }
            Nodes.await(
                    () -> registries.stream()
                            .map(registry -> registry.lookup(key).entries().size())
                            .toList()
                            .toString(),
                    () -> registries.stream()
                            .allMatch(registry -> registry.lookup(key).entries().size() == 3000));
            for (int i = 0; i < 3; i++) {
                assertEquals(0, registries.get(i).malformed());
                assertEquals(
                        "n" + i,
                        registries.get(i).lookup(key).entries().get(0).node().name());
            }
            memberships.get(1).close();
            Nodes.await(
                    "n1's are gone",
                    () -> IntStream.of(0, 2)
                            .allMatch(
                                    i -> registries.get(i).lookup(key).entries().size() == 2000));
        }
    }
}
