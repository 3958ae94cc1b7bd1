package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behaviors;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.testkit.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.jctools.queues.MessagePassingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A link comes for elements itself, when it has room for them: it comes back for all that was requested, and for no more. */
class FetchedStreamTest {

    /** As long as a string may be: each fills a stream's share of a buffer. */
    private static final String LARGE = "x".repeat(16 * 1024);

    private static final String ELEMENT = "x".repeat(1000);
    private static final int MANY = 60_000;

    private Simulation sim;
    private SteppedNodes nodes;
    private SteppedNodes.Side a;
    private SteppedNodes.Side b;
    private ActorRef<ProducerMessage<String>> producer; // of a
    private ActorRef<ProducerMessage<String>> there; // the same, as b knows it
    private SinkRef<String> sink;

    @BeforeEach
    void connect() throws IOException {
        sim = Simulation.seeded(1);
        nodes = new SteppedNodes(sim);
        a = nodes.a;
        b = nodes.b;
        producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        there = b.refTo(a, producer);
        sink = sim.ask(producer, GetSink<String>::new);
    }

    @AfterEach
    void close() {
        sim.close();
    }

    private static void put(SinkRef<String> into, String element, int times) {
        for (int i = 0; i < times; i++) {
            assertEquals(PutResult.ACCEPTED, into.tryPut(element));
        }
    }

    /** A subscriber of the user's own, that writes down elements and whatever else it is told. */
    private <E> ActorRef<ConsumerMessage<E>> recorder(List<Object> got) {
        return sim.system()
                .spawn(
                        Behaviors.<ConsumerMessage<E>>receive((context, message) -> {
                            got.add(message instanceof StreamElement<E> e ? e.element() : message);
                            return Behaviors.same();
                        }),
                        "recorder");
    }

    private ActorRef<ConsumerMessage<String>> consumer(String name, ActorRef<ProducerMessage<String>> of, int demand) {
        return sim.system().spawn(StreamConsumer.create(of, demand), name);
    }

    private SourceRef<String> source(ActorRef<ConsumerMessage<String>> consumer) {
        return sim.ask(consumer, GetSource<String>::new);
    }

    // ---- elements that fill a buffer, or a stream's share of it

    @Test
    void allLargeElementsComeWithoutMoreDemand() {
        List<Object> got = new ArrayList<>();
        put(sink, LARGE, 20);
        there.tell(new Subscribe<>(recorder(got), Long.MAX_VALUE));
        nodes.settle();
        assertEquals(20, got.size());
    }

    @Test
    void largeElementsFillTheWindowOfAConsumerWhoseReaderDoesNotLook() {
        put(sink, LARGE, 20);
        ActorRef<ConsumerMessage<String>> consumer = consumer("consumer", there, 32);
        nodes.settle();
        SourceRef<String> source = source(consumer);
        nodes.settle();
        assertEquals(20, source.ledger().inFlight());
    }

    @Test
    void theEndIsToldThoughTheLastElementTookAllDemandAndAllRoom() {
        List<Object> got = new ArrayList<>();
        there.tell(new Subscribe<>(recorder(got), 1));
        nodes.settle();
        put(sink, LARGE, 1);
        sink.complete();
        nodes.settle();
        assertEquals(2, got.size());
        assertInstanceOf(StreamCompleted.class, got.get(1));
    }

    @Test
    void theEndOfARelayedStreamDoesNotOvertakeItsElements() {
        Third third = new Third();
        List<Object> got = new ArrayList<>();
        b.<ProducerMessage<Object>>refTo(a, third).tell(new Subscribe<>(recorder(got), 20));
        nodes.settle();
        List<Object> expected = new ArrayList<>();
        a.loop.execute(() -> {
            for (int i = 10; i < 30; i++) {
                String element = i + LARGE.substring(2);
                assertTrue(third.downstream.accept(element));
                expected.add(element);
            }
            third.downstream.flush();
            third.downstream.completed(() -> {});
        });
        nodes.settle();
        assertEquals(21, got.size());
        assertEquals(expected, got.subList(0, 20));
        assertInstanceOf(StreamCompleted.class, got.get(20));
    }

    /** A producer of a third node, as the loop of the member in between knows it. */
    private static final class Third implements ActorRef<ProducerMessage<Object>>, RemoteProducer {
        private Downstream<Object> downstream;

        @Override
        public boolean tell(ProducerMessage<Object> message) {
            return true;
        }

        @Override
        public String path() {
            return "/third";
        }

