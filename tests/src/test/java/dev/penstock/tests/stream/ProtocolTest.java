package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.InputReady;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.Subscribe;
import java.util.List;

/** The protocol as messages: demand, subscription, pushes; with subscribers of the test's own where that shows more. */
class ProtocolTest {

    // ---- demand

    @EachSetup
    void demandThatIsNotPositiveFailsTheStreamOfAnOwnSubscriber(Setup setup) {
        try (Rig rig = setup.open()) {
            for (long n : new long[] {0, -1, Long.MIN_VALUE}) {
                ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
                SinkRef<Integer> sink = rig.sink(producer);
                Probe<Integer> subscriber = rig.probe();
                sink.tryPut(1);
                producer.tell(new Subscribe<>(subscriber.ref(), 0));
                rig.settle(producer, subscriber);
                producer.tell(new StreamDemand<>(n));
                assertInstanceOf(IllegalArgumentException.class, subscriber.awaitFailure());
                rig.awaitStopped(producer);
                StreamOutcome.Failed failed = assertInstanceOf(
                        StreamOutcome.Failed.class, sink.outcome().join());
                assertInstanceOf(IllegalArgumentException.class, failed.cause());
                assertEquals(List.of(), subscriber.elements());
                assertEquals(1, sink.ledger().undelivered());
            }
        }
    }

    @EachSetup
    void demandThatIsNotPositiveFailsTheStreamOfAConsumer(Setup setup) {
        try (Rig rig = setup.open()) {
            for (long n : new long[] {0, -1}) {
                Ends<Integer> ends = rig.stream(2, 2);
                Background<List<Integer>> taker = rig.taking(ends.source());
                taker.awaitBlocked();
                ends.consumer().tell(new StreamDemand<>(n));
                StreamFailedException failed = taker.failure(StreamFailedException.class);
                assertInstanceOf(IllegalArgumentException.class, failed.getCause());
                assertEquals(failed.outcome(), ends.sink().outcome().join());
                assertEquals(failed.outcome(), ends.source().outcome().join());
                rig.awaitStopped(ends);
            }
        }
    }

