package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.Keytool;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the links over TCP do beyond the contract: the gate, and that nothing is left. */
final class NettyLinksTest {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final boolean FULL = Boolean.getBoolean("penstock.full");
    private static final Duration LONG = Duration.ofMinutes(10);

    private final BlockingQueue<Stranger> accepted = new LinkedBlockingQueue<>();

    /** Is connected, and never established unless it is told. */
    private static class Stranger extends Talker {
        @Override
        public void connected(Link link) {
            connected.complete(link);
        }
    }

    private Stranger accept() {
        Stranger stranger = new Stranger();
        accepted.add(stranger);
        return stranger;
    }

    // ---- the gate

    @Test
    void gateLetsInSoManyFromAnAddress() throws Exception {
        try (NettyLinks links = NettyLinks.plaintext(new GateLimits(5, 2, LONG))) {
            InetSocketAddress address = links.listen(ANY_PORT, this::accept);
            InetAddress here = InetAddress.getByName("127.0.0.1");
            InetAddress there = InetAddress.getByName("127.0.0.2");
            List<Socket> open = new ArrayList<>();
            open.add(connect(address, here));
            open.add(connect(address, here));
            assertRefused(links, 1, address, here);

            open.add(connect(address, there));
            open.add(connect(address, there));
            assertRefused(links, 2, address, there);

            Stranger first = accepted.take();
            CountDownLatch done = new CountDownLatch(1);
            links.loop().execute(() -> {
                first.link().established();
                first.link().established();
                done.countDown();
            });
            done.await();
            open.add(connect(address, here));
            assertRefused(links, 3, address, here);

            open.get(1).close(); // it never was
            awaitTrue(() -> accepted.stream().anyMatch(stranger -> stranger.closed.isDone()));
            open.add(connect(address, here));
            assertRefused(links, 4, address, here);
            assertEquals(new GateCounts(4, 0, 0, 0), links.counts());
            assertFalse(first.closed.isDone());
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void gateLetsInSoManyInAll() throws Exception {
        try (NettyLinks links = NettyLinks.plaintext(new GateLimits(3, 2, LONG))) {
            InetSocketAddress address = links.listen(ANY_PORT, this::accept);
            List<Socket> open = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                open.add(connect(address, InetAddress.getByName("127.0.0." + i)));
            }
            assertRefused(links, 1, address, InetAddress.getByName("127.0.0.3"));
            open.add(connect(address, InetAddress.getByName("127.0.0.4")));
            assertThrows(
                    SocketException.class, () -> open.get(0).getInputStream().read(), "a reset of the oldest");
            assertInstanceOf(IOException.class, accepted.take().assertLost());
            assertEquals(new GateCounts(1, 1, 0, 0), links.counts());
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoIsNotEstablishedInTimeIsClosed(boolean secure) throws Exception {
        GateLimits limits = new GateLimits(5, 5, Duration.ofMillis(100));
        try (NettyLinks links =
                secure ? NettyLinks.secure(Keytool.node("a"), Keytool.CLUSTER, limits) : NettyLinks.plaintext(limits)) {
            InetSocketAddress address = links.listen(ANY_PORT, this::accept);
            try (Socket socket = connect(address, address.getAddress())) {
                assertEnded(socket);
            }
            awaitTrue(() -> links.counts().late() == 1);
            assertEquals(new GateCounts(0, 0, 1, 0), links.counts());
            if (secure) {
                assertTrue(accepted.isEmpty());
            } else {
                assertInstanceOf(IOException.class, accepted.take().assertLost());
            }
        }
    }

    @Test
    void establishedLinkHasNoDeadline() throws Exception {
        try (NettyLinks links = NettyLinks.plaintext(new GateLimits(5, 5, Duration.ofMillis(50)))) {
            InetSocketAddress address = links.listen(ANY_PORT, () -> {
                Stranger stranger = new Stranger() {
                    @Override
                    public void connected(Link link) {
                        link.established();
                        super.connected(link);
                    }
                };
                accepted.add(stranger);
                return stranger;
            });
            try (Socket socket = connect(address, address.getAddress())) {
                Stranger stranger = accepted.take();
                assertTrue(socket.isConnected());
                CountDownLatch later = new CountDownLatch(1);
                links.loop().schedule(200_000_000, later::countDown);
                later.await();
                assertFalse(stranger.closed.isDone());
                assertEquals(new GateCounts(0, 0, 0, 0), links.counts());
            }
        }
    }

    @Test
    void limitsArePositive() {
        assertThrows(IllegalArgumentException.class, () -> new GateLimits(0, 1, LONG));
        assertThrows(IllegalArgumentException.class, () -> new GateLimits(1, 0, LONG));
        assertThrows(IllegalArgumentException.class, () -> new GateLimits(1, 1, Duration.ZERO));
    }

    private static Socket connect(InetSocketAddress address, InetAddress from) throws IOException {
        return new Socket(address.getAddress(), address.getPort(), from, 0);
    }

    private static void assertRefused(NettyLinks links, int refused, InetSocketAddress address, InetAddress from)
            throws IOException {
        try (Socket socket = connect(address, from)) {
            assertThrows(SocketException.class, () -> socket.getInputStream().read(), "a reset");
        } catch (SocketException e) {
            // already while it was connecting
        }
        awaitTrue(() -> links.counts().refused() == refused);
    }

    private static void assertEnded(Socket socket) {
        try {
            assertEquals(-1, socket.getInputStream().read());
        } catch (IOException e) {
            // a reset is an end
        }
    }

    // ---- dialing

    @Test
    void unknownHostIsSaid() {
        try (NettyLinks links = NettyLinks.plaintext(GateLimits.DEFAULT)) {
            Talker talker = new Talker();
            links.dial(InetSocketAddress.createUnresolved("nowhere.invalid", 1), talker);

            assertEquals(
                    "nowhere.invalid",
                    assertInstanceOf(UnknownHostException.class, talker.assertLost())
                            .getMessage());
        }
    }

    @Test
    void dialThatIsNotAnsweredIsGivenUp() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, ANY_PORT.getAddress());
                ServerSocket full = new ServerSocket(0, 1, ANY_PORT.getAddress());
                NettyLinks plain = NettyLinks.plaintext(GateLimits.DEFAULT);
                NettyLinks secure = NettyLinks.secure(Keytool.node("a"), Keytool.CLUSTER, GateLimits.DEFAULT)) {
            Talker unheard = new Talker();
            secure.dial((InetSocketAddress) silent.getLocalSocketAddress(), unheard);
            InetSocketAddress there = (InetSocketAddress) full.getLocalSocketAddress();
            List<Talker> queue = new ArrayList<>();
            for (int i = 0; i < 4; i++) { // the kernel takes two for whom nobody has accepted
                queue.add(new Talker());
                plain.dial(there, queue.get(i));
            }

            assertInstanceOf(SslHandshakeTimeoutException.class, unheard.assertLost());
            awaitTrue(() -> queue.stream().anyMatch(talker -> talker.closed.isDone()));
            for (Talker talker : queue) {
                if (talker.closed.isDone()) {
                    assertInstanceOf(ConnectTimeoutException.class, talker.assertLost());
                    assertFalse(talker.connected.isDone());
                }
            }
            assertFalse(unheard.connected.isDone());
        }
    }

