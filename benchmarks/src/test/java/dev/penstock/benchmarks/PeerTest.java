package dev.penstock.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.benchmarks.peers.ActorPeer;
import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.benchmarks.peers.Receiver;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every peer does the work it is measured by, in order, and leaves no thread behind. */
class PeerTest {

    private static final int ELEMENTS = 2_000;
    private static final int ROUNDS = 2;

    /** How often the putting thread must be found where it was, to count as blocked. */
    private static final int LOOKS = 200;

    /** More puts than are taken and any pipe has room for. */
    private static final int ENDLESS = 5_000;

    private static final int FIRST_JDK_WITH_VIRTUAL_THREADS = 21;
    private static final long PATIENCE_MILLIS = 10_000;

    private static final Set<Peer> VIRTUAL =
            EnumSet.of(Peer.ARRAY_BLOCKING_QUEUE_VIRTUAL, Peer.ARRAY_BLOCKING_QUEUE_ONE_CARRIER);

    /** Of the virtual machine, for as long as it lives: carriers and helpers of virtual threads, cleaners, the common pool. */
    private static final List<String> KEPT =
            List.of("ForkJoinPool-", "ForkJoinPool.", "VirtualThread-", "Common-Cleaner", "Cleaner-");

    private static final List<Thread> STARTED = new ArrayList<>();

    private Set<Thread> before;

    @BeforeEach
    void noteThreads() {
        before = Thread.getAllStackTraces().keySet();
    }

    @AfterEach
    void noteStarted() {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!before.contains(thread) && KEPT.stream().noneMatch(thread.getName()::startsWith)) {
                STARTED.add(thread);
            }
        }
    }

    /** After all, so that the threads that take a second to end do so together. */
    @AfterAll
    static void noThreadIsLeft() throws InterruptedException {
        for (Thread thread : STARTED) {
            thread.join(PATIENCE_MILLIS);
        }
        List<Thread> left = STARTED.stream().filter(Thread::isAlive).toList();
        assertEquals(List.of(), left);
    }

    static Stream<Arguments> peers() {
        return Stream.of(Peer.values())
                .filter(peer -> hasVirtualThreads() || !VIRTUAL.contains(peer))
                .flatMap(peer -> Stream.of(1, 16).map(demand -> Arguments.of(peer, demand)));
    }

    private static boolean hasVirtualThreads() {
        return Runtime.version().feature() >= FIRST_JDK_WITH_VIRTUAL_THREADS;
    }

    @ParameterizedTest
    @MethodSource("peers")
    void everyElementComesInOrderAndABlockedPutIsInterrupted(Peer peer, int demand) throws InterruptedException {
        Order order = new Order();
        AtomicInteger puts = new AtomicInteger();
        Pipe<Integer> pipe = peer.open(demand, order);
        Feeder feeder = Feeder.start(pipe::newPutter, () -> {
            for (int i = 0; ; i++) {
                pipe.put(Elements.at(i));
                puts.set(i + 1);
            }
        });
        for (int round = 0; round < ROUNDS; round++) {
            pipe.begin();
            pipe.take(ELEMENTS / ROUNDS);
        }
        letItFill(puts);
        feeder.stop();
        pipe.close();
        assertTrue(order.count() >= ELEMENTS, () -> order.count() + " came");
    }

    /** Waits until the putting thread gets no further, as it does unless a thread of the peer's own goes on consuming. */
    private static void letItFill(AtomicInteger puts) {
        int seen = 0;
        int looks = 0;
        while (looks < LOOKS && seen < ENDLESS) {
            Thread.yield();
            int now = puts.get();
            looks = now == seen ? looks + 1 : 0;
            seen = now;
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyMessageIsReceivedAndEveryQuestionAnswered(ActorPeer peer) throws InterruptedException {
        if (peer == ActorPeer.PENSTOCK_VIRTUAL && !hasVirtualThreads()) {
            assertThrows(UnsupportedOperationException.class, () -> peer.open(new Order()));
            return;
        }
        try (Receiver<Integer> receiver = peer.open(new Order())) {
            for (int i = 0; i < ELEMENTS; i++) {
                receiver.tell(Elements.at(i));
            }
            receiver.awaitReceived(ELEMENTS);
            assertEquals(ELEMENTS, receiver.ask().toCompletableFuture().join());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ARRAY_BLOCKING_QUEUE_VIRTUAL", "ARRAY_BLOCKING_QUEUE_ONE_CARRIER"})
    void aPeerThatNeedsANewerJdkSaysSo(Peer peer) {
        if (hasVirtualThreads()) {
            return;
        }
        UnsupportedOperationException e =
                assertThrows(UnsupportedOperationException.class, () -> peer.open(1, new Order()));
        assertTrue(e.getMessage().contains("JDK 21"), e::getMessage);
    }

    @Test
    void anElementOutOfPlaceIsSeen() {
        Order order = new Order();
        order.accept(Elements.at(0));
        assertThrows(IllegalStateException.class, () -> order.accept(Elements.at(2)));
    }
}
