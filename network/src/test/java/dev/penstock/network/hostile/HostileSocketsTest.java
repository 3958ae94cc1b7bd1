package dev.penstock.network.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.network.Cluster;
import dev.penstock.network.ClusterOptions;
import dev.penstock.network.FreePorts;
import dev.penstock.network.Keytool;
import dev.penstock.network.Member;
import dev.penstock.network.MemberEvent;
import dev.penstock.network.Tls;
import dev.penstock.network.codec.Codecs;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two nodes with a stream between them, and whoever may come to their ports, for links and for the membership. */
@Timeout(240)
class HostileSocketsTest {

    private static final Duration WAIT = Duration.ofSeconds(60);
    private static final int FLOOD = Boolean.getBoolean("penstock.full") ? 8_000 : 2_000;
    private static final int OPEN = 400; // at a time, so that this process does not run out of files

    /** The honest part. */
    private static final class Pair implements AutoCloseable {
        final int[] ports;
        final boolean secure;
        final List<ActorSystem> systems = new ArrayList<>();
        final List<Cluster> clusters = new ArrayList<>();
        final List<MemberEvent> events = new CopyOnWriteArrayList<>();
        final AtomicLong taken = new AtomicLong();
        private final Thread putter;
        private final Thread taker;
        private volatile Throwable failure;
        private volatile boolean over;

        Pair(boolean secure) throws Exception {
            this.secure = secure;
            ports = FreePorts.any(3);
            Cluster a = join("a", 0, secure ? Keytool.node("a") : null);
            Cluster b = join("b", 1, secure ? Keytool.node("b") : null);
            assertTrue(a.awaitMembers(2, WAIT));
            assertTrue(b.awaitMembers(2, WAIT));
            var key = new dev.penstock.network.ServiceKey<ProducerMessage<Long>>("numbers", ProducerMessage.class);
            ActorRef<ProducerMessage<Long>> producer = a.spawn(
                    key, StreamProducer.<Long>create(ProducerOptions.defaults().bufferSize(64)), "numbers");
            awaitTrue("the entry", () -> b.lookup(key).entries().size() == 1);
            SinkRef<Long> sink =
                    systems.get(0).ask(producer, GetSink<Long>::new, WAIT).join();
            SourceRef<Long> source = systems.get(1)
                    .ask(
                            systems.get(1)
                                    .spawn(
                                            StreamConsumer.create(
                                                    b.lookup(key).refs().get(0),
                                                    ConsumerOptions.defaults().initialDemand(16)),
                                            "consumer"),
                            GetSource<Long>::new,
                            WAIT)
                    .join();
            a.subscribe(events::add);
            b.subscribe(events::add);
            putter = thread(() -> {
                for (long i = 0; !over; i++) {
                    sink.put(i);
                }
                sink.complete();
            });
            taker = thread(() -> {
                for (long element : source) {
                    if (element != taken.getAndIncrement()) {
                        throw new AssertionError(element + " out of order");
                    }
                }
            });
            goesOn();
        }

        Cluster join(String name, int port, Tls tls) throws Exception {
            ActorSystem system = ActorSystem.create(name);
            systems.add(system);
            ClusterOptions options = ClusterOptions.of(Keytool.CLUSTER, name)
                    .bind("127.0.0.1", ports[port])
                    .seeds("127.0.0.1:" + ports[0], "127.0.0.1:" + ports[1])
                    .detection(Duration.ofSeconds(4));
            Cluster cluster = Cluster.join(system, tls == null ? options : options.tls(tls));
            clusters.add(cluster);
            return cluster;
        }

        private interface Work {
            void run() throws Exception;
        }

        private Thread thread(Work work) {
            Thread thread = new Thread(() -> {
                try {
                    work.run();
                } catch (Throwable e) {
                    failure = e;
                }
            });
            thread.setDaemon(true);
            thread.start();
            return thread;
        }

        InetSocketAddress links() {
            return clusters.get(0).self().address();
        }

