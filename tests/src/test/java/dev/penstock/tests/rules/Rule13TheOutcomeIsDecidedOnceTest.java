package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.StreamOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 13: the outcome is decided once, and every waiter is woken with it. */
class Rule13TheOutcomeIsDecidedOnceTest {

    /** Up to four ends race; whoever asked before or asks after hears of the same one. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            List<StreamOutcome> heard = new ArrayList<>();
            stream.source.outcome().thenAccept(heard::add);
            stream.sinks.forEach(sink -> sink.outcome().thenAccept(heard::add));
            for (int i = 0; i < stream.sinks.size(); i++) {
                stream.feed(i, SimulatedStream.Ending.values()[stream.random.nextInt(3)]);
            }
            stream.read(stream.random.nextInt(3) == 0 ? stream.random.nextInt(8) : Integer.MAX_VALUE)
                    .befall(4, Mishap.ALL);
            StreamOutcome outcome = stream.run().settle();
            assertEquals(1 + stream.sinks.size(), heard.size());
            assertTrue(heard.stream().allMatch(outcome::equals), heard::toString);
            assertEquals(outcome, stream.source.outcome().join());
        });
    }

    /** Completing the future is not ending the stream. */
    @Test
    void theFutureIsTheCallersOwnOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            CompletableFuture<StreamOutcome> mine = stream.source.outcome();
            stream.once("user", () -> mine.complete(new StreamOutcome.TimedOut(Duration.ZERO)));
            stream.feed(SimulatedStream.Ending.COMPLETE).read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
        });
    }

    /** An end of one side before the two have met: they must agree all the same, for one stream has one outcome. */
    @Test
    void bothEndsAgreeOnAnEndBeforeSubscribe() {
        Seeds.explore(1_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(
                    simulation, Seeds.random(simulation), new Shape(2, 2, 1, 0, true), Duration.ZERO, false);
            stream.sinks.get(0).fail(stream.cause); // decided by the producer, for it is empty
            stream.source.close(); // decided by the consumer
            stream.run();
            assertEquals(
                    stream.source.outcome().join(),
                    stream.sinks.get(0).outcome().join());
        });
    }

    private static final Set<Mishap> RACERS = EnumSet.complementOf(EnumSet.of(
            Mishap.PUSH,
            Mishap.SECOND_SUBSCRIBER,
            Mishap.SECOND_SOURCE,
            Mishap.DEMAND_TO_CONSUMER,
            Mishap.DEMAND_TO_PRODUCER,
            Mishap.INPUT_READY));

    /** Two ends at once, by two threads, of a stream that is busy. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        List<Mishap> racers = List.copyOf(RACERS).stream().sorted().toList();
        for (int round = 0; round < Seeds.rounds(120); round++) {
            try (RealStream stream = new RealStream(runs, 1 + round % 3, 1 + round % 4)) {
                Future<Integer> putter = stream.putter(0, 2 * (round % 40));
                Future<StreamOutcome> reader = stream.reader();
                CompletableFuture<StreamOutcome> before = stream.sink().outcome();
                CyclicBarrier both = new CyclicBarrier(2);
                int race = round;
                List<Future<Void>> enders = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    Mishap end = racers.get((i == 0 ? race : race / racers.size() + race) % racers.size());
                    enders.add(RealStream.start(() -> {
                        RealStream.await(
                                () -> stream.accounts.deliveredCount() >= race % 40
                                        || stream.source.outcome().isDone(),
                                "elements");
                        both.await();
                        stream.happen(end);
                        return null;
                    }));
                }
                enders.forEach(RealStream::await);
                RealStream.await(reader);
                RealStream.await(putter);
                StreamOutcome outcome = stream.settle();
                assertEquals(outcome, RealStream.await(before));
                assertFalse(stream.sink().tryPut(-1) == dev.penstock.stream.PutResult.ACCEPTED);
            }
        }
    }
}
