package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.testkit.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 3: every taken element replenishes one; no lost wake-up, no stall at {@code initialDemand} 1. */
class Rule03EveryTakenElementIsReplenishedTest {

    /** The test's own thread iterates, and sleeps when nothing is there: whoever is not woken is found asleep. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            stream.feed(SimulatedStream.Ending.COMPLETE).befall(3, Mishap.HARMLESS);
            for (int element : stream.source) {
                stream.accounts.delivered(element);
                stream.check();
            }
            stream.run();
            assertEquals(new StreamOutcome.Completed(), stream.settle());
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    /** The test's own thread puts, and sleeps when the sink is full. */
    @Test
    void aBlockedPutIsWokenOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream =
                    new SimulatedStream(simulation, random, Shape.draw(random).withSinks(1), Duration.ZERO);
            stream.read().befall(3, Mishap.HARMLESS);
            for (int number = 0; number < stream.shape.elements(); number++) {
                stream.accounts.accepted(number);
                stream.sinks.get(0).put(number);
            }
            stream.sinks.get(0).complete();
            stream.run();
            assertEquals(new StreamOutcome.Completed(), stream.settle());
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    /** Elements that were pushed by messages wait in no sink; a reader that never parks has them sent all the same. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void pushedElementsComeToAReaderThatSpins(Runs runs) {
        for (int window : new int[] {1, 16, 64, 300}) {
            int count = 2 * window + 50;
            Shape shape = new Shape(count, window, 1, 0, runs.ownLane());
            try (RealStream stream = new RealStream(runs, shape, Duration.ZERO, WaitStrategy.yielding())) {
                for (int number = 0; number < count; number++) {
                    stream.accounts.accepted(number);
                    stream.producer.tell(new Push<>(number));
                }
                RealStream.await(() -> stream.source.ledger().offered() == count, "the pushes");
                assertEquals(count, RealStream.await(stream.reader(count)));
                stream.settle();
            }
        }
    }

    /** A reader that never parks gives up waiting and stays away; no put that there is room for needs it, or a park. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void putsThatSpinNeedNoReaderThatGaveUp(Runs runs) throws InterruptedException {
        for (int window : new int[] {1, 3, 64}) {
            Shape shape = new Shape(2, window, 1, 0, runs.ownLane());
            try (RealStream stream = new RealStream(runs, shape, Duration.ZERO, WaitStrategy.yielding())) {
                assertNull(stream.source.poll(Duration.ofMillis(1)));
                int room = shape.bufferSize() + window;
                assertEquals(room, RealStream.await(stream.putter(0, room)));
                assertEquals(new StreamOutcome.Completed(), RealStream.await(stream.reader()));
                stream.settle();
            }
        }
    }

    /** At every wait on an empty queue, all that was taken has been requested anew. */
    @Test
    void whoeverWaitsHasRequestedOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            int window = 1 + random.nextInt(4);
            Feeder feeder = new Feeder(simulation.system());
            ActorRef<ConsumerMessage<Integer>> consumer = simulation
                    .system()
                    .spawn(
                            StreamConsumer.create(
                                    feeder.ref,
                                    ConsumerOptions.defaults()
                                            .initialDemand(window)
                                            .inactivityTimeout(Duration.ZERO)),
                            "consumer");
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            simulation.runUntilIdle();
            int[] taken = {0};
            simulation.loop(
                    "sender",
                    () -> { // as little as it can: sends only what must have been requested by now
                        if (feeder.sent == taken[0] && taken[0] == 12) {
                            feeder.complete();
                            return Progress.FINISHED;
                        }
                        if (feeder.sent - taken[0] == 0 && feeder.requested == taken[0] + window) {
                            for (int i = 1 + random.nextInt(window); i > 0 && feeder.sent < 12; i--) {
                                feeder.send();
                            }
                            return Progress.DONE;
                        }
                        return Progress.AGAIN;
                    });
            for (int element : source) {
                assertEquals(taken[0]++, element);
            }
            assertEquals(12, taken[0]);
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    /** Lock-step: each element is put only after the one before was taken, so each is a wake-up of its own. */
    @Test
    void lockStepOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape drawn = Shape.draw(random);
            Shape shape = new Shape(drawn.bufferSize(), 1, 1, 12, drawn.ownLane());
            SimulatedStream stream = new SimulatedStream(simulation, random, shape, Duration.ZERO);
            stream.add("putter", () -> {
                int next = stream.accounts.acceptedCount();
                if (stream.accounts.deliveredCount() < next) {
                    return Progress.AGAIN;
                }
                if (next == shape.elements()) {
                    stream.sinks.get(0).complete();
                    return Progress.FINISHED;
                }
                assertEquals(PutResult.ACCEPTED, stream.sinks.get(0).tryPut(next));
                stream.accounts.accepted(next);
                return Progress.DONE;
            });
            Iterator<Integer> iterator = stream.source.iterator();
            while (iterator.hasNext()) {
                stream.accounts.delivered(iterator.next());
            }
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
        });
    }

    /** A stream that is full to its bounds admits one put for each element taken, though the reader takes no other. */
    @Test
    void oneTakenAdmitsOnePutOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = new Shape(1 + random.nextInt(3), 1 + random.nextInt(20), 1, 0, random.nextBoolean());
            SimulatedStream stream = new SimulatedStream(simulation, random, shape, Duration.ZERO);
            SinkRef<Integer> sink = stream.sinks.get(0);
            int bound = shape.bufferSize() + shape.window();
            int[] taken = {0};
            stream.add(
                    "reader",
                    () -> { // takes one only when the stream is full
                        Integer element =
                                sink.ledger().offered() < bound + taken[0] ? null : stream.source.poll(Duration.ZERO);
                        if (element == null) {
                            return Progress.AGAIN;
                        }
                        stream.accounts.delivered(element);
                        return ++taken[0] == 2 * bound ? Progress.FINISHED : Progress.DONE;
                    });
            for (int number = 0; number < 3 * bound; number++) {
                stream.accounts.accepted(number);
                sink.put(number);
            }
            sink.complete();
            stream.read().run();
            assertEquals(new StreamOutcome.Completed(), stream.settle());
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void oneTakenAdmitsOnePutOnDispatchers(Runs runs) {
        for (int window : new int[] {1, 2, 16}) {
            int bound = 1 + window;
            int count = Seeds.rounds(200);
            try (RealStream stream = new RealStream(runs, 1, window)) {
                Future<Integer> putter = stream.putter(0, bound + count);
                Iterator<Integer> iterator = stream.source.iterator();
                for (int taken = 0; taken < count; taken++) {
                    int full = bound + taken;
                    RealStream.await(() -> stream.sink().ledger().offered() == full, "a put after " + taken);
                    stream.accounts.delivered(iterator.next());
                }
                Future<StreamOutcome> reader = stream.reader();
                assertEquals(new StreamOutcome.Completed(), RealStream.await(reader));
                assertEquals(bound + count, RealStream.await(putter));
                stream.settle();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        int count = Seeds.rounds(500);
        for (int window = 1; window <= 3; window++) {
            try (RealStream stream = new RealStream(runs, 1, window)) {
                Future<StreamOutcome> reader = stream.reader();
                Future<Integer> putter = stream.putter(0, count);
                assertEquals(new StreamOutcome.Completed(), RealStream.await(reader));
                assertEquals(count, RealStream.await(putter));
                stream.settle();
            }
        }
        lockStep(runs, count);
    }

    private static void lockStep(Runs runs, int count) {
        try (RealStream there = new RealStream(runs, 1, 1);
                RealStream back = new RealStream(runs, 1, 1)) {
            Future<List<Integer>> echo = RealStream.start(() -> {
                List<Integer> heard = new ArrayList<>();
                for (int element : there.source) {
                    heard.add(element);
                    back.sink().put(element);
                }
                back.sink().complete();
                return heard;
            });
            Future<?> caller = RealStream.start(() -> {
                Iterator<Integer> answers = back.source.iterator();
                for (int element = 0; element < count; element++) {
                    there.sink().put(element);
                    assertEquals(element, answers.next());
                }
                there.sink().complete();
                return answers.hasNext();
            });
            RealStream.await(caller);
            assertEquals(IntStream.range(0, count).boxed().toList(), RealStream.await(echo));
        }
    }
}
