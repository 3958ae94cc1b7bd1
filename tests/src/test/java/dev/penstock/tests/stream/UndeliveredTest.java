package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.UndeliveredReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Elements that were accepted and never delivered: who gets them, and what the ledger says. */
class UndeliveredTest {

    private static final int BUFFER = 3;
    private static final int WINDOW = 2;

    /** What a handler was given. */
    private record Lost(int element, UndeliveredReason reason) {}

    /** What the two handlers of a stream were given. */
    private static final class Handlers {
        private final List<Lost> producers = Collections.synchronizedList(new ArrayList<>());
        private final List<Lost> consumers = Collections.synchronizedList(new ArrayList<>());

        ProducerOptions producer() {
            return ProducerOptions.defaults().<Integer>onUndelivered((e, reason) -> producers.add(new Lost(e, reason)));
        }

        ConsumerOptions consumer() {
            return ConsumerOptions.defaults().<Integer>onUndelivered((e, reason) -> consumers.add(new Lost(e, reason)));
        }
    }

    /** A stream of six elements: the first is delivered, two are in flight, three are buffered. */
    private static Ends<Integer> filled(Rig rig, ProducerOptions producer, ConsumerOptions consumer) {
        Ends<Integer> ends = rig.stream(producer.bufferSize(BUFFER), consumer.initialDemand(WINDOW));
        Background<Integer> putter = rig.putting(ends.sink(), 1, 2, 3, 4, 5, 6);
        assertEquals(1, ends.source().iterator().next());
        ends.consumer().tell(new StreamDemand<>(1)); // or the one taken is requested anew when the reader comes back
        assertEquals(6, putter.result());
        Awaiting.that(
                "two in flight, three buffered",
                () -> ends.source().ledger().inFlight() == WINDOW
                        && ends.source().ledger().buffered() == BUFFER);
        return ends;
    }

    private static List<Lost> lost(UndeliveredReason reason, int... elements) {
        List<Lost> lost = new ArrayList<>();
        for (int element : elements) {
            lost.add(new Lost(element, reason));
        }
        return lost;
    }

    private static void assertFiveLost(Rig rig, Ends<Integer> ends, UndeliveredReason reason) {
        rig.awaitStopped(ends);
        StreamLedger ledger = ends.source().ledger();
        assertEquals(ledger, ends.sink().ledger());
        Rig.assertSettled(ledger);
        assertEquals(6, ledger.offered());
        assertEquals(1, ledger.delivered());
        assertEquals(5, ledger.undelivered());
        assertEquals(5, ledger.undelivered(reason));
    }

    private static List<Lost> sorted(List<Lost> lost) {
        List<Lost> sorted = new ArrayList<>(lost);
        sorted.sort(java.util.Comparator.comparingInt(Lost::element));
        return sorted;
    }

    @EachSetup
    void producersHandlerAloneGetsAll(Setup setup) {
        try (Rig rig = setup.open()) {
            Handlers handlers = new Handlers();
            Ends<Integer> ends = filled(rig, handlers.producer(), ConsumerOptions.defaults());
            ends.source().close();
            assertFiveLost(rig, ends, UndeliveredReason.CANCELLED);
            assertEquals(lost(UndeliveredReason.CANCELLED, 2, 3, 4, 5, 6), sorted(handlers.producers));
        }
    }

    @EachSetup
    void consumersHandlerAloneGetsAll(Setup setup) {
        try (Rig rig = setup.open()) {
            Handlers handlers = new Handlers();
            Ends<Integer> ends = filled(rig, ProducerOptions.defaults(), handlers.consumer());
            ends.source().close();
            assertFiveLost(rig, ends, UndeliveredReason.CANCELLED);
            assertEquals(lost(UndeliveredReason.CANCELLED, 2, 3, 4, 5, 6), sorted(handlers.consumers));
        }
    }

