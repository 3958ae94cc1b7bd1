package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.GetSink;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 6: a failure reaches the iterator after the elements already put, with its cause. */
class Rule06FailureComesAfterTheLastElementTest {

    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            boolean abandoned = stream.random.nextBoolean();
            int failing = stream.random.nextInt(stream.shape.sinks());
            for (int i = 0; i < stream.shape.sinks(); i++) {
                stream.feed(
                        i,
                        i != failing
                                ? SimulatedStream.Ending.COMPLETE
                                : abandoned ? SimulatedStream.Ending.ABANDON : SimulatedStream.Ending.FAIL);
            }
            StreamFailedException failure = assertThrows(StreamFailedException.class, () -> {
                for (int element : stream.source) {
                    stream.accounts.delivered(element);
                    stream.check();
                }
            });
            StreamOutcome outcome = stream.run().settle();
            assertEquals(outcome, failure.outcome());
            Throwable cause =
                    assertInstanceOf(StreamOutcome.Failed.class, outcome).cause();
            assertSame(cause, failure.getCause());
            if (abandoned) {
                assertInstanceOf(IllegalStateException.class, cause);
            } else {
                assertSame(stream.cause, cause);
            }
            // Whatever had been put in any sink came first.
            assertEquals(stream.accounts.acceptedCount(), stream.accounts.deliveredCount());
            assertTrue(stream.accounts.deliveredCount() >= stream.shape.elements());
        });
    }

    /** By a message, at any moment, also before Subscribe and GetSource. */
    @Test
    void failStreamDrainsOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            stream.feed(SimulatedStream.Ending.COMPLETE)
                    .befall(Mishap.FAIL_STREAM)
                    .befall(3, Mishap.HARMLESS);
            StreamOutcome outcome = stream.read().run().settle();
            assertEquals(stream.accounts.acceptedCount(), stream.accounts.deliveredCount());
            assertTrue(outcome.equals(new StreamOutcome.Completed())
                    || outcome.equals(new StreamOutcome.Failed(stream.cause)));
        });
    }

    @Test
    void aUsersSubscriberIsToldAfterTheElementsOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            int count = 1 + random.nextInt(4);
            IntStream.range(0, count).forEach(sink::tryPut);
            Exception cause = new Exception("the feed failed");
            sink.fail(cause);
            Elements elements = new Elements(simulation.system(), producer, "subscriber", 0, 0);
            simulation.runUntilIdle();
            for (int taken = 0; taken < count; taken++) {
                assertEquals(taken, elements.accounts.deliveredCount());
                assertEquals(null, elements.end.getNow(null));
                elements.request(1);
                simulation.runUntilIdle();
            }
            assertSame(
                    cause,
                    assertInstanceOf(StreamFailed.class, elements.end.getNow(null))
                            .cause());
        });
    }

    @Test
    void failedEmptyBeforeAUsersSubscribe() {
        Seeds.explore(10, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(4), "producer");
            simulation.ask(producer, GetSink<Integer>::new).fail(new Exception("the feed failed"));
            simulation.runUntilIdle();
            Elements elements = new Elements(simulation.system(), producer, "subscriber", 1, 0);
            simulation.runUntilIdle();
            assertInstanceOf(StreamFailed.class, elements.end.getNow(null));
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(40); round++) {
            int count = round;
            Shape shape = new Shape(round % 5, 1 + round % 4, 1, count, runs.ownLane());
            try (RealStream stream = new RealStream(runs, shape, Duration.ZERO)) {
                Future<?> putter = RealStream.start(() -> {
                    for (int element = 0; element < count; element++) {
                        stream.sink().put(element);
                        stream.accounts.accepted(element);
                    }
                    stream.sink().fail(stream.cause);
                    return null;
                });
                StreamOutcome failed = new StreamOutcome.Failed(stream.cause);
                assertEquals(failed, RealStream.await(stream.reader()));
                RealStream.await(putter);
                assertEquals(failed, stream.settle());
                assertEquals(count, stream.accounts.deliveredCount());
            }
        }
    }
}
