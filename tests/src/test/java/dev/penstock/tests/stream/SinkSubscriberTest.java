package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.DeadLetter;
import dev.penstock.stream.Push;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** A sink as a subscriber: the rules of reactive streams. */
class SinkSubscriberTest {

    /** What the sink requests of its publisher. */
    private static final class Upstream implements Flow.Subscription {
        private final AtomicLong requested = new AtomicLong();
        private final AtomicInteger cancels = new AtomicInteger();

        @Override
        public void request(long n) {
            assertTrue(n > 0);
            requested.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
        }

        @Override
        public void cancel() {
            cancels.incrementAndGet();
        }
    }

    @EachSetup
    void requestsWhatThereIsRoomFor(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int bufferSize : new int[] {1, 2, 3, 16}) {
                var producer = rig.<Integer>producer(bufferSize);
                var sink = rig.sink(producer);
                Flow.Subscriber<Integer> subscriber = sink.asSubscriber();
                Upstream upstream = new Upstream();
                subscriber.onSubscribe(upstream);
                assertEquals(bufferSize, upstream.requested.get());
                for (int i = 0; i < bufferSize; i++) {
                    subscriber.onNext(i);
                }
                assertEquals(bufferSize, upstream.requested.get(), "no room, no request");
                assertEquals(bufferSize, sink.ledger().buffered());

                Iterator<Integer> iterator =
                        rig.source(rig.consumer(producer, 1)).iterator();
                assertEquals(0, iterator.next());
                for (int next = 1; next < 100; next++) {
                    int sent = next + bufferSize - 1;
                    Awaiting.that("a request for element " + sent, () -> upstream.requested.get() > sent);
                    assertTrue(upstream.requested.get() <= next + bufferSize + 1, "no more than there is room for");
                    subscriber.onNext(sent);
                    assertEquals(next, iterator.next());
                }
                subscriber.onComplete();
            }
        }
    }

    @EachSetup
    void requestsAllForAnUnboundedSink(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(0, 4);
            Flow.Subscriber<Integer> subscriber = ends.sink().asSubscriber();
            Upstream upstream = new Upstream();
            subscriber.onSubscribe(upstream);
            assertEquals(Long.MAX_VALUE, upstream.requested.get());
            for (int i = 0; i < 100; i++) {
                subscriber.onNext(i);
            }
            subscriber.onComplete();
            assertEquals(100, rig.taking(ends.source()).result().size());
            assertEquals(0, upstream.cancels.get());
        }
    }

    @EachSetup
    void errorFailsTheStreamAfterTheElements(Setup setup) {
        try (Rig rig = setup.open()) {
            IllegalStateException cause = new IllegalStateException("bad feed");
            Ends<Integer> ends = rig.stream(4, 4);
            Flow.Subscriber<Integer> subscriber = ends.sink().asSubscriber();
            Upstream upstream = new Upstream();
            subscriber.onSubscribe(upstream);
            subscriber.onNext(1);
            subscriber.onError(cause);
            Iterator<Integer> iterator = ends.source().iterator();
            assertEquals(1, iterator.next());
            assertSame(
                    cause,
                    assertThrows(StreamFailedException.class, iterator::next).getCause());
            rig.awaitNoActors();
            assertEquals(0, upstream.cancels.get(), "a publisher that has ended is not cancelled");
        }
    }

    @EachSetup
    void closeOfTheSourceCancelsThePublisher(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int bufferSize : new int[] {0, 2}) {
                Ends<Integer> ends = rig.stream(bufferSize, 1);
                Flow.Subscriber<Integer> subscriber = ends.sink().asSubscriber();
                Upstream upstream = new Upstream();
                subscriber.onSubscribe(upstream);
                ends.source().close();
                Awaiting.that("cancelled", () -> upstream.cancels.get() > 0);
                rig.awaitNoActors();
                subscriber.onNext(1);
                subscriber.onComplete();
                assertEquals(1, upstream.cancels.get());
                assertEquals(
                        new StreamOutcome.Cancelled(), ends.sink().outcome().join());
                assertEquals(0, ends.sink().ledger().offered());
            }
        }
    }

    @EachSetup
    void publisherOfAStreamThatHasEndedIsCancelledAtOnce(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 1);
            ends.sink().complete();
            Upstream upstream = new Upstream();
            ends.sink().asSubscriber().onSubscribe(upstream);
            assertEquals(1, upstream.cancels.get());
            assertEquals(0, upstream.requested.get());
        }
    }

    @EachSetup
    void aSecondSubscriptionIsCancelled(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 1);
            Flow.Subscriber<Integer> subscriber = ends.sink().asSubscriber();
            Upstream first = new Upstream();
            Upstream second = new Upstream();
            subscriber.onSubscribe(first);
            subscriber.onSubscribe(second);
            assertEquals(1, second.cancels.get());
            assertEquals(0, second.requested.get());
            assertEquals(0, first.cancels.get());
        }
    }

    @EachSetup
    void publisherThatSendsTooMuchFailsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            var sink = rig.sink(rig.<Integer>producer(2));
            Flow.Subscriber<Integer> subscriber = sink.asSubscriber();
            Upstream upstream = new Upstream();
            subscriber.onSubscribe(upstream);
            subscriber.onNext(1);
            subscriber.onNext(2);
            assertFalse(sink.outcome().isDone());
            subscriber.onNext(3);
            assertEquals(
                    List.of(new Push<>(3)),
                    rig.losses().stream().map(DeadLetter::message).toList());
            assertEquals(1, upstream.cancels.get());
            assertThrows(IllegalStateException.class, () -> sink.put(4));
            assertEquals(2, sink.ledger().offered());
        }
    }

    /** Two publishers in one sink would together send more than was requested. */
    @EachSetup
    void aSecondPublisherIsCancelled(Setup setup) {
        try (Rig rig = setup.open()) {
            var sink = rig.sink(rig.<Integer>producer(2));
            Upstream first = new Upstream();
            Upstream second = new Upstream();
            sink.asSubscriber().onSubscribe(first);
            sink.asSubscriber().onSubscribe(second);
            assertEquals(0, first.cancels.get());
            assertEquals(1, second.cancels.get());
            assertEquals(0, second.requested.get());
        }
    }

    /** The publisher's own code: nothing more can be said to it, and a sink that waited for it would wait for ever. */
    @EachSetup
    void publisherThatThrowsFailsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            var producer = rig.<Integer>producer(2);
            var sink = rig.sink(producer);
            Flow.Subscriber<Integer> subscriber = sink.asSubscriber();
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {
                    throw new ArithmeticException("by the publisher");
                }

                @Override
                public void cancel() {}
            });
            var source = rig.source(rig.consumer(producer, 2));
            StreamFailedException failure = rig.taking(source).failure(StreamFailedException.class);
            assertInstanceOf(ArithmeticException.class, failure.getCause());
        }
    }

    /** What comes after the end of its sink goes into no other one. */
    @EachSetup
    void elementAfterTheEndIsADeadLetterThoughTheStreamGoesOn(Setup setup) {
        try (Rig rig = setup.open()) {
            var producer = rig.<Integer>producer(4);
            var sink = rig.sink(producer);
            var other = rig.sink(producer);
            Flow.Subscriber<Integer> subscriber = sink.asSubscriber();
            subscriber.onSubscribe(new Upstream());
            subscriber.onNext(1);
            sink.complete();
            subscriber.onNext(2);
            rig.awaitDeadLetter(new Push<>(2), producer, DeadLetter.Reason.STOPPED);
            other.tryPut(3);
            other.complete();
            List<Integer> taken =
                    rig.taking(rig.source(rig.consumer(producer, 2))).result();
            assertEquals(List.of(1, 3), taken);
        }
    }

    @EachSetup
    void nullsAreRefused(Setup setup) {
        try (Rig rig = setup.open()) {
            Flow.Subscriber<Integer> subscriber =
                    rig.sink(rig.<Integer>producer(2)).asSubscriber();
            assertThrows(NullPointerException.class, () -> subscriber.onSubscribe(null));
            subscriber.onSubscribe(new Upstream());
            assertThrows(NullPointerException.class, () -> subscriber.onNext(null));
            assertThrows(NullPointerException.class, () -> subscriber.onError(null));
        }
    }

    @EachSetup
    void chainOfTwoStreamsKeepsOrderAndLosesNothing(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Integer> numbers = IntStream.range(0, 5_000).boxed().toList();
            Ends<Integer> first = rig.stream(3, 2);
            Ends<Integer> second = rig.stream(2, 5);
            first.source().asPublisher().subscribe(second.sink().asSubscriber());
            SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(Runnable::run, 8);
            publisher.subscribe(first.sink().asSubscriber());
            Recorder<Integer> recorder = Recorder.requesting(1, (subscription, element) -> subscription.request(1));
            second.source().asPublisher().subscribe(recorder);
            Background<Void> feeder = rig.background("feeder", () -> {
                try (publisher) {
                    numbers.forEach(publisher::submit);
                }
                return null;
            });
            recorder.awaitCompleted();
            feeder.result();
            assertEquals(numbers, recorder.elements());
            rig.awaitNoActors();
            Rig.assertSettled(first.sink().ledger());
            Rig.assertSettled(second.sink().ledger());
        }
    }

    @EachSetup
    void cancelAtTheEndOfAChainReachesItsBeginning(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> first = rig.stream(2, 2);
            Ends<Integer> second = rig.stream(2, 2);
            first.source().asPublisher().subscribe(second.sink().asSubscriber());
            first.sink().tryPut(1);
            assertEquals(1, second.source().iterator().next());
            second.source().close();
            assertEquals(new StreamOutcome.Cancelled(), first.sink().outcome().join());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void failureAtTheBeginningOfAChainReachesItsEnd(Setup setup) {
        try (Rig rig = setup.open()) {
            IllegalStateException cause = new IllegalStateException("bad feed");
            Ends<Integer> first = rig.stream(2, 2);
            Ends<Integer> second = rig.stream(2, 2);
            first.source().asPublisher().subscribe(second.sink().asSubscriber());
            first.sink().tryPut(1);
            first.sink().fail(cause);
            Iterator<Integer> iterator = second.source().iterator();
            assertEquals(1, iterator.next());
            assertSame(
                    cause,
                    assertThrows(StreamFailedException.class, iterator::next).getCause());
            rig.awaitNoActors();
        }
    }
}
