package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorSystem;
import dev.penstock.network.Keytool;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A client that comes and goes again and again leaves nothing behind. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public class ManyConnectionsTest {

    private static final boolean FULL = Boolean.getBoolean("penstock.full");

    /** What they are tried on. */
    protected List<? extends NodeLinks> links() {
        return List.of(Links.PLAINTEXT, Links.TLS);
    }

    /** How often in the short form. */
    protected int few() {
        return 500;
    }

    /** Counts what a connection takes beside threads, open files and buffers, if it takes anything. */
    protected long others() {
        return 0;
    }

    /** From the end of a connection to the next one. */
    protected long pauseNanos() {
        return 0;
    }

    @ParameterizedTest
    @MethodSource("links")
    void connectionsLeaveNothingBehind(NodeLinks links) throws Exception {
        int times = FULL ? 10_000 : few();
        try (TwoNodes nodes = new TwoNodes(links)) {
            long others = others();
            comeAndGo(nodes, links, 20); // what is made once
            int threads = threads().size();
            long files = files();
            long buffers = buffers();
            comeAndGo(nodes, links, times);
            await(() -> threads().size() <= threads); // those of the client's system end a moment after its close
            await(() -> others() <= others); // they may be kept for a while after the end
            assertTrue(files() <= files + 2, () -> "open files: " + files() + ", before " + files);
            // The loops keep a few for themselves, and one may be in use: but not one for each connection.
            assertTrue(buffers() <= buffers + 16, () -> "buffers: " + buffers() + ", before " + buffers);
            assertEquals(1, nodes.a.node.peers());
            assertEquals(0, nodes.a.node.exports().size());
        }
    }

    /** One client, that connects anew whenever its connection is gone, and is itself gone at the end. */
    private void comeAndGo(TwoNodes nodes, NodeLinks links, int times) throws Exception {
        CountDownLatch done = new CountDownLatch(times);
        AtomicInteger reached = new AtomicInteger();
        try (ActorSystem system = ActorSystem.create("client")) {
            Node[] made = new Node[1];
            Node client = new Node(
                    system,
                    Keytool.CLUSTER,
                    new Member(Node.CLIENT + "c", System.nanoTime(), InetSocketAddress.createUnresolved("-", 0)),
                    Codecs.none(),
                    links.openClient(),
                    5_000_000_000L,
                    new Node.Listener() {
                        @Override
                        public void up(Member member) {
                            reached.incrementAndGet();
                            made[0].links().loop().execute(made[0]::breakConnections);
                        }

                        @Override
                        public void down(Member member, String why) {}
                    });
            made[0] = client;
            InetSocketAddress address = nodes.a.member.address();
            client.connect(address, new java.util.function.Consumer<>() {
                @Override
                public void accept(Throwable why) {
                    done.countDown();
                    if (done.getCount() > 0) {
                        client.links().loop().schedule(pauseNanos(), () -> client.connect(address, this));
                    }
                }
            });
            done.await();
            client.close();
        }
        assertEquals(times, reached.get());
        await(() -> nodes.a.node.peers() <= 1); // until the member has heard of the last end
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            if (Thread.interrupted()) { // the test's time is over
                throw new InterruptedException();
            }
            Thread.onSpinWait();
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("penstock"))
                .sorted()
                .toList();
    }

    private static long files() {
        Path open = Path.of("/proc/self/fd");
        if (!Files.isDirectory(open)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(open)) {
            return files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long buffers() {
        return Stream.of(
                        PooledByteBufAllocator.DEFAULT.metric().directArenas(),
                        PooledByteBufAllocator.DEFAULT.metric().heapArenas())
                .flatMap(arenas -> StreamSupport.stream(arenas.spliterator(), false))
                .mapToLong(PoolArenaMetric::numActiveAllocations)
                .sum();
    }
}