    @Test
    void closingTheProviderEndsADialThatHangs() throws Exception {
        NettyLinks links = NettyLinks.secure(Keytool.node("a"), Keytool.CLUSTER, GateLimits.DEFAULT);
        Talker talker = new Talker();
        try (ServerSocket silent = new ServerSocket(0, 1, ANY_PORT.getAddress())) {
            links.dial((InetSocketAddress) silent.getLocalSocketAddress(), talker);
            try (Socket socket = silent.accept()) {
                assertTrue(socket.getInputStream().read() >= 0, "the handshake has begun");
                links.close();
                talker.assertClosedByThisSide();
            }
        }
        assertFalse(talker.connected.isDone());
    }

    @Test
    void peerThatDoesNotSayGoodbyeIsWaitedForOnlyAWhile() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, ANY_PORT.getAddress());
                NettyLinks links = NettyLinks.plaintext(GateLimits.DEFAULT)) {
            Talker talker = new Talker();
            links.dial((InetSocketAddress) silent.getLocalSocketAddress(), talker);
            try (Socket socket = silent.accept()) {
                talker.send(Long.MAX_VALUE / 2);
                talker.await(() -> talker.sent > 1_000_000);
                talker.link().close();
                talker.assertClosedByThisSide();
                assertNotNull(socket);
            }
        }
    }

    // ---- nothing is left

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingIsLeftOfAThousandConnections(boolean secure) throws Exception {
        run(secure, 1); // what stays for good is there
        awaitTrue(() -> ownThreads().isEmpty());
        long files = openFiles();
        long buffers = buffers();

        run(secure, secure && !FULL ? 200 : 1_000);

        assertEquals(List.of(), ownThreads());
        assertEquals(buffers, buffers());
        assertTrue(openFiles() <= files, () -> openFiles() + " files are open, where " + files + " were before");
    }

    private static void run(boolean secure, int connections) throws Exception {
        try (NettyLinks server = links(secure);
                NettyLinks client = links(secure)) {
            InetSocketAddress address = server.listen(ANY_PORT, Talker::new);
            for (int i = 0; i < connections; i++) {
                Talker talker = new Talker();
                client.dial(address, talker);
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

    private static NettyLinks links(boolean secure) {
        return secure
                ? NettyLinks.secure(Keytool.node("a"), Keytool.CLUSTER, GateLimits.DEFAULT)
                : NettyLinks.plaintext(GateLimits.DEFAULT);
    }

    private static List<String> ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> Stream.of("penstock-", "globalEventExecutor", "nioEventLoop")
                        .anyMatch(name::startsWith))
                .toList();
    }

    private static long openFiles() {
        String[] files = new File("/proc/self/fd").list();
        return files == null ? 0 : files.length;
    }

    private static long buffers() {
        var metric = PooledByteBufAllocator.DEFAULT.metric();
        return Stream.concat(metric.directArenas().stream(), metric.heapArenas().stream())
                .flatMapToLong(arena -> LongStream.of(arena.numActiveAllocations()))
                .sum();
    }

    private static void awaitTrue(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("it does not come true");
            }
            Thread.onSpinWait();
        }
    }
}
