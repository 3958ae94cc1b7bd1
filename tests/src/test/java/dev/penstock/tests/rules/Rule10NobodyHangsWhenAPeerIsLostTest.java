package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 10: the actors watch each other; whichever is lost, and when the system closes, nobody hangs. */
class Rule10NobodyHangsWhenAPeerIsLostTest {

    private static final Set<Mishap> LOSSES = EnumSet.of(
            Mishap.STOP_PRODUCER,
            Mishap.STOP_CONSUMER,
            Mishap.CRASH_PRODUCER,
            Mishap.CRASH_CONSUMER,
            Mishap.CLOSE_SYSTEM);

    private static void checkOutcome(Mishap loss, StreamOutcome outcome) {
        switch (loss) {
            case STOP_PRODUCER, CRASH_PRODUCER ->
                assertTrue(
                        outcome instanceof StreamOutcome.PeerLost || outcome instanceof StreamOutcome.Failed,
                        outcome::toString);
            case STOP_CONSUMER -> assertEquals(new StreamOutcome.Cancelled(), outcome);
            default -> assertFalse(outcome instanceof StreamOutcome.Completed, outcome::toString);
        }
    }

    private static Mishap draw(SplittableRandom random, Set<Mishap> choice) {
        return choice.stream().sorted().toList().get(random.nextInt(choice.size()));
    }

