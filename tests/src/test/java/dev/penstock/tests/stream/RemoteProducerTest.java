package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.RemoteRef;
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
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.Subscribe;
import dev.penstock.stream.UndeliveredReason;
import dev.penstock.testkit.Simulation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer whose producer is on another node: the test plays the link. */
class RemoteProducerTest {

    /** The ref of the producer; notes what it is told. */
    private static final class Distant implements RemoteRef<ProducerMessage<Integer>> {
        final List<ProducerMessage<Integer>> told = new ArrayList<>();
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

    /** A consumer in a simulation, and its source. */
    private static final class Near implements AutoCloseable {
        final Simulation simulation = Simulation.seeded(0);
        final Distant producer = new Distant();
        final List<Object> undelivered = new ArrayList<>();
        final ActorRef<ConsumerMessage<Integer>> consumer;
        final SourceRef<Integer> source;

        Near() {
            ConsumerOptions options = ConsumerOptions.defaults()
                    .initialDemand(4)
                    .<Integer>onUndelivered((element, reason) -> undelivered.add(reason + " " + element));
            consumer = simulation.system().spawn(StreamConsumer.create(producer, options), "consumer");
            source = simulation.ask(consumer, GetSource<Integer>::new);
            assertEquals(List.of(new Subscribe<>(consumer, 4)), producer.told);
        }

        void tell(ConsumerMessage<Integer> message) {
            consumer.tell(message);
            simulation.runUntilIdle();
        }

        void elements(int... elements) {
            for (int element : elements) {
                tell(new StreamElement<>(element));
            }
        }

        void ended(Throwable failure) {
            producer.watcher.ended(Optional.ofNullable(failure));
            simulation.runUntilIdle();
        }

        PeerLostException lost() {
            return new PeerLostException("the link is silent", producer, -1);
        }

        /** The next look at the source says that the stream failed so. */
        StreamFailedException failed(StreamOutcome how) {
            StreamFailedException failed = assertThrows(
                    StreamFailedException.class, () -> source.iterator().hasNext());
            assertEquals(how, failed.outcome());
            assertEquals(how, source.outcome().getNow(null));
            simulation.runUntilIdle();
            assertTrue(simulation.system().lookup(consumer.path()).isEmpty(), "the consumer has stopped");
            Rig.assertSettled(source.ledger());
            return failed;
        }

        @Override
        public void close() {
            simulation.close();
        }
    }

    @Test
    void aLostLinkEndsTheStreamAfterWhatHadArrived() {
        try (Near near = new Near()) {
            near.elements(1, 2, 3);
            near.tell(new StreamFailed<>(near.lost()));
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
            assertEquals(1, near.producer.told.size(), "nobody is left to cancel");
        }
    }

    @Test
    void aLinkLostBeforeTheFirstElementSaysSo() {
        try (Near near = new Near()) {
            near.tell(new StreamFailed<>(near.lost()));
            StreamFailedException failed = near.failed(new StreamOutcome.PeerLost(near.producer, 0));
            assertEquals(
                    "the producer /elsewhere/producer was lost before its first element, and sent no end of this stream",
                    failed.getMessage());
        }
    }

    @Test
    void aLossThatOnlyTheWatchTellsEndsTheStreamAtOnce() {
        try (Near near = new Near()) {
            near.elements(1, 2, 3);
            assertEquals(1, near.source.iterator().next());
            near.ended(near.lost());
            near.failed(new StreamOutcome.PeerLost(near.producer, 3));
            assertEquals(List.of("PEER_LOST 2", "PEER_LOST 3"), near.undelivered);
            assertEquals(2, near.source.ledger().undelivered(UndeliveredReason.PEER_LOST));
        }
    }

