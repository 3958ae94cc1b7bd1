package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.DeadLetter;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.testkit.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rule 12: two writers at once never corrupt or lose; more sinks fan in; pushes are bounded and refused as dead letters.
 */
class Rule12WritersNeverCorruptOrLoseTest {

    /** Fan-in, with pushes: the stream completes when all sinks have completed. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream = new SimulatedStream(
                    simulation, random, Shape.draw(random).withSinks(1 + random.nextInt(4)), Duration.ZERO);
            for (int i = random.nextInt(5); i > 0; i--) {
                stream.befall(Mishap.PUSH);
            }
            stream.feed(SimulatedStream.Ending.COMPLETE).read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
            assertTrue(stream.accounts.deliveredCount() >= stream.shape.sinks() * stream.shape.elements());
        });
    }

    /** The stream fails when one sink fails, however many others go on; what was put in them is delivered. */
    @Test
    void oneSinkFailsTheStreamOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream = new SimulatedStream(
                    simulation, random, Shape.draw(random).withSinks(2 + random.nextInt(3)), Duration.ZERO);
            for (int i = 1; i < stream.shape.sinks(); i++) {
                int[] next = {Accounts.element(i, 0)};
                SinkRef<Integer> sink = stream.sinks.get(i);
                stream.add("endless-" + i, () -> switch (sink.tryPut(next[0])) {
                    case ACCEPTED -> {
                        stream.accounts.accepted(next[0]++);
                        yield Progress.DONE;
                    }
                    case FULL -> Progress.AGAIN;
                    case CLOSED -> Progress.FINISHED;
                });
            }
            stream.feed(0, SimulatedStream.Ending.FAIL).read();
            assertEquals(new StreamOutcome.Failed(stream.cause), stream.run().settle());
            assertEquals(stream.accounts.acceptedCount(), stream.accounts.deliveredCount());
        });
    }

    /** Two scripts put into one sink. */
    @Test
    void twoWritersOfOneSinkOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream =
                    new SimulatedStream(simulation, random, Shape.draw(random).withSinks(1), Duration.ZERO);
            SinkRef<Integer> sink = stream.sinks.get(0);
            int[] left = {2};
            for (int writer = 1; writer <= 2; writer++) {
                int[] next = {Accounts.element(writer, 0), stream.shape.elements()};
                stream.add("writer-" + writer, () -> {
                    if (next[1] == 0) {
                        if (--left[0] == 0) {
                            sink.complete();
                        }
                        return Progress.FINISHED;
                    }
                    boolean accepted = sink.tryPut(next[0]) == PutResult.ACCEPTED;
                    if (accepted) {
                        stream.accounts.accepted(next[0]++);
                        next[1]--;
                    }
                    return Progress.doneIf(accepted);
                });
            }
            stream.read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
            assertEquals(2 * stream.shape.elements(), stream.accounts.deliveredCount());
        });
    }

    /** While nobody reads exactly bufferSize pushes wait, beside the window; the rest are dead letters, and FULL. */
    @Test
    void pushesAreBoundedOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream = new SimulatedStream(
                    simulation, random, Shape.draw(random).bounded().withSinks(1), Duration.ZERO);
            List<DeadLetter> letters = new ArrayList<>();
            stream.system.subscribeDeadLetters(letters::add);
            simulation.runUntilIdle();
            int[] pushes = {12};
            simulation.loop("pusher", () -> {
                stream.push();
                return --pushes[0] == 0 ? Progress.FINISHED : Progress.DONE;
            });
            simulation.run();
            int bound = stream.shape.bufferSize() + stream.shape.window();
            assertEquals(bound, stream.sinks.get(0).ledger().offered());
            assertEquals(12 - bound, letters.size());
            for (DeadLetter letter : letters) {
                assertEquals(DeadLetter.Reason.FULL, letter.reason());
                assertInstanceOf(Push.class, letter.message());
            }
            stream.sinks.get(0).complete();
            stream.read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
            assertEquals(bound, stream.accounts.deliveredCount());
        });
    }

    /** Two threads in put at once on one sink: each element once, each thread's in order; or the exception with its remedy. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        int count = 500;
        for (int round = 0; round < Seeds.rounds(5); round++) {
            try (RealStream stream = new RealStream(runs, round, 1 + round % 4)) {
                List<Future<Integer>> writers = new ArrayList<>();
                for (int writer = 1; writer <= 2; writer++) {
                    int me = writer;
                    writers.add(RealStream.start(() -> {
                        int refused = 0;
                        for (int number = 0; number < count; ) {
                            try {
                                stream.sink().put(Accounts.element(me, number));
                                stream.accounts.accepted(Accounts.element(me, number++));
                            } catch (IllegalStateException another) {
                                assertTrue(another.getMessage().contains("GetSink"), another.getMessage());
                                refused++;
                                Thread.yield();
                            }
                        }
                        return refused;
                    }));
                }
                Future<StreamOutcome> reader = stream.reader();
                writers.forEach(RealStream::await);
                stream.sink().complete();
                assertEquals(new StreamOutcome.Completed(), RealStream.await(reader));
                stream.settle();
                assertEquals(2 * count, stream.accounts.deliveredCount());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void fanInOnDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(5); round++) {
            Shape shape = new Shape(round, 1 + round % 4, 4, 300, runs.ownLane());
            try (RealStream stream = new RealStream(runs, shape, Duration.ZERO)) {
                List<Future<Integer>> putters = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    putters.add(stream.putter(i, 300));
                }
                Future<Void> pusher = RealStream.start(() -> {
                    for (int i = 0; i < 100; i++) {
                        stream.accounts.accepted(Accounts.element(Accounts.PUSHES, i)); // or a dead letter
                        stream.producer.tell(new Push<>(Accounts.element(Accounts.PUSHES, i)));
                    }
                    return null;
                });
                Future<StreamOutcome> reader = stream.reader();
                putters.forEach(RealStream::await);
                RealStream.await(pusher);
                assertEquals(new StreamOutcome.Completed(), RealStream.await(reader));
                stream.settle();
            }
        }
    }
}
