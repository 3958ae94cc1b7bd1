package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamOutcome;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.function.Executable;

/** A source as a publisher: the rules of reactive streams. */
class SourcePublisherTest {

    private static final int DEEP = 1_000_000;

    private static Ends<Integer> filled(Rig rig, int count, boolean completed) {
        Ends<Integer> ends = rig.stream(0, 16);
        for (int i = 1; i <= count; i++) {
            ends.sink().tryPut(i);
        }
        if (completed) {
            ends.sink().complete();
        }
        return ends;
    }

    private static List<Integer> numbers(int count) {
        return IntStream.rangeClosed(1, count).boxed().toList();
    }

    private static void awaitCancelled(Rig rig, Ends<?> ends) {
        assertEquals(new StreamOutcome.Cancelled(), ends.sink().outcome().join());
        rig.awaitNoActors();
        Rig.assertSettled(ends.sink().ledger());
    }

    @EachSetup
    void requestsOneByOne(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 100, true);
            Recorder<Integer> recorder = Recorder.requesting(1, (subscription, element) -> subscription.request(1));
            ends.source().asPublisher().subscribe(recorder);
            recorder.awaitCompleted();
            assertEquals(numbers(100), recorder.elements());
            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void leavesNoDeadLetter(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int i = 0; i < 20; i++) {
                Ends<Integer> ends = filled(rig, 3, true);
                Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
                ends.source().asPublisher().subscribe(recorder);
                recorder.awaitCompleted();
            }
            rig.awaitNoActors();
            assertEquals(List.of(), rig.losses());
        }
    }

    @EachSetup
    void subscriberThatThrowsIsCancelledAndSignalledNoMore(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 3, false);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE, (subscription, element) -> {
                throw new IllegalArgumentException("the subscriber's own");
            });
            ends.source().asPublisher().subscribe(recorder);
            awaitCancelled(rig, ends);
            assertEquals(1, recorder.count());
            assertFalse(recorder.isDone(), "signalled after it had thrown");
        }
    }

    @EachSetup
    void subscriberThatThrowsAtTheEndHearsOfNoOtherEnd(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 3, true);
            AtomicInteger completions = new AtomicInteger();
            AtomicInteger errors = new AtomicInteger();
            ends.source().asPublisher().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(Integer element) {}

                @Override
                public void onError(Throwable failure) {
                    errors.incrementAndGet();
                }

                @Override
                public void onComplete() {
                    completions.incrementAndGet();
                    throw new IllegalArgumentException("the subscriber's own");
                }
            });
            rig.awaitNoActors();
            assertEquals(1, completions.get());
            assertEquals(0, errors.get());
        }
    }

    @EachSetup
    void subscriberThatThrowsInOnSubscribeLeavesNoStreamOpen(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 3, false);
            Flow.Publisher<Integer> publisher = ends.source().asPublisher();
            assertThrows(
                    IllegalArgumentException.class,
                    () -> publisher.subscribe(new Flow.Subscriber<>() {
                        @Override
                        public void onSubscribe(Flow.Subscription subscription) {
                            throw new IllegalArgumentException("the subscriber's own");
                        }

                        @Override
                        public void onNext(Integer element) {}

                        @Override
                        public void onError(Throwable failure) {}

                        @Override
                        public void onComplete() {}
                    }));
            awaitCancelled(rig, ends);
        }
    }

    @EachSetup
    void requestsAll(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 1_000, true);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
            ends.source().asPublisher().subscribe(recorder);
            recorder.awaitCompleted();
            assertEquals(numbers(1_000), recorder.elements());
        }
    }

    @EachSetup
    void requestsSaturate(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 100, true);
            Recorder<Integer> recorder = Recorder.requesting(
                    Long.MAX_VALUE - 1, (subscription, element) -> subscription.request(Long.MAX_VALUE));
            ends.source().asPublisher().subscribe(recorder);
            recorder.awaitCompleted();
            assertEquals(100, recorder.count());
        }
    }

    @EachSetup
    void elementsThatArePutLaterAreSignalled(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
            ends.source().asPublisher().subscribe(recorder);
            for (int i = 1; i <= 50; i++) {
                ends.sink().tryPut(i);
                recorder.awaitCount(i);
            }
            ends.sink().complete();
            recorder.awaitCompleted();
        }
    }

    @EachSetup
    void putIsBlockedUntilThereIsARequest(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1, 1);
            Recorder<Integer> recorder = Recorder.requesting(0);
            ends.source().asPublisher().subscribe(recorder);
            Background<Integer> putter = rig.putting(ends.sink(), 1, 2, 3, 4);
            rig.awaitBlockedPut(putter, ends.sink(), 2);
            assertEquals(0, recorder.count());
            recorder.subscription().request(1);
            rig.awaitBlockedPut(putter, ends.sink(), 3);
            recorder.awaitCount(1);
            recorder.subscription().request(1);
            assertEquals(4, putter.result());
            recorder.awaitCount(2);
            recorder.subscription().request(2);
            recorder.awaitCount(4);
            recorder.assertNoViolation();
        }
    }

    @EachSetup
    void completesWithoutARequest(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Recorder<Integer> recorder = Recorder.requesting(0);
            ends.source().asPublisher().subscribe(recorder);
            ends.sink().complete();
            recorder.awaitCompleted();
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void cancelEndsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            Recorder<Integer> recorder = Recorder.requesting(3);
            ends.source().asPublisher().subscribe(recorder);
            recorder.awaitCount(3);
            recorder.subscription().cancel();
            awaitCancelled(rig, ends);
            recorder.subscription().cancel();
            recorder.subscription().request(5);
            recorder.subscription().request(-5);
            assertEquals(3, recorder.count());
            assertFalse(recorder.isDone(), "nothing is signalled after cancel");
            recorder.assertNoViolation();
        }
    }

    @EachSetup
    void cancelWithinOnNextEndsTheStreamAtOnce(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 100, false);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE, (subscription, element) -> {
                if (element == 7) {
                    subscription.cancel();
                }
            });
            ends.source().asPublisher().subscribe(recorder);
            awaitCancelled(rig, ends);
            assertEquals(numbers(7), recorder.elements());
            assertFalse(recorder.isDone());
        }
    }

    @EachSetup
    void cancelWithinOnSubscribeEndsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            Recorder<Integer> recorder = Recorder.requesting(0);
            ends.source().asPublisher().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    recorder.onSubscribe(subscription);
                    subscription.cancel();
                    subscription.request(1);
                }

                @Override
                public void onNext(Integer element) {
                    recorder.onNext(element);
                }

                @Override
                public void onError(Throwable failure) {
                    recorder.onError(failure);
                }

                @Override
                public void onComplete() {
                    recorder.onComplete();
                }
            });
            awaitCancelled(rig, ends);
            assertEquals(0, recorder.count());
            assertFalse(recorder.isDone());
        }
    }

    @EachSetup
    void requestsFromWithinOnNextDoNotRecurse(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(1_024, 256);
            int[] count = new int[1]; // by the signals alone, which come one at a time
            Recorder<Integer> recorder = Recorder.requesting(0);
            ends.source().asPublisher().subscribe(new Flow.Subscriber<>() {
                private Flow.Subscription subscription;

                @Override
                public void onSubscribe(Flow.Subscription given) {
                    subscription = given;
                    recorder.onSubscribe(given);
                    subscription.request(1);
                }

                @Override
                public void onNext(Integer element) {
                    count[0]++;
                    subscription.request(1);
                }

                @Override
                public void onError(Throwable failure) {
                    recorder.onError(failure);
                }

                @Override
                public void onComplete() {
                    recorder.onComplete();
                }
            });
            Background<Void> putter = rig.background("putter", () -> {
                for (int i = 0; i < DEEP; i++) {
                    ends.sink().put(i);
                }
                ends.sink().complete();
                return null;
            });
            putter.join();
            recorder.awaitCompleted();
            assertEquals(DEEP, count[0]);
        }
    }

    @EachSetup
    void badRequestIsAnErrorAndCancels(Setup setup) {
        try (Rig rig = setup.open()) {
            for (long n : new long[] {0, -1, Long.MIN_VALUE}) {
                Ends<Integer> ends = filled(rig, 10, false);
                Recorder<Integer> recorder = Recorder.requesting(2);
                ends.source().asPublisher().subscribe(recorder);
                recorder.awaitCount(2);
                recorder.subscription().request(n);
                assertInstanceOf(IllegalArgumentException.class, recorder.awaitError());
                awaitCancelled(rig, ends);
            }
        }
    }

    @EachSetup
    void failureIsAnErrorAfterTheElements(Setup setup) {
        try (Rig rig = setup.open()) {
            IllegalStateException cause = new IllegalStateException("bad feed");
            Ends<Integer> ends = filled(rig, 10, false);
            ends.sink().fail(cause);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
            ends.source().asPublisher().subscribe(recorder);
            assertSame(cause, recorder.awaitError());
            assertEquals(numbers(10), recorder.elements());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void failureIsAnErrorWithoutARequest(Setup setup) {
        try (Rig rig = setup.open()) {
            IllegalStateException cause = new IllegalStateException("bad feed");
            Ends<Integer> ends = rig.stream(4, 4);
            Recorder<Integer> recorder = Recorder.requesting(0);
            ends.source().asPublisher().subscribe(recorder);
            ends.sink().fail(cause);
            assertSame(cause, recorder.awaitError());
        }
    }

    @EachSetup
    void lostProducerIsAnError(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Recorder<Integer> recorder = Recorder.requesting(1);
            ends.source().asPublisher().subscribe(recorder);
            rig.system().stop(ends.producer());
            StreamClosedException lost = assertInstanceOf(StreamClosedException.class, recorder.awaitError());
            assertEquals(new StreamOutcome.PeerLost(ends.producer()), lost.outcome());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void sourceClosedByAnotherIsAnError(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Recorder<Integer> recorder = Recorder.requesting(1);
            ends.source().asPublisher().subscribe(recorder);
            ends.source().close();
            StreamClosedException closed = assertInstanceOf(StreamClosedException.class, recorder.awaitError());
            assertEquals(new StreamOutcome.Cancelled(), closed.outcome());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void aSecondSubscriberIsRefused(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Flow.Publisher<Integer> publisher = ends.source().asPublisher();
            Recorder<Integer> first = Recorder.requesting(Long.MAX_VALUE);
            Recorder<Integer> second = Recorder.requesting(Long.MAX_VALUE);
            publisher.subscribe(first);
            publisher.subscribe(second);
            assertInstanceOf(AlreadySubscribedException.class, second.awaitError());
            second.subscription().cancel();
            ends.sink().tryPut(1);
            ends.sink().complete();
            first.awaitCompleted();
            assertEquals(List.of(1), first.elements());
        }
    }

    @EachSetup
    void thereIsOnePublisher(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            assertSame(ends.source().asPublisher(), ends.source().asPublisher());
        }
    }

    /** A second reader would hang, or take elements away from the subscriber. */
    @EachSetup
    void publisherIsTheReader(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            ends.sink().tryPut(1);
            Iterator<Integer> before = ends.source().iterator();
            Flow.Publisher<Integer> publisher = ends.source().asPublisher();
            for (Executable reading : List.<Executable>of(
                    before::hasNext,
                    before::next,
                    () -> ends.source().iterator(),
                    () -> ends.source().forEach(element -> {}),
                    () -> ends.source().forEachWhile(element -> true),
                    () -> ends.source().stream().count(),
                    () -> ends.source().poll(Duration.ZERO),
                    () -> ends.source().drain(element -> {}, 1))) {
                IllegalStateException told = assertThrows(IllegalStateException.class, reading);
                assertTrue(told.getMessage().contains("publisher"), told::getMessage);
            }
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
            publisher.subscribe(recorder);
            ends.sink().tryPut(2);
            ends.sink().complete();
            recorder.awaitCompleted();
            assertEquals(List.of(1, 2), recorder.elements());
        }
    }

    @EachSetup
    void nullIsNoSubscriber(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Flow.Publisher<Integer> publisher = ends.source().asPublisher();
            assertThrows(NullPointerException.class, () -> publisher.subscribe(null));
            assertFalse(ends.source().outcome().isDone());
        }
    }

    @EachSetup
    void subscriberThatThrowsEndsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = filled(rig, 10, false);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE, (subscription, element) -> {
                throw new ArithmeticException("by the subscriber");
            });
            ends.source().asPublisher().subscribe(recorder);
            Awaiting.that("the stream ends", () -> ends.sink().outcome().isDone());
            rig.awaitNoActors();
            assertEquals(1, recorder.count());
            Rig.assertSettled(ends.sink().ledger());
        }
    }

    @EachSetup
    void closeOfTheSystemEndsTheSubscription(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            Recorder<Integer> recorder = Recorder.requesting(Long.MAX_VALUE);
            ends.source().asPublisher().subscribe(recorder);
            rig.system().close();
            assertTrue(ends.source().outcome().isDone());
            assertInstanceOf(StreamClosedException.class, recorder.awaitError());
        }
    }

    /** Rule 1.9: subscribe throws nothing but NullPointerException; it says by onError what is wrong. */
    @EachSetup
    void subscribeAfterCloseOfTheSystemIsAnError(Setup setup) {
        try (Rig rig = setup.open()) {
            SourceRef<Integer> source = rig.<Integer>stream(4, 4).source();
            rig.system().close();
            Recorder<Integer> recorder = Recorder.requesting(1);
            source.asPublisher().subscribe(recorder);
            recorder.awaitError();
        }
    }
}
