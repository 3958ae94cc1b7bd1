package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every kind of link keeps. */
public abstract class LinkContractTest {

    protected static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    protected final BlockingQueue<Talker> accepted = new LinkedBlockingQueue<>();
    protected LinkProvider server;
    protected LinkProvider client;
    protected InetSocketAddress address;

    /** A provider, able to talk to the others of this test. */
    protected abstract LinkProvider open() throws Exception;

    @BeforeEach
    void listen() throws Exception {
        server = open();
        client = open();
        address = server.listen(ANY_PORT, this::accept);
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    protected final Talker accept() {
        Talker talker = new Talker();
        accepted.add(talker);
        return talker;
    }

    protected final Talker dial() {
        Talker talker = new Talker();
        client.dial(address, talker);
        return talker;
    }

    protected final Talker nextAccepted() throws InterruptedException {
        return accepted.take();
    }

    // ---- bytes

    @Test
    void bytesArriveInOrderAndWholeBothWaysAtOnce() throws Exception {
        long count = 20_000_000;
        Talker near = dial();
        near.send(count);
        Talker far = nextAccepted();
        far.send(count);

        near.awaitReceived(count);
        far.awaitReceived(count);
    }

    @Test
    void nothingIsSentWithoutBeingWoken() throws Exception {
        Talker near = dial();
        Talker far = nextAccepted();
        near.send(1);
        far.awaitReceived(1);
        far.send(1);
        near.awaitReceived(1);

        near.link().wakeWriter();
        near.link().wakeWriter();
        near.send(1);
        far.awaitReceived(2);
    }

    @Test
    void wakesFromManyThreadsLoseNothing() throws Exception {
        int threads = 4;
        int rounds = 20_000;
        Talker near = dial();
        Talker far = nextAccepted();
        near.link();
        List<Thread> wakers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread waker = new Thread(() -> {
                for (int round = 0; round < rounds; round++) {
                    near.send(1);
                }
            });
            wakers.add(waker);
            waker.start();
        }
        for (Thread waker : wakers) {
            waker.join();
        }

        far.awaitReceived((long) threads * rounds);
    }

    @Test
    void wakeBetweenTheLookAndItsAnswerIsNotLost() throws Exception {
        Talker near = new Talker() {
            @Override
            public int fill(byte[] bytes) {
                int length = super.fill(bytes);
                if (length == 0 && allowed.get() < 100) { // just now there is something
                    allowed.incrementAndGet();
                    link().wakeWriter();
                }
                return length;
            }
        };
        client.dial(address, near);

        nextAccepted().awaitReceived(100);
    }

    @Test
    void wakeAfterEachByteSendsTheNext() throws Exception {
        Talker near = dial();
        Talker far = nextAccepted();
        for (int round = 1; round <= 10_000; round++) {
            long sent = round;
            near.send(1).await(() -> near.sent >= sent);
        }
        far.awaitReceived(10_000);
    }

