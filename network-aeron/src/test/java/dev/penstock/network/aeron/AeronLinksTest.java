package dev.penstock.network.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.GateCounts;
import dev.penstock.network.link.GateLimits;
import dev.penstock.network.link.Link;
import dev.penstock.network.link.Talker;
import io.aeron.ExclusivePublication;
import java.io.File;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the links over Aeron do beyond the contract: the gate, strangers, outages, and that nothing is left. */
final class AeronLinksTest {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final boolean FULL = Boolean.getBoolean("penstock.full");
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofSeconds(1); // a liveness that a test can outlast

    private final BlockingQueue<Talker> accepted = new LinkedBlockingQueue<>();

    private Talker accept() {
        Talker talker = new Talker();
        accepted.add(talker);
        return talker;
    }

    /** Is connected, and never established unless it is told. */
    private Talker acceptStranger() {
        Talker stranger = new Talker() {
            @Override
            public void connected(Link link) {
                connected.complete(link);
            }
        };
        accepted.add(stranger);
        return stranger;
    }

    private static AeronLinks links(AeronTransport transport) {
        return transport.links(Keytool.CLUSTER, null);
    }

    private static AeronLinks links(GateLimits limits) {
        return links(AeronTransport.embedded().limits(limits));
    }

    private static Talker dial(AeronLinks from, InetSocketAddress to) {
        Talker talker = new Talker();
        from.dial(to, talker);
        return talker;
    }

    // ---- the gate

    @Test
    void gateLetsInSoManyFromAnAddress() throws Exception {
        try (AeronLinks server = links(new GateLimits(5, 2, LONG));
                AeronLinks client = links(AeronTransport.embedded())) {
            InetSocketAddress address = server.listen(ANY_PORT, this::acceptStranger);
            dial(client, address).link();
            dial(client, address).link();
            Talker refused = dial(client, address);
            assertInstanceOf(IOException.class, refused.assertLost());
            assertFalse(refused.connected.isDone());
            assertEquals(new GateCounts(1, 0, 0, 0), server.counts());

            Talker first = accepted.take();
            first.link();
            CountDownLatch done = new CountDownLatch(1);
            server.loop().execute(() -> {
                first.link().established();
                first.link().established();
                done.countDown();
            });
            done.await();
            dial(client, address).link();
            dial(client, address).assertLost();
            assertEquals(new GateCounts(2, 0, 0, 0), server.counts());
            assertFalse(first.closed.isDone());
        }
    }

    @Test
    void whoIsNotEstablishedInTimeIsClosed() throws Exception {
        try (AeronLinks server = links(new GateLimits(5, 5, Duration.ofMillis(100)));
                AeronLinks client = links(AeronTransport.embedded())) {
            InetSocketAddress address = server.listen(ANY_PORT, this::acceptStranger);
            dial(client, address).assertLost();
            assertInstanceOf(IOException.class, accepted.take().assertLost());
            assertEquals(new GateCounts(0, 0, 1, 0), server.counts());
        }
    }

    @Test
    void whoSaysNothingIsGivenUp() throws Exception {
        try (AeronLinks server = links(new GateLimits(5, 5, Duration.ofMillis(100)));
                RawPeer peer = new RawPeer()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            ExclusivePublication silent = peer.publication(address, "");
            peer.awaitConnected(silent);
            RawPeer.await(() -> server.counts().late() == 1);
            RawPeer.await(() -> !silent.isConnected());
            assertTrue(accepted.isEmpty());
        }
    }

    // ---- strangers

    @ParameterizedTest
    @ValueSource(ints = {1, Frame.HEADER, 1_000})
    void garbageIsRejected(int length) throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                AeronLinks client = links(AeronTransport.embedded());
                RawPeer peer = new RawPeer()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            ExclusivePublication publication = peer.publication(address, "");
            peer.awaitConnected(publication);
            peer.sendGarbage(publication, length);
            RawPeer.await(() -> server.counts().rejected() == 1);
            assertTrue(accepted.isEmpty());

