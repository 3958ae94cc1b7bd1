package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.actor.Terminated;
import dev.penstock.network.hostile.LogLines;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.testkit.MessageProbe;
import dev.penstock.testkit.Simulation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Interleavings that once lost something, ended another's stream, or let somebody wait for ever; step by step. */
class InterleavingsTest {

    private Simulation sim;
    private SteppedNodes nodes;
    private SteppedNodes.Side a;
    private SteppedNodes.Side b;

    @BeforeEach
    void connect() throws IOException {
        sim = Simulation.seeded(1);
        nodes = new SteppedNodes(sim);
        a = nodes.a;
        b = nodes.b;
    }

    @AfterEach
    void close() {
        sim.close();
    }

    /** a subscriber that was never accepted cancels, the connection is lost before that is answered: the other's stream dies. */
    @Test
    void cancelledEarlyAndThenLostCancelsSomebodyElsesStream() {
        ActorRef<ProducerMessage<Integer>> producer = sim.system().spawn(StreamProducer.<Integer>create(4), "producer");
        ActorRef<ConsumerMessage<Integer>> first = sim.system().spawn(StreamConsumer.create(producer, 2), "first");
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(first, GetSource<Integer>::new);
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
        nodes.settle();

        ActorRef<ConsumerMessage<Integer>> second = sim.system().spawn(StreamConsumer.create(there, 2), "second");
        SourceRef<Integer> other = sim.ask(second, GetSource<Integer>::new);
        b.loop.run(); // SUBSCRIBE is under way
        other.close();
        sim.runUntilIdle();
        b.loop.run(); // and CANCEL
        // a reads both, and loses b before it has written the last frame of the stream
        a.loop.step();
        a.node.members(List.of(a.member));
        while (a.loop.step()) {
            // SUBSCRIBE, CANCEL, view, ..
        }
        nodes.settle();
        assertFalse(
                sink.outcome().isDone(),
                () -> "the first stream was ended: " + sink.outcome().join());
        assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
        assertFalse(source.outcome().isDone()); // and it is held till here, or the stream would be cancelled
    }

    @Test
    void cancelledEarlyAndThenLostDeterministic() throws IOException {
        for (int k = 0; k < 12; k++) {
            close();
            connect();
            ActorRef<ProducerMessage<Integer>> producer =
                    sim.system().spawn(StreamProducer.<Integer>create(4), "producer");
            ActorRef<ConsumerMessage<Integer>> first = sim.system().spawn(StreamConsumer.create(producer, 2), "first");
            SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
            SourceRef<Integer> source = sim.ask(first, GetSource<Integer>::new);
            ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
            nodes.settle();
            ActorRef<ConsumerMessage<Integer>> second = sim.system().spawn(StreamConsumer.create(there, 2), "second");
            SourceRef<Integer> other = sim.ask(second, GetSource<Integer>::new);
            b.loop.run();
            other.close();
            sim.runUntilIdle();
            b.loop.run();
            for (int i = 0; i < k; i++) {
                a.loop.step();
            }
            a.node.breakConnections();
            nodes.settle();
            int at = k;
            assertFalse(
                    sink.outcome().isDone(),
                    () -> "cut at " + at + ": " + sink.outcome().join());
            assertFalse(source.outcome().isDone()); // and it is held till here, or the stream would be cancelled
        }
    }

    private static final ActorRef<Object> THROWS = new ActorRef<>() {
        @Override
        public boolean tell(Object message) {
            throw new IllegalStateException("as planned");
        }

        @Override
        public String path() {
            return "/throws";
        }
    };

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <T> ActorRef<T> throwing() {
        return (ActorRef<T>) (ActorRef) THROWS;
    }

    /** a producer is restarted; what the remote consumer of the stream before says is taken for the new stream. */
    @Test
    void cancelOfTheStreamBeforeARestartEndsTheNewOne() {
        Behavior<ProducerMessage<Integer>> behavior = StreamProducer.<Integer>create(4);
        ActorRef<ProducerMessage<Integer>> producer =
                sim.system().spawn(Behaviors.supervise(behavior, SupervisorStrategy.restart()), "producer");
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
        ActorRef<ConsumerMessage<Integer>> consumer = sim.system().spawn(StreamConsumer.create(there, 2), "consumer");
        nodes.settle();
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        source.close(); // CANCEL is under way ...
        sim.runUntilIdle();
        b.loop.run();
        producer.tell(new GetSink<>(throwing())); // ... when the producer fails, and is restarted
        sim.runUntilIdle();
        ActorRef<ConsumerMessage<Integer>> next = sim.system().spawn(StreamConsumer.create(producer, 2), "next");
        sim.runUntilIdle();
        SourceRef<Integer> newSource = sim.ask(next, GetSource<Integer>::new);
        nodes.settle();
        assertFalse(
                newSource.outcome().isDone(),
                () -> "the new stream was ended: " + newSource.outcome().join());
    }

