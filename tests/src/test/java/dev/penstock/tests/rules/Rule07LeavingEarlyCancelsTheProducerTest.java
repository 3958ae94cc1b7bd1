package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.UndeliveredReason;
import dev.penstock.testkit.Progress;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 7: leaving the iteration early, in whatever way, cancels the producer and wakes a blocked put. */
class Rule07LeavingEarlyCancelsTheProducerTest {

    /** The ways to leave. */
    enum Way {
        CLOSE,
        BREAK,
        EXCEPTION,
        FOR_EACH_WHILE,
        STREAM,
        INTERRUPT;

        /** Iterates on the calling thread, and leaves after so many. */
        void leave(SourceRef<Integer> source, Accounts accounts, int limit) {
            switch (this) {
                case CLOSE -> {
                    var iterator = source.iterator();
                    while (accounts.deliveredCount() < limit) {
                        accounts.delivered(iterator.next());
                    }
                    source.close();
                }
                case BREAK -> {
                    try (source) {
                        for (int element : source) {
                            accounts.delivered(element);
                            if (accounts.deliveredCount() == limit) {
                                break;
                            }
                        }
                    }
                }
                case EXCEPTION ->
                    assertThrows(
                            ThrowingRef.Crash.class,
                            () -> source.forEach(element -> {
                                accounts.delivered(element);
                                if (accounts.deliveredCount() == limit) {
                                    throw new ThrowingRef.Crash();
                                }
                            }));
                case FOR_EACH_WHILE ->
                    source.forEachWhile(element -> {
                        accounts.delivered(element);
                        return accounts.deliveredCount() < limit;
                    });
                case STREAM ->
                    assertEquals(
                            limit,
                            source.stream()
                                    .peek(accounts::delivered)
                                    .limit(limit)
                                    .count());
                case INTERRUPT -> {
                    var iterator = source.iterator();
                    while (accounts.deliveredCount() < limit) {
                        accounts.delivered(iterator.next());
                    }
                    Thread.currentThread().interrupt(); // seen at the next wait
                    StreamClosedException left = assertThrows(StreamClosedException.class, () -> {
                        while (iterator.hasNext()) {
                            accounts.delivered(iterator.next());
                        }
                    });
                    assertTrue(Thread.interrupted(), "the interrupt was lost");
                    assertInstanceOf(InterruptedException.class, left.getCause());
                }
            }
        }
    }