            dial(client, address).send(100);
            accepted.take().awaitReceived(100);
        }
    }

    @Test
    void datagramsThatAreNotAeronDoNoHarm() throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                AeronLinks client = links(AeronTransport.embedded());
                DatagramSocket socket = new DatagramSocket()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            Talker near = dial(client, address);
            Talker far = accepted.take();
            Random random = new Random(7);
            for (int i = 0; i < 2_000; i++) {
                byte[] bytes = new byte[random.nextInt(1_400)];
                random.nextBytes(bytes);
                socket.send(new DatagramPacket(bytes, bytes.length, address));
            }
            near.send(1_000_000);
            far.awaitReceived(1_000_000);
        }
    }

    @Test
    void whoClaimsALongTermIsNotHeard() throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                RawPeer peer = new RawPeer()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            ExclusivePublication greedy = peer.publication(address, "|term-length=512k");
            ExclusivePublication modest = peer.publication(address, "|term-length=64k");
            peer.awaitConnected(modest);
            assertFalse(greedy.isConnected());
        }
    }

    /** What somebody says after a handshake as it should be. */
    enum Wrong {
        OTHER_CONNECTION {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.send(publication, Frame.DATA, id + 2, 2, 100);
            }
        },
        NUMBER_AGAIN {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.send(publication, Frame.DATA, id, 1, 100);
            }
        },
        GAP {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.send(publication, Frame.DATA, id, 3, 100);
            }
        },
        HELLO_AGAIN {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.send(publication, Frame.HELLO, id, 2, Frame.HELLO_LENGTH);
            }
        },
        EMPTY {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.send(publication, Frame.DATA, id, 2, 0);
            }
        },
        UNKNOWN {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.send(publication, 99, id, 2, 1);
            }
        },
        GARBAGE {
            @Override
            void say(RawPeer peer, ExclusivePublication publication, long id) {
                peer.sendGarbage(publication, 100);
            }
        };

        abstract void say(RawPeer peer, ExclusivePublication publication, long id);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNotTheNextFragmentOfThisConnectionEndsIt(Wrong wrong) throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                RawPeer peer = new RawPeer()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            ExclusivePublication publication = peer.publication(address, "");
            peer.awaitConnected(publication);
            peer.hello(publication);
            long id = peer.awaitWelcome();
            peer.send(publication, Frame.CONFIRM, id, 1, 0);
            Talker far = accepted.take();
            far.link();
            wrong.say(peer, publication, id);

            assertInstanceOf(ProtocolException.class, far.assertLost());
            assertEquals(0, far.received);
        }
    }

    @Test
    void whoDoesNotKnowTheAnswerIsNotConnected() throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                RawPeer peer = new RawPeer()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            ExclusivePublication publication = peer.publication(address, "");
            peer.awaitConnected(publication);
            peer.hello(publication);
            peer.send(publication, Frame.CONFIRM, 12345, 1, 0);
            RawPeer.await(() -> server.counts().rejected() == 1);
            assertTrue(accepted.isEmpty());
        }
    }

    /** The trap of bare Aeron: after an outage the same publication goes on, for a new image, with a hole before it. */
    @Test
    void publicationOfTheSameSessionDoesNotGoOnWithAnEndedConnection() throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                RawPeer peer = new RawPeer()) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            ExclusivePublication first = peer.publication(address, "|session-id=99|linger=0");
            peer.awaitConnected(first);
            peer.hello(first);
            long id = peer.awaitWelcome();
            peer.send(first, Frame.CONFIRM, id, 1, 0);
            Talker far = accepted.take();
            far.link();
            first.close();
            assertInstanceOf(IOException.class, far.assertLost());

            try (RawPeer other = new RawPeer()) {
                ExclusivePublication again = other.publication(address, "|session-id=99");
                other.awaitConnected(again);
                other.send(again, Frame.DATA, id, 2, 100);
                RawPeer.await(() -> server.counts().rejected() == 1);
                assertEquals(0, far.received);
                assertTrue(accepted.isEmpty());
            }
        }
    }

    // ---- outages

    @Test
    void outageBeyondTheLivenessEndsBothSides() throws Exception {
        Cable cable = new Cable();
        AeronTransport transport = AeronTransport.embedded().liveness(SHORT);
        try (AeronLinks server = links(cable.attach(transport));
                AeronLinks client = links(transport)) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            Talker near = dial(client, address);
            Talker far = accepted.take();
            near.send(Long.MAX_VALUE / 2);
            far.await(() -> far.received > 1_000_000);
            cable.cut = true;

            assertInstanceOf(IOException.class, far.assertLost());
            assertInstanceOf(IOException.class, near.assertLost());
            assertTrue(far.received <= near.sent);
            cable.cut = false;
            dialUntilConnected(client, address).send(100_000);
            lastAccepted().awaitReceived(100_000);
        }
    }

    @Test
    void outageWithinTheLivenessLosesNothing() throws Exception {
        Cable cable = new Cable();
        try (AeronLinks server = links(cable.attach(AeronTransport.embedded()));
                AeronLinks client = links(AeronTransport.embedded())) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            Talker near = dial(client, address);
            Talker far = accepted.take();
            near.send(20_000_000);
            for (int i = 1; i < 10; i++) {
                long until = i * 2_000_000L;
                far.await(() -> far.received > until);
                cable.cut = true;
                CountDownLatch over = new CountDownLatch(1);
                client.loop().schedule(50_000_000, over::countDown);
                over.await();
                cable.cut = false;
            }
            far.awaitReceived(20_000_000);
        }
    }

    @Test
    void processThatStoodStillForTooLongStartsAnew() throws Exception {
        AeronTransport transport = AeronTransport.embedded().liveness(SHORT);
        try (AeronLinks server = links(transport);
                AeronLinks client = links(transport)) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            Talker near = dial(client, address);
            Talker far = accepted.take();
            near.send(1_000);
            far.awaitReceived(1_000);
            server.loop().execute(() -> {
                long end = System.nanoTime() + 2 * SHORT.toNanos();
                while (System.nanoTime() < end) {
                    Thread.onSpinWait();
                }
            });

            assertInstanceOf(IOException.class, near.assertLost());
            assertInstanceOf(IOException.class, far.assertLost());
            dialUntilConnected(client, address).send(1_000);
            lastAccepted().awaitReceived(1_000);
        }
    }

    @Test
    void lostClientEndsAllLinksAndListensAgain() throws Exception {
        try (AeronLinks server = links(AeronTransport.embedded());
                AeronLinks client = links(AeronTransport.embedded())) {
            InetSocketAddress address = server.listen(ANY_PORT, this::accept);
            List<Talker> near = new ArrayList<>();
            List<Talker> far = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                near.add(dial(client, address));
                far.add(accepted.take());
                far.get(i).link();
            }
            server.loop().execute(() -> server.media().client().close());
            for (Talker talker : far) {
                Throwable cause = talker.assertLost();
                assertTrue(cause.getMessage().contains("Aeron's client was lost"), cause::toString);
            }

            dialUntilConnected(client, address).send(1_000);
            lastAccepted().awaitReceived(1_000);

            client.loop().execute(() -> client.media().client().close());
            near.forEach(Talker::assertLost);
            dialUntilConnected(client, address).send(1_000);
            lastAccepted().awaitReceived(1_000);
        }
    }

    private static Talker dialUntilConnected(AeronLinks client, InetSocketAddress address) {
        while (true) {
            Talker talker = dial(client, address);
            talker.await(() -> talker.connected.isDone() || talker.closed.isDone());
            if (talker.connected.isDone()) {
                return talker;
            }
        }
    }

    private Talker lastAccepted() throws InterruptedException {
        Talker last = accepted.take();
        while (!accepted.isEmpty()) {
            last = accepted.take();
        }
        return last;
    }

    // ---- nothing is left

    @Test
    void nothingIsLeftOfManyConnections() throws Exception {
        run(false, 1); // what stays for good is there
        run(true, 1);
        RawPeer.await(() -> ownThreads().isEmpty());
        long files = openFiles();

        run(false, FULL ? 500 : 50);
        run(true, FULL ? 200 : 20);

        assertEquals(List.of(), ownThreads());
        assertEquals(List.of(), directories());
        assertTrue(openFiles() <= files, () -> openFiles() + " files are open, where " + files + " were before");
    }

    private static void run(boolean secure, int connections) throws Exception {
        try (AeronLinks server = AeronTransport.embedded().links(Keytool.CLUSTER, secure ? Keytool.node("a") : null);
                AeronLinks client =
                        AeronTransport.embedded().links(Keytool.CLUSTER, secure ? Keytool.node("a") : null)) {
            InetSocketAddress address = server.listen(ANY_PORT, Talker::new);
            for (int i = 0; i < connections; i++) {
                Talker talker = dial(client, address);
                talker.send(100);
                if (i % 3 == 0) {
                    talker.await(() -> talker.sent == 100);
                }
                if (i % 3 < 2) { // the others end with the provider
                    talker.link().close();
                    talker.assertClosedByThisSide();
                }
            }
        }
    }

    @Test
    void memoryOfAKilledProcessIsGivenBack(@TempDir Path parent) throws Exception {
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        FileTime longAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        Path left = Files.createDirectory(parent.resolve(AeronTransport.DIRECTORY + ended.pid() + "-x"));
        Files.write(left.resolve("cnc.dat"), new byte[100_000]); // of a driver that was killed as it started
        Path fresh = Files.createDirectory(parent.resolve(AeronTransport.DIRECTORY + ended.pid() + "-y"));
        Path alive = Files.createDirectory(parent.resolve(
                AeronTransport.DIRECTORY + ProcessHandle.current().pid() + "-x"));
        Path other = Files.createDirectory(parent.resolve("other-" + ended.pid() + "-x"));
        for (Path old : List.of(left, alive, other)) {
            Files.setLastModifiedTime(old, longAgo);
        }
        Leftovers.remove(parent);

        assertFalse(Files.exists(left));
        assertTrue(Files.exists(fresh));
        assertTrue(Files.exists(alive));
        assertTrue(Files.exists(other));
    }

    private static List<String> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name ->
                        Stream.of("penstock-", "aeron", "[sender", "driver").anyMatch(name::startsWith))
                .toList();
    }

    private static List<String> directories() throws IOException {
        Path parent = AeronTransport.embedded().newDirectory().getParent();
        String mine = "penstock-aeron-" + ProcessHandle.current().pid() + "-";
        try (Stream<Path> files = Files.list(parent)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(mine))
                    .toList();
        }
    }

    private static long openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }
}
