package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.ControlMessage;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.RemoteRef;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.actor.Watcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.Subscribe;
import dev.penstock.stream.UndeliveredReason;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer whose producer is on another node: the test plays the link. */
class RemoteProducerTest {

    private static final String CANCEL = "cancel";

    /** How a link brings what comes. */
    enum How {
        /** As messages; for a ref that is no {@link RemoteProducer}. */
        TOLD,
        /** Straight to where the reader takes it. */
        LAID
    }

    /** The ref of the producer; notes what it is told. */
    private static class Distant implements RemoteRef<ProducerMessage<Integer>> {
        final List<ProducerMessage<Integer>> told = new CopyOnWriteArrayList<>();
        Watcher watcher; // null while it is not watched

        @Override
        public boolean tell(ProducerMessage<Integer> message) {
            return told.add(message);
        }

        @Override
        public void watchedBy(Watcher given) {
            watcher = given;
        }

        @Override
        public void unwatchedBy(Watcher given) {
            assertEquals(watcher, given);
            watcher = null;
        }

        @Override
        public String path() {
            return "/elsewhere/producer";
        }
    }

    /** One whose link lays elements; notes what it is said of the subscription: that, how many are requested, and a cancel. */
    private static final class Laying extends Distant implements RemoteProducer {
        final List<Object> said = new CopyOnWriteArrayList<>();
        boolean reachable = true;
        volatile Downstream<Integer> downstream; // the last one's

        @Override
        @SuppressWarnings("unchecked") // of which elements it is says nothing here
        public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> given) {
            if (!reachable) {
                return Optional.empty();
            }
            said.add(subscribe);
            downstream = (Downstream<Integer>) given;
            return Optional.of(new Subscription() {
                @Override
                public void request(long n) {
                    said.add(n);
                }

                @Override
                public void cancel() {
                    said.add(CANCEL);
                }
            });
        }

        long requested() {
            return said.stream()
                    .mapToLong(what -> what instanceof Long more
                            ? more
                            : what instanceof Subscribe<?> subscribe ? subscribe.demand() : 0)
                    .sum();
        }