    @Test
    void peerThatDoesNotReadIsNotFilledFor() throws Exception {
        CountDownLatch mayRead = new CountDownLatch(1);
        InetSocketAddress slow = server.listen(ANY_PORT, () -> {
            Talker talker = new Talker() {
                @Override
                public void received(byte[] bytes, int from, int to) {
                    try {
                        mayRead.await(); // what no handler but this may do
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    super.received(bytes, from, to);
                }
            };
            accepted.add(talker);
            return talker;
        });
        Talker near = new Talker();
        client.dial(slow, near);
        Talker far = nextAccepted();
        long count = 100_000_000;
        near.send(count);

        try {
            awaitStandstill(near);
            assertTrue(near.sent < 50_000_000, () -> near.sent + " bytes are under way");
            near.link().wakeWriter();
            awaitStandstill(near);
        } finally {
            mayRead.countDown();
        }
        far.awaitReceived(count);
    }

    /** Until a thousand looks, with a round of the loop between them, see nothing sent. */
    private void awaitStandstill(Talker talker) throws InterruptedException {
        long before = -1;
        for (int still = 0; still < 1_000; still++) {
            CountDownLatch round = new CountDownLatch(1);
            client.loop().execute(round::countDown);
            round.await();
            if (talker.sent != before) {
                before = talker.sent;
                still = 0;
            }
        }
    }

    // ---- the end

    @Test
    void closeFromEitherSideEndsBothOnce() throws Exception {
        for (boolean dialerCloses : new boolean[] {true, false}) {
            Talker near = dial();
            Talker far = nextAccepted();
            Talker closing = dialerCloses ? near : far;
            Talker other = dialerCloses ? far : near;
            other.link();
            Link link = closing.link();
            link.close();
            link.close();

            closing.assertClosedByThisSide();
            assertInstanceOf(EOFException.class, other.assertLost());
            link.close();
            link.wakeWriter();
            other.link().wakeWriter();
            other.link().close();
        }
    }

    @Test
    void whatWasFilledBeforeTheCloseArrives() throws Exception {
        int count = 3_000_000;
        Talker near = dial();
        Talker far = nextAccepted();
        far.send(Long.MAX_VALUE); // what this side does not read any more must not spoil what it has sent
        near.send(count).await(() -> near.sent == count);
        near.link().close();

        near.assertClosedByThisSide();
        far.assertLost();
        assertEquals(count, far.received);
    }

    @Test
    void closeOnTheLoopIsTheLastThatIsHeard() throws Exception {
        Talker near = new Talker() {
            @Override
            public void received(byte[] bytes, int from, int to) {
                super.received(bytes, from, to);
                link().close();
            }
        };
        client.dial(address, near);
        Talker far = nextAccepted();
        near.link();
        far.send(10_000_000);

        near.assertClosedByThisSide();
        far.assertLost();
        assertTrue(near.received <= 64 * 1024, () -> near.received + " bytes were received after the close");
    }

    @Test
    void handlerThatThrowsEndsTheLinkWithWhatItThrew() throws Exception {
        RuntimeException fault = new RuntimeException("on purpose");
        InetSocketAddress talking = server.listen(ANY_PORT, () -> {
            Talker talker = new Talker();
            talker.allowed.set(1);
            return talker;
        });
        for (String where : new String[] {"connected", "received", "fill"}) {
            Talker near = new Talker() {
                @Override
                public void connected(Link link) {
                    super.connected(link);
                    throwAt("connected");
                }

                @Override
                public void received(byte[] bytes, int from, int to) {
                    throwAt("received");
                }

                @Override
                public int fill(byte[] bytes) {
                    throwAt("fill");
                    return super.fill(bytes);
                }

                private void throwAt(String here) {
                    if (here.equals(where)) {
                        throw fault;
                    }
                }
            };
            client.dial(talking, near);
            assertSame(fault, near.assertLost());
            client.loop().execute(() -> {});
            near.assertSound();
        }
    }

    @Test
    void fillBeyondTheArrayEndsTheLink() {
        for (int length : new int[] {-1, 64 * 1024 + 1}) {
            Talker near = new Talker() {
                @Override
                public int fill(byte[] bytes) {
                    return length;
                }
            };
            client.dial(address, near);
            assertInstanceOf(IndexOutOfBoundsException.class, near.assertLost());
        }
    }

    @Test
    void acceptedHandlerThatCannotBeMadeEndsTheConnection() throws Exception {
        InetSocketAddress broken = server.listen(ANY_PORT, () -> {
            throw new IllegalStateException("on purpose");
        });
        Talker near = new Talker();
        client.dial(broken, near);

        near.assertLost();
    }

    @Test
    void dialWhereNobodyListensFailsOnce() throws Exception {
        LinkProvider gone = open();
        InetSocketAddress there = gone.listen(ANY_PORT, Talker::new);
        gone.close();
        Talker near = new Talker();
        client.dial(there, near);

        assertInstanceOf(IOException.class, near.assertLost());
        assertFalse(near.connected.isDone());
    }

    @Test
    void addressInUseIsRefused() {
        assertThrows(IOException.class, () -> client.listen(address, Talker::new));
    }

    @Test
    void closingTheProviderEndsAllItsLinksAndTheirPorts() throws Exception {
        List<Talker> near = new ArrayList<>();
        List<Talker> far = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            near.add(dial());
            far.add(nextAccepted());
            near.get(i).link();
        }
        server.close();
        server.close();

        near.forEach(Talker::assertLost);
        far.forEach(Talker::assertClosedByThisSide);
        assertEquals(address, client.listen(address, Talker::new), "the port is free");
    }

    @Test
    void linkTellsWhoIsThere() throws Exception {
        Link link = dial().link();

        assertTrue(link.peerAddress().contains(":" + address.getPort()), link::peerAddress);
        assertEquals(isSecure(), link.isSecure());
        assertEquals(isSecure(), !link.peerNames().isEmpty());
        assertEquals(isSecure(), nextAccepted().link().isSecure());
    }

    protected boolean isSecure() {
        return false;
    }

    // ---- the loop

    @Test
    void allIsHeardOnTheLoop() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(1);
        client.dial(address, new LinkHandler() {
            @Override
            public void connected(Link link) {
                look();
                link.wakeWriter();
            }

            @Override
            public void received(byte[] bytes, int from, int to) {
                look();
            }

            @Override
            public int fill(byte[] bytes) {
                look();
                return 0;
            }

            @Override
            public void closed(Throwable cause) {
                look();
                ended.countDown();
            }

            private void look() {
                if (!client.loop().inLoop()) {
                    elsewhere.incrementAndGet();
                }
            }
        });
        Talker far = nextAccepted();
        far.send(100);
        far.link().close();
        ended.await();

        assertEquals(0, elsewhere.get());
        assertFalse(client.loop().inLoop());
    }

    @Test
    void timersRunOnTheLoopUnlessTakenBack() throws Exception {
        Loop loop = client.loop();
        List<String> ran = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(1);
        loop.execute(() -> {
            Loop.Timer never = loop.schedule(1, () -> ran.add("never"));
            loop.schedule(300_000_000, () -> ran.add("second")); // long after the next, however late that is scheduled
            loop.schedule(1_000_000, () -> ran.add("first, in the loop: " + loop.inLoop()));
            loop.schedule(300_000_000, all::countDown);
            never.cancel();
        });
        all.await();

        assertEquals(List.of("first, in the loop: true", "second"), ran);
    }
}
