package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.StreamProbe;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 11: a second subscriber is answered with a failure, and does not disturb the first. */
class Rule11OneSubscriberTest {

    /** A user's own, at a random moment, several times. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            simulation.runUntilIdle(); // the first has subscribed
            for (int i = stream.random.nextInt(3); i >= 0; i--) {
                stream.befall(Mishap.SECOND_SUBSCRIBER);
            }
            stream.feed(SimulatedStream.Ending.COMPLETE).read().befall(2, Mishap.HARMLESS);
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
        });
    }

    /** At every step of one and the same run, one after the other. */
    @Test
    void atEveryStep() {
        Seeds.explore(200, simulation -> atStep(simulation, (int) simulation.seed() % 60));
    }

    private static void atStep(dev.penstock.testkit.Simulation simulation, int step) {
        SimulatedStream stream = new SimulatedStream(
                simulation, new SplittableRandom(5), new Shape(2, 2, 1, 8, step % 2 == 0), Duration.ZERO);
        simulation.runUntilIdle();
        stream.feed(SimulatedStream.Ending.COMPLETE).read();
        for (int i = 0; i < step && simulation.step(); i++) {
            stream.check();
        }
        boolean lives = simulation.system().actors().contains(stream.producer.path());
        StreamProbe<Integer> second = StreamProbe.subscribe(simulation.system(), stream.producer, "second", 3);
        if (lives) { // it may stop before it comes to the message
            Throwable answer = second.expectFailed(Throwable.class);
            assertTrue(
                    answer instanceof AlreadySubscribedException || answer instanceof StreamClosedException,
                    answer::toString);
        }
        assertEquals(new StreamOutcome.Completed(), stream.run().settle());
    }

    /** A second StreamConsumer: its source fails, the first stream goes on to its end. */
    @Test
    void aSecondConsumerOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            simulation.runUntilIdle();
            ActorRef<ConsumerMessage<Integer>> second = spawnSecond(stream);
            SourceRef<Integer> refused = simulation.ask(second, GetSource<Integer>::new);
            StreamFailedException failure =
                    assertThrows(StreamFailedException.class, () -> refused.forEach(element -> {}));
            assertInstanceOf(AlreadySubscribedException.class, failure.getCause());
            stream.feed(SimulatedStream.Ending.COMPLETE).read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
            assertTrue(simulation.system().actors().isEmpty());
        });
    }

    /** A second StreamConsumer that leaves, in some way, at some moment, perhaps before it was answered. */
    @Test
    void aSecondConsumerThatLeavesOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            simulation.runUntilIdle();
            ActorRef<ConsumerMessage<Integer>> second = spawnSecond(stream);
            stream.once("second-leaves", () -> {
                switch (stream.random.nextInt(3)) {
                    case 0 -> simulation.system().stop(second);
                    case 1 -> second.tell(new GetSource<>(new ThrowingRef<>()));
                    default -> second.tell(new dev.penstock.stream.StreamCancel<>());
                }
            });
            stream.feed(SimulatedStream.Ending.COMPLETE).read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
        });
    }

    /** The smallest case of the above. */
    @Test
    void aSecondConsumerStoppedBeforeItWasAnsweredDoesNotCancelTheFirst() {
        Seeds.explore(20, simulation -> {
            SimulatedStream stream = new SimulatedStream(
                    simulation, Seeds.random(simulation), new Shape(2, 2, 1, 4, false), Duration.ZERO);
            simulation.runUntilIdle();
            simulation.system().stop(spawnSecond(stream));
            stream.feed(SimulatedStream.Ending.COMPLETE).read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
        });
    }

    private static ActorRef<ConsumerMessage<Integer>> spawnSecond(SimulatedStream stream) {
        return stream.system.spawn(
                StreamConsumer.create(
                        stream.producer, ConsumerOptions.defaults().inactivityTimeout(Duration.ZERO)),
                "second",
                stream.random.nextBoolean()
                        ? stream.shape.consumerSpawn()
                        : stream.shape.consumerSpawn().ownLane());
    }

    /** Two at once: one of them is the first. */
    @Test
    void twoAtOnceOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            var producer = simulation.system().spawn(dev.penstock.stream.StreamProducer.<Integer>create(2), "producer");
            var sink = simulation.ask(producer, dev.penstock.stream.GetSink<Integer>::new);
            Elements[] both = new Elements[2];
            for (int i = 0; i < 2; i++) {
                int me = i;
                simulation.script("subscriber-" + i, () -> {
                    both[me] = new Elements(simulation.system(), producer, "subscriber-" + me, 3, 0);
                    return Progress.DONE;
                });
            }
            simulation.run();
            sink.tryPut(0);
            sink.tryPut(1);
            sink.complete();
            simulation.run();
            int first = both[0].accounts.deliveredCount() > 0 ? 0 : 1;
            assertEquals(2, both[first].accounts.deliveredCount());
            assertInstanceOf(dev.penstock.stream.StreamCompleted.class, both[first].end.getNow(null));
            assertEquals(0, both[1 - first].accounts.deliveredCount());
            assertInstanceOf(
                    AlreadySubscribedException.class,
                    assertInstanceOf(StreamFailed.class, both[1 - first].end.getNow(null))
                            .cause());
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(20); round++) {
            try (RealStream stream = new RealStream(runs, 1 + round % 3, 1 + round % 4)) {
                stream.accounts.checkOrder();
                Future<Integer> putter = RealStream.start(() -> {
                    for (int element = 0; element < 100; element++) {
                        stream.sink().put(element);
                        stream.accounts.accepted(element);
                    }
                    return 100; // open until the others have been answered
                });
                Future<StreamOutcome> reader = stream.reader();
                RealStream.await(() -> stream.accounts.deliveredCount() > 0, "the first element");
                Elements user = new Elements(stream.system, stream.producer, "user", 3, 1);
                var second = stream.system.spawn(StreamConsumer.create(stream.producer, 4), "second");
                SourceRef<Integer> refused =
                        RealStream.await(stream.system.ask(second, GetSource<Integer>::new, RealStream.LIMIT));
                Future<?> failure = RealStream.start(() -> assertInstanceOf(
                        AlreadySubscribedException.class,
                        assertThrows(StreamFailedException.class, () -> refused.forEach(element -> {}))
                                .getCause()));
                RealStream.await(failure);
                assertInstanceOf(
                        AlreadySubscribedException.class,
                        assertInstanceOf(StreamFailed.class, RealStream.await(user.end))
                                .cause());
                RealStream.await(putter);
                stream.sink().complete();
                assertEquals(new StreamOutcome.Completed(), RealStream.await(reader));
                assertEquals(new StreamOutcome.Completed(), stream.settle());
            }
        }
    }
}