        @Override
        @SuppressWarnings("unchecked") // it is subscribed to once, by its own type
        public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> to) {
            downstream = (Downstream<Object>) to;
            return Optional.of(new Subscription() {
                @Override
                public void request(long n) {}

                @Override
                public void cancel() {}
            });
        }
    }

    // ---- whose demand it is

    @Test
    void demandThatComesBeforeTheProducersTurnIsHeeded() {
        put(sink, "one", 1);
        sim.runUntilIdle();
        List<Object> got = new ArrayList<>();
        there.tell(new Subscribe<>(recorder(got), 0));
        nodes.loops(); // the subscription is in the producer's mailbox ...
        there.tell(new StreamDemand<>(5));
        nodes.loops(); // ... and the link knows of the demand, when the producer has its turn
        nodes.settle();
        assertEquals(List.of("one"), got);
    }

    @Test
    void demandToldBeforeTheSubscriptionIsWrittenIsHeeded() {
        put(sink, "one", 1);
        sim.runUntilIdle();
        ActorRef<String> ear = sim.system().spawn(Behaviors.<String>receive((c, m) -> Behaviors.same()), "ear");
        ActorRef<String> far = b.refTo(a, ear);
        for (int i = 0; i < 1000; i++) {
            far.tell(LARGE);
        }
        b.loop.run(); // the connection is full
        List<Object> got = new ArrayList<>();
        there.tell(new Subscribe<>(recorder(got), 0));
        there.tell(new StreamDemand<>(5));
        nodes.settle();
        assertEquals(List.of("one"), got);
    }

    @Test
    void aStrangersDemandOnTheProducersNodeGoesNotBeyondTheWindow() {
        ActorRef<ConsumerMessage<String>> consumer = consumer("consumer", there, 2);
        nodes.settle();
        SourceRef<String> source = source(consumer);
        producer.tell(new StreamDemand<>(5));
        nodes.settle();
        put(sink, "e", 10);
        nodes.settle();
        assertFalse(
                source.outcome().isDone(), () -> "ended: " + source.outcome().join());
        assertEquals(2, source.ledger().inFlight());
    }

    @Test
    void aStrangersDemandOnTheConsumersNodeDoesNotEndTheStream() {
        ActorRef<ConsumerMessage<String>> consumer = consumer("consumer", there, 2);
        nodes.settle();
        SourceRef<String> source = source(consumer);
        there.tell(new StreamDemand<>(5));
        nodes.settle();
        put(sink, "e", 10);
        nodes.settle();
        assertEquals(2, source.ledger().inFlight());
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            source.drain(taken::add, 1);
            nodes.settle();
        }
        assertEquals(10, taken.size());
        assertFalse(
                source.outcome().isDone(), () -> "ended: " + source.outcome().join());
    }

    // ---- the link's thread

    @Test
    void aPublisherIsCalledInTurnsOnly() {
        ActorRef<ProducerMessage<String>> fed = sim.system().spawn(StreamProducer.<String>create(8), "fed");
        SinkRef<String> first = sim.ask(fed, GetSink<String>::new);
        SinkRef<String> second = sim.ask(fed, GetSink<String>::new);
        List<String> calls = new ArrayList<>();
        second.asSubscriber().onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                called("request");
            }

            @Override
            public void cancel() {
                called("cancel");
            }

            private void called(String what) {
                calls.add(what + (a.loop.inLoop() ? " by the link" : ""));
            }
        });
        consumer("consumer", b.refTo(a, fed), 4);
        nodes.settle();
        first.tryPut("one"); // rings: the link comes
        first.fail(new IllegalStateException("as planned")); // and so does a turn, but later
        nodes.loops();
        nodes.settle();
        assertEquals(List.of("request", "cancel"), calls);
    }

    // ---- the queue of streams

    @Test
    void aStreamIsInTheQueueOnceWhileDemandKeepsComing() throws Exception {
        put(sink, ELEMENT, MANY);
        ActorRef<ConsumerMessage<String>> consumer = consumer("consumer", there, 2000);
        subscribed();
        SourceRef<String> source = source(consumer);
        int taken = 0;
        int idle = 0;
        while (taken < MANY && idle < 1000) {
            a.loop.step();
            assertQueuedOnceAtMost();
            b.loop.step();
            int now = source.drain(e -> {}, 10_000);
            idle = now == 0 ? idle + 1 : 0;
            taken += now;
            sim.runUntilIdle();
        }
        assertEquals(MANY, taken);
    }

    @Test
    void aStreamIsInTheQueueOnceWhileElementsArePushed() throws Exception {
        put(sink, ELEMENT, MANY);
        List<Object> got = new ArrayList<>();
        there.tell(new Subscribe<>(recorder(got), Long.MAX_VALUE));
        subscribed();
        int pushed = 0;
        while (pushed < 3000 && got.size() < MANY) {
            producer.tell(new Push<>("pushed"));
            pushed++;
            sim.runUntilIdle();
            a.loop.step();
            assertQueuedOnceAtMost();
            b.loop.run();
        }
        nodes.settle();
        assertEquals(MANY + pushed, got.size());
    }

    private void assertQueuedOnceAtMost() throws Exception {
        int queued = ((MessagePassingQueue<?>) SteppedNodes.field(a.session(b), "ready")).size();
        assertTrue(queued <= 1, () -> "the only stream is queued " + queued + " times");
    }

    @Test
    void aSecondStreamHasItsShareBesideOneThatIsSaturated() {
        ActorRef<ProducerMessage<String>> other = sim.system().spawn(StreamProducer.<String>create(), "other");
        put(sink, ELEMENT, MANY);
        put(sim.ask(other, GetSink<String>::new), ELEMENT, MANY);
        ActorRef<ConsumerMessage<String>> consumer = consumer("consumer", there, 2000);
        subscribed();
        SourceRef<String> source = source(consumer);
        for (int i = 0; i < 2000; i++) {
            a.loop.step();
            b.loop.step();
            source.drain(e -> {}, 10_000);
            sim.runUntilIdle();
        }
        ActorRef<ConsumerMessage<String>> second = consumer("second", b.refTo(a, other), 2000);
        subscribed();
        SourceRef<String> secondSource = source(second);
        int ofFirst = 0;
        int ofSecond = 0;
        for (int i = 0; i < 1000; i++) {
            a.loop.step();
            b.loop.step();
            ofFirst += source.drain(e -> {}, 10_000);
            ofSecond += secondSource.drain(e -> {}, 10_000);
            sim.runUntilIdle();
        }
        assertTrue(ofFirst > 1000 && 2 * ofSecond > ofFirst, ofFirst + " of the first, " + ofSecond + " of the second");
    }

    /** The subscription is accepted; the link has not come for elements yet. */
    private void subscribed() {
        sim.runUntilIdle();
        b.loop.run();
        a.loop.step();
        sim.runUntilIdle();
    }
}
