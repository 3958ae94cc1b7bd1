package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Two nodes on one thread, every order of their steps, and the connection lost at any of them: each end of the stream ends
 * once, what both say agrees, and each element is somewhere, once.
 */
class NetworkSimulationTest {

    private static final int SEEDS = Boolean.getBoolean("penstock.full") ? 200_000 : 4_000;

    private enum Ending {
        COMPLETE,
        FAIL,
        CANCEL,
        CUT,
        STOP_PRODUCER,
        STOP_CONSUMER
    }

    @Test
    void everyStreamEndsOnceAndNothingIsLostInSilence() {
        int[] seen = new int[Ending.values().length];
        Simulation.explore(SEEDS, simulation -> new Run(simulation, seen).run());
        for (Ending ending : Ending.values()) {
            assertTrue(seen[ending.ordinal()] > SEEDS / 20, ending + " was tried " + seen[ending.ordinal()] + " times");
        }
    }

    private static final class Run {
        private final Simulation simulation;
        private final Random random;
        private final SteppedNodes nodes;
        private final SteppedNodes.Side a;
        private final SteppedNodes.Side b;
        private final int demand;
        private final int count;
        private final Ending ending;
        private final int endsAfter;
        private final List<Integer> taken = new ArrayList<>();
        private final List<Integer> undeliveredAtProducer = new ArrayList<>();
        private final List<Integer> undeliveredAtConsumer = new ArrayList<>();
        private int accepted;
        private Throwable thrown;
        private boolean subscribed; // has the subscription come to the producer's node

        Run(Simulation simulation, int[] seen) throws IOException {
            this.simulation = simulation;
            random = new Random(simulation.seed());
            demand = 1 + random.nextInt(4);
            count = random.nextInt(12);
            ending = Ending.values()[random.nextInt(Ending.values().length)];
            seen[ending.ordinal()]++;
            endsAfter = random.nextInt(60);
            nodes = new SteppedNodes(simulation);
            a = nodes.a;
            b = nodes.b;
        }

        void run() throws Exception {
            ActorSystem system = simulation.system();
            ActorRef<ProducerMessage<Integer>> producer = system.spawn(
                    StreamProducer.<Integer>create(ProducerOptions.defaults()
                            .bufferSize(1 + random.nextInt(4))
                            .onUndelivered((Integer element, Object why) -> undeliveredAtProducer.add(element))),
                    "producer");
            ActorRef<ProducerMessage<Integer>> there = b.refTo(a, producer);
            ActorRef<ConsumerMessage<Integer>> consumer = system.spawn(
                    StreamConsumer.create(
                            there,
                            ConsumerOptions.defaults()
                                    .initialDemand(demand)
                                    .onUndelivered(
                                            (Integer element, Object why) -> undeliveredAtConsumer.add(element))),
                    "consumer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            simulation.afterEach(ran -> subscribed |= a.node.hasStreams());
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);

            int[] steps = new int[1];
            simulation.loop("loop a", () -> step(a, steps, system, producer, consumer, source));
            simulation.loop("loop b", () -> step(b, steps, system, producer, consumer, source));
            simulation.loop("putter", () -> put(sink));
            simulation.loop("reader", () -> take(source));
            simulation.runUntilIdle();
            if (!sink.outcome().isDone()
                    || !source.outcome().isDone()) { // the step at which it was to end did not come
                end(system, producer, consumer, source);
                simulation.runUntilIdle();
            }
            if (!sink.outcome().isDone() && !subscribed) { // it waits for another one
                assertEquals(List.of(), taken);
                system.stop(producer);
                simulation.runUntilIdle();
            }
            check(sink, source);
        }

        private Progress step(
                SteppedNodes.Side side,
                int[] steps,
                ActorSystem system,
                ActorRef<ProducerMessage<Integer>> producer,
                ActorRef<ConsumerMessage<Integer>> consumer,
                SourceRef<Integer> source) {
            if (!side.loop.step()) {
                return Progress.AGAIN;
            }
            if (++steps[0] == endsAfter) {
                end(system, producer, consumer, source);
            }
            return Progress.DONE;
        }

