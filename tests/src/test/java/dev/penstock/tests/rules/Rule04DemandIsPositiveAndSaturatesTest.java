package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Progress;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 4: {@code StreamDemand(n ≤ 0)} fails the stream; the sum saturates at {@link Long#MAX_VALUE}. */
class Rule04DemandIsPositiveAndSaturatesTest {

    @Test
    void onSeeds() {
        Seeds.explore(5_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            Mishap mishap = stream.random.nextBoolean() ? Mishap.BAD_DEMAND_TO_PRODUCER : Mishap.BAD_DEMAND_TO_CONSUMER;
            StreamOutcome outcome = stream.feed(SimulatedStream.Ending.COMPLETE)
                    .read()
                    .befall(mishap)
                    .befall(2, Mishap.HARMLESS)
                    .run()
                    .settle();
            if (outcome instanceof StreamOutcome.Failed failed) {
                assertInstanceOf(IllegalArgumentException.class, failed.cause());
            } else {
                assertEquals(new StreamOutcome.Completed(), outcome, "only if the demand came after the end");
            }
        });
    }

    /** The demand comes first: the stream has failed whatever else happens. */
    @Test
    void aBadDemandAlwaysFailsAnOpenStreamOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            simulation.runUntilIdle();
            stream.happen(stream.random.nextBoolean() ? Mishap.BAD_DEMAND_TO_PRODUCER : Mishap.BAD_DEMAND_TO_CONSUMER);
            StreamFailedException failure = assertThrows(
                    StreamFailedException.class, () -> stream.source.iterator().hasNext());
            assertInstanceOf(IllegalArgumentException.class, failure.getCause());
            simulation.runUntilIdle();
            assertInstanceOf(StreamOutcome.Failed.class, stream.settle());
        });
    }

    /** A user's own subscriber hears of its own mistake. */
    @Test
    void theSubscriberIsToldOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(2), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            long demand = random.nextInt(3) - 1;
            Elements elements = new Elements(simulation.system(), producer, "subscriber", demand, 0);
            if (demand >= 0) {
                if (random.nextBoolean()) {
                    simulation.runUntilIdle();
                    sink.tryPut(0);
                }
                simulation.runUntilIdle();
                producer.tell(new StreamDemand<>(-random.nextInt(2)));
            }
            simulation.runUntilIdle();
            StreamFailed<?> failed = assertInstanceOf(StreamFailed.class, elements.end.getNow(null));
            assertInstanceOf(IllegalArgumentException.class, failed.cause());
            assertEquals(PutResult.CLOSED, sink.tryPut(1));
            assertEquals(false, simulation.system().actors().contains(producer.path()));
        });
    }

    /** A demand of nothing before anyone subscribed: the javadoc says, whoever subscribes will hear of it. */
    @Test
    void aBadDemandBeforeSubscribeIsHeardOf() {
        Seeds.explore(10, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(2), "producer");
            producer.tell(new StreamDemand<>(0));
            simulation.runUntilIdle();
            Elements elements = new Elements(simulation.system(), producer, "subscriber", 1, 0);
            simulation.runUntilIdle();
            assertInstanceOf(StreamFailed.class, elements.end.getNow(null));
        });
    }

    @Test
    void theSumSaturatesOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(random.nextInt(4)), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            long[] huge = {Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE / 2 + 1, 1};
            Elements elements = new Elements(
                    simulation.system(), producer, "subscriber", random.nextBoolean() ? Long.MAX_VALUE : 0, 0);
            simulation.runUntilIdle();
            int[] times = {5};
            simulation.loop("requester", () -> {
                elements.request(times[0] == 5 ? Long.MAX_VALUE : huge[random.nextInt(4)]);
                return --times[0] == 0 ? Progress.FINISHED : Progress.DONE;
            });
            simulation.loop("putter", () -> {
                int next = elements.accounts.acceptedCount();
                if (next == 12) {
                    sink.complete();
                    return Progress.FINISHED;
                }
                boolean accepted = sink.tryPut(next) == PutResult.ACCEPTED;
                if (accepted) {
                    elements.accounts.accepted(next);
                }
                return Progress.doneIf(accepted);
            });
            simulation.run();
            assertEquals(new StreamCompleted<>(), elements.end.getNow(null));
            elements.accounts.checkSettled(sink.ledger(), new StreamOutcome.Completed());
            assertEquals(12, elements.accounts.deliveredCount());
        });
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(20); round++) {
            for (Mishap mishap : new Mishap[] {Mishap.BAD_DEMAND_TO_PRODUCER, Mishap.BAD_DEMAND_TO_CONSUMER}) {
                try (RealStream stream = new RealStream(runs, 1 + round % 3, 1 + round % 4)) {
                    Future<StreamOutcome> reader = stream.reader();
                    Future<Integer> putter = stream.putter(0, Integer.MAX_VALUE);
                    RealStream.await(stream.when(round, mishap));
                    StreamOutcome outcome = RealStream.await(reader);
                    RealStream.await(putter);
                    assertInstanceOf(
                            IllegalArgumentException.class,
                            assertInstanceOf(StreamOutcome.Failed.class, outcome)
                                    .cause());
                    assertEquals(outcome, stream.settle());
                }
            }
        }
    }

    /** Two threads add to a sum that is at its maximum: never negative, so never a stall. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#dispatchers")
    void theSumSaturatesOnDispatchers(Runs.Kind kind) {
        int count = Seeds.rounds(2_000);
        try (ActorSystem system = Runs.system(kind)) {
            var producer = system.spawn(StreamProducer.<Integer>create(3), "producer");
            SinkRef<Integer> sink = RealStream.await(system.ask(producer, GetSink<Integer>::new, RealStream.LIMIT));
            Elements elements = new Elements(system, producer, "subscriber", Long.MAX_VALUE, 0);
            Future<?> requester = RealStream.start(() -> {
                for (int i = 0; i < count; i++) {
                    elements.request(Long.MAX_VALUE - i);
                }
                return null;
            });
            for (int element = 0; element < count; element++) {
                int next = element;
                RealStream.await(() -> sink.tryPut(next) == PutResult.ACCEPTED, "room");
            }
            sink.complete();
            RealStream.await(requester);
            assertInstanceOf(StreamCompleted.class, RealStream.await(elements.end));
            assertEquals(count, elements.accounts.deliveredCount());
        }
    }

    /** A demand from within a demand's own turn, many deep. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#dispatchers")
    void reentrantDemandDoesNotRecurse(Runs.Kind kind) {
        int count = 50_000;
        try (ActorSystem system = Runs.system(kind)) {
            var producer = system.spawn(StreamProducer.<Integer>create(), "producer");
            SinkRef<Integer> sink = RealStream.await(system.ask(producer, GetSink<Integer>::new, RealStream.LIMIT));
            for (int element = 0; element < count; element++) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
            }
            sink.complete();
            Elements elements = new Elements(system, producer, "subscriber", 1, 1);
            assertInstanceOf(StreamCompleted.class, RealStream.await(elements.end));
            assertEquals(count, elements.accounts.deliveredCount());
        }
    }

    @Test
    void aWindowOfNothingIsRefused() {
        try (ActorSystem system = ActorSystem.create("rules")) {
            var producer = system.<ProducerMessage<Integer>>spawn(StreamProducer.create(1), "producer");
            assertThrows(IllegalArgumentException.class, () -> StreamConsumer.create(producer, 0));
        }
    }
}
