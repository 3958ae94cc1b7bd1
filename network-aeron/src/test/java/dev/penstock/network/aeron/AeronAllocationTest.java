package dev.penstock.network.aeron;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.network.Keytool;
import dev.penstock.network.link.Link;
import dev.penstock.network.link.LinkHandler;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What sending and receiving allocates, on the two loops, Aeron's own work included. */
final class AeronAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int RUNS = 20;
    private static final int FRAMES = 200_000;
    private static final int FRAME = 200;

    /** Sends frames of one size, one a fill, as many as it may. */
    private static final class Counter implements LinkHandler {
        final CompletableFuture<Link> connected = new CompletableFuture<>();
        // written: the test, volatile; read: the loop
        volatile long allowed;
        // written: the loop, volatile; read: the test
        volatile long received;
        private long sent;

        @Override
        public void connected(Link link) {
            link.established();
            connected.complete(link);
        }

        @Override
        public void received(byte[] bytes, int from, int to) {
            received += to - from;
        }

        @Override
        public int fill(byte[] bytes) {
            if (sent >= allowed) {
                return 0;
            }
            sent += FRAME;
            return FRAME;
        }

        @Override
        public void closed(Throwable cause) {}
    }

    @Test
    void framesInPlainTextAllocateNothing() throws Exception {
        try (AeronLinks server = AeronTransport.embedded().links(Keytool.CLUSTER, null);
                AeronLinks client = AeronTransport.embedded().links(Keytool.CLUSTER, null)) {
            Counter far = new Counter();
            InetSocketAddress address =
                    server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> far);
            Counter near = new Counter();
            client.dial(address, near);
            Link link = near.connected.get();
            far.connected.get();
            long[] threads = {thread(server), thread(client)};
            double least = Double.MAX_VALUE; // before it is compiled, Aeron's look at its sockets allocates
            for (int i = 0; i < RUNS && least >= 1; i++) {
                long before = allocated(threads);
                send(near, link, far);
                least = Math.min(least, (allocated(threads) - before) / (double) FRAMES);
            }

            double each = least;
            assertTrue(each < 1, () -> each + " bytes a frame");
        }
    }

    private static void send(Counter near, Link link, Counter far) {
        near.allowed += (long) FRAMES * FRAME;
        link.wakeWriter();
        RawPeer.await(() -> far.received == near.allowed);
    }

    private static long thread(AeronLinks links) throws Exception {
        CompletableFuture<Long> id = new CompletableFuture<>();
        links.loop().execute(() -> id.complete(Thread.currentThread().getId()));
        return id.get();
    }

    private static long allocated(long[] threads) {
        return THREADS.getThreadAllocatedBytes(threads[0]) + THREADS.getThreadAllocatedBytes(threads[1]);
    }
}