    @EachSetup
    void demandThatIsNotPositiveToTheProducerOfAConsumerFailsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            ends.producer().tell(new StreamDemand<>(0));
            StreamFailedException failed = taker.failure(StreamFailedException.class);
            assertInstanceOf(IllegalArgumentException.class, failed.getCause());
            rig.awaitStopped(ends);
        }
    }

    @EachSetup
    void demandThatIsNotPositiveBeforeSubscribeIsToldToTheSubscriber(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int elements : new int[] {1, 0}) {
                ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
                SinkRef<Integer> sink = rig.sink(producer);
                for (int i = 0; i < elements; i++) {
                    sink.tryPut(i);
                }
                producer.tell(new StreamDemand<>(0));
                Probe<Integer> subscriber = rig.probe();
                rig.settle(producer);
                producer.tell(new Subscribe<>(subscriber.ref(), 5));
                assertInstanceOf(IllegalArgumentException.class, subscriber.awaitFailure());
                assertEquals(elements, subscriber.elements().size());
            }
        }
    }

    @EachSetup
    void negativeFirstDemandFailsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), -1));
            assertInstanceOf(IllegalArgumentException.class, subscriber.awaitFailure());
            rig.awaitStopped(producer);
        }
    }

    @EachSetup
    void demandSaturates(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), Long.MAX_VALUE - 1));
            producer.tell(new Push<>(1));
            subscriber.awaitElements(List.of(1));
            producer.tell(new StreamDemand<>(Long.MAX_VALUE));
            producer.tell(new StreamDemand<>(Long.MAX_VALUE));
            producer.tell(new Push<>(2));
            producer.tell(new Push<>(3));
            subscriber.awaitElements(List.of(1, 2, 3));
            producer.tell(new CompleteStream<>());
            subscriber.awaitCompleted();
        }
    }

    @EachSetup
    void sentNeverExceedsDemand(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            for (int i = 0; i < 20; i++) {
                producer.tell(new Push<>(i));
            }
            int asked = 1;
            for (int n = 1; n <= 5; n++) {
                rig.settle(producer, subscriber);
                assertEquals(asked, subscriber.received().size());
                asked += n;
                producer.tell(new StreamDemand<>(n));
            }
            rig.settle(producer, subscriber);
            assertEquals(asked, subscriber.received().size());
        }
    }

    @EachSetup
    void demandGivenBeforeThereAreElementsIsKept(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 0));
            producer.tell(new StreamDemand<>(1));
            producer.tell(new StreamDemand<>(1));
            producer.tell(new Push<>(1));
            producer.tell(new Push<>(2));
            producer.tell(new Push<>(3));
            subscriber.awaitElements(List.of(1, 2));
            rig.settle(producer, subscriber);
            subscriber.awaitElements(List.of(1, 2));
        }
    }

    /** Whoever asks for more in a consumer's name: no more than its window is in flight. */
    @EachSetup
    void strangersDemandDoesNotWidenTheWindow(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(16, 2);
            ends.producer().tell(new StreamDemand<>(100));
            ends.consumer().tell(new StreamDemand<>(100));
            for (int i = 0; i < 10; i++) {
                ends.sink().tryPut(i);
            }
            rig.settle(ends.producer());
            Awaiting.that("the window is full", () -> ends.sink().ledger().inFlight() == 2);
            ends.consumer().tell(new StreamDemand<>(Long.MAX_VALUE));
            rig.source(ends.consumer()); // answered after that
            assertEquals(2, ends.sink().ledger().inFlight());
            assertEquals(8, ends.sink().ledger().buffered());
            ends.sink().complete();
            assertEquals(10, rig.taking(ends.source()).result().size());
        }
    }

    @EachSetup
    void inputReadyIsHarmlessAtAnyTime(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            producer.tell(new InputReady<>());
            SinkRef<Integer> sink = rig.sink(producer);
            producer.tell(new InputReady<>());
            var source = rig.source(rig.consumer(producer));
            producer.tell(new InputReady<>());
            sink.tryPut(1);
            producer.tell(new InputReady<>());
            sink.complete();
            producer.tell(new InputReady<>());
            assertEquals(List.of(1), rig.taking(source).result());
        }
    }

    // ---- subscription

    @EachSetup
    void aSecondSubscribeIsRefusedAlsoToTheSameSubscriber(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            Probe<Integer> first = rig.probe();
            Probe<Integer> second = rig.probe();
            producer.tell(new Subscribe<>(first.ref(), 1));
            producer.tell(new Subscribe<>(second.ref(), 1));
            assertInstanceOf(AlreadySubscribedException.class, second.awaitFailure());
            producer.tell(new Subscribe<>(first.ref(), 1));
            assertInstanceOf(AlreadySubscribedException.class, first.awaitFailure());
            producer.tell(new Push<>(1));
            producer.tell(new Push<>(2));
            rig.settle(producer, first);
            assertEquals(List.of(1), first.elements(), "the refused Subscribe requested nothing");
            assertEquals(List.of(), second.elements());
        }
    }

    @EachSetup
    void aRefusedConsumerThatIsClosedDoesNotDisturbTheFirst(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> first = rig.stream(4, 4);
            for (int i = 0; i < 20; i++) {
                var consumer = rig.consumer(first.producer());
                rig.source(consumer).close();
                rig.awaitStopped(consumer);
            }
            assertEquals(PutResult.ACCEPTED, first.sink().tryPut(1));
            first.sink().complete();
            assertEquals(List.of(1), rig.taking(first.source()).result());
        }
    }

    @EachSetup
    void ownSubscriberThatStopsCancelsTheProducer(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            Background<Integer> putter = rig.putting(sink, 1, 2, 3, 4);
            rig.awaitBlockedPut(putter, sink, 3);
            rig.system().stop(subscriber.ref());
            assertEquals(
                    new StreamOutcome.Cancelled(),
                    putter.failure(StreamClosedException.class).outcome());
            rig.awaitNoActors();
            assertEquals(1, sink.ledger().delivered());
            assertEquals(2, sink.ledger().undelivered());
            Rig.assertSettled(sink.ledger());
        }
    }

    @EachSetup
    void ownSubscriberThatCancelsHearsNothingMore(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            sink.tryPut(1);
            subscriber.awaitElements(List.of(1));
            producer.tell(new StreamCancel<>());
            rig.awaitStopped(producer);
            subscriber.awaitMailboxEmpty();
            assertEquals(List.of(new StreamElement<>(1)), subscriber.received());
            assertEquals(new StreamOutcome.Cancelled(), sink.outcome().join());
        }
    }

    @EachSetup
    void ownSubscriberHearsThatTheProducerStopped(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            rig.settle(producer, subscriber);
            rig.system().stop(producer);
            StreamClosedException lost = assertInstanceOf(StreamClosedException.class, subscriber.awaitFailure());
            assertEquals(new StreamOutcome.PeerLost(producer), lost.outcome());
        }
    }

    @EachSetup
    void ownSubscriberOfASinkReceivesElementsThenCompletion(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 3));
            Background<Integer> putter = rig.putting(sink, 1, 2, 3, 4);
            assertEquals(4, putter.result());
            sink.complete();
            rig.settle(producer, subscriber);
            subscriber.awaitElements(List.of(1, 2, 3));
            assertFalse(sink.outcome().isDone());
            producer.tell(new StreamDemand<>(1));
            subscriber.awaitCompleted();
            assertEquals(new StreamOutcome.Completed(), sink.outcome().join());
            assertEquals(new StreamCompleted<Integer>(), subscriber.received().get(4));
            rig.awaitStopped(producer);
            assertEquals(4, sink.ledger().delivered());
        }
    }

    // ---- pushes

    @EachSetup
    void pushHasABufferOfItsOwn(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> sink = rig.sink(producer);
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            assertTrue(producer.tell(new Push<>(2)), "a full sink is no reason to refuse a push");
            producer.tell(new Push<>(3));
            rig.awaitDeadLetter(new Push<>(3), producer, DeadLetter.Reason.FULL);
            assertEquals(2, sink.ledger().offered());
            assertEquals(2, sink.ledger().buffered());
            assertEquals(1, rig.losses().size());
        }
    }

    @EachSetup
    void pushAfterTheEndIsADeadLetter(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            producer.tell(new Push<>(1));
            producer.tell(new CompleteStream<>());
            producer.tell(new Push<>(2));
            rig.awaitDeadLetter(new Push<>(2), producer, DeadLetter.Reason.STOPPED);
            assertEquals(
                    List.of(1), rig.taking(rig.source(rig.consumer(producer))).result());
            rig.awaitNoActors();
            assertFalse(producer.tell(new Push<>(3)));
            rig.awaitDeadLetter(new Push<>(3), producer, DeadLetter.Reason.STOPPED);
        }
    }

    @EachSetup
    void pushAfterACompletionBeforeTheFirstPushIsADeadLetter(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            producer.tell(new CompleteStream<>());
            producer.tell(new Push<>(1));
            rig.awaitDeadLetter(new Push<>(1), producer, DeadLetter.Reason.STOPPED);
        }
    }

    @EachSetup
    void pushIsRoomAgainWhenElementsAreTaken(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            var source = rig.source(rig.consumer(producer, 1));
            Background<List<Integer>> taker = rig.taking(source);
            for (int i = 1; i <= 50; i++) {
                producer.tell(new Push<>(i));
                int count = i;
                Awaiting.that("element " + i, () -> source.ledger().delivered() == count);
            }
            producer.tell(new CompleteStream<>());
            assertEquals(50, taker.result().size());
            assertEquals(List.of(), rig.losses());
        }
    }

    // ---- what is no message of the protocol

    @EachSetup
    void whatIsNoMessageOfTheProtocolIsUnhandledAndTheStreamGoesOn(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            Background<List<Integer>> taker = rig.taking(ends.source());
            for (int i = 0; i < 10; i++) {
                String odd = "odd " + i;
                ends.sink().tryPut(i);
                int count = i + 1;
                tellAnything(ends.producer(), odd);
                rig.awaitDeadLetter(odd, ends.producer(), DeadLetter.Reason.UNHANDLED);
                tellAnything(ends.consumer(), odd);
                rig.awaitDeadLetter(odd, ends.consumer(), DeadLetter.Reason.UNHANDLED);
                Awaiting.that("element " + i, () -> ends.source().ledger().delivered() == count);
            }
            ends.sink().complete();
            assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), taker.result());
            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
            rig.awaitStopped(ends);
        }
    }

    @EachSetup
    void aMessageOfTheOtherEndIsUnhandled(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            tellAnything(ends.producer(), new StreamCompleted<>());
            rig.awaitDeadLetter(new StreamCompleted<>(), ends.producer(), DeadLetter.Reason.UNHANDLED);
            tellAnything(ends.consumer(), new CompleteStream<>());
            rig.awaitDeadLetter(new CompleteStream<>(), ends.consumer(), DeadLetter.Reason.UNHANDLED);
            ends.sink().tryPut(1);
            ends.sink().complete();
            assertEquals(List.of(1), rig.taking(ends.source()).result());
        }
    }

    @EachSetup
    void whatIsToldToOneThatEndsIsADeadLetter(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            ends.producer().tell(new StreamCancel<>());
            tellAnything(ends.producer(), "late");
            rig.awaitDeadLetter("late", ends.producer(), DeadLetter.Reason.STOPPED);
        }
    }

    @SuppressWarnings("unchecked") // as a peer may, to whom a ref has no type
    private static void tellAnything(ActorRef<?> ref, Object message) {
        ((ActorRef<Object>) ref).tell(message);
    }

    // ---- values

    @EachSetup
    void nullsAreRefusedWhereTheyAreMade(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            assertThrows(NullPointerException.class, () -> producer.tell(new Push<>(null)));
            assertThrows(NullPointerException.class, () -> producer.tell(new Subscribe<>(null, 1)));
            assertThrows(NullPointerException.class, () -> producer.tell(null));
            assertTrue(rig.system().inspect(producer).isPresent());
        }
    }
}
