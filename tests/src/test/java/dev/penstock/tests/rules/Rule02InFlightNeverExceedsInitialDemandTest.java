package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.GetSink;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Progress;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rule 2: in flight ≤ {@code initialDemand}, always. All that a stream holds is ≤ {@code bufferSize + initialDemand},
 * exactly.
 */
class Rule02InFlightNeverExceedsInitialDemandTest {

    /** Whoever sends demand, and how often: the checks after each step hold, and nothing is lost or stalled. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            StreamOutcome outcome = stream.feed(SimulatedStream.Ending.COMPLETE)
                    .read()
                    .befall(4, Mishap.HARMLESS)
                    .run()
                    .settle();
            assertInstanceOf(StreamOutcome.Completed.class, outcome);
        });
    }

    /** While nobody reads, exactly bufferSize + initialDemand are accepted; when all have been taken, as many again. */
    @Test
    void theBoundIsExactOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random).bounded().withSinks(1);
            SimulatedStream stream = new SimulatedStream(simulation, random, shape, Duration.ZERO);
            int bound = shape.bufferSize() + shape.window();
            SinkRef<Integer> sink = stream.sinks.get(0);
            int[] next = {0};
            boolean[] pause = {false};
            simulation.loop("putter", () -> {
                boolean accepted = !pause[0] && sink.tryPut(next[0]) == PutResult.ACCEPTED;
                if (accepted) {
                    stream.accounts.accepted(next[0]++);
                }
                stream.check();
                return Progress.doneIf(accepted);
            });
            simulation.loop("stranger", () -> {
                stream.happen(random.nextBoolean() ? Mishap.DEMAND_TO_PRODUCER : Mishap.DEMAND_TO_CONSUMER);
                stream.check();
                return random.nextInt(6) == 0 ? Progress.FINISHED : Progress.DONE;
            });
            for (int round = 1; round <= 4; round++) {
                pause[0] = false;
                simulation.script("resume", () -> Progress.DONE);
                simulation.runUntilIdle();
                assertEquals(bound * round, stream.accounts.acceptedCount());
                assertEquals(PutResult.FULL, sink.tryPut(-1));
                assertEquals(shape.window(), sink.ledger().inFlight());
                assertEquals(shape.bufferSize(), sink.ledger().buffered());
                pause[0] = true;
                while (stream.accounts.deliveredCount() < bound * round) {
                    simulation.runUntilIdle();
                    Integer element = stream.source.poll(Duration.ZERO);
                    if (element != null) {
                        stream.accounts.delivered(element);
                    }
                }
                assertNull(stream.source.poll(Duration.ZERO)); // an iterator that waits has requested what it took
            }
        });
    }

    /** The sentence of the rule: a buffer of 2 blocks the third put. */
    @Test
    void aBufferOfTwoBlocksTheThirdPut() {
        Seeds.explore(100, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(2), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            assertEquals(PutResult.ACCEPTED, sink.tryPut(2));
            assertEquals(PutResult.FULL, sink.tryPut(3));
            assertEquals(PutResult.FULL, sink.tryPut(3, Duration.ofSeconds(1)));
            assertEquals(Duration.ofSeconds(1), simulation.elapsed());
            simulation.script("canceller", () -> Progress.doneIf(producer.tell(new StreamCancel<>())));
            assertThrows(StreamClosedException.class, () -> sink.put(3));
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int bufferSize = 1; bufferSize <= 4; bufferSize++) {
            for (int window = 1; window <= 4; window++) {
                try (RealStream stream = new RealStream(runs, bufferSize, window)) {
                    theBoundIsExact(stream, bufferSize, window);
                }
            }
        }
    }

    private static void theBoundIsExact(RealStream stream, int bufferSize, int window) {
        int bound = bufferSize + window;
        int next = 0;
        for (int round = 1; round <= Seeds.rounds(8); round++) {
            while (next < bound * round) {
                int element = next;
                RealStream.await(() -> stream.sink().tryPut(element) == PutResult.ACCEPTED, "room for another");
                next++;
            }
            for (int again = 0; again < 50; again++) {
                assertEquals(PutResult.FULL, stream.sink().tryPut(-1));
                StreamLedger ledger = stream.sink().ledger();
                assertTrue(ledger.inFlight() <= window && ledger.buffered() <= bufferSize, ledger::toString);
            }
            while (stream.accounts.deliveredCount() < bound * round) {
                RealStream.await(() -> takes(stream), "an element");
            }
            assertFalse(takes(stream));
        }
        stream.accounts.checkOrder();
    }

    private static boolean takes(RealStream stream) {
        return stream.source.drain(stream.accounts::delivered, 1) == 1;
    }
}