        private void end(
                ActorSystem system,
                ActorRef<ProducerMessage<Integer>> producer,
                ActorRef<ConsumerMessage<Integer>> consumer,
                SourceRef<Integer> source) {
            switch (ending) {
                case CANCEL -> source.close();
                case CUT -> nodes.network.cables().get(0).cut();
                case STOP_PRODUCER -> system.stop(producer);
                case STOP_CONSUMER -> system.stop(consumer);
                default -> {}
            }
        }

        private Progress put(SinkRef<Integer> sink) {
            if (accepted < count) {
                PutResult result = sink.tryPut(accepted);
                if (result == PutResult.ACCEPTED) {
                    accepted++;
                    return Progress.DONE;
                }
                return result == PutResult.FULL ? Progress.AGAIN : Progress.FINISHED;
            }
            if (ending == Ending.FAIL) {
                sink.fail(new IllegalStateException("as planned"));
            } else if (sink.outcome().isDone()) {
                return Progress.FINISHED;
            } else {
                try {
                    sink.complete();
                } catch (StreamClosedException e) {
                    return Progress.FINISHED;
                }
            }
            return Progress.FINISHED;
        }

        private Progress take(SourceRef<Integer> source) {
            boolean over = source.outcome().isDone();
            try {
                int took = source.drain(taken::add, 1 + random.nextInt(3));
                return took > 0 ? Progress.DONE : over ? Progress.FINISHED : Progress.AGAIN;
            } catch (StreamClosedException e) {
                thrown = e;
                return Progress.FINISHED;
            }
        }

        private void check(SinkRef<Integer> sink, SourceRef<Integer> source) {
            String what =
                    ending + " after " + endsAfter + " steps, demand " + demand + ", count " + count + ", accepted "
                            + accepted + ", taken " + taken + ", undelivered there " + undeliveredAtProducer + ", here "
                            + undeliveredAtConsumer + ", thrown " + thrown;
            assertTrue(sink.outcome().isDone(), () -> "the producer's side did not end: " + what);
            assertTrue(source.outcome().isDone(), () -> "the consumer's side did not end: " + what);
            StreamOutcome there = sink.outcome().join();
            StreamOutcome here = source.outcome().join();
            String both = what + ", there " + there + ", here " + here;

            assertEquals(
                    IntStream.range(0, taken.size()).boxed().toList(), taken, () -> "out of order, or a gap: " + both);
            Set<Integer> known = new HashSet<>(taken);
            for (int element : undeliveredAtProducer) {
                assertTrue(known.add(element), () -> element + " is in two places: " + both);
            }
            for (int element : undeliveredAtConsumer) {
                assertTrue(known.add(element), () -> element + " is in two places: " + both);
            }
            int inDoubt = accepted - known.size(); // sent, and lost with the connection
            assertTrue(inDoubt >= 0 && inDoubt <= demand, () -> inDoubt + " in doubt: " + both);
            if (ending != Ending.CUT && here instanceof StreamOutcome.Completed) {
                assertEquals(0, inDoubt, both);
            }
            if (there instanceof StreamOutcome.Completed) { // so the other node has all of it
                assertEquals(0, undeliveredAtProducer.size(), both);
                assertEquals(accepted, taken.size() + undeliveredAtConsumer.size(), both);
            }
            if (here instanceof StreamOutcome.Completed) {
                assertEquals(accepted, taken.size(), both);
                assertTrue(
                        there instanceof StreamOutcome.Completed
                                || ending == Ending.CUT
                                || ending == Ending.STOP_PRODUCER
                                || ending == Ending.STOP_CONSUMER
                                || ending == Ending.CANCEL,
                        both);
            }
            if (here instanceof StreamOutcome.PeerLost lost) {
                assertTrue(ending == Ending.CUT || ending == Ending.STOP_PRODUCER, both);
                assertEquals(taken.size() + undeliveredAtConsumer.size(), lost.lastSequence(), both);
            }
            StreamLedger producers = sink.ledger();
            assertEquals(accepted, producers.offered(), both);
            assertEquals(0, producers.buffered(), both);
            assertEquals(0, producers.inFlight(), both);
            assertEquals(undeliveredAtProducer.size(), producers.undelivered(), both);
            StreamLedger consumers = source.ledger();
            assertEquals(taken.size(), consumers.delivered(), both);
            assertEquals(undeliveredAtConsumer.size(), consumers.undelivered(), both);
            assertEquals(0, consumers.inFlight(), both);
        }
    }
}