        InetSocketAddress membership() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports[0]);
        }

        /** So much more has come through the stream, in order. */
        void goesOn() {
            long before = taken.get();
            awaitTrue("the stream", () -> failure != null || taken.get() > before + 100);
            if (failure != null) {
                throw new AssertionError("the honest stream has ended", failure);
            }
        }

        /** Nobody was lost or came, but for those who joined honestly. */
        void isUndisturbed() {
            goesOn();
            for (MemberEvent event : events) {
                assertEquals(MemberEvent.Kind.JOINED, event.kind(), events::toString);
            }
            assertEquals(
                    List.of("a", "b"),
                    clusters.get(0).members().stream().map(Member::name).toList());
        }

        @Override
        public void close() {
            over = true;
            try {
                putter.join(20_000);
                taker.join(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            systems.forEach(ActorSystem::close);
            clusters.forEach(Cluster::close);
        }
    }

    private static void awaitTrue(String what, java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + WAIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain for " + what);
            }
            Thread.onSpinWait();
        }
    }

    // ---- floods

    private static byte[] greeting(Member to) {
        return Frame.of(Frame.HELLO)
                .raw("Penstock".getBytes(StandardCharsets.US_ASCII))
                .i16(1)
                .i8(1)
                .text(Keytool.CLUSTER)
                .text("client/flood")
                .i64(1)
                .text(to.name())
                .i64(to.incarnation())
                .i32(0)
                .codecs(Codecs.none())
                .bytes(0, 0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void floodsOfConnectionsDisturbNobody(boolean secure) throws Exception {
        try (LogLines log = new LogLines("dev.penstock.network");
                Pair pair = new Pair(secure)) {
            byte[] hello = greeting(pair.clusters.get(0).self());
            byte[] half = Arrays.copyOf(hello, hello.length / 2);
            byte[] halfTls = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc};
            byte[] garbage = new byte[500];
            new java.util.Random(1).nextBytes(garbage);
            byte[][] said = {{}, half, halfTls, garbage};
            Queue<Socket> open = new ArrayDeque<>();
            long began = System.nanoTime();
            long memory = memory();
            for (int i = 0; i < FLOOD; i++) {
                InetAddress from = InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) (1 + i / 8 % 8)});
                for (InetSocketAddress to : List.of(pair.links(), pair.membership())) {
                    Socket socket = new Socket();
                    open.add(socket);
                    try {
                        socket.bind(new InetSocketAddress(from, 0));
                        socket.connect(to, 10_000);
                        socket.getOutputStream().write(said[i % said.length]);
                    } catch (IOException e) {
                        // refused already
                    }
                    if (open.size() > OPEN) {
                        open.remove().close();
                    }
                }
                if (i % 200 == 0) {
                    pair.goesOn();
                }
            }
            long took = (System.nanoTime() - began) / 1_000_000;
            long grown = memory() - memory;
            pair.isUndisturbed();
            for (Socket socket : open) {
                socket.close();
            }
            log.assertLimited(2);
            assertTrue(grown < 64 << 20, grown + " bytes more");
            Cluster c = pair.join("c", 2, secure ? Keytool.node("c") : null);
            assertTrue(c.awaitMembers(3, WAIT), "an honest node cannot join afterwards");
            System.out.printf(
                    "%s: %d connections in %d ms, %d bytes more of heap and buffers, %d log lines, %d elements%n",
                    secure ? "TLS" : "plain text",
                    2 * FLOOD,
                    took,
                    grown,
                    log.lines().size(),
                    pair.taken.get());
        }
    }

    private static long memory() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
                + ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                        .mapToLong(BufferPoolMXBean::getMemoryUsed)
                        .sum();
    }

    // ---- certificates

    @Test
    void onlyThoseWithACertificateOfTheirOwnNameComeIn() throws Exception {
        try (LogLines log = new LogLines("dev.penstock.network");
                Pair pair = new Pair(true)) {
            String member = Tls.member(Keytool.CLUSTER, "x");
            Path[] stores = {
                null,
                Keytool.store("hostile-untrusted", "other-ca", member),
                Keytool.store("hostile-expired", "ca", member, "-startdate", "-10d", "-validity", "5"),
                Keytool.store("hostile-cluster", "ca", Tls.member("others", "x")),
                Keytool.nodeStore("b"), // who says that it is a client
                Keytool.store("client-other", "ca", Tls.client(Keytool.CLUSTER, "other")), // that it is another
            };
            byte[] hello = greeting(pair.clusters.get(0).self());
            for (Path store : stores) {
                for (InetSocketAddress port : List.of(pair.links(), pair.membership())) {
                    boolean isLink = port.equals(pair.links());
                    if (isLink || store == null || !store.equals(Keytool.nodeStore("b"))) {
                        String answer = talk(context(store), port, isLink ? hello : new byte[100]);
                        assertTrue(answer.isEmpty() || answer.charAt(4) == Frame.REJECT, () -> store + ": " + answer);
                    }
                }
            }
            Path good = Keytool.store("client-flood", "ca", Tls.client(Keytool.CLUSTER, "flood"));
            assertEquals(
                    Frame.ACCEPT, talk(context(good), pair.links(), hello).charAt(4), "who is who it says comes in");
            assertEquals("", talk(null, pair.links(), hello), "in plain text");
            assertEquals("", talk(null, pair.membership(), hello), "in plain text");
            pair.isUndisturbed();
            log.assertLimited(2);
        }
    }

    @Test
    void nodesThatAreNotWhomTheySayAreNoMembers() throws Exception {
        try (LogLines log = new LogLines("dev.penstock.network");
                Pair pair = new Pair(true)) {
            List<Tls> bad = List.of(
                    Keytool.tls(Keytool.store("hostile-untrusted", "other-ca", Tls.member(Keytool.CLUSTER, "c"))),
                    Keytool.tls(Keytool.store("hostile-others", "ca", Tls.member("others", "c"))),
                    Keytool.client("c"),
                    Keytool.node("a"));
            for (Tls tls : bad) {
                try (ActorSystem system = ActorSystem.create("c")) {
                    try (Cluster cluster = Cluster.join(
                            system,
                            ClusterOptions.of(Keytool.CLUSTER, "c")
                                    .bind("127.0.0.1", pair.ports[2])
                                    .seeds("127.0.0.1:" + pair.ports[0])
                                    .detection(Duration.ofSeconds(4))
                                    .tls(tls))) {
                        assertEquals(1, cluster.members().size(), tls::toString);
                        assertEquals(false, cluster.awaitMembers(2, Duration.ofSeconds(3)), tls::toString);
                    } catch (IllegalArgumentException | IOException e) {
                        // it does not even begin
                    }
                }
                pair.isUndisturbed();
            }
            log.assertLimited(2);
        }
    }

    @Test
    void tlsOnAPortForPlainTextIsRefused() throws Exception {
        try (LogLines log = new LogLines("dev.penstock.network");
                Pair pair = new Pair(false)) {
            byte[] hello = greeting(pair.clusters.get(0).self());
            assertEquals("", talk(context(Keytool.nodeStore("b")), pair.links(), hello));
            assertEquals("", talk(context(Keytool.nodeStore("b")), pair.membership(), hello));
            pair.isUndisturbed();
            log.assertLimited(2);
        }
    }

    /** Connects, says something, and answers what comes until the other side closes; nothing if it does not even listen. */
    private static String talk(SSLContext tls, InetSocketAddress to, byte[] said) {
        StringBuilder heard = new StringBuilder();
        try (Socket raw = new Socket(to.getAddress(), to.getPort())) {
            raw.setSoTimeout(15_000);
            Socket socket = raw;
            if (tls != null) {
                SSLSocket secure =
                        (SSLSocket) tls.getSocketFactory().createSocket(raw, to.getHostString(), to.getPort(), true);
                secure.setEnabledProtocols(new String[] {"TLSv1.3"});
                socket = secure;
            }
            socket.getOutputStream().write(said);
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                heard.append((char) next);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection goes on", e);
        } catch (IOException e) {
            // an end like any other
        }
        return heard.toString();
    }

    /** One of the JDK's that judges nobody. */
    private static SSLContext context(Path store) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        KeyStore own = KeyStore.getInstance("PKCS12");
        if (store == null) {
            own.load(null, null);
        } else {
            own = KeyStore.getInstance(store.toFile(), Keytool.PASSWORD.toCharArray());
        }
        keys.init(own, Keytool.PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(KeyStore.getInstance(Keytool.trust("ca").toFile(), Keytool.PASSWORD.toCharArray()));
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(
                new KeyManager[] {keys.getKeyManagers()[0]},
                new TrustManager[] {trust.getTrustManagers()[0]},
                new SecureRandom());
        return context;
    }
}