    /** The test's own thread iterates and leaves; putters are scripts. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random).withElements(13);
            SimulatedStream stream = new SimulatedStream(simulation, random, shape, Duration.ZERO);
            Way way = Way.values()[random.nextInt(Way.values().length)];
            for (int i = 0; i < shape.sinks(); i++) { // endless, but for the end of the stream
                SinkRef<Integer> sink = stream.sinks.get(i);
                int[] next = {Accounts.element(i, 0)};
                stream.add("putter-" + i, () -> switch (sink.tryPut(next[0])) {
                    case ACCEPTED -> {
                        stream.accounts.accepted(next[0]++);
                        yield Progress.DONE;
                    }
                    case FULL -> Progress.AGAIN;
                    case CLOSED -> Progress.FINISHED;
                });
            }
            way.leave(stream.source, stream.accounts, 1 + random.nextInt(8));
            int taken = stream.accounts.deliveredCount();
            assertEquals(new StreamOutcome.Cancelled(), stream.run().settle());
            assertEquals(taken, stream.accounts.deliveredCount());
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    /** Interrupted while it sleeps in the iterator. */
    @Test
    void anInterruptWakesTheReaderOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            Thread reader = Thread.currentThread();
            stream.once("interrupter", reader::interrupt);
            StreamClosedException left =
                    assertThrows(StreamClosedException.class, () -> stream.source.forEach(stream.accounts::delivered));
            assertTrue(Thread.interrupted(), "the interrupt was lost");
            assertInstanceOf(InterruptedException.class, left.getCause());
            assertEquals(new StreamOutcome.Cancelled(), stream.run().settle());
        });
    }

    /** The test's own thread is blocked in put when the reader leaves. */
    @Test
    void aBlockedPutThrowsOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream = new SimulatedStream(
                    simulation, random, Shape.draw(random).bounded().withSinks(1), Duration.ZERO);
            int limit = random.nextInt(10);
            if (random.nextBoolean()) {
                stream.read(limit);
            } else {
                stream.once("closer", stream.source::close);
            }
            AtomicReference<StreamOutcome> how = new AtomicReference<>();
            for (int element = 0; how.get() == null; element++) {
                try {
                    stream.accounts.accepted(element);
                    stream.sinks.get(0).put(element);
                } catch (StreamClosedException closed) {
                    stream.accounts.refused(element);
                    how.set(closed.outcome());
                }
            }
            assertEquals(new StreamOutcome.Cancelled(), how.get());
            assertEquals(new StreamOutcome.Cancelled(), stream.run().settle());
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    /** An element that was on its way when the reader left: undelivered once, never delivered. */
    @Test
    void aLateElementIsUndeliveredOnceOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            int window = 1 + random.nextInt(4);
            Accounts accounts = new Accounts();
            Feeder feeder = new Feeder(simulation.system());
            var consumer = simulation
                    .system()
                    .spawn(
                            StreamConsumer.create(
                                    feeder.ref,
                                    ConsumerOptions.defaults()
                                            .initialDemand(window)
                                            .onUndelivered(accounts.undelivered())),
                            "consumer");
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            simulation.loop("sender", () -> {
                if (feeder.sent == window) {
                    return Progress.FINISHED;
                }
                feeder.send();
                return Progress.DONE;
            });
            int limit = random.nextInt(window + 1);
            simulation.loop("reader", () -> {
                if (accounts.deliveredCount() == limit) {
                    source.close();
                    assertEquals(null, source.poll(Duration.ZERO));
                    return Progress.FINISHED;
                }
                Integer element = source.poll(Duration.ZERO);
                if (element != null) {
                    accounts.delivered(element);
                }
                return Progress.doneIf(element != null);
            });
            simulation.run();
            assertEquals(IntStream.range(0, limit).boxed().toList(), accounts.delivered());
            // Those sent after the consumer had stopped were refused, or are undelivered: never both, never neither.
            assertEquals(1, feeder.cancels);
            assertEquals(accounts.left().stream().distinct().toList(), accounts.left());
            assertEquals(0, source.ledger().inFlight());
            assertEquals(accounts.left().size(), source.ledger().undelivered(UndeliveredReason.CANCELLED));
            assertEquals(null, source.poll(Duration.ZERO));
            assertEquals(List.of("/simulation/feeder"), simulation.system().actors());
        });
    }

    @Test
    void anInactivityTimeoutCancelsOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream = new SimulatedStream(simulation, random, Shape.draw(random), Duration.ofSeconds(3));
            simulation.runUntilIdle();
            assertThrows(
                    InactivityTimeoutException.class,
                    () -> stream.source.iterator().hasNext());
            assertEquals(Duration.ofSeconds(3), simulation.elapsed());
            assertEquals(
                    new StreamOutcome.TimedOut(Duration.ofSeconds(3)),
                    stream.run().settle());
        });
    }

    /** However a put and an iterator wait: who is blocked when the stream is cancelled returns. */
    @ParameterizedTest
    @EnumSource
    void whateverTheWaitStrategy(Wait wait) {
        try (ActorSystem system =
                ActorSystem.builder("rules").waitStrategy(wait.strategy).build()) {
            var producer = system.spawn(StreamProducer.<Integer>create(1), "producer");
            var consumer = system.spawn(
                    StreamConsumer.create(
                            producer,
                            ConsumerOptions.defaults().initialDemand(1).inactivityTimeout(Duration.ZERO)),
                    "consumer");
            SinkRef<Integer> sink = RealStream.await(system.ask(producer, GetSink<Integer>::new, RealStream.LIMIT));
            SourceRef<Integer> source =
                    RealStream.await(system.ask(consumer, GetSource<Integer>::new, RealStream.LIMIT));
            Future<StreamOutcome> putter = RealStream.start(() -> {
                for (int element = 0; ; element++) {
                    try {
                        sink.put(element);
                    } catch (StreamClosedException ended) {
                        return ended.outcome();
                    }
                }
            });
            RealStream.await(() -> sink.ledger().offered() == 2, "a full stream");
            source.close();
            assertEquals(new StreamOutcome.Cancelled(), RealStream.await(putter));

            var silent = system.spawn(StreamProducer.<Integer>create(1), "silent");
            var waiting = system.spawn(StreamConsumer.create(silent, 1), "waiting");
            SourceRef<Integer> empty = RealStream.await(system.ask(waiting, GetSource<Integer>::new, RealStream.LIMIT));
            Future<Boolean> reader = RealStream.start(() -> empty.iterator().hasNext());
            empty.close();
            assertFalse(RealStream.await(reader));
        }
    }

    /** The wait strategies. */
    enum Wait {
        BUSY_SPIN(WaitStrategy.busySpin()),
        YIELDING(WaitStrategy.yielding()),
        BACKOFF(WaitStrategy.backoff()),
        PARKING(WaitStrategy.parking());

        private final WaitStrategy strategy;

        Wait(WaitStrategy strategy) {
            this.strategy = strategy;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(10); round++) {
            for (Way way : Way.values()) {
                try (RealStream stream = new RealStream(runs, 1 + round % 4, 1 + round % 3)) {
                    // After 50 elements the putter stays blocked: for those who leave because they wait, in its pause.
                    int count = way == Way.INTERRUPT ? 50 : Integer.MAX_VALUE;
                    Future<?> putter = RealStream.start(() -> {
                        for (int element = 0; element < count; element++) {
                            try {
                                stream.sink().put(element);
                            } catch (StreamClosedException ended) {
                                return ended.outcome();
                            }
                            stream.accounts.accepted(element);
                        }
                        return new StreamOutcome.Cancelled();
                    });
                    int limit = 1 + round;
                    Future<?> reader = RealStream.start(() -> {
                        way.leave(stream.source, stream.accounts, limit);
                        return null;
                    });
                    RealStream.await(reader);
                    assertEquals(new StreamOutcome.Cancelled(), RealStream.await(putter));
                    assertEquals(new StreamOutcome.Cancelled(), stream.settle());
                }
            }
        }
    }
}
