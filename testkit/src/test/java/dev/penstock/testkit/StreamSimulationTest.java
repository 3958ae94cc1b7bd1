package dev.penstock.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.SpawnOptions;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whole streams in simulations: what the kit is for, and how it is meant to be used. */
class StreamSimulationTest {

    private static final int SEEDS = 300;
    private static final int COUNT = 20;
    private static final List<Integer> ALL = IntStream.range(0, COUNT).boxed().toList();

    /** Both ends of one stream; seeds decide its sizes and whether its actors share a lane. */
    private record Ends(SinkRef<Integer> sink, SourceRef<Integer> source) {
        static Ends open(Simulation simulation) {
            int buffer = 1 + (int) (simulation.seed() % 3);
            int demand = 1 + (int) (simulation.seed() / 3 % 4);
            SpawnOptions options = SpawnOptions.defaults();
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(buffer), "producer");
            var consumer = simulation
                    .system()
                    .spawn(
                            StreamConsumer.create(
                                    producer, ConsumerOptions.defaults().initialDemand(demand)),
                            "consumer",
                            simulation.seed() % 2 == 0 ? options : options.ownLane());
            return new Ends(
                    simulation.ask(producer, GetSink<Integer>::new), simulation.ask(consumer, GetSource<Integer>::new));
        }

        Simulation.Step puts(List<Integer> elements) {
            Iterator<Integer> rest = elements.iterator();
            return new Simulation.Step() {
                private Integer next = rest.next();

                @Override
                public Progress attempt() {
                    PutResult result = sink.tryPut(next);
                    if (result == PutResult.FULL) {
                        return Progress.AGAIN;
                    } else if (result == PutResult.CLOSED) {
                        return Progress.FINISHED;
                    } else if (rest.hasNext()) {
                        next = rest.next();
                        return Progress.DONE;
                    }
                    sink.complete();
                    return Progress.FINISHED;
                }
            };
        }

