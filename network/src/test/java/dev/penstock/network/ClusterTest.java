package dev.penstock.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.Subscription;
import dev.penstock.network.hostile.LogLines;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members of a cluster within this process, over real sockets. */
class ClusterTest {

    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final ServiceKey<ProducerMessage<Long>> NUMBERS = new ServiceKey<>("numbers", ProducerMessage.class);

    /** A node and its system. */
    private record Part(ActorSystem system, Cluster cluster) implements AutoCloseable {
        static Part join(String name, int port, int... seeds) throws Exception {
            ActorSystem system = ActorSystem.create(name);
            String[] hosts = new String[seeds.length];
            for (int i = 0; i < seeds.length; i++) {
                hosts[i] = "127.0.0.1:" + seeds[i];
            }
            return new Part(
                    system,
                    Cluster.join(
                            system,
                            ClusterOptions.of("test", name)
                                    .bind("127.0.0.1", port)
                                    .seeds(hosts)
                                    .detection(Duration.ofSeconds(2))));
        }

        @Override
        public void close() {
            system.close();
            cluster.close();
        }
    }

    @Test
    void aProducerIsFoundByItsKeyAndStreamsToAnotherNode() throws Exception {
        int[] ports = FreePorts.any(2);
        try (Part a = Part.join("a", ports[0]);
                Part b = Part.join("b", ports[1], ports[0])) {
            assertTrue(a.cluster.awaitMembers(2, WAIT));
            assertTrue(b.cluster.awaitMembers(2, WAIT));
            ActorRef<ProducerMessage<Long>> producer =
                    a.cluster.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
            Listing<ProducerMessage<Long>> found =
                    await(b.cluster, listing -> listing.entries().size() == 1);
            assertEquals(a.cluster.self(), found.entries().get(0).node());
            SourceRef<Long> source = b.system
                    .ask(
                            b.system.spawn(
                                    StreamConsumer.create(
                                            found.refs().get(0),
                                            ConsumerOptions.defaults().initialDemand(4)),
                                    "consumer"),
                            GetSource<Long>::new,
                            WAIT)
                    .join();
            SinkRef<Long> sink =
                    a.system.ask(producer, GetSink<Long>::new, WAIT).join();
            CompletableFuture<Void> putter = CompletableFuture.runAsync(() -> {
                try {
                    for (long i = 0; i < 10_000; i++) {
                        sink.put(i);
                    }
                    sink.complete();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            long expected = 0;
            for (long element : source) {
                assertEquals(expected++, element);
            }
            assertEquals(10_000, expected);
            putter.get(20, TimeUnit.SECONDS);
            assertEquals(new StreamOutcome.Completed(), sink.outcome().get(20, TimeUnit.SECONDS));
            await(b.cluster, listing -> listing.entries().isEmpty()); // the producer has ended
        }
    }

    @Test
    void aNodeThatLeavesEndsItsStreamsAndEntries() throws Exception {
        int[] ports = FreePorts.any(3);
        try (LogLines log = new LogLines("dev.penstock.network");
                Part a = Part.join("a", ports[0]);
                Part b = Part.join("b", ports[1], ports[0]);
                Part c = Part.join("c", ports[2], ports[0], ports[1])) {
            for (Part part : List.of(a, b, c)) {
                assertTrue(part.cluster.awaitMembers(3, WAIT));
            }
            BlockingQueue<MemberEvent> events = new LinkedBlockingQueue<>();
            Subscription subscription = c.cluster.subscribe((MemberEvent event) -> {
                if (event.member().name().equals("a")) {
                    events.add(event);
                }
            });
            assertEquals(
                    MemberEvent.Kind.JOINED, events.poll(20, TimeUnit.SECONDS).kind());
            ActorRef<ProducerMessage<Long>> producer =
                    a.cluster.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
            Listing<ProducerMessage<Long>> found =
                    await(c.cluster, listing -> listing.entries().size() == 1);
            SourceRef<Long> source = c.system
                    .ask(
                            c.system.spawn(StreamConsumer.create(found.refs().get(0)), "consumer"),
                            GetSource<Long>::new,
                            WAIT)
                    .join();
            SinkRef<Long> sink =
                    a.system.ask(producer, GetSink<Long>::new, WAIT).join();
            sink.put(1L);
            assertEquals(1L, source.iterator().next());
            a.cluster.close(); // and not its system
            assertThrows(StreamFailedException.class, () -> source.forEach(element -> {}));
            StreamOutcome.PeerLost lost = assertInstanceOf(
                    StreamOutcome.PeerLost.class, source.outcome().get(20, TimeUnit.SECONDS));
            assertEquals(1, lost.lastSequence());
            assertInstanceOf(StreamOutcome.PeerLost.class, sink.outcome().get(20, TimeUnit.SECONDS));
            await(c.cluster, listing -> listing.entries().isEmpty());
            MemberEvent last = events.poll(20, TimeUnit.SECONDS);
            while (last.kind() == MemberEvent.Kind.UNREACHABLE) {
                last = events.poll(20, TimeUnit.SECONDS);
            }
            assertEquals(MemberEvent.Kind.LEFT, last.kind());
            assertFalse(found.refs().get(0).tell(new dev.penstock.stream.Push<>(1L)));
            subscription.close();
            b.cluster.close();
            assertTrue(c.cluster.awaitMembers(1, WAIT));
            c.cluster.close();
            assertEquals(List.of(), log.lines(), "nobody was lost");
        }
    }

    @Test
    void anAddressOnANetworkWantsTlsOrAWord() {
        try (ActorSystem system = ActorSystem.create("a")) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class,
                    () -> Cluster.join(system, ClusterOptions.of("test", "a").bind("192.0.2.1", 7800)));
            assertTrue(refused.getMessage().contains("tls()"), refused.getMessage());
        }
    }

    @Test
    void aWatchedActorsNodeIsRestarted() throws Exception {
        int[] ports = FreePorts.any(2);
        try (Part b = Part.join("b", ports[1])) {
            Member before;
            ActorRef<ProducerMessage<Long>> old;
            try (Part a = Part.join("a", ports[0], ports[1])) {
                assertTrue(b.cluster.awaitMembers(2, WAIT));
                a.cluster.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
                old = await(b.cluster, listing -> listing.entries().size() == 1)
                        .refs()
                        .get(0);
                before = a.cluster.self();
            }
            try (Part a = Part.join("a", ports[0], ports[1])) {
                assertTrue(a.cluster.self().incarnation() > before.incarnation());
                a.cluster.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
                ActorRef<ProducerMessage<Long>> fresh = await(
                                b.cluster,
                                listing -> listing.entries().size() == 1
                                        && listing.entries().get(0).node().equals(a.cluster.self()))
                        .refs()
                        .get(0);
                assertFalse(fresh.equals(old));
                assertFalse(old.tell(new dev.penstock.stream.Push<>(1L)));
                assertTrue(fresh.tell(new dev.penstock.stream.CompleteStream<>()));
            }
        }
    }

    @Test
    void whatIsOfAnotherTypeThanTheKeyIsNotTold() throws Exception {
        int[] ports = FreePorts.any(2);
        try (Part a = Part.join("a", ports[0]);
                Part b = Part.join("b", ports[1], ports[0])) {
            ServiceKey<String> key = new ServiceKey<>("texts", String.class);
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            BlockingQueue<DeadLetter> letters = new LinkedBlockingQueue<>();
            a.system.subscribeDeadLetters(letters::add);
            ActorRef<String> actor = a.cluster.spawn(
                    key,
                    Behaviors.receive((context, text) -> {
                        heard.add(text);
                        return Behaviors.same();
                    }),
                    "texts");
            ActorRef<String> there = b.cluster.awaitListing(key, 1, WAIT).refs().get(0);
            tellAnything(there, 5L);
            there.tell("five");
            assertEquals("five", heard.poll(20, TimeUnit.SECONDS));
            assertEquals(new DeadLetter(5L, actor.path(), DeadLetter.Reason.UNHANDLED), letters.poll());
        }
    }

    @Test
    void whoeverWaitsForActorsHearsWhatThereIsInstead() throws Exception {
        int[] ports = FreePorts.any(2);
        try (Part a = Part.join("a", ports[0]);
                Part b = Part.join("b", ports[1], ports[0])) {
            ActorRef<ProducerMessage<Long>> producer =
                    a.cluster.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
            ActorRef<ProducerMessage<Long>> found =
                    b.cluster.awaitListing(NUMBERS, 1, WAIT).refs().get(0);
            TimeoutException late = assertThrows(
                    TimeoutException.class, () -> b.cluster.awaitListing(NUMBERS, 2, Duration.ofMillis(10)));
            assertEquals(
                    "1 of 2 actors are known within PT0.01S under the key numbers for messages of type "
                            + ProducerMessage.class.getName() + ": //a" + producer.path()
                            + " on a; members that can be reached: b, a",
                    late.getMessage());
            assertThrows(
                    TimeoutException.class,
                    () -> b.cluster.awaitListing(new ServiceKey<>("others", String.class), 1, Duration.ZERO));

            b.cluster.register(NUMBERS, b.system.spawn(StreamProducer.<Long>create(16), "more"));
            assertEquals(2, b.cluster.awaitListing(NUMBERS, 2, WAIT).entries().size());
            assertEquals(2, a.cluster.awaitListing(NUMBERS, 2, WAIT).entries().size());
            assertTrue(b.cluster.awaitListing(NUMBERS, 0, WAIT).refs().contains(found));

            CompletableFuture<Listing<ProducerMessage<Long>>> waiting = CompletableFuture.supplyAsync(() -> {
                try {
                    return b.cluster.awaitListing(NUMBERS, 3, WAIT);
                } catch (TimeoutException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            b.cluster.close();
            ExecutionException closed = assertThrows(ExecutionException.class, () -> waiting.get(20, TimeUnit.SECONDS));
            assertInstanceOf(IllegalStateException.class, closed.getCause());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void systemAndClusterAreClosedInEitherOrder(boolean systemFirst) throws Exception {
        int[] ports = FreePorts.any(2);
        try (LogLines log = new LogLines("dev.penstock.network");
                Part b = Part.join("b", ports[1])) {
            ActorSystem system = ActorSystem.create("a");
            Cluster cluster = Cluster.join(
                    system,
                    ClusterOptions.of("test", "a")
                            .bind("127.0.0.1", ports[0])
                            .seeds("127.0.0.1:" + ports[1])
                            .detection(Duration.ofSeconds(2)));
            ActorRef<ProducerMessage<Long>> producer =
                    cluster.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
            SinkRef<Long> sink = system.ask(producer, GetSink<Long>::new, WAIT).join();
            ActorRef<ProducerMessage<Long>> there =
                    b.cluster.awaitListing(NUMBERS, 1, WAIT).refs().get(0);
            SourceRef<Long> source = b.system
                    .ask(b.system.spawn(StreamConsumer.create(there), "consumer"), GetSource<Long>::new, WAIT)
                    .join();
            sink.put(1L);
            assertEquals(1L, source.iterator().next());
            if (systemFirst) {
                system.close();
                assertInstanceOf(StreamOutcome.class, source.outcome().get(20, TimeUnit.SECONDS));
                assertTrue(cluster.members().size() > 1, "the cluster is there yet");
                cluster.close();
            } else {
                cluster.close();
                assertInstanceOf(StreamOutcome.PeerLost.class, sink.outcome().get(20, TimeUnit.SECONDS));
                system.close();
            }
            cluster.close();
            system.close();
            assertInstanceOf(StreamOutcome.PeerLost.class, source.outcome().get(20, TimeUnit.SECONDS));
            await(b.cluster, listing -> listing.entries().isEmpty());
            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithWhatToDo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ActorSystem system = ActorSystem.create("a")) {
            int port = taken.getLocalPort();
            ClusterOptions options = ClusterOptions.of("test", "a");
            IOException membership =
                    assertThrows(IOException.class, () -> Cluster.join(system, options.bind("127.0.0.1", port)));
            assertEquals(
                    "cannot join cluster test: cannot listen on 127.0.0.1:" + port
                            + " for the membership, as another program does, or it is no address of this machine; bind(..)"
                            + " wants a free port of one",
                    membership.getMessage());
            IOException links = assertThrows(
                    IOException.class,
                    () -> Cluster.join(
                            system,
                            options.bind("127.0.0.1", FreePorts.any(1)[0]).linkPort(port)));
            assertEquals(
                    "connections between actors: cannot listen on 127.0.0.1:" + port
                            + ": Address already in use; linkPort(..) wants a free port, or 0 for any, and bind(..) an address"
                            + " of this machine",
                    links.getMessage());
            IOException elsewhere = assertThrows(
                    IOException.class,
                    () -> Cluster.join(system, options.bind("192.0.2.1", port).plaintext()));
            assertTrue(elsewhere.getMessage().contains("192.0.2.1:0"), elsewhere.getMessage());
            assertTrue(
                    elsewhere.getMessage().endsWith("; bind(..) wants an address of this machine"),
                    elsewhere.getMessage());
        }
    }

    @SuppressWarnings("unchecked") // as a node with a mistake in it may
    private static void tellAnything(ActorRef<?> ref, Object message) {
        ((ActorRef<Object>) ref).tell(message);
    }

    @Test
    void aKeyIsOfATypeThatMessagesMayHave() {
        assertThrows(IllegalArgumentException.class, () -> new ServiceKey<>("numbers", long.class));
        assertThrows(IllegalArgumentException.class, () -> new ServiceKey<>(" ", Long.class));
    }

    @Test
    void anActorThatHasEndedIsNotRegistered() throws Exception {
        int[] ports = FreePorts.any(1);
        try (Part a = Part.join("a", ports[0])) {
            ServiceKey<String> key = new ServiceKey<>("texts", String.class);
            ActorRef<String> actor = a.system.spawn(Behaviors.<String>stopped(), "short");
            a.system.whenStopped(actor).get(20, TimeUnit.SECONDS);
            a.cluster.register(key, actor);
            assertEquals(List.of(), a.cluster.lookup(key).entries());
        }
    }

    private static Listing<ProducerMessage<Long>> await(
            Cluster cluster, Predicate<Listing<ProducerMessage<Long>>> wanted) throws Exception {
        CompletableFuture<Listing<ProducerMessage<Long>>> found = new CompletableFuture<>();
        Subscription subscription = cluster.subscribe(NUMBERS, (Listing<ProducerMessage<Long>> listing) -> {
            if (wanted.test(listing)) {
                found.complete(listing);
            }
        });
        try {
            return found.get(WAIT.toSeconds(), TimeUnit.SECONDS);
        } finally {
            subscription.close();
        }
    }
}