    /** Endless feeds and an endless reader, by scripts: the loss ends them. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Mishap loss = draw(random, LOSSES);
            SimulatedStream stream = new SimulatedStream(simulation, random, Shape.draw(random), Duration.ZERO);
            feedForEver(stream);
            stream.read().befall(loss).befall(2, Mishap.HARMLESS);
            checkOutcome(loss, stream.run().settle());
        });
    }

    private static void feedForEver(SimulatedStream stream) {
        for (SinkRef<Integer> sink : stream.sinks) {
            int[] next = {Accounts.element(stream.sinks.indexOf(sink), 0)};
            stream.add("putter-" + stream.sinks.indexOf(sink), () -> switch (sink.tryPut(next[0])) {
                case ACCEPTED -> {
                    stream.accounts.accepted(next[0]++);
                    yield Progress.DONE;
                }
                case FULL -> Progress.AGAIN;
                case CLOSED -> Progress.FINISHED;
            });
        }
    }

    /** The test's own thread sleeps in the iterator when it happens. */
    @Test
    void theIteratorIsWokenOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Mishap loss = draw(random, LOSSES);
            SimulatedStream stream = new SimulatedStream(simulation, random, Shape.draw(random), Duration.ZERO);
            stream.befall(loss);
            StreamClosedException ended =
                    assertThrows(StreamClosedException.class, () -> stream.source.forEach(stream.accounts::delivered));
            StreamOutcome outcome = stream.run().settle();
            checkOutcome(loss, outcome);
            assertEquals(outcome, ended.outcome());
            assertTrue(simulation.elapsed().compareTo(Duration.ofSeconds(1)) < 0, "only the timeouts woke it");
        });
    }

    /** The test's own thread sleeps in put when it happens. */
    @Test
    void thePutIsWokenOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Mishap loss = draw(random, LOSSES);
            SimulatedStream stream = new SimulatedStream(
                    simulation, random, Shape.draw(random).bounded().withSinks(1), Duration.ZERO);
            boolean reads = random.nextBoolean();
            if (reads) {
                stream.read();
            }
            stream.befall(loss);
            StreamOutcome how = null;
            for (int element = 0; how == null; element++) {
                try {
                    stream.accounts.accepted(element);
                    stream.sinks.get(0).put(element);
                } catch (StreamClosedException closed) {
                    stream.accounts.refused(element);
                    how = closed.outcome();
                }
            }
            stream.run();
            stream.source.close();
            simulation.runUntilIdle();
            checkOutcome(loss, how);
            stream.settle();
        });
    }

    /** A user's own subscriber is told when its producer is lost, and its own loss cancels the producer. */
    @Test
    void aUsersSubscriberOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(2), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            Elements elements = new Elements(simulation.system(), producer, "subscriber", 5, 0);
            simulation.runUntilIdle();
            int kind = random.nextInt(3);
            simulation.loop("putter", () -> switch (sink.tryPut(elements.accounts.acceptedCount())) {
                case ACCEPTED -> {
                    elements.accounts.accepted(elements.accounts.acceptedCount());
                    yield Progress.DONE;
                }
                case FULL -> Progress.AGAIN;
                case CLOSED -> Progress.FINISHED;
            });
            int[] wait = {random.nextInt(12)};
            simulation.loop("loss", () -> {
                if (wait[0]-- > 0) {
                    return Progress.DONE;
                }
                switch (kind) {
                    case 0 -> simulation.system().stop(producer);
                    case 1 -> producer.tell(new GetSink<>(new ThrowingRef<>()));
                    default -> simulation.system().stop(elements.ref);
                }
                return Progress.FINISHED;
            });
            simulation.run();
            if (kind == 2) {
                assertEquals(new StreamOutcome.Cancelled(), sink.outcome().getNow(null));
            } else {
                assertInstanceOf(StreamFailed.class, elements.end.getNow(null));
            }
            assertFalse(simulation.system().actors().contains(producer.path()));
        });
    }

    // ---- supervision

    /** The parent of both actors crashes mid-stream and is restarted: the old stream ends, the new one works. */
    @Test
    void aSupervisedParentIsRestartedOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random).bounded().withSinks(1);
            List<ActorRef<ProducerMessage<Integer>>> producers = new ArrayList<>();
            List<ActorRef<ConsumerMessage<Integer>>> consumers = new ArrayList<>();
            Behavior<String> family = Behaviors.setup(context -> {
                producers.add(context.spawn(StreamProducer.<Integer>create(shape.bufferSize()), "producer"));
                consumers.add(context.spawn(
                        StreamConsumer.create(
                                producers.get(producers.size() - 1),
                                ConsumerOptions.defaults()
                                        .initialDemand(shape.window())
                                        .inactivityTimeout(Duration.ZERO)),
                        "consumer",
                        shape.consumerSpawn()));
                return Behaviors.receive((same, message) -> {
                    throw new ThrowingRef.Crash();
                });
            });
            SupervisorStrategy strategy = SupervisorStrategy.restart();
            if (random.nextBoolean()) {
                strategy = strategy.withBackoff(Duration.ofSeconds(1), Duration.ofSeconds(2));
            }
            var parent = simulation.system().spawn(Behaviors.supervise(family, strategy), "parent");
            simulation.runUntilIdle();
            SinkRef<Integer> sink = simulation.ask(producers.get(0), GetSink<Integer>::new);
            SourceRef<Integer> source = simulation.ask(consumers.get(0), GetSource<Integer>::new);
            int[] wait = {random.nextInt(12)};
            simulation.loop("crash", () -> {
                if (wait[0]-- > 0) {
                    return Progress.DONE;
                }
                parent.tell("crash");
                return Progress.FINISHED;
            });
            if (random.nextBoolean()) {
                simulation.loop("putter", () -> switch (sink.tryPut(0)) {
                    case ACCEPTED -> Progress.DONE;
                    case FULL -> Progress.AGAIN;
                    case CLOSED -> Progress.FINISHED;
                });
                assertThrows(StreamClosedException.class, () -> source.forEach(element -> {}));
            } else {
                assertThrows(StreamClosedException.class, () -> {
                    while (true) {
                        sink.put(0);
                    }
                });
            }
            simulation.run();
            assertEquals(source.outcome().getNow(null), sink.outcome().getNow(null));
            assertFalse(source.outcome().join() instanceof StreamOutcome.Completed);
            simulation.advance(Duration.ofSeconds(3));
            assertEquals(2, producers.size());
            works(simulation, producers.get(1), consumers.get(1));
        });
    }

    private static void works(
            Simulation simulation,
            ActorRef<ProducerMessage<Integer>> producer,
            ActorRef<ConsumerMessage<Integer>> consumer) {
        SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
        SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
        int[] next = {0};
        simulation.loop("new-putter", () -> {
            PutResult result = sink.tryPut(next[0]);
            assertFalse(result == PutResult.CLOSED, () -> "the new stream was ended: " + sink.outcome());
            if (result == PutResult.ACCEPTED && ++next[0] == 10) {
                sink.complete();
                return Progress.FINISHED;
            }
            return Progress.doneIf(result == PutResult.ACCEPTED);
        });
        List<Integer> taken = new ArrayList<>();
        source.forEach(taken::add);
        assertEquals(10, taken.size());
        assertEquals(new StreamOutcome.Completed(), source.outcome().getNow(null));
    }

    /** A producer that crashes and is restarted ends its stream, and is the producer of a new one. */
    @Test
    void aSupervisedProducerIsRestartedOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random);
            ActorRef<ProducerMessage<Integer>> producer = simulation
                    .system()
                    .spawn(
                            Behaviors.supervise(
                                    StreamProducer.<Integer>create(shape.bufferSize()), SupervisorStrategy.restart()),
                            "producer");
            ConsumerOptions options =
                    ConsumerOptions.defaults().initialDemand(shape.window()).inactivityTimeout(Duration.ZERO);
            var consumer = simulation
                    .system()
                    .spawn(StreamConsumer.create(producer, options), "consumer", shape.consumerSpawn());
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            simulation.loop("putter", () -> switch (sink.tryPut(0)) {
                case ACCEPTED -> Progress.DONE;
                case FULL -> Progress.AGAIN;
                case CLOSED -> Progress.FINISHED;
            });
            int[] wait = {random.nextInt(12)};
            simulation.loop("crash", () -> {
                if (wait[0]-- > 0) {
                    return Progress.DONE;
                }
                producer.tell(new GetSink<>(new ThrowingRef<>()));
                return Progress.FINISHED;
            });
            StreamFailedException failure =
                    assertThrows(StreamFailedException.class, () -> source.forEach(element -> {}));
            assertInstanceOf(ThrowingRef.Crash.class, failure.getCause());
            simulation.run();
            assertEquals(source.outcome().join(), sink.outcome().getNow(null));
            // The old consumer has left, and said so; that is no business of the new stream.
            var next = simulation
                    .system()
                    .spawn(StreamConsumer.create(producer, options), "next-consumer", shape.consumerSpawn());
            works(simulation, producer, next);
        });
    }

    /** The smallest case of the above: what an old consumer says as it leaves must not end the new stream. */
    @Test
    void anOldConsumersCancelDoesNotEndTheNewStream() {
        Seeds.explore(20, simulation -> {
            ActorRef<ProducerMessage<Integer>> producer = simulation
                    .system()
                    .spawn(
                            Behaviors.supervise(StreamProducer.<Integer>create(2), SupervisorStrategy.restart()),
                            "producer");
            var old = simulation.system().spawn(StreamConsumer.create(producer, 2), "old");
            SourceRef<Integer> source = simulation.ask(old, GetSource<Integer>::new);
            simulation.runUntilIdle();
            producer.tell(new GetSink<>(new ThrowingRef<>()));
            simulation.runUntilIdle();
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new); // of the new stream
            source.close();
            simulation.runUntilIdle();
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            assertFalse(sink.outcome().isDone());
        });
    }

    /** Who closes a source just before its consumer crashes leaves that stream, not the one after the restart. */
    @Test
    void anOldReadersCancelDoesNotEndTheNewStream() {
        int[] restarts = {0};
        Seeds.explore(1_000, simulation -> {
            boolean ownLane = Seeds.random(simulation).nextBoolean();
            ActorRef<ProducerMessage<Integer>> producer = simulation
                    .system()
                    .spawn(
                            Behaviors.supervise(StreamProducer.<Integer>create(2), SupervisorStrategy.restart()),
                            "producer");
            ActorRef<ConsumerMessage<Integer>> consumer = simulation
                    .system()
                    .spawn(
                            Behaviors.supervise(
                                    StreamConsumer.<Integer>create(producer, 2), SupervisorStrategy.restart()),
                            "consumer",
                            ownLane ? SpawnOptions.defaults().ownLane() : SpawnOptions.defaults());
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            consumer.tell(new GetSource<>(new ThrowingRef<>() {
                @Override
                public boolean tell(SourceRef<Integer> same) {
                    source.close();
                    return super.tell(same);
                }
            }));
            producer.tell(new GetSink<>(new ThrowingRef<>()));
            simulation.runUntilIdle();
            if (simulation.system().actors().contains(consumer.path())) {
                SourceRef<Integer> next = simulation.ask(consumer, GetSource<Integer>::new);
                restarts[0]++;
                assertFalse(next.outcome().getNow(null) instanceof StreamOutcome.Cancelled);
            }
        });
        assertTrue(restarts[0] > 0);
    }

    /** A consumer that crashes and is restarted: its producer is cancelled, and nobody who asks it hangs. */
    @Test
    void aSupervisedConsumerIsRestartedOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(shape.bufferSize()), "producer");
            ActorRef<ConsumerMessage<Integer>> consumer = simulation
                    .system()
                    .spawn(
                            Behaviors.supervise(
                                    StreamConsumer.create(
                                            producer,
                                            ConsumerOptions.defaults()
                                                    .initialDemand(shape.window())
                                                    .inactivityTimeout(Duration.ZERO)),
                                    SupervisorStrategy.restart()),
                            "consumer",
                            shape.consumerSpawn());
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            int[] wait = {random.nextInt(12)};
            simulation.loop("crash", () -> {
                if (wait[0]-- > 0) {
                    return Progress.DONE;
                }
                consumer.tell(new GetSource<>(new ThrowingRef<>()));
                return Progress.FINISHED;
            });
            simulation.loop("putter", () -> switch (sink.tryPut(0)) {
                case ACCEPTED -> Progress.DONE;
                case FULL -> Progress.AGAIN;
                case CLOSED -> Progress.FINISHED;
            });
            assertThrows(StreamClosedException.class, () -> source.forEach(element -> {}));
            simulation.run();
            assertEquals(source.outcome().join(), sink.outcome().getNow(null));
            assertFalse(simulation.system().actors().contains(producer.path()));
            if (simulation.system().actors().contains(consumer.path())) { // restarted, with nobody to subscribe to
                SourceRef<Integer> next = simulation.ask(consumer, GetSource<Integer>::new);
                assertThrows(StreamClosedException.class, () -> next.forEach(element -> {}));
                simulation.runUntilIdle();
            }
            assertEquals(List.of(), simulation.system().actors());
        });
    }

    // ---- real threads

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(8); round++) {
            for (Mishap loss : LOSSES) {
                // A put that is blocked for good, for nobody takes; and an iterator that waits for good.
                try (RealStream full = new RealStream(runs, 1 + round % 3, 1 + round % 4)) {
                    Future<Integer> putter = full.putter(0, Integer.MAX_VALUE);
                    int bound = 1 + round % 3 + 1 + round % 4;
                    RealStream.await(() -> full.accounts.acceptedCount() == bound, "a full stream");
                    full.happen(loss);
                    assertEquals(bound, RealStream.await(putter));
                    full.source.close();
                    checkOutcome(loss, full.settle());
                }
                try (RealStream empty = new RealStream(runs, 1 + round % 3, 1 + round % 4)) {
                    Future<StreamOutcome> reader = empty.reader();
                    empty.happen(loss);
                    checkOutcome(loss, RealStream.await(reader));
                    checkOutcome(loss, empty.settle());
                }
                try (RealStream busy = new RealStream(runs, 1 + round % 3, 1 + round % 4)) {
                    Future<StreamOutcome> reader = busy.reader();
                    Future<Integer> putter = busy.putter(0, Integer.MAX_VALUE);
                    RealStream.await(busy.when(10 * round, loss));
                    checkOutcome(loss, RealStream.await(reader));
                    RealStream.await(putter);
                    checkOutcome(loss, busy.settle());
                }
            }
        }
    }
}
