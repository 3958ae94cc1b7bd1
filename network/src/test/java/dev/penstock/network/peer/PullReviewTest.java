package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behaviors;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.network.link.SteppedLoop;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
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
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PullReviewTest {

    private static final String BIG = "x".repeat(16 * 1024); // as long as a string may be

    private final MemoryLinks.Network network = new MemoryLinks.Network();
    private Simulation sim;
    private Side a;
    private Side b;

    private final class Side {
        final SteppedLoop loop = new SteppedLoop();
        final Member member;
        final Node node;

        Side(String name, long incarnation) throws IOException {
            MemoryLinks links = new MemoryLinks(network, loop);
            Node[] made = new Node[1];
            InetSocketAddress address =
                    links.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> made[0].accept());
            member = new Member(name, incarnation, address);
            node = made[0] =
                    new Node(sim.system(), "test", member, Codecs.none(), links, 5_000_000_000L, new Node.Listener() {
                        @Override
                        public void up(Member member) {}

                        @Override
                        public void down(Member member, String why) {}
                    });
        }

        <M> ActorRef<M> refTo(Side other, ActorRef<M> theirs) {
            return node.remote(other.member, other.node.export(theirs), theirs.path());
        }
    }

    @BeforeEach
    void connect() throws IOException {
        sim = Simulation.seeded(1);
        a = new Side("a", 1);
        b = new Side("b", 2);
        a.node.members(List.of(a.member, b.member));
        b.node.members(List.of(a.member, b.member));
        loops();
    }

    @AfterEach
    void close() {
        sim.close();
    }

    private int loops() {
        int all = 0;
        int n;
        while ((n = a.loop.run() + b.loop.run()) > 0) {
            all += n;
        }
        return all;
    }

    private void settle() {
        do {
            sim.runUntilIdle();
        } while (loops() > 0);
        sim.runUntilIdle();
    }

    private static Object field(Object of, String name) throws Exception {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }

    private static int size(Object queue) throws Exception {
        Method m = queue.getClass().getMethod("size");
        m.setAccessible(true);
        return (int) m.invoke(queue);
    }

    private Session session(Side of, Side to) {
        return of.node.peer(to.member.name(), to.member.incarnation()).session();
    }

    private <E> ActorRef<ConsumerMessage<E>> recorder(List<Object> got) {
        return sim.system()
                .spawn(
                        Behaviors.<ConsumerMessage<E>>receive((context, message) -> {
                            got.add(message instanceof StreamElement<E> e ? e.element() : message);
                            return Behaviors.same();
                        }),
                        "recorder");
    }

    /** F1: an element that was written at last, and filled the share: the stream is not queued again. */
    @Test
    void f1_unwrittenThenFullStallsASubscriberWithMuchDemand() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        List<Object> got = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            assertEquals(PutResult.ACCEPTED, sink.tryPut(BIG));
        }
        b.<ProducerMessage<String>>refTo(a, producer).tell(new Subscribe<>(recorder(got), Long.MAX_VALUE));
        settle();
        assertEquals(20, got.size());
    }

    /** F1 with a StreamConsumer whose reader does not look: how many of the window come? */
    @Test
    void f1_windowIsNotFilled() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        for (int i = 0; i < 20; i++) {
            assertEquals(PutResult.ACCEPTED, sink.tryPut(BIG));
        }
        ActorRef<ConsumerMessage<String>> consumer =
                sim.system().spawn(StreamConsumer.create(b.refTo(a, producer), 32), "consumer");
        settle();
        SourceRef<String> source = sim.ask(consumer, GetSource<String>::new);
        settle();
        assertEquals(20, source.ledger().inFlight());
    }

    /** A producer of a third node, as the loop of the member in between sees it. */
    private static final class Third implements ActorRef<ProducerMessage<Object>>, RemoteProducer {
        Downstream<Object> downstream;
        long requested;
        final SteppedLoop loop;
        boolean cancelled;

        Third(SteppedLoop loop) {
            this.loop = loop;
        }

        @Override
        public boolean tell(ProducerMessage<Object> message) {
            return true;
        }

        @Override
        public String path() {
            return "/third";
        }

        @Override
        @SuppressWarnings("unchecked")
        public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> to) {
            downstream = (Downstream<Object>) to;
            requested = subscribe.demand();
            return Optional.of(new Subscription() {
                @Override
                public void request(long n) {
                    requested += n;
                }

                @Override
                public void cancel() {
                    cancelled = true;
                }
            });
        }
    }

    /** F1 in a relay: the completion overtakes elements, which are lost in silence. */
    @Test
    void f1_relayLosesElementsBeforeTheCompletion() {
        Third third = new Third(a.loop);
        List<Object> got = new ArrayList<>();
        b.<ProducerMessage<Object>>refTo(a, third).tell(new Subscribe<>(recorder(got), 20));
        settle();
        a.loop.execute(() -> {
            for (int i = 0; i < 20; i++) {
                assertTrue(third.downstream.accept(i + BIG.substring(4)));
            }
            third.downstream.flush();
            third.downstream.completed(() -> {});
        });
        settle();
        assertEquals(21, got.size(), () -> "last: " + got.get(got.size() - 1));
    }

    /** F2: completion never told: the last element that was requested also filled the taker. */
    @Test
    void f2_completionIsNeverTold() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        List<Object> got = new ArrayList<>();
        b.<ProducerMessage<String>>refTo(a, producer).tell(new Subscribe<>(recorder(got), 1));
        settle();
        sink.tryPut(BIG);
        sink.complete();
        settle();
        assertEquals(2, got.size());
        assertTrue(got.get(1) instanceof StreamCompleted);
    }

    /** F3: demand that came before the producer accepted the subscription, which itself requested nothing. */
    @Test
    void f3_demandBeforeAcceptanceIsForgotten() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        sink.tryPut("one");
        sim.runUntilIdle();
        List<Object> got = new ArrayList<>();
        ActorRef<ProducerMessage<String>> there = b.refTo(a, producer);
        there.tell(new Subscribe<>(recorder(got), 0));
        b.loop.run();
        a.loop.run(); // the subscription is in the producer's mailbox
        there.tell(new StreamDemand<>(5));
        b.loop.run();
        a.loop.run(); // the demand is known to the link
        settle(); // now the producer's turn
        assertEquals(List.of("one"), got);
    }

    /** F4: a stranger's demand to the producer ends the stream of the remote consumer. */
    @Test
    void f4_aStrangersDemandFailsTheStream() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        ActorRef<ConsumerMessage<String>> consumer =
                sim.system().spawn(StreamConsumer.create(b.refTo(a, producer), 2), "consumer");
        settle();
        SourceRef<String> source = sim.ask(consumer, GetSource<String>::new);
        producer.tell(new StreamDemand<>(5));
        settle();
        for (int i = 0; i < 10; i++) {
            sink.tryPut("e" + i);
        }
        settle();
        assertFalse(
                source.outcome().isDone(), () -> "ended: " + source.outcome().join());
        assertEquals(2, source.ledger().inFlight());
    }

    /** F5: a publisher's code runs on the link's thread, with the lane held. */
    @Test
    void f5_publishersCodeOnTheLinksThread() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(8), "producer");
        SinkRef<String> first = sim.ask(producer, GetSink<String>::new);
        SinkRef<String> second = sim.ask(producer, GetSink<String>::new);
        List<String> calls = new ArrayList<>();
        second.asSubscriber().onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                calls.add("request " + (a.loop.inLoop() ? "on the loop" : "elsewhere"));
            }

            @Override
            public void cancel() {
                calls.add("cancel " + (a.loop.inLoop() ? "on the loop" : "elsewhere"));
            }
        });
        ActorRef<ConsumerMessage<String>> consumer =
                sim.system().spawn(StreamConsumer.create(b.refTo(a, producer), 4), "consumer");
        settle();
        SourceRef<String> source = sim.ask(consumer, GetSource<String>::new);
        settle();
        first.tryPut("one"); // rings: the link comes
        first.fail(new IllegalStateException("as planned")); // and so does a turn, later
        settleLoopsFirst();
        assertEquals(
                List.of(), calls.stream().filter(c -> c.endsWith("on the loop")).toList(), source::toString);
    }

    private void settleLoopsFirst() {
        loops();
        settle();
    }

    /** F6: entries of one stream in the queue of streams, while it is saturated and demand keeps coming. */
    @Test
    void f6_aStreamIsQueuedManyTimes() throws Exception {
        String element = "x".repeat(1000);
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        int count = 60_000;
        for (int i = 0; i < count; i++) {
            sink.tryPut(element);
        }
        ActorRef<ConsumerMessage<String>> consumer = sim.system()
                .spawn(
                        StreamConsumer.create(
                                b.refTo(a, producer), ConsumerOptions.defaults().initialDemand(2000)),
                        "consumer");
        settleBut();
        SourceRef<String> source = sim.ask(consumer, GetSource<String>::new);
        Object ready = field(session(a, b), "ready");
        int most = 0;
        int taken = 0;
        int idle = 0;
        while (taken < count && idle < 1000) {
            a.loop.step();
            most = Math.max(most, size(ready));
            b.loop.step();
            int now = source.drain(e -> {}, 10_000);
            idle = now == 0 ? idle + 1 : 0;
            taken += now;
            sim.runUntilIdle();
        }
        System.out.println("F6 taken " + taken + " most entries of one stream " + most);
        assertTrue(most <= 1, "entries: " + most);
    }

    private void settleBut() {
        sim.runUntilIdle();
        b.loop.run();
        a.loop.step();
        sim.runUntilIdle();
    }

    /** F6 again: pushes, or a publisher, each with a wake, while a slow link is saturated by unbounded demand. */
    @Test
    void f6_entriesGrowWithEachPush() throws Exception {
        String element = "x".repeat(1000);
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        int count = 60_000;
        for (int i = 0; i < count; i++) {
            sink.tryPut(element);
        }
        List<Object> got = new ArrayList<>();
        b.<ProducerMessage<String>>refTo(a, producer).tell(new Subscribe<>(recorder(got), Long.MAX_VALUE));
        settleBut();
        Object ready = field(session(a, b), "ready");
        int most = 0;
        for (int i = 0; i < 3000 && got.size() < count; i++) {
            producer.tell(new dev.penstock.stream.Push<>("pushed"));
            sim.runUntilIdle();
            a.loop.step();
            most = Math.max(most, size(ready));
            b.loop.run();
        }
        System.out.println("F6b got " + got.size() + " most entries of one stream " + most);
        assertTrue(most <= 1, "entries: " + most);
    }
    /** F6c: a second stream beside one that is queued many times. */
    @Test
    void f6_anotherStreamStarves() throws Exception {
        String element = "x".repeat(1000);
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        ActorRef<ProducerMessage<String>> other = sim.system().spawn(StreamProducer.<String>create(), "other");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        SinkRef<String> otherSink = sim.ask(other, GetSink<String>::new);
        for (int i = 0; i < 60_000; i++) {
            sink.tryPut(element);
            otherSink.tryPut(element);
        }
        ActorRef<ConsumerMessage<String>> consumer = sim.system()
                .spawn(
                        StreamConsumer.create(
                                b.refTo(a, producer), ConsumerOptions.defaults().initialDemand(2000)),
                        "consumer");
        settleBut();
        SourceRef<String> source = sim.ask(consumer, GetSource<String>::new);
        int[] taken = new int[2];
        for (int i = 0; i < 2000; i++) {
            a.loop.step();
            b.loop.step();
            taken[0] += source.drain(e -> {}, 10_000);
            sim.runUntilIdle();
        }
        int first = taken[0];
        ActorRef<ConsumerMessage<String>> second = sim.system()
                .spawn(
                        StreamConsumer.create(
                                b.refTo(a, other), ConsumerOptions.defaults().initialDemand(2000)),
                        "second");
        settleBut();
        SourceRef<String> otherSource = sim.ask(second, GetSource<String>::new);
        for (int i = 0; i < 1000; i++) {
            a.loop.step();
            b.loop.step();
            taken[0] += source.drain(e -> {}, 10_000);
            taken[1] += otherSource.drain(e -> {}, 10_000);
            sim.runUntilIdle();
        }
        System.out.println("F6c alone " + first + ", then " + (taken[0] - first) + " against " + taken[1]);
        assertTrue(taken[1] * 2 > taken[0] - first, taken[0] - first + " against " + taken[1]);
    }

    /** F4b: the same by somebody on the consumer's node, who has a ref of the producer. */
    @Test
    void f4_aStrangersDemandOnTheConsumersNode() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        ActorRef<ProducerMessage<String>> there = b.refTo(a, producer);
        ActorRef<ConsumerMessage<String>> consumer = sim.system().spawn(StreamConsumer.create(there, 2), "consumer");
        settle();
        SourceRef<String> source = sim.ask(consumer, GetSource<String>::new);
        there.tell(new StreamDemand<>(5));
        settle();
        for (int i = 0; i < 10; i++) {
            sink.tryPut("e" + i);
        }
        settle();
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            source.drain(taken::add, 1);
            settle();
        }
        assertEquals(10, taken.size());
        assertFalse(
                source.outcome().isDone(), () -> "ended: " + source.outcome().join());
    }

    /** F4c: demand told right after a subscription, over a connection that is congested: taken for a stranger's. */
    @Test
    void f4_demandToldBeforeTheSubscriptionWasWritten() {
        ActorRef<ProducerMessage<String>> producer = sim.system().spawn(StreamProducer.<String>create(), "producer");
        SinkRef<String> sink = sim.ask(producer, GetSink<String>::new);
        sink.tryPut("one");
        sim.runUntilIdle();
        ActorRef<String> ear = sim.system().spawn(Behaviors.<String>receive((c, m) -> Behaviors.same()), "ear");
        ActorRef<String> far = b.refTo(a, ear);
        for (int i = 0; i < 1000; i++) {
            far.tell(BIG);
        }
        b.loop.run(); // the connection is full
        List<Object> got = new ArrayList<>();
        ActorRef<ProducerMessage<String>> there = b.refTo(a, producer);
        there.tell(new Subscribe<>(recorder(got), 0));
        there.tell(new StreamDemand<>(5));
        b.loop.run();
        settle();
        assertEquals(List.of("one"), got);
    }
}
