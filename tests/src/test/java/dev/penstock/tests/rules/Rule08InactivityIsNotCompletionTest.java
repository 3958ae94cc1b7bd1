package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.UndeliveredReason;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 8: an inactivity timeout is not completion. */
class Rule08InactivityIsNotCompletionTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    /** Elements come at moments around the timeout: each wait ends with an element, or with the timeout and the end. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream =
                    new SimulatedStream(simulation, random, Shape.draw(random).withSinks(1), TIMEOUT);
            SinkRef<Integer> sink = stream.sinks.get(0);
            simulation.runUntilIdle();
            long at = 0;
            int inTime = 0; // so many come before their timeout, then so many at its very moment at the latest
            int notLate = 0;
            for (int i = 0; i < 4; i++) {
                Duration pause = TIMEOUT.plusNanos(random.nextInt(3) - 1 - 2 * random.nextInt(2));
                inTime += inTime == i && pause.compareTo(TIMEOUT) < 0 ? 1 : 0;
                notLate += notLate == i && pause.compareTo(TIMEOUT) <= 0 ? 1 : 0;
                at += pause.toNanos();
                int element = i;
                simulation
                        .system()
                        .clock()
                        .schedule(
                                () -> {
                                    if (sink.tryPut(element) == PutResult.ACCEPTED) {
                                        stream.accounts.accepted(element);
                                    }
                                },
                                at);
            }
            Iterator<Integer> iterator = stream.source.iterator();
            InactivityTimeoutException timeout = assertThrows(InactivityTimeoutException.class, () -> {
                while (iterator.hasNext()) {
                    stream.accounts.delivered(iterator.next());
                }
            });
            assertEquals(new StreamOutcome.TimedOut(TIMEOUT), timeout.outcome());
            int taken = stream.accounts.deliveredCount();
            assertTrue(inTime <= taken && taken <= notLate, inTime + ", " + taken + ", " + notLate);
            simulation.advance(TIMEOUT.multipliedBy(20));
            assertEquals(new StreamOutcome.TimedOut(TIMEOUT), stream.run().settle());
            assertEquals(taken, stream.accounts.deliveredCount());
            StreamClosedException closed = assertThrows(StreamClosedException.class, () -> sink.put(9));
            assertEquals(new StreamOutcome.TimedOut(TIMEOUT), closed.outcome());
        });
    }

    /** At the same virtual instant: the element or the timeout, never both, never neither; and both do occur. */
    @Test
    void theElementOrTheTimeoutOnSeeds() {
        Set<Seen> seen = EnumSet.noneOf(Seen.class);
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream =
                    new SimulatedStream(simulation, random, Shape.draw(random).withSinks(1), TIMEOUT);
            simulation.runUntilIdle();
            boolean[] accepted = {false};
            simulation
                    .system()
                    .clock()
                    .schedule(
                            () -> accepted[0] = stream.sinks.get(0).tryPut(0) == PutResult.ACCEPTED, TIMEOUT.toNanos());
            boolean taken = false;
            try {
                assertTrue(stream.source.iterator().hasNext(), "completed by inactivity");
                stream.accounts.delivered(stream.source.iterator().next());
                taken = true;
            } catch (InactivityTimeoutException e) {
                assertFalse(taken);
            }
            assertEquals(TIMEOUT, simulation.elapsed());
            simulation.runUntilIdle();
            if (accepted[0]) {
                stream.accounts.accepted(0);
            }
            if (taken) {
                seen.add(Seen.TAKEN);
                stream.source.close();
            } else {
                seen.add(accepted[0] ? Seen.UNDELIVERED : Seen.REFUSED);
                assertEquals(accepted[0] ? 1 : 0, stream.source.ledger().undelivered(UndeliveredReason.TIMED_OUT));
            }
            StreamOutcome outcome = stream.run().settle();
            assertEquals(taken ? new StreamOutcome.Cancelled() : new StreamOutcome.TimedOut(TIMEOUT), outcome);
        });
        if (Long.getLong(dev.penstock.testkit.Simulation.SEED_PROPERTY) == null) {
            assertTrue(seen.contains(Seen.TAKEN) && seen.contains(Seen.REFUSED), seen::toString);
        }
    }

    private enum Seen {
        TAKEN,
        REFUSED,
        UNDELIVERED
    }

    /** A poll that gives up does not end the stream. */
    @Test
    void aPollThatGivesUpEndsNothingOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            SimulatedStream stream =
                    new SimulatedStream(simulation, random, Shape.draw(random).withSinks(1), TIMEOUT);
            assertEquals(null, stream.source.poll(TIMEOUT.multipliedBy(3)));
            assertEquals(TIMEOUT.multipliedBy(3), simulation.elapsed());
            assertFalse(stream.source.outcome().isDone());
            stream.feed(SimulatedStream.Ending.COMPLETE).read();
            assertEquals(new StreamOutcome.Completed(), stream.run().settle());
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        Duration timeout = Duration.ofMillis(1);
        for (int round = 0; round < Seeds.rounds(10); round++) {
            Shape shape = new Shape(1 + round % 3, 1 + round % 4, 1, 0, runs.ownLane());
            try (RealStream stream = new RealStream(runs, shape, timeout)) {
                int count = round; // then the feed falls silent; or before, if the machine stands still
                Future<?> putter = RealStream.start(() -> {
                    try {
                        for (int element = 0; element < count; element++) {
                            stream.sink().put(element);
                            stream.accounts.accepted(element);
                        }
                    } catch (StreamClosedException ended) {
                        assertEquals(new StreamOutcome.TimedOut(timeout), ended.outcome());
                    }
                    return null;
                });
                Future<Throwable> reader = RealStream.start(() -> assertThrows(
                        InactivityTimeoutException.class, () -> stream.source.forEach(stream.accounts::delivered)));
                RealStream.await(reader);
                RealStream.await(putter);
                assertEquals(new StreamOutcome.TimedOut(timeout), stream.settle());
                assertThrows(StreamClosedException.class, () -> stream.sink().put(-1));
            }
        }
    }
}