    @Test
    void aProducerThatEndedWithoutAWordIsLost() {
        try (Near near = new Near()) {
            near.elements(1);
            near.ended(null);
            near.failed(new StreamOutcome.PeerLost(near.producer, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anyOtherFailureIsAFailure(boolean watch) {
        ArithmeticException cause = new ArithmeticException();
        try (Near near = new Near()) {
            if (watch) {
                near.ended(cause);
            } else {
                near.tell(new StreamFailed<>(cause));
            }
            near.failed(new StreamOutcome.Failed(cause));
        }
    }

    @Test
    void aLossAfterTheEndChangesNothing() {
        try (Near near = new Near()) {
            near.elements(1);
            near.tell(new StreamCompleted<>());
            near.ended(near.lost());
            Iterator<Integer> iterator = near.source.iterator();
            assertEquals(1, iterator.next());
            assertTrue(!iterator.hasNext());
            assertEquals(new StreamOutcome.Completed(), near.source.outcome().getNow(null));
        }
    }

    @Test
    void aSourceThatIsClosedCancelsTheProducerAndTakesTheWatchBack() {
        try (Near near = new Near()) {
            near.source.close();
            near.simulation.runUntilIdle();
            assertEquals(new StreamCancel<Integer>(), near.producer.told.get(1));
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

    /** A ref that gives each subscription a ref of its own. */
    private static final class Subscribing implements RemoteRef<ProducerMessage<Integer>>, RemoteProducer {
        final List<Object> told = new ArrayList<>();
        final List<Object> toldOfSubscription = new ArrayList<>();
        boolean reachable = true;

        @Override
        @SuppressWarnings("unchecked") // of which elements it is says nothing here
        public <E> Optional<ActorRef<ProducerMessage<E>>> subscribe(Subscribe<E> subscribe) {
            if (!reachable) {
                return Optional.empty();
            }
            toldOfSubscription.add(subscribe);
            ActorRef<ProducerMessage<E>> of = new ActorRef<>() {
                @Override
                public boolean tell(ProducerMessage<E> message) {
                    return toldOfSubscription.add(message);
                }

                @Override
                public String path() {
                    return "/elsewhere/producer";
                }
            };
            return Optional.of(of);
        }

        @Override
        public boolean tell(ProducerMessage<Integer> message) {
            return told.add(message);
        }

        @Override
        public void watchedBy(Watcher watcher) {}

        @Override
        public void unwatchedBy(Watcher watcher) {}

        @Override
        public String path() {
            return "/elsewhere/producer";
        }
    }

    @Test
    void aSubscriptionIsSpokenToByARefOfItsOwn() {
        try (Simulation simulation = Simulation.seeded(0)) {
            Subscribing producer = new Subscribing();
            ActorRef<ConsumerMessage<Integer>> consumer =
                    simulation.system().spawn(StreamConsumer.create(producer, 2), "consumer");
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            consumer.tell(new StreamElement<>(1));
            consumer.tell(new StreamElement<>(2));
            assertEquals(1, source.iterator().next());
            assertEquals(2, source.iterator().next());
            simulation.runUntilIdle();
            source.close();
            simulation.runUntilIdle();
            assertEquals(new Subscribe<>(consumer, 2), producer.toldOfSubscription.get(0));
            assertEquals(
                    new StreamCancel<Integer>(),
                    producer.toldOfSubscription.get(producer.toldOfSubscription.size() - 1));
            long requested = producer.toldOfSubscription.stream()
                    .mapToLong(said -> said instanceof StreamDemand<?> demand ? demand.n() : 0)
                    .sum();
            assertTrue(requested >= 1 && requested <= 2, () -> "requested anew " + requested);
            assertEquals(List.of(), producer.told);
        }
    }

    @Test
    void aProducerOutOfReachIsLostAtOnce() {
        try (Simulation simulation = Simulation.seeded(0)) {
            Subscribing producer = new Subscribing();
            producer.reachable = false;
            ActorRef<ConsumerMessage<Integer>> consumer =
                    simulation.system().spawn(StreamConsumer.create(producer, 2), "consumer");
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            assertEquals(new StreamOutcome.PeerLost(producer), source.outcome().getNow(null));
            assertEquals(List.of(), producer.told);
        }
    }
}
