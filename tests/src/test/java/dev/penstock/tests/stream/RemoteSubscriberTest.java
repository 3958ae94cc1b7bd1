package dev.penstock.tests.stream;

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
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
        boolean comes = true; // the link, when it is woken

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

        /** With a subscriber whose link comes only when the test has it come. */
        static Far waiting(long demand) {
            Far far = new Far();
            far.comes = false;
            far.subscribe(demand);
            return far;
        }

        /** Until nobody has anything to do. */
        void run() {
            do {
                simulation.runUntilIdle();
            } while (comes && link.fetchIfWoken());
        }

        void woken(int times) {
            assertEquals(times, link.wakes.get(), "woken");
        }

        void tell(ProducerMessage<Integer> message) {
            producer.tell(message);
            run();
        }

        void put(int... elements) {
            for (int element : elements) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
            }
            run();
        }

        void complete() {
            sink.complete();
            run();
        }

        void confirm() {
            link.upstream.confirmed();
            run();
        }

        void ended() {
            link.ended();
            run();
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
    void elementsWaitUntilTheLinkComesForThem() {
        try (Far far = Far.waiting(2)) {
            far.put(1, 2, 3);
            far.said(SUBSCRIBED);
            far.settledButFor(3, 0, 3);
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1, 2);
            far.settledButFor(3, 2, 1);
        }
    }

    @Test
    void aFetchTakesNoMoreThanWasRequested() {
        try (Far far = Far.waiting(0)) {
            far.put(1, 2, 3, 4, 5, 6, 7);
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED);
            far.link.upstream.request(1);
            far.link.upstream.request(2);
            assertFalse(far.link.fetch());
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1, 2, 3);
            far.link.upstream.request(1);
            far.tell(new StreamDemand<>(2)); // the one as good as the other
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1, 2, 3, 4, 5, 6);
            far.settledButFor(7, 6, 1);
            far.link.upstream.request(Long.MAX_VALUE);
            far.link.upstream.request(Long.MAX_VALUE);
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1, 2, 3, 4, 5, 6, 7);
        }
    }

    @Test
    void aTakerThatHasNoRoomLeavesTheRestForLater() {
        try (Far far = Far.waiting(5)) {
            far.put(1, 2, 3, 4);
            assertTrue(far.link.fetch(2));
            far.said(SUBSCRIBED, 1, 2);
            assertTrue(far.link.fetch(1));
            far.said(SUBSCRIBED, 1, 2, 3);
            far.settledButFor(4, 3, 1);
            assertFalse(far.link.fetch(2), "there was room for one more");
            far.said(SUBSCRIBED, 1, 2, 3, 4);
            far.woken(1);
            far.put(5); // the bell is armed: that fetch found nothing more
            far.woken(2);
        }
    }

    @Test
    void severalSinksAreTakenFromInTurn() {
        try (Far far = Far.waiting(70)) {
            SinkRef<Integer> other = far.sink();
            far.put(1, 2, 3);
            assertEquals(PutResult.ACCEPTED, other.tryPut(11));
            assertEquals(PutResult.ACCEPTED, other.tryPut(12));
            assertTrue(far.link.fetch(2));
            assertTrue(far.link.fetch(2));
            assertFalse(far.link.fetch(2));
            List<Object> all = new ArrayList<>(far.link.said);
            all.removeIf(what -> !(what instanceof Integer element && element < 10));
            assertEquals(List.of(1, 2, 3), all);
            assertEquals(1 + 5, far.link.said.size());
            other.complete();
            far.put(4);
            far.complete();
            assertFalse(far.link.fetch());
            far.run();
            assertEquals(END, far.link.said.get(7));
        }
    }

    @Test
    void theBellWakesTheLinkOnceAndNotForEachElement() {
        try (Far far = Far.waiting(100)) {
            far.woken(0); // it has demand, and there is nothing: the turn has armed the bell
            far.put(1, 2);
            far.woken(1);
            assertFalse(far.link.fetch());
            far.put(3);
            far.woken(2);
            far.put(4, 5, 6);
            far.woken(2);
            assertFalse(far.link.fetch());
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1, 2, 3, 4, 5, 6);
            far.put(7);
            far.woken(3);
        }
    }

    @Test
    void withoutDemandNothingWakesAndAMessageThatBringsSomeDoes() {
        try (Far far = Far.waiting(1)) {
            assertFalse(far.link.fetch());
            far.put(1);
            far.woken(1);
            assertFalse(far.link.fetch());
            far.put(2, 3);
            far.tell(new Push<>(4));
            far.woken(1);
            far.link.upstream.request(1); // the link comes by itself
            far.woken(1);
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1, 2);
            far.tell(new StreamDemand<>(1));
            far.woken(2);
            assertFalse(far.link.fetch());
            assertEquals(4, far.link.said.size());
        }
    }

    @Test
    void pushesTravelLikePuts() {
        try (Far far = Far.subscribed(2)) {
            far.tell(new Push<>(1));
            far.put(2);
            far.said(SUBSCRIBED, 1, 2);
        }
    }

    @Test
    void whoComesDuringATurnGetsNothingAndIsWokenAfterIt() {
        try (Far far = new Far()) {
            far.comes = false;
            far.put(1);
            AtomicInteger inTurn = new AtomicInteger();
            far.link.onWake = () -> {
                if (inTurn.getAndIncrement() == 0) {
                    assertFalse(far.link.fetch());
                }
            };
            far.subscribe(2);
            far.said(SUBSCRIBED);
            far.woken(2);
            assertFalse(far.link.fetch());
            far.said(SUBSCRIBED, 1);
            far.woken(2);
        }
    }

    /** Whoever subscribes may request at once, and not by the subscription. */
    @Test
    void demandThatTheLinkTellsWithinTheSubscriptionWakesIt() {
        try (Far far = new Far()) {
            far.link.onSubscribed = () -> far.link.upstream.request(2);
            far.put(1, 2, 3);
            far.subscribe(0);
            far.said(SUBSCRIBED, 1, 2);
            far.settledButFor(3, 2, 1);
        }
    }

    /** A thread that waits for room in the sink goes on when the link has taken something. */
    @EachSetup
    void whoeverWaitsForRoomGoesOnAfterAFetch(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            PlayedLink link = new PlayedLink();
            producer.tell(new Subscribe<>(link, 4));
            rig.settle(producer);
            Background<Integer> putter = rig.putting(sink, 1, 2, 3, 4, 5, 6);
            rig.awaitBlockedPut(putter, sink, 2);
            Awaiting.that("it goes on", () -> {
                link.fetch(1);
                return link.said.size() == 4; // the producer may be in a turn
            });
            rig.awaitBlockedPut(putter, sink, 5);
            Awaiting.that("all that was requested", () -> {
                link.fetch();
                return link.said.size() == 5;
            });
            assertEquals(6, putter.result());
            assertFalse(link.fetch());
            assertEquals(List.of(SUBSCRIBED, 1, 2, 3, 4), link.said);
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
    void aLinkThatThrowsWhenItIsWokenFailsTheStream() {
        ArithmeticException broken = new ArithmeticException("broken");
        try (Far far = new Far()) {
            far.link.onWake = () -> {
                throw broken;
            };
            far.put(1);
            far.subscribe(4);
            far.said(SUBSCRIBED, new StreamFailed<>(broken));
            far.outcome(new StreamOutcome.Failed(broken));
            assertEquals(lost(UndeliveredReason.FAILED, 1), far.undelivered);
            far.stopped(1, 0);
        }
    }

    @Test
    void itIsNoBusinessOfWhoeverPuts() {
        ArithmeticException broken = new ArithmeticException("broken");
        try (Far far = Far.subscribed(4)) { // and the bell is armed
            far.link.onWake = () -> {
                throw broken;
            };
            far.put(1);
            far.said(SUBSCRIBED, new StreamFailed<>(broken));
            far.outcome(new StreamOutcome.Failed(broken));
            far.stopped(1, 0);
        }
    }

    /** It says otherwise how the stream ends. */
    @Test
    void aLinkThatIsLostAndIsWokenAllTheSameChangesNothing() {
        try (Far far = Far.subscribed(4)) {
            far.link.lost = true;
            far.put(1, 2);
            far.outcome(null);
            far.settledButFor(2, 0, 2);
            far.link.upstream.cancel();
            far.run();
            far.outcome(new StreamOutcome.PeerLost(far.link));
            assertEquals(lost(UndeliveredReason.PEER_LOST, 1, 2), far.undelivered);
            far.stopped(2, 0);
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
            far.link.onElement = element -> {
                far.link.upstream.undelivered(element);
                seen.add(far.sink.ledger());
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
            assertFalse(link.fetch());
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
            assertFalse(link.fetch());
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
            assertFalse(link.fetch());
            IllegalStateException cause = new IllegalStateException("too large");
            link.upstream.failed(cause);
            link.upstream.undelivered(1);
            simulation.runUntilIdle();
            assertEquals(new StreamOutcome.Failed(cause), sink.outcome().getNow(null));
            assertEquals(PutResult.CLOSED, sink.tryPut(3));
            assertEquals(2, sink.ledger().undelivered());
            Rig.assertSettled(sink.ledger());
            assertEquals(List.of(SUBSCRIBED, 1), link.said);
        }
    }

    /** The link's thread fetches and gives back while others put, and goes on when the producer has stopped. */
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
            Semaphore calls = new Semaphore(0);
            List<Integer> back = new ArrayList<>(); // the link's thread
            link.onWake = calls::release;
            link.onElement = element -> {
                if (element % 10 == 0) {
                    back.add(element);
                }
            };
            producer.tell(new Subscribe<>(link, Long.MAX_VALUE));
            rig.settle(producer);
            Background<Void> links = rig.background("link", () -> {
                while (link.said.size() < 1 + count) {
                    calls.acquire();
                    while (link.fetch(7)) {}
                    back.forEach(link.upstream::undelivered);
                    back.clear();
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
            far.said(SUBSCRIBED, 1, END);
            far.outcome(null);
            assertTrue(far.isAlive());
            far.confirm();
            far.outcome(COMPLETED);
            far.stopped(1, 1);
            far.confirm();
            far.tell(new StreamCancel<>());
            far.outcome(COMPLETED);
            far.said(SUBSCRIBED, 1, END);
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
            far.said(SUBSCRIBED, 1, END);
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
            far.said(SUBSCRIBED, 1, 2, END);
            far.outcome(null);
            far.confirm();
            far.outcome(COMPLETED);
            far.stopped(2, 2);
        }
    }

    @Test
    void theEndComesAfterTheLastElementWasFetched() {
        try (Far far = Far.waiting(2)) {
            far.put(1, 2, 3, 4);
            far.complete();
            assertTrue(far.link.fetch(1));
            assertFalse(far.link.fetch());
            far.run();
            far.said(SUBSCRIBED, 1, 2);
            far.link.upstream.request(2);
            assertTrue(far.link.fetch(2), "the taker had no room");
            far.run();
            far.said(SUBSCRIBED, 1, 2, 3, 4, END); // which need no room, and no demand
            assertFalse(far.link.fetch());
            far.confirm();
            far.outcome(COMPLETED);
            far.stopped(4, 4);
        }
    }

    @Test
    void aFailureComesAfterWhatTheSinkHolds() {
        ArithmeticException cause = new ArithmeticException();
        try (Far far = Far.waiting(3)) {
            far.put(1, 2);
            far.sink.fail(cause);
            far.run();
            assertTrue(far.link.fetch(1));
            far.outcome(null);
            assertFalse(far.link.fetch());
            far.run();
            far.said(SUBSCRIBED, 1, 2, new StreamFailed<>(cause));
            far.outcome(new StreamOutcome.Failed(cause));
            far.stopped(2, 2);
        }
    }

    @Test
    void afterTheEndAFetchBringsNothing() {
        List<Consumer<Far>> ends = List.of(
                far -> far.tell(new StreamCancel<>()),
                far -> far.link.upstream.cancel(),
                far -> far.link.upstream.failed(new ArithmeticException()),
                far -> far.link.upstream.request(-1),
                far -> far.simulation.system().stop(far.producer),
                far -> far.ended(),
                far -> far.crash(new ArithmeticException()));
        for (Consumer<Far> end : ends) {
            try (Far far = Far.waiting(3)) {
                far.put(1, 2, 3);
                assertTrue(far.link.fetch(1));
                end.accept(far);
                far.run();
                far.link.said.removeIf(message -> message instanceof StreamFailed);
                far.link.upstream.request(5);
                assertFalse(far.link.fetch());
                far.run();
                far.said(SUBSCRIBED, 1);
                assertEquals(2, far.undelivered.size());
                far.stopped(3, 1);
                far.link.upstream.undelivered(1);
                far.stopped(3, 0);
            }
        }
    }

    @Test
    void aFailureIsDecidedAtOnce() {
        ArithmeticException cause = new ArithmeticException();
        try (Far far = Far.subscribed(3)) {
            far.put(1);
            far.sink.fail(cause);
            far.run();
            far.said(SUBSCRIBED, 1, new StreamFailed<>(cause));
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
            far.said(SUBSCRIBED, 1);
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
            StreamFailed<?> told = assertInstanceOf(StreamFailed.class, far.link.said.get(2));
            PeerLostException gone = assertInstanceOf(PeerLostException.class, told.cause());
            assertEquals(far.producer, gone.peer());
            assertEquals(3, far.link.said.size());
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
            far.said(SUBSCRIBED, 1, new StreamFailed<>(crash));
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

    @Test
    void whatALinkSaysIsNotOfTheStreamAfterARestart() {
        ArithmeticException crash = new ArithmeticException("crash");
        try (Far far = Far.supervised()) {
            far.comes = false;
            far.subscribe(2);
            far.put(1, 2);
            assertTrue(far.link.fetch(1));
            far.crash(crash);
            far.said(SUBSCRIBED, 1, new StreamFailed<>(crash));
            far.settled(2, 1);
            assertEquals(lost(UndeliveredReason.FAILED, 2), far.undelivered);

            far.sink = far.sink();
            far.put(11, 12);
            assertFalse(far.link.fetch());
            PlayedLink second = new PlayedLink();
            far.tell(new Subscribe<>(second, 1));
            far.link.upstream.request(5);
            assertFalse(far.link.fetch());
            far.link.upstream.request(0);
            far.link.upstream.failed(new ArithmeticException());
            far.link.upstream.cancel();
            far.link.upstream.confirmed();
            far.run();
            assertFalse(far.link.fetch());
            far.link.upstream.undelivered(1);
            far.said(SUBSCRIBED, 1, new StreamFailed<>(crash));

            assertFalse(second.fetch());
            assertEquals(List.of(SUBSCRIBED, 11), second.said);
            far.outcome(null);
            far.settledButFor(2, 1, 1);
            assertEquals(lost(UndeliveredReason.FAILED, 2, 1), far.undelivered);
        }
    }

    // ---- whatever happens when

    /**
     * A link that takes its time and has little room, and at some moment confirms, hears of a cancellation, or is lost:
     * whatever the order, each element came to the other side or was handed over, once, no more came than were requested,
     * and the outcome is one that can be.
     */
    @Test
    void everyElementArrivesOrComesBackAndTheOutcomeFits() {
        Set<Class<?>> seen = new HashSet<>();
        Simulation.explore(1200, simulation -> {
            int count = (int) (simulation.seed() % 7);
            int before = (int) (simulation.seed() / 7 % 16); // steps of the link's until it ends
            int room = 1 + (int) (simulation.seed() / 5 % 3);
            boolean loses = simulation.seed() % 2 == 0;
            boolean byMessage = simulation.seed() % 3 == 0;
            Far far = new Far(simulation, false);
            Queue<Integer> accepted = new ArrayDeque<>();
            List<Integer> arrived = new ArrayList<>();
            far.link.onElement = accepted::add;
            AtomicInteger put = new AtomicInteger();
            AtomicInteger steps = new AtomicInteger();
            AtomicInteger requested = new AtomicInteger(2);
            AtomicBoolean looks = new AtomicBoolean();
            far.link.onWake = () -> looks.set(true);
            far.producer.tell(new Subscribe<>(far.link, 2));
            simulation.loop("putter", () -> {
                if (put.get() == count) {
                    if (!far.sink.outcome().isDone()) {
                        far.sink.complete();
                    }
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
                if (steps.incrementAndGet() == before) {
                    far.link.lost = loses;
                    if (byMessage || far.link.upstream == null) {
                        far.producer.tell(new StreamCancel<>());
                    } else {
                        far.link.upstream.cancel();
                    }
                    accepted.forEach(element -> far.link.upstream.undelivered(element));
                    accepted.clear();
                    return Progress.FINISHED;
                }
                if (looks.getAndSet(false)) {
                    if (far.link.fetch(room)) {
                        looks.set(true);
                    }
                    assertTrue(arrived.size() + accepted.size() <= requested.get(), "more than was requested");
                    return Progress.DONE;
                }
                Integer element = accepted.poll();
                if (element != null) {
                    arrived.add(element);
                    requested.incrementAndGet();
                    if (byMessage) {
                        far.producer.tell(new StreamDemand<>(1));
                    } else {
                        far.link.upstream.request(1);
                        looks.set(true);
                    }
                    return Progress.DONE;
                }
                if (far.link.said.contains(END)) {
                    far.link.upstream.confirmed();
                    return Progress.FINISHED;
                }
                return steps.get() < before ? Progress.DONE : Progress.AGAIN; // if nobody wakes it, it waits for ever
            });
            simulation.run();
            StreamOutcome how = far.sink.outcome().getNow(null);
            seen.add(how.getClass());
            assertEquals(IntStream.range(0, arrived.size()).boxed().toList(), arrived);
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