    /** demand of the stream before a restart is granted to the next subscriber, who then gets more than it asked for. */
    @Test
    void demandOfTheStreamBeforeARestartGoesToTheNewOne() {
        ActorRef<ProducerMessage<Integer>> producer = sim.system()
                .spawn(
                        Behaviors.supervise(StreamProducer.<Integer>create(16), SupervisorStrategy.restart()),
                        "producer");
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
        ActorRef<ConsumerMessage<Integer>> consumer = sim.system().spawn(StreamConsumer.create(there, 2), "consumer");
        nodes.settle();
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        sink.tryPut(1);
        sink.tryPut(2);
        nodes.settle();
        assertEquals(2, source.drain(e -> {}, 2));
        sim.runUntilIdle();
        b.loop.run(); // DEMAND is under way ...
        producer.tell(new GetSink<>(throwing())); // ... when the producer fails, and is restarted
        sim.runUntilIdle();
        // a subscriber of the user's own: counts
        List<Object> got = new ArrayList<>();
        ActorRef<ConsumerMessage<Integer>> counts = sim.system()
                .spawn(
                        Behaviors.receive((context, message) -> {
                            got.add(message);
                            return Behaviors.same();
                        }),
                        "counts");
        producer.tell(new dev.penstock.stream.Subscribe<>(counts, 0));
        SinkRef<Integer> newSink = sim.ask(producer, GetSink<Integer>::new);
        for (int i = 0; i < 5; i++) {
            newSink.tryPut(i);
        }
        sim.runUntilIdle();
        assertEquals(List.of(), got);
        nodes.settle();
        assertEquals(List.of(), got, "it has asked for nothing");
    }

    /** the end finds no room in the consumer's bounded mailbox. */
    @Test
    void aCompletionThatFindsNoRoomIsNoLoss() {
        ActorRef<ProducerMessage<Integer>> producer =
                sim.system().spawn(StreamProducer.<Integer>create(16), "producer");
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
        List<Integer> undelivered = new ArrayList<>();
        ActorRef<ConsumerMessage<Integer>> consumer = sim.system()
                .spawn(
                        StreamConsumer.create(
                                there,
                                ConsumerOptions.defaults()
                                        .initialDemand(4)
                                        .onUndelivered((Integer e, Object why) -> undelivered.add(e))),
                        "consumer",
                        SpawnOptions.defaults().boundedMailbox(4));
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        nodes.settle();
        for (int i = 0; i < 4; i++) {
            sink.tryPut(i);
        }
        sink.complete();
        while (true) { // the consumer has no turn meanwhile: only the producer, by its own messages
            producerOnly(producer);
            if (nodes.loops() == 0) {
                break;
            }
        }
        nodes.settle();
        List<Integer> taken = new ArrayList<>();
        try {
            while (source.drain(taken::add, 4) > 0 || !source.outcome().isDone()) {
                b.loop.advance(Duration.ofMillis(20)); // the end is told again
                nodes.settle();
            }
        } catch (RuntimeException e) {
            // below
        }
        nodes.settle();
        assertEquals(
                new StreamOutcome.Completed() + " " + new StreamOutcome.Completed() + " [0, 1, 2, 3] []",
                sink.outcome().getNow(null) + " " + source.outcome().getNow(null) + " " + taken + " " + undelivered);
    }

    /** One turn of the simulation at a time, until the producer has sent its end; the consumer's mailbox fills up. */
    private void producerOnly(ActorRef<?> producer) {
        sim.runUntilIdle();
    }

