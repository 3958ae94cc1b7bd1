package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;

/** What the reading thread may do, and what it meets. */
class SourceRefTest {

    private static final Duration LONG = Duration.ofSeconds(Long.MAX_VALUE);

    /** A stream with elements 1 to count, all put. */
    private static Ends<Integer> filled(Rig rig, int count, boolean completed) {
        Ends<Integer> ends = rig.stream(0, 4);
        for (int i = 1; i <= count; i++) {
            ends.sink().tryPut(i);
        }
        if (completed) {
            ends.sink().complete();
        }
        return ends;
    }

    private static void assertCancelledAndStopped(Rig rig, Ends<?> ends) {
        assertEquals(new StreamOutcome.Cancelled(), ends.source().outcome().join());
        assertEquals(new StreamOutcome.Cancelled(), ends.sink().outcome().join());
        rig.awaitStopped(ends);
        Rig.assertSettled(ends.source().ledger());
    }

    // ---- iterator

    @EachSetup
    void hasNextMayBeAskedOftenAndNextAlone(Setup setup) {
        try (Rig rig = setup.open()) {
            Iterator<Integer> iterator = filled(rig, 3, true).source().iterator();
            assertTrue(iterator.hasNext());
            assertTrue(iterator.hasNext());
            assertEquals(1, iterator.next());
            assertEquals(2, iterator.next());
            assertEquals(3, iterator.next());
            assertFalse(iterator.hasNext());
            assertFalse(iterator.hasNext());
            assertThrows(NoSuchElementException.class, iterator::next);
        }
    }

    @EachSetup
    void twoIteratorsShareTheElements(Setup setup) {
        try (Rig rig = setup.open()) {
            SourceRef<Integer> source = filled(rig, 3, true).source();
            assertEquals(1, source.iterator().next());
            assertEquals(2, source.iterator().next());
            assertEquals(3, source.iterator().next());
        }
    }

