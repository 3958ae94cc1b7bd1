package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.StreamProbe;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 1: the producer never sends more than the demand it was given, and no less either. */
class Rule01SentNeverExceedsDemandTest {

    /** A user's own subscriber requests a few at a time; strangers request in its name, which counts. */
    @Test
    void onSeeds() {
        Seeds.explore(10_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random).withSinks(1);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(shape.bufferSize()), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            Elements elements = new Elements(simulation.system(), producer, "subscriber", random.nextInt(3), 0);
            simulation.runUntilIdle(); // subscribed; what comes before that is the matter of rules 4 to 6
            simulation.loop("putter", () -> {
                int next = elements.accounts.acceptedCount();
                if (next == shape.elements()) {
                    sink.complete();
                    return Progress.FINISHED;
                }
                boolean accepted = sink.tryPut(next) == PutResult.ACCEPTED;
                if (accepted) {
                    elements.accounts.accepted(next);
                }
                return Progress.doneIf(accepted);
            });
            for (int i = 0; i < 2; i++) {
                int[] times = {random.nextInt(4)};
                simulation.loop("requester-" + i, () -> {
                    elements.check();
                    if (times[0]-- == 0) {
                        return Progress.FINISHED;
                    }
                    elements.request(1 + random.nextInt(3));
                    return Progress.DONE;
                });
            }
            while (simulation.step()) {
                elements.check();
                assertTrue(sink.ledger().delivered() <= elements.requested.get());
                elements.accounts.checkOrder();
            }
            // No less either: what was requested and put is there.
            assertEquals(Math.min(elements.requested.get(), shape.elements()), elements.accounts.deliveredCount());
            elements.request(Math.max(1, shape.elements() - elements.requested.get()));
            simulation.run();
            assertEquals(elements.accounts.accepted(), elements.accounts.delivered());
            assertEquals(new StreamCompleted<>(), elements.end.getNow(null));
            assertEquals(new StreamOutcome.Completed(), sink.outcome().getNow(null));
            elements.accounts.checkSettled(sink.ledger(), sink.outcome().join());
        });
    }

    /** The other side: a StreamConsumer requests no more than it took and its window; and all of that, when it waits. */
    @Test
    void theConsumerKeepsToItsWindowOnSeeds() {
        Seeds.explore(5_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            int window = 1 + random.nextInt(4);
            Accounts accounts = new Accounts();
            Feeder feeder = new Feeder(simulation.system());
            var consumer = simulation
                    .system()
                    .spawn(
                            StreamConsumer.create(
                                    feeder.ref, ConsumerOptions.defaults().initialDemand(window)),
                            "consumer");
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            int total = random.nextInt(13);
            simulation.loop("sender", () -> {
                if (!feeder.isSubscribed()) {
                    return Progress.AGAIN;
                }
                if (feeder.sent == total) {
                    return Progress.FINISHED;
                }
                return Progress.doneIf(feeder.sent < feeder.requested && feeder.send());
            });
            simulation.loop("reader", () -> {
                Integer element = source.poll(Duration.ZERO);
                if (element != null) {
                    accounts.delivered(element);
                    return Progress.DONE;
                }
                return accounts.deliveredCount() == total ? Progress.FINISHED : Progress.AGAIN;
            });
            int[] strangers = {random.nextInt(5)};
            simulation.loop("stranger", () -> {
                if (strangers[0]-- == 0) {
                    return Progress.FINISHED;
                }
                consumer.tell(new dev.penstock.stream.StreamDemand<>(1 + random.nextInt(9)));
                return Progress.DONE;
            });
            while (simulation.step()) {
                assertTrue(
                        feeder.requested <= accounts.deliveredCount() + window,
                        () -> feeder.requested + " requested, window " + window + ", " + accounts.delivered());
            }
            assertEquals(total, accounts.deliveredCount(), "a stall");
            accounts.checkOrder();
            assertEquals(total + window, feeder.requested);
            feeder.complete();
            simulation.runUntilIdle();
            assertEquals(null, source.poll(Duration.ZERO));
            assertEquals(new StreamOutcome.Completed(), source.outcome().getNow(null));
        });
    }

    /** With the kit's own subscriber, as a user would write it. */
    @Test
    void theStreamProbeSeesTheSame() {
        Seeds.explore(3_000, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            var probe = StreamProbe.subscribe(simulation.system(), producer, "probe", 2);
            simulation.script(
                    "putter",
                    () -> Progress.doneIf(sink.tryPut(1) == PutResult.ACCEPTED),
                    () -> Progress.doneIf(sink.tryPut(2) == PutResult.ACCEPTED),
                    () -> Progress.doneIf(sink.tryPut(3) == PutResult.ACCEPTED));
            probe.expectElements(1, 2).expectNothing();
            probe.request(1).expectElements(3).expectNothing();
            sink.complete();
            probe.expectCompleted();
            probe.expectProducerStopped();
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#dispatchers")
    void onDispatchers(Runs.Kind kind) {
        int count = Seeds.rounds(5_000);
        for (int again = 1; again <= 4; again++) {
            try (ActorSystem system = Runs.system(kind)) {
                var producer = system.spawn(StreamProducer.<Integer>create(again), "producer");
                SinkRef<Integer> sink = RealStream.await(system.ask(producer, GetSink<Integer>::new, RealStream.LIMIT));
                Elements elements = new Elements(system, producer, "subscriber", again, again);
                Future<?> putter = RealStream.start(() -> {
                    sink.putAll(IntStream.range(0, count)::iterator);
                    sink.complete();
                    return null;
                });
                ConsumerMessage<Integer> end = RealStream.await(elements.end);
                RealStream.await(putter);
                assertInstanceOf(StreamCompleted.class, end);
                assertEquals(count, elements.accounts.deliveredCount());
                elements.accounts.checkOrder();
            }
        }
    }
}