    @EachSetup
    void ofTwoHandlersEachGetsItsOwn(Setup setup) {
        try (Rig rig = setup.open()) {
            Handlers handlers = new Handlers();
            Ends<Integer> ends = filled(rig, handlers.producer(), handlers.consumer());
            ends.source().close();
            assertFiveLost(rig, ends, UndeliveredReason.CANCELLED);
            assertEquals(lost(UndeliveredReason.CANCELLED, 2, 3), sorted(handlers.consumers));
            assertEquals(lost(UndeliveredReason.CANCELLED, 4, 5, 6), sorted(handlers.producers));
        }
    }

    @EachSetup
    void withoutHandlersTheyAreCounted(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, ProducerOptions.defaults(), ConsumerOptions.defaults());
            ends.source().close();
            assertFiveLost(rig, ends, UndeliveredReason.CANCELLED);
        }
    }

    private static void assertReason(Setup setup, UndeliveredReason reason, EndingOf ending) {
        try (Rig rig = setup.open()) {
            Handlers handlers = new Handlers();
            Ends<Integer> ends = filled(rig, handlers.producer(), handlers.consumer());
            ending.end(rig, ends);
            assertFiveLost(rig, ends, reason);
            assertEquals(lost(reason, 2, 3), sorted(handlers.consumers));
            assertEquals(lost(reason, 4, 5, 6), sorted(handlers.producers));
        }
    }

    private interface EndingOf {
        void end(Rig rig, Ends<Integer> ends);
    }

    @EachSetup
    void reasonAfterCancelOfTheProducer(Setup setup) {
        assertReason(
                setup,
                UndeliveredReason.CANCELLED,
                (rig, ends) -> ends.producer().tell(new StreamCancel<>()));
    }

    @EachSetup
    void reasonAfterStopOfTheConsumer(Setup setup) {
        assertReason(
                setup, UndeliveredReason.CANCELLED, (rig, ends) -> rig.system().stop(ends.consumer()));
    }

    @EachSetup
    void reasonAfterStopOfTheProducer(Setup setup) {
        assertReason(
                setup, UndeliveredReason.PEER_LOST, (rig, ends) -> rig.system().stop(ends.producer()));
    }

    @EachSetup
    void reasonAfterAFailure(Setup setup) {
        assertReason(
                setup, UndeliveredReason.FAILED, (rig, ends) -> ends.consumer().tell(new StreamDemand<>(0)));
    }

    @EachSetup
    void elementsPutBeforeCompleteMayBeUndeliveredToo(Setup setup) {
        assertReason(setup, UndeliveredReason.CANCELLED, (rig, ends) -> {
            ends.sink().complete();
            ends.source().close();
        });
    }

    @EachSetup
    void handlerThatThrowsDoesNotKeepOthersFromTheirs(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
            Consumer<Integer> failing = element -> {
                seen.add(element);
                throw new ArithmeticException("by the handler");
            };
            Ends<Integer> ends = filled(
                    rig,
                    ProducerOptions.defaults().<Integer>onUndelivered((e, reason) -> failing.accept(e)),
                    ConsumerOptions.defaults().<Integer>onUndelivered((e, reason) -> failing.accept(e)));
            ends.source().close();
            assertFiveLost(rig, ends, UndeliveredReason.CANCELLED);
            assertEquals(List.of(2, 3, 4, 5, 6), seen.stream().sorted().toList());
        }
    }

    @EachSetup
    void withoutSubscriberTheProducersHandlerGetsThem(Setup setup) {
        try (Rig rig = setup.open()) {
            Handlers handlers = new Handlers();
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(handlers.producer());
            SinkRef<Integer> sink = rig.sink(producer);
            sink.tryPut(1);
            sink.tryPut(2);
            rig.system().stop(producer);
            rig.awaitStopped(producer);
            assertEquals(lost(UndeliveredReason.PEER_LOST, 1, 2), sorted(handlers.producers));
            Rig.assertSettled(sink.ledger());
        }
    }

    /** The consumer stops while its subscription is still on the way: what waits in the sink is its own all the same. */
    @Test
    void consumersHandlerGetsThemAlsoIfItLeavesBeforeTheProducerKnowsIt() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            Handlers handlers = new Handlers();
            ActorRef<ProducerMessage<Integer>> producer = stepped.producer(BUFFER);
            SinkRef<Integer> sink = stepped.sink(producer);
            sink.tryPut(1);
            sink.tryPut(2);
            stepped.system().stop(stepped.consumer(producer, handlers.consumer(), "consumer"));
            stepped.runAll();
            assertEquals(List.of(), stepped.system().actors());
            assertEquals(lost(UndeliveredReason.CANCELLED, 1, 2), handlers.consumers);
            Rig.assertSettled(sink.ledger());
        }
    }

    /** Who was asked to take a sink puts into it at once, then refuses it. */
    @EachSetup
    void elementsOfARefusedSinkAreHandedOver(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Object> lost = new CopyOnWriteArrayList<>();
            var producer = rig.<Integer>producer(ProducerOptions.defaults()
                    .bufferSize(2)
                    .<Integer>onUndelivered((element, reason) -> lost.add(element)));
            var sink = rig.sink(producer);
            CountDownLatch refused = new CountDownLatch(1);
            producer.tell(new GetSink<>(new ActorRef<>() {
                @Override
                public boolean tell(SinkRef<Integer> offered) {
                    offered.tryPut(1);
                    refused.countDown();
                    return false;
                }

                @Override
                public String path() {
                    return "/elsewhere";
                }
            }));
            Awaiting.that("the sink is refused", () -> refused.getCount() == 0);
            rig.settle(producer);
            assertEquals(List.of(1), lost);
            assertLedger(1, 0, 0, 0, sink.ledger());
            assertEquals(1, sink.ledger().undelivered(UndeliveredReason.CANCELLED));
            sink.tryPut(2);
            sink.complete();
            assertEquals(
                    List.of(2), rig.taking(rig.source(rig.consumer(producer))).result());
        }
    }

    @EachSetup
    void closeOfTheSystemHandsOverWhatIsLeft(Setup setup) {
        try (Rig rig = setup.open()) {
            Handlers handlers = new Handlers();
            Ends<Integer> ends = filled(rig, handlers.producer(), handlers.consumer());
            rig.system().close();
            Rig.assertSettled(ends.source().ledger());
            assertEquals(5, ends.source().ledger().undelivered());
            assertEquals(
                    List.of(2, 3),
                    sorted(handlers.consumers).stream().map(Lost::element).toList());
            assertEquals(
                    List.of(4, 5, 6),
                    handlers.producers.stream().map(Lost::element).toList());
        }
    }

    @EachSetup
    void ledgerFollowsAnElement(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(4);
            SinkRef<Integer> sink = rig.sink(producer);
            assertLedger(0, 0, 0, 0, sink.ledger());
            sink.tryPut(1);
            assertLedger(1, 0, 1, 0, sink.ledger());
            var source = rig.source(rig.consumer(producer, 1));
            Awaiting.that("in flight", () -> sink.ledger().inFlight() == 1);
            assertLedger(1, 0, 0, 1, sink.ledger());
            assertLedger(1, 0, 0, 1, source.ledger());
            assertEquals(1, source.iterator().next());
            assertLedger(1, 1, 0, 0, sink.ledger());
            source.close();
            rig.awaitNoActors();
            assertLedger(1, 1, 0, 0, source.ledger());
            assertEquals(0, source.ledger().undelivered());
        }
    }

    private static void assertLedger(long offered, long delivered, long buffered, long inFlight, StreamLedger ledger) {
        assertEquals(
                List.of(offered, delivered, buffered, inFlight),
                List.of(ledger.offered(), ledger.delivered(), ledger.buffered(), ledger.inFlight()),
                ledger::toString);
        Rig.assertBalanced(ledger);
    }
}
