package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 5: the order of put is kept, and the completion comes after the last element, whenever it was told. */
class Rule05CompletionComesAfterTheLastElementTest {

    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            stream.feed(SimulatedStream.Ending.COMPLETE)
                    .befall(4, Mishap.HARMLESS)
                    .read()
                    .run();
            assertEquals(new StreamOutcome.Completed(), stream.settle());
            assertTrue(
                    stream.accounts.acceptedCount() >= stream.shape.elements() * stream.shape.sinks(), "all were put");
        });
    }

    /** CompleteStream told to the producer ends all sinks at that moment; what was put before it is delivered. */
    @Test
    void completeStreamDrainsOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            stream.feed(SimulatedStream.Ending.COMPLETE)
                    .befall(Mishap.COMPLETE_STREAM)
                    .befall(3, Mishap.HARMLESS);
            assertEquals(new StreamOutcome.Completed(), stream.read().run().settle());
        });
    }

    /** Puts and completes; the consumer, and then the demand for its source, come before, between or after. */
    @Test
    void completedBeforeSubscribeOrGetSourceOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random);
            int count = shape.bufferSize() == 0 ? shape.elements() : Math.min(shape.elements(), shape.bufferSize());
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(shape.bufferSize()), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            for (int element = 0; element < count; element++) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
            }
            boolean early = random.nextBoolean();
            if (early) {
                sink.complete();
            }
            settle(simulation, random);
            var consumer = simulation
                    .system()
                    .spawn(
                            StreamConsumer.create(
                                    producer,
                                    ConsumerOptions.defaults()
                                            .initialDemand(shape.window())
                                            .inactivityTimeout(Duration.ZERO)),
                            "consumer",
                            shape.consumerSpawn());
            settle(simulation, random);
            if (!early) {
                sink.complete();
            }
            settle(simulation, random);
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            List<Integer> taken = new ArrayList<>();
            source.forEach(taken::add);
            assertEquals(java.util.stream.IntStream.range(0, count).boxed().toList(), taken);
            assertEquals(new StreamOutcome.Completed(), source.outcome().getNow(null));
            assertEquals(new StreamOutcome.Completed(), sink.outcome().getNow(null));
            assertEquals(Duration.ZERO, simulation.elapsed());
            simulation.runUntilIdle();
            assertEquals(List.of(), simulation.system().actors());
        });
    }

    private static void settle(dev.penstock.testkit.Simulation simulation, SplittableRandom random) {
        for (int steps = random.nextInt(4); steps > 0; steps--) {
            simulation.step();
        }
    }

    /** The same for a user's own subscriber, with elements. */
    @Test
    void completedBeforeAUsersSubscribeOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            int count = 1 + random.nextInt(4);
            for (int element = 0; element < count; element++) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
            }
            sink.complete();
            settle(simulation, random);
            Elements elements = new Elements(simulation.system(), producer, "subscriber", random.nextInt(3), 0);
            simulation.runUntilIdle();
            assertEquals(Math.min(elements.requested.get(), count), elements.accounts.deliveredCount());
            elements.request(4);
            simulation.runUntilIdle();
            assertEquals(count, elements.accounts.deliveredCount());
            assertEquals(new StreamCompleted<>(), elements.end.getNow(null));
        });
    }

    /** The same without any element: the end is all there is to be told. */
    @Test
    void completedEmptyBeforeAUsersSubscribe() {
        Seeds.explore(10, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            simulation.ask(producer, GetSink<Integer>::new).complete();
            simulation.runUntilIdle();
            Elements elements = new Elements(simulation.system(), producer, "subscriber", 1, 0);
            simulation.runUntilIdle();
            assertEquals(new StreamCompleted<>(), elements.end.getNow(null));
        });
    }

    /** A reader that does not wait finds an end that is there, though no turn of an actor has come since. */
    @Test
    void drainNeedsNoTurnForTheEnd() {
        Seeds.explore(10, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            var consumer = simulation.system().spawn(StreamConsumer.create(producer, 4), "consumer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            List<Integer> taken = new ArrayList<>();
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            simulation.runUntilIdle();
            assertEquals(1, source.drain(taken::add, 4));
            assertEquals(0, source.drain(taken::add, 4));
            sink.complete();
            assertEquals(0, source.drain(taken::add, 4));
            assertEquals(new StreamOutcome.Completed(), source.outcome().getNow(null));
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(40); round++) {
            Shape shape = new Shape(round % 5, 1 + round % 4, 1 + round % 2, 60, runs.ownLane());
            try (RealStream stream = new RealStream(runs, shape, Duration.ZERO)) {
                List<Future<Integer>> putters = new ArrayList<>();
                for (int i = 0; i < shape.sinks(); i++) {
                    putters.add(stream.putter(i, shape.elements()));
                }
                assertEquals(new StreamOutcome.Completed(), RealStream.await(stream.reader()));
                for (Future<Integer> putter : putters) {
                    assertEquals(shape.elements(), RealStream.await(putter));
                }
                assertEquals(new StreamOutcome.Completed(), stream.settle());
                assertEquals(shape.elements() * shape.sinks(), stream.accounts.deliveredCount());
            }
        }
    }

    /** A completed stream waits for its subscriber, however late. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void completedBeforeSubscribeOnDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(20); round++) {
            try (ActorSystem system = runs.system()) {
                var producer = system.spawn(StreamProducer.<Integer>create(3), "producer");
                SinkRef<Integer> sink = RealStream.await(system.ask(producer, GetSink<Integer>::new, RealStream.LIMIT));
                int count = round % 4;
                for (int element = 0; element < count; element++) {
                    assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
                }
                sink.complete();
                var consumer = system.spawn(
                        StreamConsumer.create(producer, 1),
                        "consumer",
                        new Shape(3, 1, 1, 0, runs.ownLane()).consumerSpawn());
                SourceRef<Integer> source =
                        RealStream.await(system.ask(consumer, GetSource<Integer>::new, RealStream.LIMIT));
                List<Integer> taken = new ArrayList<>();
                source.forEach(taken::add);
                assertEquals(java.util.stream.IntStream.range(0, count).boxed().toList(), taken);
                assertInstanceOf(StreamOutcome.Completed.class, RealStream.await(sink.outcome()));
            }
        }
    }
}
