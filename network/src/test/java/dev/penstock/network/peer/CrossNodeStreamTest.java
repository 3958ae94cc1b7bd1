package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.RemoteFailure;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams between two nodes, by the names of the reference's network tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public class CrossNodeStreamTest {

    private static final int LARGE = Boolean.getBoolean("penstock.full") ? 1_000_000 : 50_000;

    /** What the streams run over; other modules have others. */
    protected List<? extends NodeLinks> links() {
        return List.of(Links.values());
    }

    /** The one where it makes no difference. */
    protected NodeLinks anyLinks() {
        return Links.PLAINTEXT;
    }

    List<Arguments> linksAndDemands() {
        List<Arguments> all = new ArrayList<>();
        for (NodeLinks links : links()) {
            for (int demand : new int[] {1, 16, 256}) {
                all.add(Arguments.of(links, demand));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("linksAndDemands")
    void largeVolumeInOrderWithASlowConsumer(NodeLinks links, int demand) throws Exception {
        try (TwoNodes nodes = new TwoNodes(links)) {
            Ends ends = new Ends(nodes.a, nodes.b, demand);
            CompletableFuture<Void> putter = ends.putAsync(LARGE);
            long expected = 0;
            for (long element : ends.source) {
                assertEquals(expected++, element);
                if (expected % 1000 == 0) {
                    Thread.yield();
                }
            }
            assertEquals(LARGE, expected);
            putter.get(20, TimeUnit.SECONDS);
            assertEquals(new StreamOutcome.Completed(), ends.sink.outcome().get(20, TimeUnit.SECONDS));
            assertEquals(LARGE, ends.sink.ledger().delivered());
            assertEquals(LARGE, ends.source.ledger().delivered());
        }
    }

    @ParameterizedTest
    @MethodSource("linksAndDemands")
    void consecutiveStreamsBothWays(NodeLinks links, int demand) throws Exception {
        try (TwoNodes nodes = new TwoNodes(links)) {
            for (int i = 0; i < 10; i++) {
                TwoNodes.Side from = i % 2 == 0 ? nodes.a : nodes.b;
                TwoNodes.Side to = i % 2 == 0 ? nodes.b : nodes.a;
                Ends ends = new Ends(from, to, demand);
                CompletableFuture<Void> putter = ends.putAsync(1000);
                List<Long> taken = new ArrayList<>();
                ends.source.forEach(taken::add);
                assertEquals(1000, taken.size());
                assertEquals(999L, taken.get(999));
                putter.get(20, TimeUnit.SECONDS);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("linksAndDemands")
    void earlyCancelCrossesNodes(NodeLinks links, int demand) throws Exception {
        try (TwoNodes nodes = new TwoNodes(links)) {
            Ends ends = new Ends(nodes.a, nodes.b, demand);
            CompletableFuture<Void> putter = ends.putAsync(Integer.MAX_VALUE);
            try (SourceRef<Long> source = ends.source) {
                for (long element : source) {
                    if (element == 100) {
                        break;
                    }
                }
            }
            Throwable thrown = assertThrows(Exception.class, () -> putter.get(20, TimeUnit.SECONDS));
            assertInstanceOf(StreamClosedException.class, thrown.getCause().getCause());
            assertEquals(new StreamOutcome.Cancelled(), ends.sink.outcome().get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void aFailureIsDeliveredAfterTheElements() throws Exception {
        try (TwoNodes nodes = new TwoNodes(anyLinks())) {
            Ends ends = new Ends(nodes.a, nodes.b, 16);
            ends.sink.put(1L);
            ends.sink.put(2L);
            ends.sink.fail(new IllegalStateException("out of order"));
            List<Long> taken = new ArrayList<>();
            StreamFailedException failed =
                    assertThrows(StreamFailedException.class, () -> ends.source.forEach(taken::add));
            assertEquals(List.of(1L, 2L), taken);
            RemoteFailure cause = assertInstanceOf(RemoteFailure.class, failed.getCause());
            assertEquals("java.lang.IllegalStateException", cause.type());
            assertTrue(cause.getMessage().contains("out of order"), cause.getMessage());
        }
    }

    @Test
    void aSecondSubscriberIsRefusedAndTheFirstNotDisturbed() throws Exception {
        try (TwoNodes nodes = new TwoNodes(anyLinks())) {
            Ends ends = new Ends(nodes.a, nodes.b, 4);
            SourceRef<Long> second = nodes.b.source(nodes.b.consumer(ends.remoteProducer, ConsumerOptions.defaults()));
            StreamFailedException failed =
                    assertThrows(StreamFailedException.class, () -> second.forEach(element -> {}));
            assertInstanceOf(AlreadySubscribedException.class, failed.getCause());
            second.close();
            CompletableFuture<Void> putter = ends.putAsync(1000);
            List<Long> taken = new ArrayList<>();
            ends.source.forEach(taken::add);
            assertEquals(1000, taken.size());
            putter.get(20, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @MethodSource("linksAndDemands")
    void aLostConnectionEndsBothSidesOnce(NodeLinks links, int demand) throws Exception {
        try (TwoNodes nodes = new TwoNodes(links)) {
            Ends ends = new Ends(nodes.a, nodes.b, demand);
            CompletableFuture<Void> putter = ends.putAsync(Integer.MAX_VALUE);
            long taken = 0;
            try {
                for (long element : ends.source) {
                    assertEquals(taken++, element);
                    if (taken == 1000) {
                        nodes.a.node.members(List.of(nodes.a.member));
                    }
                }
            } catch (RuntimeException lost) {
                // below
            }
            StreamOutcome.PeerLost lost = assertInstanceOf(
                    StreamOutcome.PeerLost.class, ends.source.outcome().get(20, TimeUnit.SECONDS));
            assertEquals(ends.remoteProducer, lost.ref());
            assertEquals(taken, lost.lastSequence());
            assertThrows(Exception.class, () -> putter.get(20, TimeUnit.SECONDS));
            assertInstanceOf(StreamOutcome.PeerLost.class, ends.sink.outcome().get(20, TimeUnit.SECONDS));
        }
    }

    /** A stream from one to the other. */
    private static final class Ends {
        final SinkRef<Long> sink;
        final SourceRef<Long> source;
        final ActorRef<ProducerMessage<Long>> remoteProducer;

        Ends(TwoNodes.Side from, TwoNodes.Side to, int demand) {
            ActorRef<ProducerMessage<Long>> producer =
                    from.producer(ProducerOptions.defaults().bufferSize(1024));
            remoteProducer = to.refTo(from, producer);
            sink = from.sink(producer);
            source = to.source(
                    to.consumer(remoteProducer, ConsumerOptions.defaults().initialDemand(demand)));
        }

        CompletableFuture<Void> putAsync(long count) {
            return CompletableFuture.runAsync(() -> {
                try {
                    for (long i = 0; i < count; i++) {
                        sink.put(i);
                    }
                    sink.complete();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                } catch (StreamClosedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }
}