    /** elements of a stream's whole share: what found no room in one buffer fills the next one's, and nobody comes again. */
    @Test
    void largeElementsAreFetchedWithoutMoreDemandAndSoIsTheEnd() {
        int count = 16;
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        MessageProbe<ConsumerMessage<String>> consumer = sim.probe("consumer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        nodes.settle();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            assertEquals(
                    PutResult.ACCEPTED, sink.tryPut(String.format("%05d", i).repeat(3_276)));
            expected.add("element " + i);
        }
        sink.complete();
        expected.add("completed");
        b.refTo(a, producer).tell(new Subscribe<>(consumer.ref(), count));
        nodes.settle();
        assertEquals(
                expected,
                consumer.received().stream().map(InterleavingsTest::name).toList());
        assertEquals(new StreamOutcome.Completed(), sink.outcome().getNow(null));
    }

    private static String name(ConsumerMessage<String> message) {
        return message instanceof StreamElement<String> element
                ? "element " + Integer.parseInt(element.element().substring(0, 5))
                : message instanceof StreamCompleted<String> ? "completed" : message.toString();
    }

    /** what is put for a link whose loop has ended is nowhere. */
    @Test
    void elementsPutAfterTheLoopHasEndedAreUndelivered() {
        List<Integer> undelivered = new ArrayList<>();
        ActorRef<ProducerMessage<Integer>> producer = sim.system()
                .spawn(
                        StreamProducer.<Integer>create(ProducerOptions.defaults()
                                .bufferSize(16)
                                .onUndelivered((Integer e, Object why) -> undelivered.add(e))),
                        "producer");
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
        ActorRef<ConsumerMessage<Integer>> consumer = sim.system().spawn(StreamConsumer.create(there, 8), "consumer");
        nodes.settle();
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        a.node.members(List.of());
        a.loop.run(); // the session is over ...
        a.loop.end(); // ... and so is the loop, before the producer has its turn
        assertEquals(PutResult.ACCEPTED, sink.tryPut(0));
        sim.runUntilIdle();
        b.loop.run();
        sim.runUntilIdle();
        assertTrue(sink.outcome().isDone());
        assertEquals(
                List.of(0),
                undelivered,
                "ledger " + sink.ledger() + ", outcome " + sink.outcome().join());
        assertEquals(0, sink.ledger().inFlight(), sink.ledger().toString());
    }

    /** a subscription that found no room in a buffer is begun twice. */
    @Test
    void aSubscriptionThatFoundNoRoomIsBegunOnce() throws Exception {
        ActorRef<ProducerMessage<Integer>> target = sim.system().spawn(StreamProducer.<Integer>create(1), "p");
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, target);
        nodes.settle();
        Session session = b.session(a);
        for (int length = 215; length < 300; length++) {
            for (int i = 0; i < 300; i++) {
                String name = String.format("c%03d-%03d-", length, i);
                sim.system().spawn(StreamConsumer.create(there, 1), name + "x".repeat(length - name.length()));
            }
            sim.runUntilIdle();
            b.loop.run();
            nodes.settle();
            int left = ((io.netty.util.collection.IntObjectHashMap<?>) SteppedNodes.field(session, "streamsIn")).size();
            int at = length;
            assertTrue(
                    left <= 1, () -> "names of " + at + " characters: " + left + " streams are kept, 1 is subscribed");
        }
    }

    /** a feed that fails because it lost its own peer is not a lost producer. */
    @Test
    void aFeedThatFailsByALostPeerIsAFailure() {
        ActorRef<ProducerMessage<Integer>> producer =
                sim.system().spawn(StreamProducer.<Integer>create(16), "producer");
        ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
        ActorRef<ConsumerMessage<Integer>> consumer = sim.system().spawn(StreamConsumer.create(there, 4), "consumer");
        nodes.settle();
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        sink.fail(new PeerLostException(
                "my own upstream is lost", sim.probe("upstream").ref(), 7));
        nodes.settle();
        assertInstanceOf(StreamOutcome.Failed.class, sink.outcome().getNow(null));
        assertInstanceOf(StreamOutcome.Failed.class, source.outcome().getNow(null));
    }

    /** a failure whose text cannot be written breaks the connection of everybody. */
    @Test
    void aFailureWithHalfASurrogatePairIsDelivered() {
        ActorRef<ProducerMessage<Integer>> producer =
                sim.system().spawn(StreamProducer.<Integer>create(16), "producer");
        ActorRef<ConsumerMessage<Integer>> consumer =
                sim.system().spawn(StreamConsumer.create(b.refTo(a, producer), 4), "consumer");
        nodes.settle();
        Session before = a.session(b);
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        sink.fail(new IllegalStateException("x".repeat(199) + "😀 an emoji where the text is cut"));
        nodes.settle();
        assertInstanceOf(StreamOutcome.Failed.class, source.outcome().getNow(null));
        assertEquals(before, a.session(b), "the connection was lost");
    }

    /** the same, of an actor that is watched: nobody hears of its end. */
    @Test
    void theEndOfAnActorThatFailedWithHalfASurrogatePairIsTold() {
        ActorRef<String> fails = sim.system()
                .spawn(
                        Behaviors.<String>receive((context, text) -> {
                            throw new IllegalStateException("x".repeat(199) + "😀 an emoji where the text is cut");
                        }),
                        "fails");
        ActorRef<String> there = b.refTo(a, fails);
        List<Terminated> heard = new ArrayList<>();
        sim.system()
                .<String>spawn(
                        Behaviors.setup(context -> {
                            context.watch(there);
                            return Behaviors.receive((same, text) -> Behaviors.same(), (same, signal) -> {
                                if (signal instanceof Terminated end) {
                                    heard.add(end);
                                }
                                return Behaviors.same();
                            });
                        }),
                        "watcher");
        nodes.settle();
        fails.tell("x");
        nodes.settle();
        assertEquals(1, heard.size());
    }

    /** the ref of an actor that has ended before it was known to others: a watch on it hangs. */
    @Test
    void aWatchOnAnActorThatHasLongEndedIsAnswered() {
        ActorRef<String> ended = sim.system().spawn(Behaviors.<String>receive((c, m) -> Behaviors.stopped()), "ended");
        ended.tell("x");
        sim.runUntilIdle();
        ActorRef<String> there = b.refTo(a, ended);
        List<Terminated> heard = new ArrayList<>();
        sim.system()
                .<String>spawn(
                        Behaviors.setup(context -> {
                            context.watch(there);
                            return Behaviors.receive((same, text) -> Behaviors.same(), (same, signal) -> {
                                if (signal instanceof Terminated end) {
                                    heard.add(end);
                                }
                                return Behaviors.same();
                            });
                        }),
                        "watcher");
        nodes.settle();
        assertEquals(1, heard.size());
        assertTrue(ended.path() != null); // it is held here
    }

    /** the producer of a stream that a member passes on has completed, but its consumer, a client, has nothing of it. */
    @Test
    void aRelayedStreamHasCompletedOnlyWhenTheClientHasIt() throws Exception {
        ActorRef<ProducerMessage<Integer>> producer =
                sim.system().spawn(StreamProducer.<Integer>create(16), "producer");
        ActorRef<ProducerMessage<Integer>> there = nodes.lookUp(nodes.clientOf(a), a, b, producer);
        ActorRef<ConsumerMessage<Integer>> consumer = sim.system().spawn(StreamConsumer.create(there, 4), "consumer");
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        nodes.settle();
        MemoryLinks.Cable toClient = nodes.network.cables().get(1);
        toClient.hold();
        for (int i = 0; i < 3; i++) {
            sink.tryPut(i);
        }
        sink.complete();
        nodes.settle();
        StreamOutcome there1 = sink.outcome().getNow(null);
        toClient.cut();
        nodes.settle();
        List<Integer> taken = new ArrayList<>();
        try {
            source.drain(taken::add, 10);
        } catch (RuntimeException e) {
            // lost
        }
        assertEquals(
                null,
                there1,
                "the producer's outcome while nothing has come to the client; the client took " + taken + ", then "
                        + source.outcome().getNow(null) + "; ledger of the producer " + sink.ledger());
    }

    /** a consumer stops while two frames are under way: the connection is broken, with everybody's streams. */
    @Test
    void aConsumerThatStopsDoesNotBreakTheConnection() {
        ActorRef<ProducerMessage<Integer>> producer =
                sim.system().spawn(StreamProducer.<Integer>create(16), "producer");
        ActorRef<ConsumerMessage<Integer>> consumer =
                sim.system().spawn(StreamConsumer.create(b.refTo(a, producer), 4), "consumer");
        nodes.settle();
        Session before = b.session(a);
        SinkRef<Integer> sink = sim.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = sim.ask(consumer, GetSource<Integer>::new);
        nodes.settle();
        sink.tryPut(0);
        sink.tryPut(1);
        sim.runUntilIdle();
        a.loop.run(); // 0 and 1 in a frame
        sink.tryPut(2);
        sink.tryPut(3);
        sim.runUntilIdle();
        a.loop.run(); // 2 and 3 in another
        source.close();
        sim.runUntilIdle();
        nodes.settle();
        assertEquals(before, b.session(a), "the connection was lost");
        assertEquals(new StreamOutcome.Cancelled(), sink.outcome().getNow(null));
    }

    /** The membership may notice before the connection does that a machine has vanished. */
    @Test
    void aMemberOfWhichNothingWasHeardWhenItIsExcludedIsALoss() {
        try (LogLines log = new LogLines("dev.penstock.network")) {
            sim.advance(Duration.ofMillis(1_600)); // more than three heartbeats of half a second
            a.node.members(List.of(a.member));
            a.loop.run();
            assertEquals(List.of("a has lost b: b is no member any more"), log.lines());
        }
    }
}
