package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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

    /** The last element ends the stream for both ends, whether or not the reader looks for more. */
    @EachSetup
    void lastElementTakenEndsTheStream(Setup setup) {
        for (boolean fails : new boolean[] {false, true}) {
            for (int way = 0; way < 4; way++) {
                try (Rig rig = setup.open()) {
                    Ends<Integer> ends = rig.stream(4, 4);
                    ends.sink().tryPut(1);
                    ends.sink().tryPut(2);
                    ArithmeticException cause = new ArithmeticException();
                    if (fails) {
                        ends.sink().fail(cause);
                    } else {
                        ends.sink().complete();
                    }
                    Awaiting.that("both are there", () -> ends.source().ledger().inFlight() == 2);
                    Iterator<Integer> iterator = ends.source().iterator();
                    for (int i = 1; i <= 2; i++) {
                        assertEquals(i, takeOne(way, ends.source(), iterator));
                    }
                    Awaiting.that("the end", () -> ends.sink().outcome().isDone());
                    assertEquals(
                            fails ? new StreamOutcome.Failed(cause) : new StreamOutcome.Completed(),
                            ends.source().outcome().join());
                    rig.awaitStopped(ends);
                    Rig.assertSettled(ends.sink().ledger());
                }
            }
        }
    }

    private static int takeOne(int way, SourceRef<Integer> source, Iterator<Integer> iterator) {
        if (way == 0) {
            return iterator.next();
        } else if (way == 1) {
            assertTrue(iterator.hasNext());
            return iterator.next();
        } else if (way == 2) {
            int[] drained = new int[1];
            Awaiting.that("an element", () -> source.drain(element -> drained[0] = element, 1) == 1);
            return drained[0];
        }
        try {
            return source.poll(Rig.PATIENCE);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @EachSetup
    void closeOfTheSystemLeavesNoDeadLetters(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(2, 2);
            assertEquals(0, rig.system().close(Rig.PATIENCE).deadLetters(), () -> "" + rig.deadLetters());
            assertTrue(ends.source().outcome().isDone());
        }
    }

    /** A stream is made anew under the names of the one before it, as soon as that has gone. */
    @EachSetup
    void namesAreFreeWhenTheActorsHaveStopped(Setup setup) {
        try (Rig rig = setup.open()) {
            for (int round = 0; round < 50; round++) {
                var producer = rig.system().spawn(StreamProducer.<Integer>create(2), "fixed-producer");
                var consumer = rig.system().spawn(StreamConsumer.create(producer, 2), "fixed-consumer");
                SinkRef<Integer> sink = rig.sink(producer);
                SourceRef<Integer> source = rig.source(consumer);
                sink.tryPut(round);
                if (round % 2 == 0) {
                    sink.complete();
                    assertEquals(List.of(round), rig.taking(source).result());
                } else {
                    source.close();
                }
                CompletableFuture.allOf(
                                rig.system().whenStopped(producer), rig.system().whenStopped(consumer))
                        .join();
                Rig.assertSettled(source.ledger());
                assertTrue(rig.system().whenStopped(producer).isDone());
            }
        }
    }

    // ---- refs of the users' own making

    /** An actor with messages of its own subscribes by an adapter. When it stops, the stream ends, though nothing is sent. */
    @EachSetup
    void subscriberBehindAnAdapterIsWatched(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            ActorRef<Object> owner = rig.system()
                    .spawn(
                            Behaviors.setup(context -> {
                                ActorRef<ConsumerMessage<Integer>> adapter = context.adapter(message -> message);
                                producer.tell(new Subscribe<>(adapter, 1));
                                return Behaviors.ignore();
                            }),
                            "owner");
            sink.tryPut(1);
            Awaiting.that("it is told", () -> sink.ledger().delivered() == 1);
            rig.system().stop(owner);
            Awaiting.that("the stream ends", () -> sink.outcome().isDone());
            assertEquals(new StreamOutcome.Cancelled(), sink.outcome().join());
            rig.awaitNoActors();
        }
    }

    @EachSetup
    void producerBehindAnAdapterIsWatched(Setup setup) {
        try (Rig rig = setup.open()) {
            CompletableFuture<ActorRef<ProducerMessage<Integer>>> adapter = new CompletableFuture<>();
            ActorRef<Object> owner = rig.system()
                    .spawn(
                            Behaviors.setup(context -> {
                                adapter.complete(context.adapter(message -> message));
                                return Behaviors.ignore();
                            }),
                            "owner");
            SourceRef<Integer> source = rig.source(rig.consumer(adapter.join(), ConsumerOptions.defaults()));
            rig.system().stop(owner);
            Awaiting.that("the stream ends", () -> source.outcome().isDone());
            assertInstanceOf(StreamOutcome.PeerLost.class, source.outcome().join());
            rig.awaitNoActors();
        }
    }

    /** A relay passes on what it is told: to the producer behind it the consumer is a subscriber like any other. */
    @EachSetup
    void consumerOfARelaySubscribesByMessages(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            ActorRef<ProducerMessage<Integer>> relay = rig.system()
                    .spawn(
                            Behaviors.<ProducerMessage<Integer>>receive((context, message) -> {
                                producer.tell(message);
                                return Behaviors.same();
                            }),
                            "relay");
            Background<List<Integer>> taker = rig.taking(rig.source(rig.consumer(relay, 1)));
            List<Integer> numbers = List.of(1, 2, 3, 4, 5, 6, 7);
            rig.putting(sink, numbers.toArray(Integer[]::new)).result();
            sink.complete();
            assertEquals(numbers, taker.result());
        }
    }

    /** The end of a stream is known though its subscriber's ref throws; so is that of a stream whose ref throws no more. */
    @EachSetup
    void subscriberWhoseTellThrowsAtTheEnd(Setup setup) {
        try (Rig rig = setup.open()) {
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(2);
            SinkRef<Integer> sink = rig.sink(producer);
            List<Object> told = new CopyOnWriteArrayList<>();
            producer.tell(new Subscribe<>(throwing(StreamCompleted.class, told), 5));
            producer.tell(new Subscribe<>(throwing(StreamFailed.class, told), 5)); // refused, and no harm to the first
            sink.tryPut(1);
            sink.complete();
            Awaiting.that("the end", () -> sink.outcome().isDone());
            assertEquals(new StreamOutcome.Completed(), sink.outcome().join());
            assertEquals(List.of(new StreamElement<>(1)), told);
            rig.awaitNoActors();
        }
    }

    /** Throws at messages of one type and notes the others. */
    private static ActorRef<ConsumerMessage<Integer>> throwing(Class<?> at, List<Object> told) {
        return new ActorRef<>() {
            @Override
            public boolean tell(ConsumerMessage<Integer> message) {
                if (at.isInstance(message)) {
                    throw new ArithmeticException("by the test");
                }
                return told.add(message);
            }

            @Override
            public String path() {
                return "/elsewhere";
            }
        };
    }

    /** Who subscribes to a restarted producer gets what it requests, and nothing for the demand of the one before. */
    @Test
    void demandOfTheStreamBeforeARestartIsNotTheNextOnes() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            ActorRef<ProducerMessage<Integer>> producer = stepped.system()
                    .spawn(
                            Behaviors.supervise(StreamProducer.<Integer>create(8), SupervisorStrategy.restart()),
                            "producer");
            SinkRef<Integer> before = stepped.sink(producer);
            SourceRef<Integer> source = stepped.source(stepped.system()
                    .spawn(
                            StreamConsumer.create(producer, 8),
                            "before",
                            SpawnOptions.defaults().ownLane()));
            for (int i = 0; i < 3; i++) {
                before.tryPut(i);
            }
            stepped.runAll();
            assertEquals(3, source.drain(element -> {}, 3));
            producer.tell(new GetSink<>(crashing(() -> {})));
            stepped.runAll();

            List<Object> told = new CopyOnWriteArrayList<>();
            SinkRef<Integer> sink = stepped.sink(producer);
            producer.tell(new Subscribe<>(throwing(StreamFailed.class, told), 1));
            for (int i = 0; i < 3; i++) {
                sink.tryPut(i);
            }
            stepped.runAll();
            assertEquals(List.of(new StreamElement<>(0)), told);
        }
    }

    /** The consumer cancels while its producer is about to be restarted: the next stream is another one. */
    @Test
    void cancelOfTheStreamBeforeARestartIsNotTheNextOnes() {
        try (SteppedSystem stepped = new SteppedSystem()) {
            ActorRef<ProducerMessage<Integer>> producer = stepped.system()
                    .spawn(
                            Behaviors.supervise(StreamProducer.<Integer>create(8), SupervisorStrategy.restart()),
                            "producer");
            SourceRef<Integer> source = stepped.source(stepped.system()
                    .spawn(
                            StreamConsumer.create(producer, 8),
                            "before",
                            SpawnOptions.defaults().ownLane()));
            stepped.runAll();
            producer.tell(new GetSink<>(crashing(() -> {
                source.close();
                stepped.runAll(); // the consumer has its turns within that of the producer
            })));
            stepped.runAll();
            SinkRef<Integer> sink = stepped.sink(producer);
            stepped.runAll();
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            assertFalse(sink.outcome().isDone());
        }
    }

    /** Where a question for a sink is answered to, if it is to crash the producer. */
    private static ActorRef<SinkRef<Integer>> crashing(Runnable first) {
        return new ActorRef<>() {
            @Override
            public boolean tell(SinkRef<Integer> refused) {
                first.run();
                throw new ArithmeticException("by the test");
            }

            @Override
            public String path() {
                return "/elsewhere";
            }
        };
    }

    /** Each element is counted and somewhere: told, or undelivered. */
    @EachSetup
    void subscriberWhoseTellThrowsEndsTheStream(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Object> lost = new CopyOnWriteArrayList<>();
            ActorRef<ProducerMessage<Integer>> producer = rig.producer(
                    ProducerOptions.defaults().<Integer>onUndelivered((element, reason) -> lost.add(element)));
            SinkRef<Integer> sink = rig.sink(producer);
            for (int i = 0; i < 5; i++) {
                sink.tryPut(i);
            }
            ArithmeticException thrown = new ArithmeticException();
            List<Object> told = new CopyOnWriteArrayList<>();
            producer.tell(new Subscribe<>(
                    new ActorRef<>() {
                        @Override
                        public boolean tell(ConsumerMessage<Integer> message) {
                            if (message.equals(new StreamElement<>(2))) {
                                throw thrown;
                            }
                            return told.add(message);
                        }

                        @Override
                        public String path() {
                            return "/elsewhere";
                        }
                    },
                    5));
            rig.awaitNoActors();
            assertEquals(new StreamOutcome.Failed(thrown), sink.outcome().join());
            assertEquals(List.of(2, 3, 4), lost);
            assertEquals(2, sink.ledger().delivered());
            assertEquals(List.of(new StreamElement<>(0), new StreamElement<>(1), new StreamFailed<>(thrown)), told);
            Rig.assertSettled(sink.ledger());
        }
    }

    /** A producer that is restarted lives on: it has no stop for its consumer to hear of. */
    @EachSetup
    void restartOfTheProducerHandsOverWhatIsInFlight(Setup setup) {
        try (Rig rig = setup.open()) {
            List<Object> lost = new CopyOnWriteArrayList<>();
            ActorRef<ProducerMessage<Integer>> producer = rig.system()
                    .spawn(
                            Behaviors.supervise(
                                    StreamProducer.<Integer>create(ProducerOptions.defaults()
                                            .<Integer>onUndelivered((element, reason) -> lost.add(element))),
                                    SupervisorStrategy.restart()),
                            "producer");
            SinkRef<Integer> sink = rig.sink(producer);
            SourceRef<Integer> source = rig.source(rig.consumer(producer, 2));
            for (int i = 0; i < 5; i++) {
                sink.tryPut(i);
            }
            Awaiting.that("two are in flight", () -> source.ledger().inFlight() == 2);
            producer.tell(new GetSink<>(crashing(() -> {})));
            Awaiting.that("all are handed over", () -> lost.size() == 5);
            assertInstanceOf(StreamOutcome.Failed.class, source.outcome().join());
            Rig.assertSettled(source.ledger());
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
