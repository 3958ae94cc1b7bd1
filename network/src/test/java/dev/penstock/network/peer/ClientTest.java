package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Terminated;
import dev.penstock.network.ClientOptions;
import dev.penstock.network.ClusterClient;
import dev.penstock.network.Keytool;
import dev.penstock.network.Listing;
import dev.penstock.network.ServiceKey;
import dev.penstock.network.codec.Codecs;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.lang.invoke.MethodHandles;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A client that reaches node a, and by it node b. */
class ClientTest {

    record Offer(ActorRef<ProducerMessage<Long>> producer) {}

    private static final Codecs CODECS =
            Codecs.builder().record(100, Offer.class, MethodHandles.lookup()).build();
    private static final ServiceKey<ProducerMessage<Long>> NUMBERS = new ServiceKey<>("numbers", ProducerMessage.class);
    private static final ServiceKey<Offer> OFFERS = new ServiceKey<>("offers", Offer.class);

    @Test
    void aClientConsumesFromBothMembers() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT, CODECS);
                ActorSystem system = ActorSystem.create("client")) {
            ActorRef<ProducerMessage<Long>> near =
                    nodes.a.producer(ProducerOptions.defaults().bufferSize(16));
            ActorRef<ProducerMessage<Long>> far =
                    nodes.b.producer(ProducerOptions.defaults().bufferSize(16));
            nodes.a.node.directory((key, type, listener) -> {
                listener.found(List.of(
                        new Directory.Entry(nodes.a.member, near),
                        new Directory.Entry(nodes.b.member, nodes.a.refTo(nodes.b, far))));
                return () -> {};
            });
            SinkRef<Long> nearSink = nodes.a.sink(near);
            SinkRef<Long> farSink = nodes.b.sink(far);
            try (ClusterClient client = connect(system, nodes)) {
                assertEquals("a", client.awaitConnected(TwoNodes.WAIT).name());
                Listing<ProducerMessage<Long>> listing = client.lookup(NUMBERS).get(20, TimeUnit.SECONDS);
                assertEquals(
                        List.of("a", "b"),
                        listing.entries().stream()
                                .map(entry -> entry.node().name())
                                .toList());
                take(system, listing.refs().get(0), nearSink);
                take(system, listing.refs().get(1), farSink);
            }
        }
    }

    private static void take(ActorSystem system, ActorRef<ProducerMessage<Long>> producer, SinkRef<Long> sink)
            throws Exception {
        CompletableFuture<Void> putter = put(sink, 5000);
        SourceRef<Long> source = system.ask(
                        system.spawn(
                                StreamConsumer.create(
                                        producer, ConsumerOptions.defaults().initialDemand(16)),
                                "consumer-of-" + producer.path().replace('/', '-')),
                        GetSource<Long>::new,
                        TwoNodes.WAIT)
                .join();
        long expected = 0;
        for (long element : source) {
            assertEquals(expected++, element);
        }
        assertEquals(5000, expected);
        putter.get(20, TimeUnit.SECONDS);
        assertEquals(new StreamOutcome.Completed(), sink.outcome().get(20, TimeUnit.SECONDS));
    }

    private static CompletableFuture<Void> put(SinkRef<Long> sink, long count) {
        return CompletableFuture.runAsync(() -> {
            try {
                for (long i = 0; i < count; i++) {
                    sink.put(i);
                }
                sink.complete();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void bothMembersConsumeFromAClient() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT, CODECS);
                ActorSystem system = ActorSystem.create("client")) {
            CompletableFuture<ActorRef<ProducerMessage<Long>>> nearOffer = new CompletableFuture<>();
            CompletableFuture<ActorRef<ProducerMessage<Long>>> farOffer = new CompletableFuture<>();
            ActorRef<Offer> near = nodes.a.system.spawn(taker(nearOffer), "near");
            ActorRef<Offer> far = nodes.b.system.spawn(taker(farOffer), "far");
            nodes.a.node.directory((key, type, listener) -> {
                listener.found(List.of(
                        new Directory.Entry(nodes.a.member, near),
                        new Directory.Entry(nodes.b.member, nodes.a.refTo(nodes.b, far))));
                return () -> {};
            });
            try (ClusterClient client = connect(system, nodes)) {
                List<ActorRef<Offer>> takers =
                        client.lookup(OFFERS).get(20, TimeUnit.SECONDS).refs();
                for (int i = 0; i < 2; i++) {
                    ActorRef<ProducerMessage<Long>> producer =
                            system.spawn(StreamProducer.<Long>create(16), "producer-" + i);
                    SinkRef<Long> sink = system.ask(producer, GetSink<Long>::new, TwoNodes.WAIT)
                            .join();
                    assertTrue(takers.get(i).tell(new Offer(producer)));
                    TwoNodes.Side side = i == 0 ? nodes.a : nodes.b;
                    take(side.system, (i == 0 ? nearOffer : farOffer).get(20, TimeUnit.SECONDS), sink);
                }
            }
        }
    }

    private static dev.penstock.actor.Behavior<Offer> taker(CompletableFuture<ActorRef<ProducerMessage<Long>>> taken) {
        return Behaviors.receive((context, offer) -> {
            taken.complete(offer.producer());
            return Behaviors.same();
        });
    }

    @Test
    void aClientHearsOfTheEndOfAnActorOfEitherMember() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT, CODECS);
                ActorSystem system = ActorSystem.create("client")) {
            ActorRef<Offer> near = nodes.a.system.spawn(taker(new CompletableFuture<>()), "near");
            ActorRef<Offer> far = nodes.b.system.spawn(taker(new CompletableFuture<>()), "far");
            nodes.a.node.directory((key, type, listener) -> {
                listener.found(List.of(
                        new Directory.Entry(nodes.a.member, near),
                        new Directory.Entry(nodes.b.member, nodes.a.refTo(nodes.b, far))));
                return () -> {};
            });
            try (ClusterClient client = connect(system, nodes)) {
                List<ActorRef<Offer>> found =
                        client.lookup(OFFERS).get(20, TimeUnit.SECONDS).refs();
                for (int i = 0; i < 2; i++) {
                    CompletableFuture<ActorRef<?>> ended = new CompletableFuture<>();
                    ActorRef<Offer> watched = found.get(i);
                    system.<String>spawn(
                            Behaviors.setup(context -> {
                                context.watch(watched);
                                return Behaviors.receive((same, text) -> Behaviors.same(), (same, signal) -> {
                                    if (signal instanceof Terminated end) {
                                        ended.complete(end.ref());
                                    }
                                    return Behaviors.same();
                                });
                            }),
                            "watcher-" + i);
                    (i == 0 ? nodes.a : nodes.b).system.stop(i == 0 ? near : far);
                    assertEquals(watched, ended.get(20, TimeUnit.SECONDS));
                }
            }
        }
    }

    @Test
    void streamsOfAClientEndWhenItIsClosed() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT, CODECS);
                ActorSystem system = ActorSystem.create("client")) {
            ActorRef<ProducerMessage<Long>> far =
                    nodes.b.producer(ProducerOptions.defaults().bufferSize(16));
            nodes.a.node.directory((key, type, listener) -> {
                listener.found(List.of(new Directory.Entry(nodes.b.member, nodes.a.refTo(nodes.b, far))));
                return () -> {};
            });
            SinkRef<Long> sink = nodes.b.sink(far);
            CompletableFuture<Void> putter = put(sink, Long.MAX_VALUE);
            SourceRef<Long> source;
            try (ClusterClient client = connect(system, nodes)) {
                ActorRef<ProducerMessage<Long>> producer =
                        client.lookup(NUMBERS).get(20, TimeUnit.SECONDS).refs().get(0);
                source = system.ask(
                                system.spawn(StreamConsumer.create(producer), "consumer"),
                                GetSource<Long>::new,
                                TwoNodes.WAIT)
                        .join();
                for (int i = 0; i < 100; i++) {
                    assertEquals((long) i, source.iterator().next());
                }
            }
            assertThrows(StreamFailedException.class, () -> source.forEach(element -> {}));
            assertInstanceOf(StreamOutcome.PeerLost.class, source.outcome().get(20, TimeUnit.SECONDS));
            assertThrows(Exception.class, () -> putter.get(20, TimeUnit.SECONDS));
            assertEquals(new StreamOutcome.Cancelled(), sink.outcome().get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void whoeverWaitsForAnAnswerHearsThatTheClientWasClosed() throws Exception {
        try (ActorSystem system = ActorSystem.create("client");
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ClusterClient client = ClusterClient.connect(
                    system,
                    List.of("127.0.0.1:" + silent.getLocalPort()),
                    ClientOptions.of(Keytool.CLUSTER, "c").codecs(CODECS));
            CompletableFuture<Listing<ProducerMessage<Long>>> answer = client.lookup(NUMBERS);
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() ->
                    assertThrows(IllegalStateException.class, () -> client.awaitListing(NUMBERS, 1, TwoNodes.WAIT)));
            assertFalse(answer.isDone());
            client.close();
            assertClosed(answer);
            waiting.get(20, TimeUnit.SECONDS);
            assertClosed(client.lookup(NUMBERS)); // also who comes later
            assertThrows(IllegalStateException.class, () -> client.awaitListing(NUMBERS, 1, TwoNodes.WAIT));
        }
    }

    @Test
    void aClientIsNotClosedByItsListener() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT, CODECS);
                ActorSystem system = ActorSystem.create("client")) {
            nodes.a.node.directory((key, type, listener) -> {
                listener.found(List.of());
                return () -> {};
            });
            try (ClusterClient client = connect(system, nodes)) {
                CompletableFuture<Void> tried = new CompletableFuture<>();
                client.subscribe(NUMBERS, listing -> {
                    assertThrows(IllegalStateException.class, client::close);
                    tried.complete(null);
                });
                tried.get(20, TimeUnit.SECONDS);
                assertEquals(
                        List.of(),
                        client.lookup(NUMBERS).get(20, TimeUnit.SECONDS).refs());
            }
        }
    }

    private static void assertClosed(CompletableFuture<?> answer) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        assertInstanceOf(IllegalStateException.class, failure.getCause());
    }

    private static ClusterClient connect(ActorSystem system, TwoNodes nodes) {
        return ClusterClient.connect(
                system,
                List.of("127.0.0.1:" + nodes.a.member.address().getPort()),
                ClientOptions.of(Keytool.CLUSTER, "c").codecs(CODECS));
    }
}