        /** A run of elements. */
        void lay(int... elements) {
            for (int element : elements) {
                assertTrue(downstream.accept(element));
            }
            downstream.flush();
        }
    }

    /** A consumer in a simulation, and its source. */
    private static final class Near implements AutoCloseable {
        final Simulation simulation;
        final Distant producer;
        final Laying laying; // the same, or null
        final List<Object> undelivered = new ArrayList<>();
        final List<DeadLetter> letters = new ArrayList<>();
        final ActorRef<ConsumerMessage<Integer>> consumer;
        SourceRef<Integer> source;

        Near(How how) {
            this(Simulation.seeded(0), how, false);
        }

        Near(Simulation simulation, How how, boolean supervised) {
            this.simulation = simulation;
            simulation.system().subscribeDeadLetters(letter -> {
                if (!(letter.message() instanceof ControlMessage control && control.expendable())) {
                    letters.add(letter);
                }
            });
            laying = how == How.LAID ? new Laying() : null;
            producer = how == How.LAID ? laying : new Distant();
            ConsumerOptions options = ConsumerOptions.defaults()
                    .initialDemand(4)
                    .<Integer>onUndelivered((element, reason) -> undelivered.add(reason + " " + element));
            Behavior<ConsumerMessage<Integer>> behavior = StreamConsumer.create(producer, options);
            consumer = simulation
                    .system()
                    .spawn(
                            supervised ? Behaviors.supervise(behavior, SupervisorStrategy.restart()) : behavior,
                            "consumer");
            source = source();
            assertEquals(
                    List.of(new Subscribe<>(consumer, 4)), how == How.LAID ? laying.said : List.copyOf(producer.told));
        }

        SourceRef<Integer> source() {
            return simulation.ask(consumer, GetSource<Integer>::new);
        }

        void tell(ConsumerMessage<Integer> message) {
            consumer.tell(message);
            simulation.runUntilIdle();
        }

        void elements(int... elements) {
            if (laying != null) {
                laying.lay(elements);
                return;
            }
            for (int element : elements) {
                tell(new StreamElement<>(element));
            }
        }

        void fail(Throwable cause) {
            if (laying == null) {
                tell(new StreamFailed<>(cause));
            } else {
                laying.downstream.failed(cause);
                simulation.runUntilIdle();
            }
        }

        void complete() {
            if (laying == null) {
                tell(new StreamCompleted<>());
            } else {
                AtomicInteger noted = new AtomicInteger();
                laying.downstream.completed(noted::incrementAndGet);
                simulation.runUntilIdle();
                assertEquals(1, noted.get());
            }
        }

        void ended(Throwable failure) {
            producer.watcher.ended(Optional.ofNullable(failure));
            simulation.runUntilIdle();
        }

        PeerLostException lost() {
            return new PeerLostException("the link is silent", producer, -1);
        }

        /** Makes the consumer fail. */
        void crash(RuntimeException failure) {
            crashLater(failure);
            simulation.runUntilIdle();
        }

        void crashLater(RuntimeException failure) {
            consumer.tell(new GetSource<>(new ActorRef<>() {
                @Override
                public boolean tell(SourceRef<Integer> ignored) {
                    throw failure;
                }

                @Override
                public String path() {
                    return "/nobody";
                }
            }));
        }

        /** What was said of the subscription, after it. */
        void said(Object... expected) {
            assertEquals(List.of(expected), laying.said.subList(1, laying.said.size()));
        }

        void isCancelled() {
            if (laying == null) {
                assertEquals(new StreamCancel<Integer>(), producer.told.get(producer.told.size() - 1));
            } else {
                assertEquals(CANCEL, laying.said.get(laying.said.size() - 1));
            }
        }

        void isNotCancelled() {
            assertFalse(producer.told.contains(new StreamCancel<Integer>()));
            assertFalse(laying != null && laying.said.contains(CANCEL));
        }

        void outcome(StreamOutcome expected) {
            assertEquals(expected, source.outcome().getNow(null));
        }

        void undelivered(String... expected) {
            assertEquals(List.of(expected), undelivered);
        }

        /** The next look at the source says that the stream failed so. */
        StreamFailedException failed(StreamOutcome how) {
            StreamFailedException failed = assertThrows(
                    StreamFailedException.class, () -> source.iterator().hasNext());
            assertEquals(how, failed.outcome());
            outcome(how);
            stopped();
            return failed;
        }

        void stopped() {
            simulation.runUntilIdle();
            assertTrue(simulation.system().lookup(consumer.path()).isEmpty(), "the consumer has stopped");
            Rig.assertSettled(source.ledger());
            assertEquals(undelivered.size(), source.ledger().undelivered());
        }

        @Override
        public void close() {
            simulation.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLostLinkEndsTheStreamAfterWhatHadArrived(How how) {
        try (Near near = new Near(how)) {
            near.elements(1, 2, 3);
            near.fail(near.lost());
            near.ended(near.lost());
            assertNull(near.source.outcome().getNow(null), "three are to be taken");
            Iterator<Integer> iterator = near.source.iterator();
            assertEquals(1, iterator.next());
            assertEquals(2, iterator.next());
            assertEquals(3, iterator.next());
            StreamFailedException failed = near.failed(new StreamOutcome.PeerLost(near.producer, 3));
            assertEquals(
                    "the producer /elsewhere/producer was lost after its element 3, and sent no end of this stream",
                    failed.getMessage());
            assertEquals(3, near.source.ledger().delivered());
            near.isNotCancelled();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLinkLostBeforeTheFirstElementSaysSo(How how) {
        try (Near near = new Near(how)) {
            near.fail(near.lost());
            StreamFailedException failed = near.failed(new StreamOutcome.PeerLost(near.producer, 0));
            assertEquals(
                    "the producer /elsewhere/producer was lost before its first element, and sent no end of this stream",
                    failed.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLossThatOnlyTheWatchTellsEndsTheStreamAtOnce(How how) {
        try (Near near = new Near(how)) {
            near.elements(1, 2, 3);
            assertEquals(1, near.source.iterator().next());
            near.ended(near.lost());
            near.failed(new StreamOutcome.PeerLost(near.producer, 3));
            assertEquals(List.of("PEER_LOST 2", "PEER_LOST 3"), near.undelivered);
            assertEquals(2, near.source.ledger().undelivered(UndeliveredReason.PEER_LOST));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProducerThatEndedWithoutAWordIsLost(How how) {
        try (Near near = new Near(how)) {
            near.elements(1);
            near.ended(null);
            near.failed(new StreamOutcome.PeerLost(near.producer, 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyOtherFailureIsAFailure(How how) {
        ArithmeticException cause = new ArithmeticException();
        for (boolean watch : new boolean[] {false, true}) {
            try (Near near = new Near(how)) {
                if (watch) {
                    near.ended(cause);
                } else {
                    near.fail(cause);
                }
                near.failed(new StreamOutcome.Failed(cause));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLossAfterTheEndChangesNothing(How how) {
        try (Near near = new Near(how)) {
            near.elements(1);
            near.complete();
            near.ended(near.lost());
            Iterator<Integer> iterator = near.source.iterator();
            assertEquals(1, iterator.next());
            assertTrue(!iterator.hasNext());
            assertEquals(new StreamOutcome.Completed(), near.source.outcome().getNow(null));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSourceThatIsClosedCancelsTheProducerAndTakesTheWatchBack(How how) {
        try (Near near = new Near(how)) {
            near.source.close();
            near.simulation.runUntilIdle();
            near.isCancelled();
            assertNull(near.producer.watcher);
        }
    }

    /** A feed may fail of a loss further up; that is not the loss of this producer, on whatever lane its consumer is. */
    @EachSetup
    void aLocalFeedThatLostItsPeerHasFailed(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            PeerLostException cause = new PeerLostException("further up", new Distant(), 7);
            ends.producer().tell(new FailStream<>(cause));
            StreamFailedException failed = rig.taking(ends.source()).failure(StreamFailedException.class);
            assertEquals(new StreamOutcome.Failed(cause), failed.outcome());
            assertEquals(new StreamOutcome.Failed(cause), ends.sink().outcome().join());
        }
    }

    // ---- what a link lays

    @Test
    void elementsComeInTheirOrderAndMayBeTakenAfterTheFlush() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2, 3);
            Iterator<Integer> iterator = near.source.iterator();
            assertEquals(1, iterator.next());
            assertEquals(2, iterator.next());
            near.laying.lay(4);
            assertEquals(3, iterator.next());
            assertEquals(4, iterator.next());
            assertFalse(near.simulation.step(), "no turn was needed");
            Rig.assertBalanced(near.source.ledger());
            assertEquals(4, near.source.ledger().offered());
            assertEquals(4, near.source.ledger().delivered());
            near.undelivered();
        }
    }

    @EachSetup
    void aReaderThatSleepsIsWoken(Setup setup) {
        try (Rig rig = setup.open()) {
            Laying producer = new Laying();
            SourceRef<Integer> source = rig.source(rig.consumer(producer, 4));
            Background<List<Integer>> taking = rig.taking(source);
            Awaiting.that("it sleeps", taking::isBlocked);
            producer.lay(1);
            Awaiting.that("it takes", () -> source.ledger().delivered() == 1);
            Awaiting.that("it sleeps", taking::isBlocked);
            producer.lay(2, 3);
            Awaiting.that("it takes", () -> source.ledger().delivered() == 3);
            Awaiting.that("it sleeps", taking::isBlocked);
            producer.downstream.completed(() -> {});
            assertEquals(List.of(1, 2, 3), taking.result());
            Rig.assertSettled(source.ledger());
        }
    }

    @Test
    void theReaderRequestsItselfWhatItHasTaken() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2, 3, 4);
            Iterator<Integer> iterator = near.source.iterator();
            iterator.next();
            near.said();
            iterator.next();
            near.said(2L); // half of the window
            iterator.next();
            near.said(2L);
            iterator.next();
            near.said(2L, 2L);
            assertFalse(near.simulation.step(), "no turn was needed");
            near.laying.lay(5);
            assertEquals(1, near.source.drain(element -> {}, 8));
            assertEquals(0, near.source.drain(element -> {}, 8)); // a wait begins, before which all is requested
            near.said(2L, 2L, 1L);
        }
    }

    @Test
    void whileTheConsumerHasATurnItIsToldToRequest() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2, 3);
            List<Object> before = new ArrayList<>();
            near.tell(new GetSource<>(new ActorRef<>() {
                @Override
                public boolean tell(SourceRef<Integer> ignored) { // in its turn
                    near.source.iterator().next();
                    near.source.iterator().next();
                    near.source.iterator().next();
                    before.addAll(near.laying.said);
                    return true;
                }

                @Override
                public String path() {
                    return "/nobody";
                }
            }));
            assertEquals(1, before.size());
            near.said(3L);
        }
    }

    @Test
    void aDemandByAMessageRequestsNoMoreThanTheWindow() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2);
            near.source.iterator().next();
            near.tell(new StreamDemand<>(100));
            near.tell(new StreamDemand<>(100));
            near.said(1L);
            near.source.iterator().next(); // two since the reader said so last, of which one was requested
            near.said(1L, 1L);
        }
    }

    @Test
    void moreThanWasRequestedFailsTheStreamAfterWhatWas() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2, 3, 4);
            assertFalse(near.laying.downstream.accept(5));
            assertFalse(near.laying.downstream.accept(6));
            near.laying.downstream.flush();
            near.undelivered("FAILED 5", "FAILED 6");
            near.simulation.runUntilIdle();
            near.outcome(null);
            List<Integer> taken = new ArrayList<>();
            assertEquals(4, near.source.drain(taken::add, 8));
            assertEquals(List.of(1, 2, 3, 4), taken);
            StreamFailedException failed = assertThrows(
                    StreamFailedException.class, () -> near.source.iterator().hasNext());
            assertInstanceOf(IllegalStateException.class, failed.getCause());
            near.stopped();
            assertEquals(6, near.source.ledger().offered());
        }
    }

    @Test
    void aCompletionIsNotedAtOnceAndDecidedAfterTheLastElement() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2);
            near.complete();
            near.outcome(null);
            List<Integer> taken = new ArrayList<>();
            near.source.forEach(taken::add);
            assertEquals(List.of(1, 2), taken);
            near.outcome(new StreamOutcome.Completed());
            near.stopped();
            near.isNotCancelled();
        }
    }

    @Test
    void anEmptyStreamCompletesWithoutItsReader() {
        try (Near near = new Near(How.LAID)) {
            near.complete();
            near.outcome(new StreamOutcome.Completed());
            near.stopped();
            near.isNotCancelled();
        }
    }

    @Test
    void theFirstEndThatALinkTellsCounts() {
        ArithmeticException cause = new ArithmeticException();
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1);
            near.fail(cause);
            near.complete(); // noted all the same
            near.fail(near.lost());
            assertFalse(near.laying.downstream.accept(2));
            near.laying.downstream.flush();
            assertEquals(1, near.source.iterator().next());
            near.failed(new StreamOutcome.Failed(cause));
            near.undelivered("FAILED 2");
        }
    }

    @Test
    void whatComesAfterTheReaderLeftIsUndelivered() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1);
            near.source.close();
            assertFalse(near.laying.downstream.accept(2));
            near.laying.downstream.flush();
            near.simulation.runUntilIdle();
            near.isCancelled();
            assertFalse(near.laying.downstream.accept(3));
            near.laying.downstream.flush();
            near.complete(); // it had been on its way
            assertEquals(Set.of("CANCELLED 1", "CANCELLED 2", "CANCELLED 3"), new HashSet<>(near.undelivered));
            near.outcome(new StreamOutcome.Cancelled());
            near.stopped();
            assertEquals(3, near.source.ledger().offered());
            assertEquals(List.of(), near.letters);
        }
    }

    /** Whoever comes second clears up: the consumer's turn, or the link. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsLaidWhenTheStreamEndsIsUndeliveredOnce(boolean turnFirst) {
        try (Near near = new Near(How.LAID)) {
            assertTrue(near.laying.downstream.accept(1));
            assertTrue(near.laying.downstream.accept(2));
            near.source.close();
            if (turnFirst) {
                near.simulation.runUntilIdle();
                near.undelivered("CANCELLED 1", "CANCELLED 2");
            }
            assertFalse(near.laying.downstream.accept(3));
            near.laying.downstream.flush();
            assertEquals(Set.of("CANCELLED 1", "CANCELLED 2", "CANCELLED 3"), new HashSet<>(near.undelivered));
            near.stopped();
            assertEquals(3, near.source.ledger().offered());
        }
    }

    @Test
    void aConsumerThatIsStoppedCancelsAndTakesNothingMore() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2);
            assertEquals(1, near.source.iterator().next());
            near.simulation.system().stop(near.consumer);
            near.simulation.runUntilIdle();
            near.said(CANCEL);
            assertFalse(near.laying.downstream.accept(3));
            near.laying.downstream.flush();
            near.undelivered("CANCELLED 2", "CANCELLED 3");
            near.outcome(new StreamOutcome.Cancelled());
            near.stopped();
        }
    }

    @Test
    void whatALinkLaysForTheStreamBeforeARestartIsNotOfTheNext() {
        ArithmeticException crash = new ArithmeticException("crash");
        try (Near near = new Near(Simulation.seeded(0), How.LAID, true)) {
            SourceRef<Integer> first = near.source;
            RemoteProducer.Downstream<Integer> before = near.laying.downstream;
            near.laying.lay(1);
            near.crash(crash);
            near.said(CANCEL, new Subscribe<>(near.consumer, 4));
            assertEquals(new StreamOutcome.Failed(crash), first.outcome().getNow(null));
            near.source = near.source();
            assertFalse(before.accept(2));
            before.flush();
            near.undelivered("FAILED 1", "FAILED 2");
            near.laying.lay(11);
            before.completed(() -> {});
            before.failed(near.lost());
            near.simulation.runUntilIdle();
            assertEquals(11, near.source.iterator().next());
            near.outcome(null);
            near.complete();
            near.outcome(new StreamOutcome.Completed());
            assertFalse(near.source.iterator().hasNext());
            Rig.assertSettled(first.ledger());
            assertEquals(2, first.ledger().undelivered(UndeliveredReason.FAILED));
            near.simulation.runUntilIdle();
            Rig.assertSettled(near.source.ledger());
            assertEquals(1, near.source.ledger().offered());
        }
    }

    /** It has a link that calls: whoever tells it elements is a stranger. */
    @Test
    void elementsByMessagesAreDeadLetters() {
        List<ConsumerMessage<Integer>> messages =
                List.of(new StreamElement<>(7), new StreamCompleted<>(), new StreamFailed<>(new ArithmeticException()));
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1);
            messages.forEach(near::tell);
            near.outcome(null);
            assertEquals(1, near.source.ledger().offered());
            assertEquals(
                    messages.stream()
                            .map(message -> new DeadLetter(message, near.consumer.path(), DeadLetter.Reason.UNHANDLED))
                            .toList(),
                    near.letters);
            near.letters.clear();
            near.consumer.tell(new StreamCancel<>());
            near.consumer.tell(new StreamElement<>(8)); // it will have stopped
            near.simulation.runUntilIdle();
            assertEquals(
                    List.of(new DeadLetter(new StreamElement<>(8), near.consumer.path(), DeadLetter.Reason.STOPPED)),
                    near.letters);
            near.undelivered("CANCELLED 1");
            near.stopped();
            assertEquals(1, near.source.ledger().offered());
        }
    }

    @Test
    void aLossBesideWhatIsLaidNamesTheLastElement() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2);
            assertEquals(1, near.source.iterator().next());
            near.laying.downstream.failed(near.lost());
            near.ended(near.lost()); // whichever is heard first
            assertEquals(2, near.source.iterator().next());
            near.failed(new StreamOutcome.PeerLost(near.producer, 2));
            near.undelivered();
        }
    }

    @Test
    void aSubscriptionIsSpokenToByItself() {
        try (Near near = new Near(How.LAID)) {
            near.laying.lay(1, 2, 3);
            assertEquals(1, near.source.iterator().next());
            assertEquals(2, near.source.iterator().next());
            near.simulation.runUntilIdle();
            near.source.close();
            near.simulation.runUntilIdle();
            near.said(2L, CANCEL);
            assertEquals(List.of(), near.producer.told);
            near.undelivered("CANCELLED 3");
        }
    }

    @Test
    void aProducerOutOfReachIsLostAtOnce() {
        try (Simulation simulation = Simulation.seeded(0)) {
            Laying producer = new Laying();
            producer.reachable = false;
            ActorRef<ConsumerMessage<Integer>> consumer =
                    simulation.system().spawn(StreamConsumer.create(producer, 2), "consumer");
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            assertEquals(new StreamOutcome.PeerLost(producer), source.outcome().getNow(null));
            assertEquals(List.of(), producer.told);
        }
    }

    /**
     * A link that lays what was requested, in runs as they come, and ends the stream; a reader that leaves at some moment, or
     * does not; a consumer that is cancelled or fails: whatever the order, each element was taken or handed over, once, and
     * no more was requested than the window.
     */
    @Test
    void everyElementIsTakenOrHandedOverAndTheOutcomeFits() {
        Set<Class<?>> seen = new HashSet<>();
        Simulation.explore(1200, simulation -> {
            int count = (int) (simulation.seed() % 9);
            int reads = (int) (simulation.seed() / 3 % 12); // then the reader leaves, if it is one that does
            int mishap =
                    (int) (simulation.seed() / 7 % 5); // 0, 1: none, 2: a cancel, 3: the reader leaves, 4: a failure
            boolean loses = simulation.seed() % 4 == 0;
            Near near = new Near(simulation, How.LAID, mishap == 4);
            RemoteProducer.Downstream<Integer> downstream = near.laying.downstream;
            AtomicInteger come = new AtomicInteger();
            AtomicInteger attempts = new AtomicInteger();
            AtomicBoolean refused = new AtomicBoolean();
            List<Integer> taken = new ArrayList<>();
            simulation.loop("link", () -> {
                long may = near.laying.requested() - (mishap == 4 ? 4L * (subscriptions(near) - 1) : 0);
                assertTrue(may <= taken.size() + 4, "more than the window");
                if (refused.get()) {
                    return Progress.FINISHED;
                }
                if (come.get() < count && come.get() < may) {
                    if (!downstream.accept(come.getAndIncrement())) {
                        refused.set(true);
                        downstream.flush();
                    } else if (simulation.system().random().nextBoolean()) {
                        downstream.flush();
                    }
                    return Progress.DONE;
                }
                downstream.flush();
                if (come.get() < count) {
                    return near.laying.said.contains(CANCEL) ? Progress.FINISHED : Progress.AGAIN;
                }
                if (loses) {
                    downstream.failed(near.lost());
                } else {
                    downstream.completed(() -> {});
                }
                return Progress.FINISHED;
            });
            simulation.loop("reader", () -> {
                if (attempts.getAndIncrement() == reads) {
                    if (mishap == 2) {
                        near.consumer.tell(new StreamCancel<>());
                    } else if (mishap == 3) {
                        near.source.close();
                    } else if (mishap == 4) {
                        near.crashLater(new ArithmeticException());
                    }
                }
                try {
                    Integer element = near.source.poll(Duration.ZERO);
                    if (element == null) {
                        return near.source.outcome().isDone() ? Progress.FINISHED : Progress.AGAIN;
                    }
                    taken.add(element);
                    return Progress.DONE;
                } catch (StreamClosedException e) {
                    return Progress.FINISHED;
                }
            });
            simulation.run();
            StreamOutcome how = near.source.outcome().getNow(null);
            seen.add(how.getClass());
            assertEquals(IntStream.range(0, taken.size()).boxed().toList(), taken);
            List<String> all = new ArrayList<>();
            taken.forEach(element -> all.add(String.valueOf(element)));
            near.undelivered.forEach(element -> all.add(element.toString().replaceAll(".* ", "")));
            Collections.sort(all);
            assertEquals(
                    IntStream.range(0, come.get()).mapToObj(String::valueOf).toList(), all);
            if (how instanceof StreamOutcome.Completed) {
                assertEquals(count, taken.size());
            } else if (how instanceof StreamOutcome.PeerLost lost) {
                assertEquals(new StreamOutcome.PeerLost(near.producer, come.get()), lost);
                assertEquals(count, taken.size());
            } else {
                assertTrue(mishap >= 2, how::toString);
            }
            Rig.assertSettled(near.source.ledger());
            assertEquals(come.get(), near.source.ledger().offered());
            assertEquals(taken.size(), near.source.ledger().delivered());
            assertEquals(near.undelivered.size(), near.source.ledger().undelivered());
        });
        assertEquals(
                Set.of(
                        StreamOutcome.Completed.class,
                        StreamOutcome.Cancelled.class,
                        StreamOutcome.Failed.class,
                        StreamOutcome.PeerLost.class),
                seen);
    }

    private static long subscriptions(Near near) {
        return near.laying.said.stream().filter(Subscribe.class::isInstance).count();
    }
}