    @EachSetup
    void waitingIteratorIsWokenByAPut(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            for (int i = 1; i <= 20; i++) {
                taker.awaitBlocked();
                assertEquals(PutResult.ACCEPTED, ends.sink().tryPut(i));
                int count = i;
                Awaiting.that(
                        "element " + i + " taken", () -> ends.source().ledger().delivered() == count);
            }
            taker.awaitBlocked();
            ends.sink().complete();
            assertEquals(20, taker.result().size());
        }
    }

    @EachSetup
    void elementInHandStaysTheReadersWhenAnotherThreadCloses(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 2, false);
            Iterator<Integer> iterator = ends.source().iterator();
            assertTrue(iterator.hasNext());
            rig.background("closer", () -> {
                        ends.source().close();
                        return null;
                    })
                    .result();
            assertEquals(1, iterator.next());
            assertFalse(iterator.hasNext());
            assertCancelledAndStopped(rig, ends);
            assertEquals(1, ends.source().ledger().delivered());
            assertEquals(1, ends.source().ledger().undelivered());
        }
    }

    /** A thread that has ended takes nothing any more: what it had in its hand is not kept for it. */
    @EachSetup
    void closeGivesUpWhatAThreadThatHasEndedHeld(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 2, false);
            Thread former = new Thread(() -> ends.source().iterator().hasNext());
            former.start();
            former.join();
            Awaiting.that("both are in flight", () -> ends.source().ledger().inFlight() == 2);
            ends.source().close();
            assertCancelledAndStopped(rig, ends);
            assertEquals(2, ends.source().ledger().undelivered());
        }
    }

    /** Who is refused leaves a stream that is not its own. */
    @EachSetup
    void publishedWhileItIsIteratedTheStreamIsThePublishers(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 2, false);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
            Background<Void> former = rig.background("former", () -> {
                ends.source().forEach(element -> ends.source().asPublisher().subscribe(recorder));
                return null;
            });
            former.failure(IllegalStateException.class);
            ends.sink().complete();
            recorder.awaitCompleted();
            assertEquals(List.of(2), recorder.elements());
        }
    }

    /** All that were handed over are counted; how the stream ended is said by the next call. */
    @EachSetup
    void drainToTheEndOfAFailedStreamCounts(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 2, false);
            ends.sink().fail(new ArithmeticException());
            int[] count = {0};
            Awaiting.that("both are handed over", () -> {
                count[0] += ends.source().drain(element -> {}, 5);
                return count[0] == 2;
            });
            Awaiting.that("the failure", () -> {
                try {
                    assertEquals(0, ends.source().drain(element -> {}, 5));
                    return false;
                } catch (StreamFailedException failed) {
                    return true;
                }
            });
        }
    }

    /** An interrupt is heard also by a reader that need not wait; what it had been promised is undelivered. */
    @EachSetup
    void interruptCancelsAlsoWhileElementsAreThere(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            Background<List<Integer>> reader = rig.background("reader", () -> {
                List<Integer> taken = new ArrayList<>();
                Iterator<Integer> iterator = ends.source().iterator();
                while (iterator.hasNext()) {
                    taken.add(iterator.next());
                    if (taken.size() == 3) {
                        assertTrue(iterator.hasNext());
                        Thread.currentThread().interrupt();
                        assertThrows(StreamClosedException.class, iterator::hasNext);
                        assertThrows(
                                StreamClosedException.class, () -> ends.source().forEach(element -> {}));
                        assertTrue(Thread.currentThread().isInterrupted());
                        break;
                    }
                }
                return taken;
            });
            assertEquals(List.of(1, 2, 3), reader.result());
            assertCancelledAndStopped(rig, ends);
            assertEquals(7, ends.source().ledger().undelivered());
        }
    }

    /** The last element ends the stream: there is nothing to cancel. */
    @EachSetup
    void interruptAtTheLastElementDoesNotUndoTheEnd(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 2, true);
            rig.system().whenStopped(ends.producer()).join();
            rig.source(ends.consumer()); // it answers after all that the producer has sent
            Background<Integer> reader = rig.background("reader", () -> {
                int[] sum = {0};
                ends.source().forEach(element -> {
                    sum[0] += element;
                    if (element == 2) {
                        Thread.currentThread().interrupt();
                    }
                });
                return sum[0];
            });
            assertEquals(3, reader.result());
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
        }
    }

    @EachSetup
    void interruptedPollTakesNothingAndLeavesTheStreamOpen(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 1, false);
            Background<Integer> reader = rig.background("reader", () -> {
                Thread.currentThread().interrupt();
                assertThrows(InterruptedException.class, () -> ends.source().poll(LONG));
                return ends.source().poll(LONG);
            });
            assertEquals(1, reader.result());
        }
    }

    @EachSetup
    void publisherIsRefusedWhileAReaderWaits(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            assertThrows(IllegalStateException.class, ends.source()::asPublisher);
            assertEquals(PutResult.ACCEPTED, ends.sink().tryPut(1)); // and the reader is not disturbed
            ends.sink().complete();
            assertEquals(List.of(1), taker.result());
        }
    }

    @EachSetup
    void secondReaderIsToldSoWhileTheFirstWaits(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            String told = assertThrows(
                            IllegalStateException.class, () -> ends.source().poll(LONG))
                    .getMessage();
            assertTrue(told.contains("taker") && told.contains("one reader"), told);
            assertThrows(IllegalStateException.class, ends.source()::iterator);
            assertThrows(IllegalStateException.class, () -> ends.source().forEach(element -> {}));
            assertEquals(PutResult.ACCEPTED, ends.sink().tryPut(1)); // and the first is not disturbed
            ends.sink().complete();
            assertEquals(List.of(1), taker.result());
        }
    }

    @EachSetup
    void closeByAnotherThreadEndsTheWaitingIteration(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            ends.source().close();
            assertEquals(List.of(), taker.result());
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void iterationAfterCloseIsEmpty(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 3, false);
            Iterator<Integer> iterator = ends.source().iterator();
            assertEquals(1, iterator.next());
            ends.source().close();
            ends.source().close();
            assertFalse(iterator.hasNext());
            assertThrows(NoSuchElementException.class, iterator::next);
            assertCancelledAndStopped(rig, ends);
            assertEquals(2, ends.source().ledger().undelivered());
        }
    }

    @EachSetup
    void closeAfterTheLastElementOfACompletedStreamIsCompletion(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 1, true);
            rig.awaitStopped(ends.producer());
            rig.source(ends.consumer()); // answered after the completion
            Iterator<Integer> iterator = ends.source().iterator();
            assertEquals(1, iterator.next());
            ends.source().close();
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
        }
    }

    @EachSetup
    void waitingIteratorFailsWhenTheConsumerIsCancelledByAnother(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            ends.consumer().tell(new StreamCancel<>());
            assertEquals(
                    new StreamOutcome.Cancelled(),
                    taker.failure(StreamClosedException.class).outcome());
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void waitingIteratorFailsWhenTheConsumerStops(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<List<Integer>> taker = rig.taking(ends.source());
            taker.awaitBlocked();
            rig.system().stop(ends.consumer());
            assertEquals(
                    new StreamOutcome.Cancelled(),
                    taker.failure(StreamClosedException.class).outcome());
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void interruptOfAWaitingIteratorCancelsAndKeepsTheFlag(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<Boolean> taker = rig.background("taker", () -> {
                StreamClosedException closed =
                        assertThrows(StreamClosedException.class, ends.source().iterator()::hasNext);
                assertEquals(new StreamOutcome.Cancelled(), closed.outcome());
                assertInstanceOf(InterruptedException.class, closed.getCause());
                return Thread.currentThread().isInterrupted();
            });
            taker.awaitBlocked();
            taker.interrupt();
            assertTrue(taker.result(), "the flag is kept");
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void iteratorOfAStreamThatTimedOutKeepsSayingSo(Setup setup) {
        try (Rig rig = setup.open()) {
            Duration timeout = Duration.ofMillis(5);
            Ends<Integer> ends = rig.stream(
                    ProducerOptions.defaults(), ConsumerOptions.defaults().inactivityTimeout(timeout));
            Iterator<Integer> iterator = ends.source().iterator();
            assertThrows(InactivityTimeoutException.class, iterator::next);
            assertThrows(InactivityTimeoutException.class, iterator::hasNext);
            assertThrows(InactivityTimeoutException.class, () -> ends.source().poll(Duration.ZERO));
            assertThrows(InactivityTimeoutException.class, () -> ends.source().drain(element -> {}, 1));
            assertEquals(
                    new StreamOutcome.TimedOut(timeout),
                    assertThrows(StreamClosedException.class, () -> ends.sink().put(1))
                            .outcome());
        }
    }

    // ---- forEach, forEachWhile

    @EachSetup
    void forEachTakesAll(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, true);
            List<Integer> taken = new ArrayList<>();
            ends.source().forEach(taken::add);
            assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), taken);
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
            rig.awaitStopped(ends);
        }
    }

    @EachSetup
    void exceptionInForEachCancels(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            ArithmeticException thrown = new ArithmeticException("by the action");
            assertSame(
                    thrown,
                    assertThrows(
                            ArithmeticException.class,
                            () -> ends.source().forEach(element -> {
                                if (element == 3) {
                                    throw thrown;
                                }
                            })));
            assertCancelledAndStopped(rig, ends);
            assertEquals(3, ends.source().ledger().delivered());
        }
    }

    @EachSetup
    void forEachWhileStopsAndCancels(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            List<Integer> taken = new ArrayList<>();
            ends.source().forEachWhile(element -> {
                taken.add(element);
                return element < 4;
            });
            assertEquals(List.of(1, 2, 3, 4), taken);
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void forEachWhileThatNeverStopsTakesAll(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, true);
            List<Integer> taken = new ArrayList<>();
            ends.source().forEachWhile(taken::add);
            assertEquals(10, taken.size());
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
        }
    }

    @EachSetup
    void exceptionInForEachWhileCancels(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            assertThrows(
                    ArithmeticException.class,
                    () -> ends.source().forEachWhile(element -> {
                        throw new ArithmeticException("by the predicate");
                    }));
            assertCancelledAndStopped(rig, ends);
        }
    }

    // ---- stream()

    @EachSetup
    void streamTakesAll(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, true);
            assertEquals(55, ends.source().stream().mapToInt(i -> i).sum());
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
        }
    }

    @EachSetup
    void streamClosesOnFindFirst(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            assertEquals(
                    Optional.of(2),
                    ends.source().stream().filter(i -> i % 2 == 0).findFirst());
            assertCancelledAndStopped(rig, ends);
            assertEquals(2, ends.source().ledger().delivered());
        }
    }

    @EachSetup
    void streamClosesOnLimit(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            assertEquals(List.of(1, 2, 3), ends.source().stream().limit(3).toList());
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void streamClosesOnTakeWhile(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            assertEquals(3, ends.source().stream().takeWhile(i -> i < 4).count());
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void streamClosesOnAnException(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            Stream<Integer> stream = ends.source().stream();
            assertThrows(
                    ArithmeticException.class,
                    () -> stream.forEach(element -> {
                        throw new ArithmeticException("by the action");
                    }));
            assertCancelledAndStopped(rig, ends);
        }
    }

    @EachSetup
    void streamThrowsWhenTheStreamFails(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 2, false);
            ends.sink().fail(new IllegalArgumentException("bad feed"));
            List<Integer> taken = new ArrayList<>();
            Stream<Integer> stream = ends.source().stream();
            assertThrows(StreamFailedException.class, () -> stream.forEach(taken::add));
            assertEquals(List.of(1, 2), taken);
        }
    }

    // ---- poll

    @EachSetup
    void pollTakesOneOrNone(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            assertNull(ends.source().poll(Duration.ZERO));
            assertNull(ends.source().poll(Duration.ofSeconds(-1)));
            assertNull(ends.source().poll(Duration.ofMillis(5)));
            ends.sink().tryPut(1);
            assertEquals(1, ends.source().poll(LONG));
            assertFalse(ends.source().outcome().isDone(), "giving up does not end the stream");
        }
    }

    @EachSetup
    void pollOfZeroFindsWhatIsThere(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 9, false);
            for (int i = 1; i <= 9; i++) {
                int expected = i;
                Awaiting.that("element " + i, () -> {
                    try {
                        Integer element = ends.source().poll(Duration.ZERO);
                        assertTrue(element == null || element == expected, () -> element + " at " + expected);
                        return element != null;
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
            }
        }
    }

    @EachSetup
    void pollWaitsForAnElement(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<Integer> taker =
                    rig.background("taker", () -> ends.source().poll(LONG));
            taker.awaitBlocked();
            ends.sink().tryPut(1);
            assertEquals(1, taker.result());
        }
    }

    @EachSetup
    void pollOfACompletedStreamAnswersNull(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 1, true);
            assertEquals(1, ends.source().poll(LONG));
            assertNull(ends.source().poll(LONG));
            assertNull(ends.source().poll(Duration.ZERO));
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
            rig.awaitStopped(ends);
        }
    }

    @EachSetup
    void pollOfAClosedSourceAnswersNull(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 3, false);
            ends.source().close();
            assertNull(ends.source().poll(LONG));
            assertEquals(0, ends.source().drain(element -> {}, 3));
        }
    }

    @EachSetup
    void pollOfAFailedStreamThrowsAfterTheElements(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            IllegalArgumentException cause = new IllegalArgumentException("bad feed");
            Ends<Integer> ends = filled(rig, 1, false);
            ends.sink().fail(cause);
            assertEquals(1, ends.source().poll(LONG));
            assertSame(
                    cause,
                    assertThrows(
                                    StreamFailedException.class,
                                    () -> ends.source().poll(LONG))
                            .getCause());
            assertThrows(StreamFailedException.class, () -> ends.source().poll(Duration.ZERO));
            assertThrows(StreamFailedException.class, () -> ends.source().drain(element -> {}, 1));
            rig.awaitStopped(ends);
        }
    }

    @EachSetup
    void interruptedPollLeavesTheStreamOpen(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Background<Boolean> taker = rig.background("taker", () -> {
                assertThrows(InterruptedException.class, () -> ends.source().poll(LONG));
                return Thread.currentThread().isInterrupted();
            });
            taker.awaitBlocked();
            taker.interrupt();
            assertFalse(taker.result(), "the flag is cleared, as InterruptedException means");
            ends.sink().tryPut(1);
            assertEquals(1, ends.source().poll(LONG));
        }
    }

    // ---- drain

    @EachSetup
    void drainTakesUpToItsLimit(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, true);
            List<Integer> taken = new ArrayList<>();
            assertEquals(0, ends.source().drain(taken::add, 0));
            assertEquals(0, ends.source().drain(taken::add, -1));
            Awaiting.that("a first element", () -> ends.source().drain(taken::add, 1) == 1);
            assertEquals(1, taken.size());
            Awaiting.that("all elements", () -> {
                int before = taken.size();
                int count = ends.source().drain(taken::add, 3);
                assertEquals(before + count, taken.size());
                assertTrue(count <= 3);
                return taken.size() == 10;
            });
            assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), taken);
            Awaiting.that("completion", () -> {
                assertEquals(0, ends.source().drain(taken::add, 3));
                return ends.source().outcome().isDone();
            });
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
        }
    }

    @EachSetup
    void drainOfNothingDoesNotWait(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            assertEquals(0, ends.source().drain(element -> {}, 5));
            assertFalse(ends.source().outcome().isDone());
        }
    }

    @EachSetup
    void exceptionInDrainLeavesTheStreamOpen(Setup setup) throws InterruptedException {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 3, false);
            Awaiting.that("an element", () -> {
                try {
                    ends.source()
                            .drain(
                                    element -> {
                                        throw new ArithmeticException("by the action");
                                    },
                                    3);
                    return false;
                } catch (ArithmeticException expected) {
                    return true;
                }
            });
            assertEquals(2, ends.source().poll(LONG));
        }
    }

    // ---- one source

    @EachSetup
    void getSourceAnswersTheSameSource(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            assertSame(ends.source(), rig.source(ends.consumer()));
        }
    }

    @EachSetup
    void sourceAskedForAfterTheElementsHaveComeHasThem(Setup setup) {
        try (Rig rig = setup.open()) {
            var producer = rig.<Integer>producer(4);
            var sink = rig.sink(producer);
            var consumer = rig.consumer(producer, 2);
            for (int i = 1; i <= 4; i++) {
                sink.tryPut(i);
            }
            Awaiting.that("the window is full", () -> sink.ledger().inFlight() == 2);
            sink.complete();
            assertEquals(List.of(1, 2, 3, 4), rig.taking(rig.source(consumer)).result());
        }
    }
}
