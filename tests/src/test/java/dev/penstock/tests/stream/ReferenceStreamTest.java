package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.Subscribe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/** The tests of the reference implementation, by their names there. */
class ReferenceStreamTest {

    private static final int HIGH_VOLUME = 10_000;

    @EachSetup
    void sinkFullFlow(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<String> ends = rig.stream(16, 16);
            Background<Integer> putter = rig.background("putter", () -> {
                ends.sink().putAll(List.of("a", "b", "c"));
                ends.sink().complete();
                return 3;
            });
            assertEquals(List.of("a", "b", "c"), rig.taking(ends.source()).result());
            assertEquals(3, putter.result());
            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
            rig.awaitNoActors();
            assertEquals(List.of(), rig.losses());
        }
    }

    @EachSetup
    void sinkBackpressure(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            Background<Integer> putter = rig.putting(sink, 10, 20, 30);
            rig.awaitBlockedPut(putter, sink, 2);
            assertEquals(2, sink.ledger().buffered());

            SourceRef<Integer> source = rig.source(rig.consumer(producer, 16));
            assertEquals(3, putter.result());
            sink.complete();
            assertEquals(List.of(10, 20, 30), rig.taking(source).result());
        }
    }

    @EachSetup
    void fullFlow(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            SourceRef<Integer> source = rig.source(rig.consumer(producer));
            for (int i = 1; i <= 5; i++) {
                producer.tell(new Push<>(i));
            }
            producer.tell(new CompleteStream<>());
            assertEquals(List.of(1, 2, 3, 4, 5), rig.taking(source).result());
        }
    }

    @EachSetup
    void pushBeforeSubscribe(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<String>> producer = rig.producer();
            producer.tell(new Push<>("early"));
            producer.tell(new Push<>("bird"));
            rig.settle(producer);
            SourceRef<String> source = rig.source(rig.consumer(producer));
            producer.tell(new CompleteStream<>());
            assertEquals(List.of("early", "bird"), rig.taking(source).result());
        }
    }

    @EachSetup
    void emptyCompletion(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<String>> producer = rig.producer();
            SourceRef<String> source = rig.source(rig.consumer(producer));
            producer.tell(new CompleteStream<>());
            assertEquals(List.of(), rig.taking(source).result());
            assertEquals(new StreamOutcome.Completed(), source.outcome().join());
        }
    }

    @EachSetup
    void cancellationOnBreak(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(0, 16);
            for (int i = 0; i < 10; i++) {
                ends.sink().put(i);
            }
            List<Integer> taken = new ArrayList<>();
            try (SourceRef<Integer> source = ends.source()) {
                for (int element : source) {
                    taken.add(element);
                    if (taken.size() == 3) {
                        break;
                    }
                }
            }
            assertEquals(List.of(0, 1, 2), taken);
            rig.awaitNoActors();
            assertEquals(new StreamOutcome.Cancelled(), ends.sink().outcome().join());
            assertEquals(7, ends.sink().ledger().undelivered());
        }
    }

    @EachSetup
    void timeoutOnSilence(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Duration silence = Duration.ofMillis(200);
            Ends<String> ends = rig.stream(
                    ProducerOptions.defaults(), ConsumerOptions.defaults().inactivityTimeout(silence));
            ends.sink().put("only");
            Iterator<String> iterator = ends.source().iterator();
            assertEquals("only", iterator.next());
            InactivityTimeoutException timeout = assertThrows(InactivityTimeoutException.class, iterator::hasNext);
            assertEquals(new StreamOutcome.TimedOut(silence), timeout.outcome());
            assertEquals(
                    new StreamOutcome.TimedOut(silence), ends.source().outcome().join());
            assertEquals(
                    new StreamOutcome.TimedOut(silence), ends.sink().outcome().join());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void backpressureDemandLimitsInFlight(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(0, 2);
            for (int i = 0; i < 10; i++) {
                ends.sink().put(i);
            }
            Iterator<Integer> iterator = ends.source().iterator();
            for (int i = 0; i < 10; i++) {
                assertEquals(i, iterator.next());
                assertTrue(
                        ends.source().ledger().inFlight() <= 2,
                        () -> ends.source().ledger().toString());
            }
            ends.sink().complete();
            assertFalse(iterator.hasNext());
        }
    }

    @EachSetup
    void backpressureZeroDemandBuffers(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 0));
            for (int i = 1; i <= 5; i++) {
                producer.tell(new Push<>(i));
            }
            rig.settle(producer, subscriber);
            assertEquals(List.of(), subscriber.received());

            producer.tell(new StreamDemand<>(2));
            subscriber.awaitElements(List.of(1, 2));
            rig.settle(producer, subscriber);
            subscriber.awaitElements(List.of(1, 2));

            producer.tell(new StreamDemand<>(3));
            subscriber.awaitElements(List.of(1, 2, 3, 4, 5));
        }
    }

    @EachSetup
    void completionWaitsForBufferDrain(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            Probe<Integer> subscriber = rig.probe();
            producer.tell(new Subscribe<>(subscriber.ref(), 1));
            producer.tell(new Push<>(10));
            producer.tell(new Push<>(20));
            producer.tell(new Push<>(30));
            producer.tell(new CompleteStream<>());
            rig.settle(producer, subscriber);
            subscriber.awaitElements(List.of(10));

            producer.tell(new StreamDemand<>(2));
            subscriber.awaitCompleted();
            assertEquals(
                    List.of(
                            new StreamElement<>(10),
                            new StreamElement<>(20),
                            new StreamElement<>(30),
                            new StreamCompleted<Integer>()),
                    subscriber.received());
            rig.awaitStopped(producer);
        }
    }

    @EachSetup
    void multiplePushesPreserveOrder(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Integer> numbers = IntStream.range(0, 100).boxed().toList();
            ActorRef<ProducerMessage<Integer>> producer = rig.producer();
            SourceRef<Integer> source = rig.source(rig.consumer(producer, 3));
            numbers.forEach(number -> producer.tell(new Push<>(number)));
            producer.tell(new CompleteStream<>());
            assertEquals(numbers, rig.taking(source).result());
        }
    }

    @EachSetup
    void highVolumeOrdering(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Integer> numbers = IntStream.range(0, HIGH_VOLUME).boxed().toList();
            Ends<Integer> ends = rig.stream(64, 16);
            Background<Integer> putter = rig.background("putter", () -> {
                ends.sink().putAll(numbers);
                ends.sink().complete();
                return numbers.size();
            });
            assertEquals(numbers, rig.taking(ends.source()).result());
            putter.result();
        }
    }

    @EachSetup
    void deadLettersAfterCancel(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            ends.source().close();
            rig.awaitNoActors();
            assertFalse(ends.consumer().tell(new StreamDemand<>(7)));
            rig.awaitDeadLetter(new StreamDemand<Integer>(7), ends.consumer(), DeadLetter.Reason.STOPPED);
            assertInstanceOf(
                    StreamOutcome.Cancelled.class,
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(1))
                            .outcome());
        }
    }
}
