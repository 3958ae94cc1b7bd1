package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.CompleteStream;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the writing thread may do, and what it meets. */
class SinkRefTest {

    private static final int RACES = 500;
    private static final Duration LONG = Duration.ofSeconds(Long.MAX_VALUE);

    // ---- putting

    @EachSetup
    void boundIsExactForEverySize(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int bufferSize = 1; bufferSize <= 9; bufferSize++) {
                SinkRef<Integer> sink = rig.sink(rig.producer(bufferSize));
                for (int i = 0; i < bufferSize; i++) {
                    assertEquals(PutResult.ACCEPTED, sink.tryPut(i));
                }
                assertEquals(PutResult.FULL, sink.tryPut(bufferSize));
                assertEquals(bufferSize, sink.ledger().buffered());
                assertEquals(bufferSize, sink.ledger().offered());
            }
        }
    }

    @EachSetup
    void heldIsAtMostBufferAndWindow(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(3, 5);
            Background<Integer> putter = rig.putting(ends.sink(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            rig.awaitBlockedPut(putter, ends.sink(), 8);
            assertEquals(3, ends.sink().ledger().buffered());
            assertEquals(5, ends.sink().ledger().inFlight());
            Rig.assertBalanced(ends.sink().ledger());
        }
    }

    @EachSetup
    void oneTakenElementAdmitsOnePut(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<Integer> putter = rig.putting(ends.sink(), 1, 2, 3, 4);
            Iterator<Integer> iterator = ends.source().iterator();
            for (int i = 1; i <= 4; i++) {
                assertEquals(i, iterator.next());
            }
            assertEquals(4, putter.result());
        }
    }

    @EachSetup
    void unboundedSinkNeverBlocks(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer());
            for (int i = 0; i < 10_000; i++) {
                sink.put(i);
            }
            assertEquals(10_000, sink.ledger().buffered());
        }
    }

    @EachSetup
    void interruptedPutAcceptsNothingAndLeavesTheStreamOpen(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<Boolean> putter = rig.background("putter", () -> {
                ends.sink().put(1);
                ends.sink().put(2);
                assertThrows(InterruptedException.class, () -> ends.sink().put(3));
                return Thread.currentThread().isInterrupted();
            });
            rig.awaitBlockedPut(putter, ends.sink(), 2);
            putter.interrupt();
            assertFalse(putter.result(), "the flag is cleared, as InterruptedException means");
            assertEquals(2, ends.sink().ledger().offered());

            ends.sink().complete();
            assertEquals(List.of(1, 2), rig.taking(ends.source()).result());
        }
    }

    /** As with a BlockingQueue: an interrupt is heard also by a put that need not wait. */
    @EachSetup
    void interruptedPutAcceptsNothingThoughThereIsRoom(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            Background<Void> putter = rig.background("putter", () -> {
                Thread.currentThread().interrupt();
                assertThrows(InterruptedException.class, () -> ends.sink().put(1));
                Thread.currentThread().interrupt();
                assertThrows(InterruptedException.class, () -> ends.sink().tryPut(1, Duration.ofSeconds(1)));
                return null;
            });
            putter.result();
            assertEquals(0, ends.sink().ledger().offered());
            assertFalse(ends.sink().outcome().isDone());
        }
    }

    @EachSetup
    void putAllPutsInOrder(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 1);
            Background<Void> putter = rig.background("putter", () -> {
                ends.sink().putAll(List.of(1, 2, 3, 4, 5, 6));
                ends.sink().putAll(List.of());
                ends.sink().complete();
                return null;
            });
            assertEquals(List.of(1, 2, 3, 4, 5, 6), rig.taking(ends.source()).result());
            putter.result();
        }
    }

    @EachSetup
    void putAllThatIsCutShortKeepsWhatWasAccepted(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(2));
            Background<Void> putter = rig.background("putter", () -> {
                sink.putAll(List.of(1, 2, 3));
                return null;
            });
            rig.awaitBlockedPut(putter, sink, 2);
            putter.interrupt();
            putter.failure(InterruptedException.class);
            assertEquals(2, sink.ledger().buffered());
        }
    }

    @EachSetup
    void nullIsNoElement(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<String> sink = rig.sink(rig.producer(2));
            assertThrows(NullPointerException.class, () -> sink.put(null));
            assertThrows(NullPointerException.class, () -> sink.tryPut(null));
            assertThrows(NullPointerException.class, () -> sink.tryPut(null, Duration.ZERO));
            assertEquals(0, sink.ledger().offered());
        }
    }

    // ---- tryPut with a timeout

    /** Whether there is room or not. */
    @EachSetup
    void nullIsNoTime(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            assertThrows(NullPointerException.class, () -> ends.sink().tryPut(1, null));
            assertEquals(0, ends.sink().ledger().offered());
            ends.sink().tryPut(1);
            assertThrows(NullPointerException.class, () -> ends.source().poll(null));
            assertEquals(0, ends.source().ledger().delivered());
        }
    }

    @EachSetup
    void tryPutWithoutTimeDoesNotWait(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(1));
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1, Duration.ZERO));
            assertEquals(PutResult.FULL, sink.tryPut(2, Duration.ZERO));
            assertEquals(PutResult.FULL, sink.tryPut(2, Duration.ofSeconds(-1)));
        }
    }

    @EachSetup
    void tryPutGivesUpAfterItsTime(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(1));
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1, Duration.ofMillis(5)));
            assertEquals(PutResult.FULL, sink.tryPut(2, Duration.ofMillis(5)));
            assertEquals(1, sink.ledger().offered());
        }
    }

    @EachSetup
    void tryPutWaitsForRoom(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> sink = rig.sink(producer);
            sink.tryPut(1);
            Background<PutResult> putter = rig.background("putter", () -> sink.tryPut(2, LONG));
            rig.awaitBlockedPut(putter, sink, 1);
            rig.consumer(producer);
            assertEquals(PutResult.ACCEPTED, putter.result());
        }
    }

    @EachSetup
    void tryPutThatWaitsIsClosedByTheEnd(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> sink = rig.sink(producer);
            sink.tryPut(1);
            Background<PutResult> putter = rig.background("putter", () -> sink.tryPut(2, LONG));
            rig.awaitBlockedPut(putter, sink, 1);
            producer.tell(new StreamCancel<>());
            assertEquals(PutResult.CLOSED, putter.result());
        }
    }

    @EachSetup
    void tryPutThatWaitsIsInterruptible(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(1));
            sink.tryPut(1);
            Background<PutResult> putter = rig.background("putter", () -> sink.tryPut(2, LONG));
            rig.awaitBlockedPut(putter, sink, 1);
            putter.interrupt();
            putter.failure(InterruptedException.class);
            assertEquals(1, sink.ledger().offered());
        }
    }

    // ---- ending

    @EachSetup
    void completeTwiceIsCompleteOnce(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            ends.sink().tryPut(1);
            ends.sink().complete();
            ends.sink().complete();
            assertEquals(List.of(1), rig.taking(ends.source()).result());
            ends.sink().complete();
            ends.sink().close();
            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
        }
    }

    @EachSetup
    void completeAfterCancelThrows(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            ends.source().close();
            assertEquals(new StreamOutcome.Cancelled(), ends.sink().outcome().join());
            StreamClosedException closed =
                    assertThrows(StreamClosedException.class, () -> ends.sink().complete());
            assertEquals(new StreamOutcome.Cancelled(), closed.outcome());
        }
    }

    @EachSetup
    void errorsSayWhatCouldNotBeDone(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            SinkRef<Integer> other = rig.sink(ends.producer());
            ends.sink().complete(); // the stream goes on by the other
            String completed = assertThrows(
                            StreamClosedException.class, () -> ends.sink().put(1))
                    .getMessage();
            assertTrue(completed.contains("this sink") && completed.contains("not accepted"), completed);
            ends.source().close();
            Awaiting.that("the sink is closed", () -> other.tryPut(1) == PutResult.CLOSED);
            String late =
                    assertThrows(StreamClosedException.class, other::complete).getMessage();
            assertTrue(late.contains("Cancelled") && late.contains("cannot be completed"), late);
            String put = assertThrows(StreamClosedException.class, () -> other.put(1))
                    .getMessage();
            assertTrue(put.contains("Cancelled") && put.contains("not accepted"), put);
        }
    }

    @EachSetup
    void completeAfterFailThrows(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(2));
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            sink.fail(cause);
            StreamClosedException closed = assertThrows(StreamClosedException.class, sink::complete);
            assertEquals(new StreamOutcome.Failed(cause), closed.outcome());
            assertSame(cause, closed.getCause());
        }
    }

    @EachSetup
    void failIsDeliveredAfterTheElements(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 1);
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            ends.sink().tryPut(1);
            ends.sink().tryPut(2);
            ends.sink().tryPut(3);
            ends.sink().fail(cause);
            List<Integer> taken = new ArrayList<>();
            StreamFailedException failed = assertThrows(
                    StreamFailedException.class, () -> ends.source().forEach(taken::add));
            assertSame(cause, failed.getCause());
            assertEquals(new StreamOutcome.Failed(cause), failed.outcome());
            assertEquals(List.of(1, 2, 3), taken);
            assertEquals(new StreamOutcome.Failed(cause), ends.sink().outcome().join());
            assertEquals(
                    new StreamOutcome.Failed(cause), ends.source().outcome().join());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void failAfterTheEndDoesNothing(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            ends.sink().complete();
            ends.sink().fail(new IllegalArgumentException("too late"));
            assertEquals(List.of(), rig.taking(ends.source()).result());
            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
        }
    }

    @EachSetup
    void failNeedsACause(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(4));
            assertThrows(NullPointerException.class, () -> sink.fail(null));
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1), "the stream is open");
        }
    }

    @EachSetup
    void closeWithoutCompleteFailsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            try (SinkRef<Integer> sink = ends.sink()) {
                sink.tryPut(1);
            }
            List<Integer> taken = new ArrayList<>();
            StreamFailedException failed = assertThrows(
                    StreamFailedException.class, () -> ends.source().forEach(taken::add));
            assertEquals(List.of(1), taken);
            assertTrue(failed.getCause().getMessage().contains("without complete()"), failed::toString);
            assertInstanceOf(StreamOutcome.Failed.class, ends.sink().outcome().join());
        }
    }

    @EachSetup
    void closeAfterCompleteDoesNothing(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            try (SinkRef<Integer> sink = ends.sink()) {
                sink.tryPut(1);
                sink.complete();
            }
            assertEquals(List.of(1), rig.taking(ends.source()).result());
            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
        }
    }

    @EachSetup
    void closeByAnExceptionFailsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            assertThrows(ArithmeticException.class, () -> {
                try (SinkRef<Integer> sink = ends.sink()) {
                    sink.tryPut(1);
                    throw new ArithmeticException("the feed broke");
                }
            });
            rig.taking(ends.source()).failure(StreamFailedException.class);
        }
    }

    @EachSetup
    void completeStreamCompletesTheSink(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            ends.sink().tryPut(1);
            ends.producer().tell(new CompleteStream<>());
            assertEquals(List.of(1), rig.taking(ends.source()).result());
            assertEquals(
                    new StreamOutcome.Completed(),
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(2))
                            .outcome());
            ends.sink().complete();
        }
    }

    @EachSetup
    void failStreamFailsTheSink(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            ends.sink().tryPut(1);
            ends.producer().tell(new FailStream<>(cause));
            Iterator<Integer> iterator = ends.source().iterator();
            assertEquals(1, iterator.next());
            assertSame(
                    cause,
                    assertThrows(StreamFailedException.class, iterator::hasNext).getCause());
            assertEquals(
                    new StreamOutcome.Failed(cause),
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(2))
                            .outcome());
        }
    }

    @EachSetup
    void sinkOfAStreamThatHasEndedIsClosed(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(4);
            producer.tell(new CompleteStream<>());
            SinkRef<Integer> late = rig.sink(producer);
            assertEquals(PutResult.CLOSED, late.tryPut(1));
            assertEquals(
                    new StreamOutcome.Completed(),
                    assertThrows(StreamClosedException.class, () -> late.put(1)).outcome());
        }
    }

    @EachSetup
    void nobodyCanEndTheStreamByItsFuture(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            assertNotSame(ends.sink().outcome(), ends.sink().outcome());
            ends.sink().outcome().complete(new StreamOutcome.Cancelled());
            ends.source().outcome().cancel(true);
            assertFalse(ends.sink().outcome().isDone());
            assertEquals(PutResult.ACCEPTED, ends.sink().tryPut(1));
        }
    }

    @EachSetup
    void sinkSaysWhoseItIs(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            assertTrue(ends.sink().toString().contains(ends.producer().path()));
            assertTrue(ends.source().toString().contains(ends.consumer().path()));
        }
    }

    // ---- several sinks, several threads

    @EachSetup
    void eachGetSinkAnswersAnotherSink(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> first = rig.sink(producer);
            SinkRef<Integer> second = rig.sink(producer);
            assertNotSame(first, second);
            assertEquals(PutResult.ACCEPTED, first.tryPut(1));
            assertEquals(PutResult.ACCEPTED, second.tryPut(2), "each has a bound of its own");
            assertEquals(PutResult.FULL, first.tryPut(3));
            assertEquals(PutResult.FULL, second.tryPut(4));
            assertEquals(2, first.ledger().buffered());
            assertEquals(first.ledger(), second.ledger());
        }
    }

    @EachSetup
    void fanInCompletesWhenAllSinksHave(Setup setup) {
        try (Rig rig = setup.open()) {
            int each = 500;
            Ends<Integer> ends = rig.stream(4, 3);
            SinkRef<Integer> second = rig.sink(ends.producer());
            Background<List<Integer>> taker = rig.taking(ends.source());
            for (SinkRef<Integer> sink : List.of(ends.sink(), second)) {
                int sign = sink == second ? -1 : 1;
                rig.background("putter", () -> {
                    for (int i = 1; i <= each; i++) {
                        sink.put(sign * i);
                    }
                    sink.complete();
                    return null;
                });
            }
            List<Integer> taken = taker.result();
            List<Integer> ascending =
                    java.util.stream.IntStream.rangeClosed(1, each).boxed().toList();
            assertEquals(ascending, taken.stream().filter(i -> i > 0).toList());
            assertEquals(
                    ascending, taken.stream().filter(i -> i < 0).map(i -> -i).toList());
            assertEquals(new StreamOutcome.Completed(), second.outcome().join());
        }
    }

    @EachSetup
    void oneCompletedSinkOfTwoDoesNotCompleteTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            SinkRef<Integer> second = rig.sink(ends.producer());
            ends.sink().tryPut(1);
            ends.sink().complete();
            Iterator<Integer> iterator = ends.source().iterator();
            assertEquals(1, iterator.next());
            assertEquals(
                    new StreamOutcome.Completed(),
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(2))
                            .outcome());
            second.tryPut(3);
            assertEquals(3, iterator.next());
            assertFalse(ends.source().outcome().isDone());
            second.complete();
            assertFalse(iterator.hasNext());
        }
    }

    /** The producer looks at its sinks while the last of them completes: it must see that sooner or later. */
    @EachSetup
    void sinksThatCompleteOneRightAfterTheOtherCompleteTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int round = 0; round < RACES; round++) {
                Ends<Integer> ends = rig.stream(4, 4);
                SinkRef<Integer> second = rig.sink(ends.producer());
                ends.sink().complete();
                for (int i = 0; i < round % 50; i++) {
                    Thread.onSpinWait();
                }
                second.complete();
                assertEquals(List.of(), rig.taking(ends.source()).result());
            }
        }
    }

    @EachSetup
    void fanInFailsWhenOneSinkFails(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(1);
            SinkRef<Integer> first = rig.sink(producer);
            SinkRef<Integer> second = rig.sink(producer);
            Background<Integer> putter = rig.putting(second, 1, 2);
            rig.awaitBlockedPut(putter, second, 1);
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            first.fail(cause);
            StreamClosedException closed = putter.failure(StreamClosedException.class);
            assertEquals(new StreamOutcome.Failed(cause), closed.outcome());

            List<Integer> taken = new ArrayList<>();
            StreamFailedException failed = assertThrows(
                    StreamFailedException.class,
                    () -> rig.source(rig.consumer(producer)).forEach(taken::add));
            assertSame(cause, failed.getCause());
            assertEquals(List.of(1), taken);
        }
    }

    @EachSetup
    void twoThreadsInOneSinkLoseNothing(Setup setup) {
        try (Rig rig = setup.open()) {
            int each = 1_000;
            Ends<Integer> ends = rig.stream(4, 4);
            Background<List<Integer>> taker = rig.taking(ends.source());
            List<Background<Integer>> putters = new ArrayList<>();
            for (int sign : new int[] {1, -1}) {
                putters.add(rig.background("putter", () -> {
                    int refused = 0;
                    for (int i = 1; i <= each; ) {
                        try {
                            ends.sink().put(sign * i);
                            i++;
                        } catch (IllegalStateException otherWaits) {
                            assertFalse(otherWaits instanceof StreamClosedException, otherWaits::toString);
                            assertTrue(otherWaits.getMessage().contains("GetSink"), "names the remedy");
                            refused++;
                            Thread.yield();
                        }
                    }
                    return refused;
                }));
            }
            putters.forEach(Background::result);
            ends.sink().complete();
            List<Integer> taken = taker.result();
            List<Integer> ascending =
                    java.util.stream.IntStream.rangeClosed(1, each).boxed().toList();
            assertEquals(ascending, taken.stream().filter(i -> i > 0).toList());
            assertEquals(
                    ascending, taken.stream().filter(i -> i < 0).map(i -> -i).toList());
            assertEquals(2 * each, ends.sink().ledger().offered());
        }
    }

    /** A reader and a writer who go on while the producer gets no turn: the writer calls it each time it finds no room. */
    @Test
    void callsOfAProducerThatGetsNoTurnDoNotPileUp() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            ActorRef<ProducerMessage<Integer>> producer = stepped.producer(1);
            SinkRef<Integer> sink = stepped.sink(producer);
            SourceRef<Integer> source =
                    stepped.source(stepped.consumer(producer, ConsumerOptions.defaults(), "consumer"));
            stepped.runAll();
            List<Integer> taken = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(i));
                assertEquals(PutResult.FULL, sink.tryPut(-1));
                assertEquals(1, source.drain(taken::add, 1));
                assertEquals(1, stepped.system().inspect(producer).orElseThrow().depth(), "one call is on its way");
            }
            stepped.runAll();
            assertEquals(PutResult.ACCEPTED, sink.tryPut(100));
            assertEquals(1, stepped.system().inspect(producer).orElseThrow().depth(), "it calls again");
        }
    }

    @EachSetup
    void secondWaiterInOneSinkIsToldTheRemedy(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = rig.sink(rig.producer(1));
            sink.tryPut(1);
            Background<Integer> first = rig.putting(sink, 2);
            rig.awaitBlockedPut(first, sink, 1);
            IllegalStateException misuse = rig.putting(sink, 3).failure(IllegalStateException.class);
            assertTrue(misuse.getMessage().contains("GetSink"), misuse::getMessage);
            assertTrue(first.isBlocked(), "the first is not disturbed");
            assertEquals(1, sink.ledger().offered());
        }
    }
}
