package dev.penstock.tests.stream;

import static dev.penstock.tests.stream.PlayedLink.FLUSH;
import static dev.penstock.tests.stream.PlayedLink.SUBSCRIBED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.stream.UndeliveredReason;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer whose subscriber is on another node. */
class RemoteSubscriberTest {

    private static final StreamOutcome COMPLETED = new StreamOutcome.Completed();
    private static final StreamOutcome CANCELLED = new StreamOutcome.Cancelled();
    private static final StreamCompleted<Integer> END = new StreamCompleted<>();

    /** What a handler was given. */
    private record Lost(int element, UndeliveredReason reason) {}

    private static List<Lost> lost(UndeliveredReason reason, int... elements) {
        return Arrays.stream(elements)
                .mapToObj(element -> new Lost(element, reason))
                .toList();
    }

    /** A producer in a simulation, its sink, and a link. */
    private static final class Far implements AutoCloseable {
        final Simulation simulation;
        final List<DeadLetter> letters = new ArrayList<>();
        final List<Lost> undelivered = new ArrayList<>();
        final PlayedLink link = new PlayedLink();
        final ActorRef<ProducerMessage<Integer>> producer;
        SinkRef<Integer> sink;

        Far() {
            this(Simulation.seeded(0), false);
        }

        Far(Simulation simulation, boolean supervised) {
            this.simulation = simulation;
            simulation.system().subscribeDeadLetters(letters::add);
            var behavior = StreamProducer.<Integer>create(ProducerOptions.defaults()
                    .bufferSize(8)
                    .<Integer>onUndelivered((element, reason) -> undelivered.add(new Lost(element, reason))));
            producer = simulation
                    .system()
                    .spawn(
                            supervised ? Behaviors.supervise(behavior, SupervisorStrategy.restart()) : behavior,
                            "producer");
            sink = sink();
        }

        static Far supervised() {
            return new Far(Simulation.seeded(0), true);
        }

        /** With a subscriber, and so much demand. */
        static Far subscribed(long demand) {
            Far far = new Far();
            far.subscribe(demand);
            return far;
        }

        SinkRef<Integer> sink() {
            return simulation.ask(producer, GetSink<Integer>::new);
        }

        void subscribe(long demand) {
            tell(new Subscribe<>(link, demand));
        }

        void tell(ProducerMessage<Integer> message) {
            producer.tell(message);
            simulation.runUntilIdle();
        }

        void put(int... elements) {
            for (int element : elements) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
            }
            simulation.runUntilIdle();
        }

        void complete() {
            sink.complete();
            simulation.runUntilIdle();
        }

        void confirm() {
            link.upstream.confirmed();
            simulation.runUntilIdle();
        }

        void ended() {
            link.ended();
            simulation.runUntilIdle();
        }

        /** Makes the producer fail. */
        void crash(RuntimeException failure) {
            tell(new GetSink<>(new ActorRef<>() {
                @Override
                public boolean tell(SinkRef<Integer> ignored) {
                    throw failure;
                }

                @Override
                public String path() {
                    return "/nobody";
                }
            }));
        }

        void said(Object... expected) {
            assertEquals(List.of(expected), link.said);
        }

        void outcome(StreamOutcome expected) {
            assertEquals(expected, sink.outcome().getNow(null));
        }

        /** The producer has stopped; of these, so many were delivered, and the others handed over. */
        void stopped(int offered, int delivered) {
            assertTrue(simulation.system().lookup(producer.path()).isEmpty(), "the producer has stopped");
            settled(offered, delivered);
        }

        void settled(int offered, int delivered) {
            StreamLedger ledger = sink.ledger();
            Rig.assertSettled(ledger);
            assertEquals(offered, ledger.offered());
            assertEquals(delivered, ledger.delivered());
            assertEquals(offered - delivered, undelivered.size(), undelivered::toString);
        }

