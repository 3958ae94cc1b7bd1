package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import java.time.Duration;
import java.util.List;

/** The seven faults of the reference implementation: what it did, and what must happen instead. */
class ReferenceFaultsTest {

    private static final Duration FOR_EVER = Duration.ZERO;

    /** There, an iteration that timed out ended like one that had completed. */
    @EachSetup
    void inactivityIsNotCompletion(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<String> ends = rig.stream(
                    ProducerOptions.defaults(), ConsumerOptions.defaults().inactivityTimeout(Duration.ofMillis(20)));
            rig.taking(ends.source()).failure(InactivityTimeoutException.class);
            assertInstanceOf(StreamOutcome.TimedOut.class, ends.sink().outcome().join());
            assertInstanceOf(
                    StreamOutcome.TimedOut.class, ends.source().outcome().join());
        }
    }

    /** There, a completion that came before GetSource was forgotten, and the consumer waited out its timeout. */
    @EachSetup
    void completionBeforeGetSourceEndsTheIterationAtOnce(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<String>> producer = rig.producer(4);
            SinkRef<String> sink = rig.sink(producer);
            ActorRef<ConsumerMessage<String>> consumer =
                    rig.consumer(producer, ConsumerOptions.defaults().inactivityTimeout(FOR_EVER));
            sink.put("one");
            sink.complete();
            rig.awaitStopped(producer);
            assertEquals(List.of("one"), rig.taking(rig.source(consumer)).result());

            ActorRef<ProducerMessage<String>> empty = rig.producer(4);
            ActorRef<ConsumerMessage<String>> ofEmpty =
                    rig.consumer(empty, ConsumerOptions.defaults().inactivityTimeout(FOR_EVER));
            empty.tell(new CompleteStream<>());
            assertEquals(List.of(), rig.taking(rig.source(ofEmpty)).result());
        }
    }

    /** There, a second subscriber's iteration was empty, as if the stream had completed. */
    @EachSetup
    void secondSubscriberIsToldSo(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<String> first = rig.stream(4, 4);
            SourceRef<String> second = rig.source(rig.consumer(first.producer()));
            StreamFailedException refused = rig.taking(second).failure(StreamFailedException.class);
            assertInstanceOf(AlreadySubscribedException.class, refused.getCause());

            first.sink().put("undisturbed");
            first.sink().complete();
            assertEquals(List.of("undisturbed"), rig.taking(first.source()).result());
        }
    }

    /** There, a put that was blocked when the consumer stopped stayed so for good. */
    @EachSetup
    void stoppedConsumerWakesBlockedPut(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<Integer> putter = rig.putting(ends.sink(), 1, 2, 3, 4);
            rig.awaitBlockedPut(putter, ends.sink(), 2);
            rig.system().stop(ends.consumer());
            assertEquals(
                    new StreamOutcome.Cancelled(),
                    putter.failure(StreamClosedException.class).outcome());
            rig.awaitNoActors();
            assertEquals(2, ends.sink().ledger().undelivered());
        }
    }

    /** There, a producer that stopped ended the source in silence, and a put filled a dead buffer. */
    @EachSetup
    void stoppedProducerIsNotCompletion(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            rig.system().stop(ends.producer());
            StreamFailedException lost = taker.failure(StreamFailedException.class);
            assertEquals(new StreamOutcome.PeerLost(ends.producer()), lost.outcome());
            rig.awaitNoActors();
            assertEquals(
                    new StreamOutcome.PeerLost(ends.producer()),
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(1))
                            .outcome());
            assertEquals(0, ends.sink().ledger().offered());
        }
    }

    /** There, a put after the end lost its element without a word. */
    @EachSetup
    void putAfterTheEndIsRefused(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            ends.sink().put(1);
            ends.sink().complete();
            assertEquals(
                    new StreamOutcome.Completed(),
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(2))
                            .outcome());
            assertEquals(PutResult.CLOSED, ends.sink().tryPut(3));
            assertEquals(PutResult.CLOSED, ends.sink().tryPut(4, Duration.ofSeconds(1)));
            assertEquals(List.of(1), rig.taking(ends.source()).result());
            assertEquals(1, ends.sink().ledger().offered());
        }
    }

    /** There, a push went past the bound and crashed the producer. */
    @EachSetup
    void pushKeepsTheBound(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            for (int i = 1; i <= 3; i++) {
                producer.tell(new Push<>(i));
            }
            rig.awaitDeadLetter(new Push<>(3), producer, DeadLetter.Reason.FULL);
            assertTrue(rig.system().inspect(producer).isPresent(), "the producer lives");

            SourceRef<Integer> source = rig.source(rig.consumer(producer));
            producer.tell(new CompleteStream<>());
            assertEquals(List.of(1, 2), rig.taking(source).result());
            assertEquals(1, rig.losses().size(), () -> rig.losses().toString());
        }
    }
}
