package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.testkit.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 9: put, tryPut and complete after the end never lose an element quietly: they throw or answer CLOSED. */
class Rule09NothingIsAcceptedAfterTheEndTest {

    private static void refusesEverything(SinkRef<Integer> sink, StreamOutcome outcome) {
        long offered = sink.ledger().offered();
        assertEquals(PutResult.CLOSED, sink.tryPut(-1));
        assertEquals(
                outcome,
                assertThrows(StreamClosedException.class, () -> sink.put(-1)).outcome());
        assertEquals(
                outcome,
                assertThrows(StreamClosedException.class, () -> sink.putAll(List.of(-1, -2)))
                        .outcome());
        try {
            assertEquals(PutResult.CLOSED, sink.tryPut(-1, Duration.ofSeconds(1)));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (!(outcome instanceof StreamOutcome.Completed)) {
            assertEquals(
                    outcome,
                    assertThrows(StreamClosedException.class, sink::complete).outcome());
        } else {
            sink.complete(); // twice is once
        }
        sink.fail(new Exception("too late"));
        sink.close();
        assertEquals(outcome, sink.outcome().join());
        assertEquals(offered, sink.ledger().offered());
    }

    /** Each put against each end, at every moment: accepted and accounted for, or refused. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            SimulatedStream.Ending[] endings = SimulatedStream.Ending.values();
            for (int i = 0; i < stream.sinks.size(); i++) {
                stream.feed(i, endings[stream.random.nextInt(endings.length)]);
            }
            stream.befall(3, Mishap.ENDINGS)
                    .befall(2, java.util.EnumSet.of(Mishap.PUSH))
                    .read()
                    .run();
            stream.settle();
            for (SinkRef<Integer> sink : stream.sinks) {
                refusesEverything(sink, sink.outcome().join());
            }
            stream.push();
            simulation.runUntilIdle();
            stream.settle(); // the push came back as a dead letter
        });
    }

    /** From the moment on that the outcome can be read, and from the return of complete, fail or close on. */
    @Test
    void aClosedSinkRefusesWhileTheStreamDrainsOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            for (SinkRef<Integer> sink : stream.sinks) {
                int input = stream.sinks.indexOf(sink);
                SimulatedStream.Ending ending = SimulatedStream.Ending.values()[stream.random.nextInt(3)];
                int count = stream.random.nextInt(4);
                stream.add("putter-" + input, () -> {
                    int element = Accounts.element(input, 0);
                    for (int i = 0; i < count; i++) {
                        if (sink.tryPut(element + i) == PutResult.ACCEPTED) {
                            stream.accounts.accepted(element + i);
                        } else {
                            break;
                        }
                    }
                    stream.end(sink, ending);
                    assertEquals(PutResult.CLOSED, sink.tryPut(-1));
                    assertThrows(StreamClosedException.class, () -> sink.put(-1));
                    return Progress.FINISHED;
                });
            }
            stream.read().run().settle();
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(3); round++) {
            for (Mishap ending : Mishap.ENDINGS) {
                try (RealStream stream = new RealStream(runs, round, 1 + round % 4)) {
                    Future<Integer> putter = RealStream.start(() -> {
                        int accepted = 0;
                        while (true) {
                            boolean over = stream.sink().outcome().isDone();
                            PutResult result = stream.sink().tryPut(accepted);
                            if (result == PutResult.CLOSED) {
                                return accepted;
                            } else if (result == PutResult.ACCEPTED) {
                                assertTrue(!over, "accepted after the end");
                                stream.accounts.accepted(accepted++);
                            }
                            if (result == PutResult.FULL || accepted - stream.accounts.deliveredCount() > 50) {
                                Thread.yield();
                            }
                        }
                    });
                    Future<StreamOutcome> reader = stream.reader();
                    RealStream.await(stream.when(round * 3, ending));
                    RealStream.await(reader);
                    RealStream.await(putter);
                    refusesEverything(stream.sink(), stream.settle());
                }
            }
        }
    }
}