        /** What is neither delivered nor handed over is buffered. */
        void settledButFor(int offered, int delivered, int buffered) {
            StreamLedger ledger = sink.ledger();
            Rig.assertBalanced(ledger);
            assertEquals(offered, ledger.offered());
            assertEquals(delivered, ledger.delivered());
            assertEquals(buffered, ledger.buffered());
        }

        boolean isAlive() {
            return simulation.system().lookup(producer.path()).isPresent();
        }

        @Override
        public void close() {
            simulation.close();
        }
    }

    // ---- elements

    @Test
    void elementsArePassedAsTheyAreAndEachRunIsFlushed() {
        try (Far far = Far.subscribed(2)) {
            far.said(SUBSCRIBED);
            far.put(1);
            far.put(2, 3);
            far.said(SUBSCRIBED, 1, FLUSH, 2, FLUSH);
            far.put(4);
            far.tell(new StreamDemand<>(5));
            far.said(SUBSCRIBED, 1, FLUSH, 2, FLUSH, 3, 4, FLUSH);
            far.tell(new StreamDemand<>(5));
            assertEquals(8, far.link.said.size(), "what is no run is not flushed");
            far.settled(4, 4);
        }
    }

    @Test
    void pushesTravelLikePuts() {
        try (Far far = Far.subscribed(2)) {
            far.tell(new Push<>(1));
            far.put(2);
            far.said(SUBSCRIBED, 1, FLUSH, 2, FLUSH);
        }
    }

    @Test
    void theLinkIsWatchedUntilTheProducerStops() {
        try (Far far = Far.subscribed(2)) {
            assertEquals(1, far.link.watches);
            far.tell(new StreamCancel<>());
            assertEquals(0, far.link.watches);
        }
    }

    @Test
    void aRefusedLinkIsNotSubscribed() {
        try (Far far = Far.subscribed(2)) {
            PlayedLink second = new PlayedLink();
            far.tell(new Subscribe<>(second, 2));
            StreamFailed<?> refused = assertInstanceOf(StreamFailed.class, second.said.get(0));
            assertInstanceOf(AlreadySubscribedException.class, refused.cause());
            assertEquals(1, second.said.size());
            assertEquals(0, second.watches);
            far.said(SUBSCRIBED);
        }
    }

    @Test
    void anElementThatTheLinkRefusesFailsTheStream() {
        ArithmeticException full = new ArithmeticException("full");
        try (Far far = new Far()) {
            far.link.accepts = element -> element == 3 ? full : null;
            far.put(1, 2, 3, 4, 5);
            far.subscribe(4);
            far.said(SUBSCRIBED, 1, 2, 3, FLUSH, new StreamFailed<>(full));
            far.outcome(new StreamOutcome.Failed(full));
            assertEquals(lost(UndeliveredReason.FAILED, 3, 4, 5), far.undelivered);
            far.stopped(5, 2);
        }
    }

    @Test
    void aLinkThatThrowsFailsTheStream() {
        ArithmeticException broken = new ArithmeticException("broken");
        try (Far far = Far.subscribed(4)) {
            far.link.accepts = element -> {
                throw broken;
            };
            far.put(1);
            far.said(SUBSCRIBED, 1, FLUSH, new StreamFailed<>(broken));
            far.outcome(new StreamOutcome.Failed(broken));
            assertEquals(lost(UndeliveredReason.FAILED, 1), far.undelivered);
            far.stopped(1, 0);
        }
    }

    @Test
    void aLinkThatThrowsWhenItIsFlushedFailsTheStreamAndKeepsWhatItAccepted() {
        ArithmeticException broken = new ArithmeticException("broken");
        try (Far far = Far.subscribed(1)) {
            far.link.onFlush = () -> {
                throw broken;
            };
            far.put(1, 2);
            far.said(SUBSCRIBED, 1, FLUSH, new StreamFailed<>(broken));
            far.outcome(new StreamOutcome.Failed(broken));
            assertEquals(lost(UndeliveredReason.FAILED, 2), far.undelivered);
            far.stopped(2, 1);
        }
    }

    @Test
    void aLinkThatThrowsWhenItIsSubscribedFailsTheStream() {
        ArithmeticException broken = new ArithmeticException("broken");
        try (Far far = new Far()) {
            far.link.onSubscribed = () -> {
                throw broken;
            };
            far.put(1);
            far.subscribe(1);
            far.said(SUBSCRIBED, new StreamFailed<>(broken));
            far.outcome(new StreamOutcome.Failed(broken));
            far.stopped(1, 0);
        }
    }

    // ---- what the link gives back

    @Test
    void whatTheLinkGivesBackIsUndeliveredOnceAndInOrder() {
        try (Far far = Far.subscribed(3)) {
            far.put(1, 2, 3, 4);
            far.settledButFor(4, 3, 1);
            far.link.lost = true;
            far.link.upstream.undelivered(2);
            far.link.upstream.undelivered(3);
            assertEquals(lost(UndeliveredReason.PEER_LOST, 2, 3), far.undelivered, "no turn is needed");
            far.settledButFor(4, 1, 1);
            far.tell(new StreamCancel<>());
            far.outcome(new StreamOutcome.PeerLost(far.link));
            assertEquals(lost(UndeliveredReason.PEER_LOST, 2, 3, 4), far.undelivered);
            far.stopped(4, 1);
        }
    }

    /** A run is counted when it is over; the link may give back some of it before. */
    @Test
    void theLedgerOfARunThatComesBackAtOnceHasNoNegativeNumber() {
        try (Far far = Far.subscribed(2)) {
            List<StreamLedger> seen = new ArrayList<>();
            far.link.accepts = element -> {
                far.link.upstream.undelivered(element);
                seen.add(far.sink.ledger());
                return null;
            };
            far.put(1, 2);
            seen.forEach(ledger -> assertEquals(0, ledger.delivered(), ledger::toString));
            assertEquals(2, seen.size());
            far.settled(2, 0);
        }
    }

    @Test
    void whatComesBackAfterTheProducerHasStoppedIsUndeliveredForTheOutcomesReason() {
        ArithmeticException cause = new ArithmeticException();
        for (StreamOutcome how : List.of(CANCELLED, new StreamOutcome.Failed(cause))) {
            try (Far far = Far.subscribed(3)) {
                far.put(1, 2);
                far.tell(how == CANCELLED ? new StreamCancel<>() : new FailStream<>(cause));
                far.stopped(2, 2);
                far.link.upstream.undelivered(2);
                UndeliveredReason reason = how == CANCELLED ? UndeliveredReason.CANCELLED : UndeliveredReason.FAILED;
                assertEquals(lost(reason, 2), far.undelivered);
                far.outcome(how);
                far.stopped(2, 1);
                assertEquals(List.of(), far.letters);
            }
        }
    }

    @Test
    void aHandlerThatThrowsIsNoBusinessOfTheLinks() {
        try (Simulation simulation = Simulation.seeded(0)) {
            ActorRef<ProducerMessage<Integer>> producer = simulation
                    .system()
                    .spawn(
                            StreamProducer.create(
                                    ProducerOptions.defaults().<Integer>onUndelivered((element, reason) -> {
                                        throw new ArithmeticException("the handler");
                                    })),
                            "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            PlayedLink link = new PlayedLink();
            producer.tell(new Subscribe<>(link, 1));
            sink.tryPut(1);
            simulation.runUntilIdle();
            link.lost = true;
            link.upstream.undelivered(1);
            assertEquals(1, sink.ledger().undelivered(UndeliveredReason.PEER_LOST));
            Rig.assertSettled(sink.ledger());
        }
    }

    @Test
    void whatComesBackFromALinkThatIsNotLostWasCancelled() {
        try (Simulation simulation = Simulation.seeded(0)) {
            ActorRef<ProducerMessage<Integer>> producer =
                    simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            PlayedLink link = new PlayedLink();
            producer.tell(new Subscribe<>(link, 1));
            sink.tryPut(1);
            simulation.runUntilIdle();
            link.upstream.undelivered(1); // and the cancellation is on its way
            producer.tell(new StreamCancel<>());
            simulation.runUntilIdle();
            assertEquals(1, sink.ledger().undelivered(UndeliveredReason.CANCELLED));
            assertEquals(new StreamOutcome.Cancelled(), sink.outcome().getNow(null));
        }
    }

    @Test
    void aLinkThatCannotSendAnElementFailsTheStream() {
        try (Simulation simulation = Simulation.seeded(0)) {
            ActorRef<ProducerMessage<Integer>> producer =
                    simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            PlayedLink link = new PlayedLink();
            producer.tell(new Subscribe<>(link, 1));
            sink.tryPut(1);
            sink.tryPut(2);
            simulation.runUntilIdle();
            IllegalStateException cause = new IllegalStateException("too large");
            link.upstream.failed(cause);
            link.upstream.undelivered(1);
            simulation.runUntilIdle();
            assertEquals(new StreamOutcome.Failed(cause), sink.outcome().getNow(null));
            assertEquals(PutResult.CLOSED, sink.tryPut(3));
            assertEquals(2, sink.ledger().undelivered());
            Rig.assertSettled(sink.ledger());
            assertEquals(List.of(PlayedLink.SUBSCRIBED, 1, PlayedLink.FLUSH), link.said);
        }
    }

    /** A thread of the link's gives elements back while others are put and passed, and goes on when the producer has stopped. */
    @EachSetup
    void giveBackByAThreadOfTheLinks(Setup setup) {
        int count = 3_000;
        List<Integer> undelivered = new CopyOnWriteArrayList<>();
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(ProducerOptions.defaults()
                    .bufferSize(16)
                    .<Integer>onUndelivered((element, reason) -> undelivered.add(element)));
            SinkRef<Integer> sink = rig.sink(producer);
            PlayedLink link = new PlayedLink();
            LinkedBlockingQueue<Integer> queue = new LinkedBlockingQueue<>();
            link.accepts = element -> {
                if (element % 10 == 0) {
                    queue.add(element);
                }
                return null;
            };
            producer.tell(new Subscribe<>(link, Long.MAX_VALUE));
            rig.settle(producer);
            Background<Void> links = rig.background("link", () -> {
                for (int i = 0; i < count; i += 10) {
                    link.upstream.undelivered(queue.take());
                }
                return null;
            });
            Background<Void> putter = rig.background("putter", () -> {
                for (int i = 0; i < count; i++) {
                    sink.put(i);
                }
                sink.fail(new ArithmeticException());
                return null;
            });
            putter.result();
            links.result();
            rig.awaitStopped(producer);
            assertEquals(
                    IntStream.range(0, count).filter(i -> i % 10 == 0).boxed().toList(), undelivered);
            Rig.assertSettled(sink.ledger());
            assertEquals(count - count / 10, sink.ledger().delivered());
        }
    }

    // ---- completion, and its confirmation

    @Test
    void aCompletionIsDecidedWhenItIsConfirmed() {
        try (Far far = Far.subscribed(3)) {
            far.put(1);
            far.complete();
            far.said(SUBSCRIBED, 1, FLUSH, END);
            far.outcome(null);
            assertTrue(far.isAlive());
            far.confirm();
            far.outcome(COMPLETED);
            far.stopped(1, 1);
            far.confirm();
            far.tell(new StreamCancel<>());
            far.outcome(COMPLETED);
            far.said(SUBSCRIBED, 1, FLUSH, END);
        }
    }

    @Test
    void aLinkMayConfirmWithinTheMessage() {
        try (Far far = Far.subscribed(3)) {
            far.link.takes = message -> {
                far.link.upstream.confirmed();
                return true;
            };
            far.complete();
            far.outcome(COMPLETED);
            far.stopped(0, 0);
        }
    }

    @Test
    void untilThenNothingIsAcceptedAndTheEndIsToldOnce() {
        try (Far far = Far.subscribed(3)) {
            far.complete();
            assertEquals(PutResult.CLOSED, far.sink.tryPut(1));
            SinkRef<Integer> late = far.sink();
            assertEquals(PutResult.CLOSED, late.tryPut(1));
            far.tell(new Push<>(2));
            assertEquals(
                    List.of(new DeadLetter(new Push<>(2), far.producer.path(), DeadLetter.Reason.STOPPED)),
                    far.letters);
            PlayedLink second = new PlayedLink();
            far.tell(new Subscribe<>(second, 1));
            assertInstanceOf(StreamFailed.class, second.said.get(0));
            far.tell(new StreamDemand<>(7)); // it has crossed the end
            far.tell(new StreamDemand<>(0));
            far.tell(new CompleteStream<>());
            far.tell(new FailStream<>(new ArithmeticException()));
            far.said(SUBSCRIBED, END);
            far.outcome(null);
            far.confirm();
            far.outcome(COMPLETED);
            assertEquals(COMPLETED, late.outcome().getNow(null));
            far.stopped(0, 0);
        }
    }

    @Test
    void aConfirmationBeforeTheEndMeansNothing() {
        try (Far far = Far.subscribed(3)) {
            far.confirm();
            far.put(1);
            far.confirm();
            far.outcome(null);
            far.complete();
            far.outcome(null);
            assertTrue(far.isAlive());
            far.confirm();
            far.outcome(COMPLETED);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCancelBeforeTheConfirmationDecides(boolean lost) {
        try (Far far = Far.subscribed(3)) {
            far.put(1);
            far.complete();
            far.link.lost = lost;
            far.link.upstream.undelivered(1);
            far.producer.tell(new StreamCancel<>());
            far.confirm(); // later: the cancellation was first
            far.outcome(lost ? new StreamOutcome.PeerLost(far.link) : CANCELLED);
            far.stopped(1, 0);
            far.said(SUBSCRIBED, 1, FLUSH, END);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfTheConsumerBeforeTheConfirmationDecides(boolean lost) {
        try (Far far = Far.subscribed(3)) {
            far.complete();
            far.link.lost = lost;
            far.ended();
            far.outcome(lost ? new StreamOutcome.PeerLost(far.link) : CANCELLED);
            far.confirm();
            far.outcome(lost ? new StreamOutcome.PeerLost(far.link) : CANCELLED);
            far.stopped(0, 0);
        }
    }

    @Test
    void aConfirmationBeforeACancelDecides() {
        try (Far far = Far.subscribed(3)) {
            far.complete();
            far.link.lost = true;
            far.link.upstream.confirmed();
            far.tell(new StreamCancel<>());
            far.outcome(COMPLETED);
            far.stopped(0, 0);
        }
    }

    /** Or the producer would wait for ever for a link that does not have the end. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLinkThatDoesNotTakeTheCompletionHasLeft(boolean throwing) {
        try (Far far = Far.subscribed(3)) {
            far.link.takes = message -> {
                if (throwing) {
                    throw new ArithmeticException("broken");
                }
                return false;
            };
            far.link.lost = throwing;
            far.complete();
            far.outcome(throwing ? new StreamOutcome.PeerLost(far.link) : CANCELLED);
            far.stopped(0, 0);
        }
    }

    @Test
    void anEmptyStreamThatHadCompletedBeforeIsNotConfirmed() {
        try (Far far = new Far()) {
            far.complete();
            far.outcome(COMPLETED);
            far.subscribe(1);
            far.said(SUBSCRIBED, END);
            far.stopped(0, 0);
        }
    }

    @Test
    void elementsBeforeTheSubscriptionAndTheirCompletionAre() {
        try (Far far = new Far()) {
            far.put(1, 2);
            far.complete();
            far.subscribe(2);
            far.said(SUBSCRIBED, 1, 2, FLUSH, END);
            far.outcome(null);
            far.confirm();
            far.outcome(COMPLETED);
            far.stopped(2, 2);
        }
    }

    @Test
    void aFailureIsDecidedAtOnce() {
        ArithmeticException cause = new ArithmeticException();
        try (Far far = Far.subscribed(3)) {
            far.put(1);
            far.sink.fail(cause);
            far.simulation.runUntilIdle();
            far.said(SUBSCRIBED, 1, FLUSH, new StreamFailed<>(cause));
            far.outcome(new StreamOutcome.Failed(cause));
            far.stopped(1, 1);
        }
    }

    @Test
    void demandThatIsNotPositiveFailsTheStream() {
        for (boolean atFirst : new boolean[] {true, false}) {
            try (Far far = new Far()) {
                far.put(1);
                far.subscribe(atFirst ? -1 : 0);
                if (!atFirst) {
                    far.tell(new StreamDemand<>(0));
                }
                assertEquals(SUBSCRIBED, far.link.said.get(0));
                StreamFailed<?> failed = assertInstanceOf(StreamFailed.class, far.link.said.get(1));
                assertInstanceOf(IllegalArgumentException.class, failed.cause());
                far.outcome(new StreamOutcome.Failed(failed.cause()));
                far.stopped(1, 0);
            }
        }
    }

    // ---- other ends

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCancelOfALostLinkIsItsLoss(boolean lost) {
        try (Far far = Far.subscribed(1)) {
            far.put(1, 2);
            far.link.lost = lost;
            far.tell(new StreamCancel<>());
            far.outcome(lost ? new StreamOutcome.PeerLost(far.link) : CANCELLED);
            assertEquals(lost(lost ? UndeliveredReason.PEER_LOST : UndeliveredReason.CANCELLED, 2), far.undelivered);
            far.stopped(2, 1);
            far.said(SUBSCRIBED, 1, FLUSH);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theEndOfTheConsumerIsACancelOrItsLoss(boolean lost) {
        try (Far far = Far.subscribed(1)) {
            far.put(1, 2);
            far.link.lost = lost;
            far.ended();
            far.outcome(lost ? new StreamOutcome.PeerLost(far.link) : CANCELLED);
            far.stopped(2, 1);
        }
    }

    @Test
    void theLinkHearsThatTheProducerStopped() {
        try (Far far = Far.subscribed(1)) {
            far.put(1, 2);
            far.simulation.system().stop(far.producer);
            far.simulation.runUntilIdle();
            far.outcome(new StreamOutcome.PeerLost(far.producer));
            StreamFailed<?> told = assertInstanceOf(StreamFailed.class, far.link.said.get(3));
            PeerLostException gone = assertInstanceOf(PeerLostException.class, told.cause());
            assertEquals(far.producer, gone.peer());
            assertEquals(4, far.link.said.size());
            assertEquals(0, far.link.watches);
            assertEquals(lost(UndeliveredReason.PEER_LOST, 2), far.undelivered);
            far.stopped(2, 1);
        }
    }

    @Test
    void theLinkHearsWhatTheProducerFailedOf() {
        ArithmeticException crash = new ArithmeticException("crash");
        try (Far far = Far.supervised()) {
            far.subscribe(1);
            far.put(1, 2);
            far.crash(crash);
            far.said(SUBSCRIBED, 1, FLUSH, new StreamFailed<>(crash));
            far.outcome(new StreamOutcome.Failed(crash));
            assertEquals(0, far.link.watches);
            assertTrue(far.isAlive());
            far.settled(2, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProducerThatEndsBeforeTheConfirmationTellsNoSecondEnd(boolean closes) {
        try (Far far = Far.subscribed(1)) {
            far.complete();
            if (closes) {
                far.simulation.system().close();
            } else {
                far.simulation.system().stop(far.producer);
                far.simulation.runUntilIdle();
            }
            far.outcome(new StreamOutcome.PeerLost(far.producer));
            far.said(SUBSCRIBED, END);
            far.link.upstream.confirmed();
            far.outcome(new StreamOutcome.PeerLost(far.producer));
        }
    }

    @Test
    void aLateConfirmationIsNotOfTheStreamAfterARestart() {
        ArithmeticException crash = new ArithmeticException("crash");
        try (Far far = Far.supervised()) {
            far.subscribe(1);
            far.complete();
            far.crash(crash);
            far.outcome(new StreamOutcome.Failed(crash));
            far.said(SUBSCRIBED, END);

            far.sink = far.sink();
            PlayedLink second = new PlayedLink();
            far.tell(new Subscribe<>(second, 1));
            far.complete();
            assertEquals(List.of(SUBSCRIBED, END), second.said);
            far.confirm(); // of the first
            far.outcome(null);
            assertTrue(far.isAlive());
            second.upstream.confirmed();
            far.simulation.runUntilIdle();
            far.outcome(COMPLETED);
            assertFalse(far.isAlive());
        }
    }

    // ---- whatever happens when

    /**
     * A link that takes its time, and at some moment confirms, hears of a cancellation, or is lost: whatever the order, each
     * element came to the other side or was handed over, once, and the outcome is one that can be.
     */
    @Test
    void everyElementArrivesOrComesBackAndTheOutcomeFits() {
        Set<Class<?>> seen = new HashSet<>();
        Simulation.explore(600, simulation -> {
            int count = (int) (simulation.seed() % 7);
            int before = (int) (simulation.seed() / 7 % 12); // steps of the link's until it ends
            boolean loses = simulation.seed() % 2 == 0;
            Far far = new Far(simulation, false);
            Queue<Integer> accepted = new ArrayDeque<>();
            List<Integer> arrived = new ArrayList<>();
            far.link.accepts = element -> {
                accepted.add(element);
                return null;
            };
            AtomicInteger put = new AtomicInteger();
            AtomicInteger steps = new AtomicInteger();
            far.producer.tell(new Subscribe<>(far.link, 2));
            simulation.loop("putter", () -> {
                if (put.get() == count) {
                    far.producer.tell(new CompleteStream<>());
                    return Progress.FINISHED;
                }
                PutResult result = far.sink.tryPut(put.get());
                if (result == PutResult.ACCEPTED) {
                    put.incrementAndGet();
                }
                return result == PutResult.CLOSED
                        ? Progress.FINISHED
                        : result == PutResult.FULL ? Progress.AGAIN : Progress.DONE;
            });
            simulation.loop("link", () -> {
                if (steps.getAndIncrement() == before) {
                    far.link.lost = loses;
                    far.producer.tell(new StreamCancel<>());
                    accepted.forEach(element -> far.link.upstream.undelivered(element));
                    accepted.clear();
                    return Progress.FINISHED;
                }
                Integer element = accepted.poll();
                if (element != null) {
                    arrived.add(element);
                    far.producer.tell(new StreamDemand<>(1));
                } else if (far.link.said.contains(END)) {
                    far.link.upstream.confirmed();
                    return Progress.FINISHED;
                }
                return Progress.DONE;
            });
            simulation.run();
            accepted.forEach(element -> far.link.upstream.undelivered(element)); // by a run that was on its way
            StreamOutcome how = far.sink.outcome().getNow(null);
            seen.add(how.getClass());
            List<Integer> all = new ArrayList<>(arrived);
            all.addAll(far.undelivered.stream().map(Lost::element).toList());
            Collections.sort(all);
            assertEquals(IntStream.range(0, put.get()).boxed().collect(Collectors.toList()), all);
            if (how.equals(COMPLETED)) {
                assertEquals(count, arrived.size());
            } else {
                assertEquals(loses ? new StreamOutcome.PeerLost(far.link) : CANCELLED, how);
            }
            far.stopped(put.get(), arrived.size());
        });
        assertEquals(
                Set.of(StreamOutcome.Completed.class, StreamOutcome.Cancelled.class, StreamOutcome.PeerLost.class),
                seen);
    }
}
