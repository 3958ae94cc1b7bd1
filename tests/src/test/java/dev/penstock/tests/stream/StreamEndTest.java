package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.Subscribe;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** How streams end from outside, and that both ends and every waiter learn of it. */
class StreamEndTest {

    // ---- a put that is blocked

    private static void assertBlockedPutThrows(
            Setup setup, Class<? extends StreamOutcome> outcome, BiConsumer<Rig, Ends<Integer>> ending) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 1);
            Background<Integer> putter = rig.putting(ends.sink(), 1, 2, 3, 4, 5);
            rig.awaitBlockedPut(putter, ends.sink(), 3);
            ending.accept(rig, ends);
            StreamClosedException closed = putter.failure(StreamClosedException.class);
            assertInstanceOf(outcome, closed.outcome());
            assertEquals(3, ends.sink().ledger().offered());

            assertInstanceOf(
                    outcome,
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(9))
                            .outcome());
            assertEquals(PutResult.CLOSED, ends.sink().tryPut(9));
        }
    }

    @EachSetup
    void blockedPutIsWokenByCloseOfTheSource(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Cancelled.class,
                (rig, ends) -> ends.source().close());
    }

    @EachSetup
    void blockedPutIsWokenByCancelOfTheProducer(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Cancelled.class,
                (rig, ends) -> ends.producer().tell(new StreamCancel<>()));
    }

    @EachSetup
    void blockedPutIsWokenByCancelOfTheConsumer(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Cancelled.class,
                (rig, ends) -> ends.consumer().tell(new StreamCancel<>()));
    }

    @EachSetup
    void blockedPutIsWokenByStopOfTheConsumer(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Cancelled.class,
                (rig, ends) -> rig.system().stop(ends.consumer()));
    }

    @EachSetup
    void blockedPutIsWokenByStopOfTheProducer(Setup setup) {
        assertBlockedPutThrows(
                setup, StreamOutcome.PeerLost.class, (rig, ends) -> rig.system().stop(ends.producer()));
    }

    @EachSetup
    void blockedPutIsWokenByFailOfTheSink(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Failed.class,
                (rig, ends) -> ends.sink().fail(new IllegalArgumentException("bad feed")));
    }

    @EachSetup
    void blockedPutIsWokenByCloseOfTheSink(Setup setup) {
        assertBlockedPutThrows(
                setup, StreamOutcome.Failed.class, (rig, ends) -> ends.sink().close());
    }

    @EachSetup
    void blockedPutIsWokenByCompleteOfTheSink(Setup setup) {
        assertBlockedPutThrows(
                setup, StreamOutcome.Completed.class, (rig, ends) -> ends.sink().complete());
    }

    @EachSetup
    void blockedPutIsWokenByFailStream(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Failed.class,
                (rig, ends) -> ends.producer().tell(new FailStream<>(new IllegalArgumentException("bad feed"))));
    }

    @EachSetup
    void blockedPutIsWokenByCompleteStream(Setup setup) {
        assertBlockedPutThrows(
                setup,
                StreamOutcome.Completed.class,
                (rig, ends) -> ends.producer().tell(new CompleteStream<>()));
    }

    @EachSetup
    void blockedPutIsWokenByCloseOfTheSystem(Setup setup) {
        assertBlockedPutThrows(setup, StreamOutcome.class, (rig, ends) -> {
            rig.system().close();
            assertFalse(ends.sink().outcome().join() instanceof StreamOutcome.Completed);
            Rig.assertSettled(ends.sink().ledger());
            assertEquals(3, ends.sink().ledger().undelivered());
        });
    }

    @EachSetup
    void blockedPutWithoutSubscriberIsWokenByCloseOfTheSystem(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> sink = rig.sink(producer);
            Background<Integer> putter = rig.putting(sink, 1, 2);
            rig.awaitBlockedPut(putter, sink, 1);
            rig.system().close();
            assertEquals(
                    new StreamOutcome.PeerLost(producer),
                    putter.failure(StreamClosedException.class).outcome());
            assertEquals(1, sink.ledger().undelivered());
        }
    }

    // ---- an iterator that waits

    @EachSetup
    void waitingIteratorIsWokenByCloseOfTheSystem(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            rig.system().close();
            StreamClosedException closed = taker.failure(StreamClosedException.class);
            assertEquals(ends.source().outcome().join(), closed.outcome());
            assertEquals(ends.sink().outcome().join(), closed.outcome());
            assertFalse(closed.outcome() instanceof StreamOutcome.Completed, closed::toString);
        }
    }

    @EachSetup
    void iteratorAfterCloseOfTheSystemThrows(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            ends.sink().tryPut(1);
            rig.system().close();
            assertThrows(StreamClosedException.class, ends.source().iterator()::hasNext);
            Rig.assertSettled(ends.source().ledger());
        }
    }

    @EachSetup
    void waitingIteratorIsWokenByCompleteAndByFail(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> completed = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(completed.source());
            taker.awaitBlocked();
            completed.sink().complete();
            assertEquals(List.of(), taker.result());

            Ends<Integer> failed = rig.stream(1, 1);
            taker = rig.taking(failed.source());
            taker.awaitBlocked();
            failed.sink().fail(new IllegalArgumentException("bad feed"));
            taker.failure(StreamFailedException.class);
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void producerThatStopsWithElementsWaitingLosesThemInTheLedger(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 2);
            for (int i = 1; i <= 5; i++) {
                ends.sink().tryPut(i);
            }
            rig.system().stop(ends.producer());
            Background<List<Integer>> taker = rig.taking(ends.source());
            assertEquals(
                    new StreamOutcome.PeerLost(ends.producer()),
                    taker.failure(StreamFailedException.class).outcome());
            rig.awaitStopped(ends);
            Rig.assertSettled(ends.sink().ledger());
        }
    }

    @EachSetup
    void consumerOfAStoppedProducerLosesItsPeer(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            rig.system().stop(producer);
            rig.awaitStopped(producer);
            ActorRef<ConsumerMessage<Integer>> consumer = rig.consumer(producer);
            SourceRef<Integer> source = rig.source(consumer);
            assertEquals(
                    new StreamOutcome.PeerLost(producer),
                    rig.taking(source).failure(StreamFailedException.class).outcome());
            rig.awaitStopped(consumer);
        }
    }

    // ---- before anyone subscribes

    @EachSetup
    void streamFailedBeforeSubscribeFailsAfterItsElements(Setup setup) {
        try (Rig rig = setup.open()) {
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            for (int count : new int[] {0, 1}) {
                ActorRef<ProducerMessage<Integer>> producer = rig.producer(4);
                SinkRef<Integer> sink = rig.sink(producer);
                for (int i = 0; i < count; i++) {
                    sink.tryPut(i);
                }
                sink.fail(cause);
                SourceRef<Integer> source = rig.source(rig.consumer(producer));
                StreamFailedException failed = rig.taking(source).failure(StreamFailedException.class);
                assertEquals(new StreamOutcome.Failed(cause), failed.outcome());
                assertEquals(count, source.ledger().delivered());
                assertEquals(new StreamOutcome.Failed(cause), sink.outcome().join());
            }
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void streamCompletedBeforeSubscribeDrainsFirst(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int count : new int[] {0, 1, 4}) {
                ActorRef<ProducerMessage<Integer>> producer = rig.producer(4);
                SinkRef<Integer> sink = rig.sink(producer);
                for (int i = 0; i < count; i++) {
                    sink.tryPut(i);
                }
                sink.complete();
                SourceRef<Integer> source = rig.source(rig.consumer(producer, 1));
                assertEquals(count, rig.taking(source).result().size());
                assertEquals(new StreamOutcome.Completed(), sink.outcome().join());
            }
            rig.awaitNoActors();
        }
    }

    /** The producer has sent the end as soon as there is someone to send it to; it need not live on. */
    @EachSetup
    void producerThatCompletedEmptyBeforeSubscribeStopsOnSubscribe(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            producer.tell(new CompleteStream<>());
            rig.settle(producer);
            rig.consumer(producer);
            rig.awaitStopped(producer);
        }
    }

    @EachSetup
    void ownSubscriberHearsOfACompletionThatCameBeforeIt(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new CompleteStream<>());
            rig.settle(producer);
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            subscriber.awaitCompleted();
            rig.awaitStopped(producer);
        }
    }

    @EachSetup
    void ownSubscriberHearsOfAFailureThatCameBeforeIt(Setup setup) {
        try (Rig rig = setup.open()) {
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new FailStream<>(cause));
            rig.settle(producer);
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            assertEquals(cause, subscriber.awaitFailure());
            rig.awaitStopped(producer);
        }
    }

    @EachSetup
    void cancelBeforeSubscribeEndsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(4);
            SinkRef<Integer> sink = rig.sink(producer);
            sink.tryPut(1);
            producer.tell(new StreamCancel<>());
            rig.awaitStopped(producer);
            assertEquals(new StreamOutcome.Cancelled(), sink.outcome().join());
            assertEquals(1, sink.ledger().undelivered());
            Rig.assertSettled(sink.ledger());
        }
    }

    // ---- one subscriber

    /** A second consumer that leaves before it has learnt that it is refused does not cancel a stream that is not its own. */
    @Test
    void secondConsumerThatStopsDoesNotDisturbTheFirst() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            ActorRef<ProducerMessage<Integer>> producer = stepped.producer(4);
            SinkRef<Integer> sink = stepped.sink(producer);
            ActorRef<ConsumerMessage<Integer>> first = stepped.consumer(producer, ConsumerOptions.defaults(), "first");
            SourceRef<Integer> source = stepped.source(first);
            stepped.runAll();

            ActorRef<ConsumerMessage<Integer>> second =
                    stepped.consumer(producer, ConsumerOptions.defaults(), "second");
            stepped.system().stop(second);
            stepped.runAll();
            assertTrue(stepped.system().inspect(second).isEmpty(), "the second has stopped");

            assertTrue(stepped.system().inspect(producer).isPresent(), "the producer lives");
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            assertFalse(source.outcome().isDone(), "the first goes on");
        }
    }

    /**
     * The source is closed while the producer does not know its subscriber yet, and then the empty sink completes: the
     * close came first, for both ends.
     */
    @Test
    void bothEndsAgreeThoughTheyEndBeforeTheyKnowEachOther() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            ActorRef<ProducerMessage<Integer>> producer = stepped.producer(4);
            SinkRef<Integer> sink = stepped.sink(producer);
            ActorRef<ConsumerMessage<Integer>> consumer =
                    stepped.consumer(producer, ConsumerOptions.defaults(), "consumer");
            SourceRef<Integer> source = stepped.source(consumer);
            source.close();
            assertThrows(StreamClosedException.class, sink::complete);
            stepped.runAll();
            assertEquals(new StreamOutcome.Cancelled(), source.outcome().join());
            assertEquals(source.outcome().join(), sink.outcome().join());
            assertEquals(List.of(), stepped.system().actors());
        }
    }

    /** The producer is stopped before it has seen its subscriber: both ends have lost it. */
    @Test
    void bothEndsAgreeThatTheProducerWasLostBeforeItSawTheSubscription() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            ActorRef<ProducerMessage<Integer>> producer = stepped.producer(4);
            SinkRef<Integer> sink = stepped.sink(producer);
            ActorRef<ConsumerMessage<Integer>> consumer =
                    stepped.consumer(producer, ConsumerOptions.defaults(), "consumer");
            SourceRef<Integer> source = stepped.source(consumer);
            stepped.system().stop(producer);
            stepped.runAll();
            assertEquals(new StreamOutcome.PeerLost(producer), sink.outcome().join());
            assertEquals(new StreamOutcome.PeerLost(producer), source.outcome().join());
            assertEquals(List.of(), stepped.system().actors());
        }
    }

    // ---- across two systems

    @EachSetup
    void consumerMayLiveInAnotherSystem(Setup setup) {
        try (Rig rig = setup.open();
                Rig other = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            SourceRef<Integer> source = other.source(other.consumer(producer, 2));
            Background<List<Integer>> taker = other.taking(source);
            Background<Void> putter = rig.background("putter", () -> {
                sink.putAll(List.of(1, 2, 3, 4, 5, 6, 7, 8));
                sink.complete();
                return null;
            });
            assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8), taker.result());
            putter.result();
            assertEquals(new StreamOutcome.Completed(), source.outcome().join());
            assertEquals(new StreamOutcome.Completed(), sink.outcome().join());
            rig.awaitNoActors();
            other.awaitNoActors();
        }
    }

    @EachSetup
    void closeOfTheProducersSystemEndsTheSource(Setup setup) {
        try (Rig rig = setup.open();
                Rig other = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SourceRef<Integer> source = other.source(other.consumer(producer, 2));
            Background<List<Integer>> taker = other.taking(source);
            taker.awaitBlocked();
            rig.system().close();
            StreamOutcome outcome = taker.failure(StreamFailedException.class).outcome();
            assertTrue(
                    outcome instanceof StreamOutcome.PeerLost || outcome instanceof StreamOutcome.Failed,
                    outcome::toString);
            other.awaitNoActors();
        }
    }

    @EachSetup
    void closeOfTheConsumersSystemCancelsTheProducer(Setup setup) {
        try (Rig rig = setup.open();
                Rig other = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> sink = rig.sink(producer);
            other.source(other.consumer(producer, 1));
            Background<Integer> putter = rig.putting(sink, 1, 2, 3, 4);
            rig.awaitBlockedPut(putter, sink, 2);
            assertTrue(other.system().close(Duration.ofSeconds(10)).clean());
            assertEquals(
                    new StreamOutcome.Cancelled(),
                    putter.failure(StreamClosedException.class).outcome());
            rig.awaitNoActors();
        }
    }
}