        Simulation.Step takesInto(List<Integer> taken) {
            return () -> {
                Integer element = source.poll(Duration.ZERO);
                if (element != null) {
                    taken.add(element);
                    return Progress.DONE;
                }
                return source.outcome().isDone() ? Progress.FINISHED : Progress.AGAIN;
            };
        }
    }

    @Test
    void twoScriptedThreadsPassEveryElementInOrder() {
        Simulation.explore(SEEDS, simulation -> {
            Ends ends = Ends.open(simulation);
            List<Integer> taken = new ArrayList<>();
            simulation.loop("putter", ends.puts(ALL)).loop("taker", ends.takesInto(taken));
            simulation.run();
            assertEquals(ALL, taken);
            assertEquals(Duration.ZERO, simulation.elapsed());
            assertEquals(
                    new StreamOutcome.Completed(),
                    simulation.await(ends.source().outcome()));
        });
    }

    @Test
    void theTestIteratesWhileAScriptPuts() {
        Simulation.explore(SEEDS, simulation -> {
            Ends ends = Ends.open(simulation);
            simulation.loop("putter", ends.puts(ALL));
            List<Integer> taken = new ArrayList<>();
            for (Integer element : ends.source()) {
                taken.add(element);
            }
            assertEquals(ALL, taken);
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    @Test
    void theTestPutsWhileAScriptTakes() {
        Simulation.explore(SEEDS, simulation -> {
            Ends ends = Ends.open(simulation);
            List<Integer> taken = new ArrayList<>();
            simulation.loop("taker", ends.takesInto(taken));
            for (Integer element : ALL) {
                ends.sink().put(element);
            }
            ends.sink().complete();
            simulation.run();
            assertEquals(ALL, taken);
        });
    }

    @Test
    void theExampleInTheDocumentation() {
        Simulation.explore(1_000, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<String>create(1), "producer");
            var consumer = simulation.system().spawn(StreamConsumer.create(producer, 1), "consumer");
            SinkRef<String> sink = simulation.ask(producer, GetSink<String>::new);
            SourceRef<String> source = simulation.ask(consumer, GetSource<String>::new);
            simulation.script(
                    "putter",
                    () -> Progress.doneIf(sink.tryPut("a") == PutResult.ACCEPTED),
                    () -> Progress.doneIf(sink.tryPut("b") == PutResult.ACCEPTED),
                    () -> {
                        sink.complete();
                        return Progress.DONE;
                    });
            assertEquals(List.of("a", "b"), source.stream().toList());
        });
    }

    @Test
    void aBlockedPutReturnsWhenTheSourceIsClosed() {
        Simulation.explore(SEEDS, simulation -> {
            Ends ends = Ends.open(simulation);
            simulation.script("closer", () -> {
                ends.source().close();
                return Progress.DONE;
            });
            assertThrows(StreamClosedException.class, () -> {
                while (true) {
                    ends.sink().put(1);
                }
            });
        });
    }

    @Test
    void aPutThatNobodyTakesFromFailsTheTest() {
        try (Simulation simulation = Simulation.seeded(5)) {
            Ends ends = Ends.open(simulation);
            AssertionError e =
                    assertThrows(AssertionError.class, () -> ends.sink().putAll(ALL));
            assertTrue(
                    e.getMessage().startsWith("seed 5: nobody will wake the thread that waits in SinkRef"),
                    e.getMessage());
        }
    }

    @Test
    void aPutInAScriptIsRefusedWhereItWouldBlock() {
        try (Simulation simulation = Simulation.seeded(6)) {
            Ends ends = Ends.open(simulation);
            simulation.script("putter", () -> {
                ends.sink().putAll(ALL);
                return Progress.DONE;
            });
            IllegalStateException e = assertThrows(IllegalStateException.class, simulation::run);
            assertTrue(e.getMessage().startsWith("seed 6: putter blocks"), e.getMessage());
        }
    }

    @Test
    void inactivityComesInVirtualTime() {
        Simulation.explore(50, simulation -> {
            Ends ends = Ends.open(simulation);
            assertThrows(
                    InactivityTimeoutException.class,
                    () -> ends.source().iterator().hasNext());
            assertEquals(Duration.ofSeconds(30), simulation.elapsed());
            assertInstanceOf(
                    StreamOutcome.TimedOut.class, simulation.await(ends.sink().outcome()));
        });
    }

    @Test
    void anElementAtTheMomentOfTheTimeoutIsTakenOrUndelivered() {
        Set<Boolean> seen = new HashSet<>();
        Simulation.explore(SEEDS, simulation -> {
            Ends ends = Ends.open(simulation);
            simulation
                    .system()
                    .clock()
                    .schedule(
                            () -> ends.sink().tryPut(1), Duration.ofSeconds(30).toNanos());
            boolean taken;
            try {
                taken = ends.source().iterator().next() == 1;
            } catch (InactivityTimeoutException e) {
                taken = false;
            }
            seen.add(taken);
            simulation.runUntilIdle();
            assertEquals(taken ? 1 : 0, ends.source().ledger().delivered());
        });
        assertEquals(Set.of(true, false), seen);
    }

    @Test
    void closingTheSystemEndsBothThreads() {
        Simulation.explore(SEEDS, simulation -> {
            Ends ends = Ends.open(simulation);
            List<Integer> taken = new ArrayList<>();
            simulation.script("closer", () -> {
                simulation.system().close();
                return Progress.DONE;
            });
            simulation.loop("putter", ends.puts(ALL));
            try {
                for (Integer element : ends.source()) {
                    taken.add(element);
                }
                assertEquals(ALL, taken);
            } catch (StreamClosedException e) {
                assertEquals(ALL.subList(0, taken.size()), taken);
            }
            simulation.run();
        });
    }

    @Test
    void oneSeedGivesOneRunOfAStream() {
        for (long seed = 0; seed < 50; seed++) {
            List<Long> fingerprints = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                try (Simulation simulation = Simulation.seeded(seed)) {
                    Ends ends = Ends.open(simulation);
                    simulation.loop("putter", ends.puts(ALL)).loop("taker", ends.takesInto(new ArrayList<>()));
                    simulation.run();
                    fingerprints.add(simulation.fingerprint());
                }
            }
            assertEquals(fingerprints.get(0), fingerprints.get(1));
        }
    }
}
