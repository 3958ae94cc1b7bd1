package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SupervisorStrategy;
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
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 14: undelivered elements are handed to {@code onUndelivered} exactly once each. */
class Rule14UndeliveredExactlyOnceTest {

    /** Any end, or several, at any moment; each element is delivered or handed over, once. */
    @Test
    void onSeeds() {
        int[] left = {0};
        Seeds.explore(10_000, simulation -> {
            SimulatedStream stream = new SimulatedStream(simulation);
            List<Mishap> ends = List.copyOf(Mishap.ENDINGS).stream().sorted().toList();
            stream.feed(SimulatedStream.Ending.COMPLETE)
                    .read(stream.random.nextInt(12))
                    .befall(ends.get(stream.random.nextInt(ends.size())))
                    .befall(2, Mishap.ENDINGS)
                    .befall(2, EnumSet.of(Mishap.PUSH, Mishap.DEMAND_TO_PRODUCER))
                    .run()
                    .settle();
            left[0] += stream.accounts.left().size();
        });
        assertTrue(left[0] > 0, "nothing was ever left over: the test tests nothing");
    }

    /** With a handler on each side: those in a sink go to the producer's, those in flight to the consumer's, in order. */
    @Test
    void eachHandlerTakesItsOwnOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random).bounded();
            List<Integer> buffered = new ArrayList<>();
            List<Integer> inFlight = new ArrayList<>();
            boolean producers = random.nextInt(4) > 0;
            boolean consumers = !producers || random.nextBoolean();
            ProducerOptions producing = ProducerOptions.defaults().bufferSize(shape.bufferSize());
            ConsumerOptions consuming = ConsumerOptions.defaults().initialDemand(shape.window());
            if (producers) {
                producing = producing.<Integer>onUndelivered((element, reason) -> buffered.add(element));
            }
            if (consumers) {
                consuming = consuming.<Integer>onUndelivered((element, reason) -> inFlight.add(element));
            }
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(producing), "producer");
            var consumer = simulation
                    .system()
                    .spawn(StreamConsumer.create(producer, consuming), "consumer", shape.consumerSpawn());
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            int count = shape.window() + shape.bufferSize();
            for (int element = 0; element < count; element++) {
                assertEquals(PutResult.ACCEPTED, sink.tryPut(element));
                simulation.runUntilIdle();
            }
            source.close();
            simulation.runUntilIdle();
            List<Integer> flown = IntStream.range(0, shape.window()).boxed().toList();
            List<Integer> rest = IntStream.range(shape.window(), count).boxed().toList();
            List<Integer> all = IntStream.range(0, count).boxed().toList();
            if (producers && consumers) {
                assertEquals(flown, inFlight);
                assertEquals(rest, buffered);
            } else {
                assertEquals(
                        all, (producers ? buffered : inFlight).stream().sorted().toList());
                assertEquals(List.of(), producers ? inFlight : buffered);
            }
        });
    }

    /** A handler that throws is called all the same for the next element, and once for its own. */
    @Test
    void aHandlerThatThrowsOnSeeds() {
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random).bounded();
            List<Integer> left = new ArrayList<>();
            var producer = simulation
                    .system()
                    .spawn(
                            StreamProducer.<Integer>create(ProducerOptions.defaults()
                                    .bufferSize(shape.bufferSize())
                                    .<Integer>onUndelivered((element, reason) -> {
                                        left.add(element);
                                        throw new ThrowingRef.Crash();
                                    })),
                            "producer");
            var consumer = simulation
                    .system()
                    .spawn(StreamConsumer.create(producer, shape.window()), "consumer", shape.consumerSpawn());
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            int count = 0;
            while (sink.tryPut(count) == PutResult.ACCEPTED) {
                count++;
                simulation.runUntilIdle();
            }
            source.close();
            simulation.runUntilIdle();
            assertEquals(
                    IntStream.range(0, count).boxed().toList(),
                    left.stream().sorted().toList());
            assertEquals(List.of(), simulation.system().actors());
            assertEquals(count, sink.ledger().undelivered());
        });
    }

    /** Elements are on their way to a consumer that fails and begins again: they are not for its next stream. */
    @Test
    void aConsumerThatRestartsOnSeeds() {
        int[] left = {0};
        Seeds.explore(3_000, simulation -> {
            SplittableRandom random = Seeds.random(simulation);
            Shape shape = Shape.draw(random);
            Accounts accounts = new Accounts();
            boolean producerRestarts = random.nextBoolean();
            Behavior<ProducerMessage<Integer>> producing =
                    StreamProducer.create(ProducerOptions.defaults().onUndelivered(accounts.undelivered()));
            var producer = simulation
                    .system()
                    .spawn(
                            producerRestarts ? Behaviors.supervise(producing, SupervisorStrategy.restart()) : producing,
                            "producer");
            var consumer = simulation
                    .system()
                    .spawn(
                            Behaviors.supervise(
                                    StreamConsumer.create(producer, shape.window()), SupervisorStrategy.restart()),
                            "consumer",
                            shape.consumerSpawn());
            simulation.runUntilIdle();
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            SourceRef<Integer> source = simulation.ask(consumer, GetSource<Integer>::new);
            int[] next = {0};
            simulation.loop("putter", () -> {
                if (sink.tryPut(next[0]) != PutResult.ACCEPTED) {
                    return Progress.FINISHED;
                }
                accounts.accepted(next[0]++);
                return next[0] == 12 ? Progress.FINISHED : Progress.DONE;
            });
            int[] wait = {random.nextInt(20)};
            simulation.loop("crash", () -> {
                if (wait[0]-- > 0) {
                    return Progress.DONE;
                }
                if (producerRestarts && random.nextBoolean()) {
                    producer.tell(new GetSink<>(new ThrowingRef<>()));
                }
                consumer.tell(new GetSource<>(new ThrowingRef<>()));
                return Progress.FINISHED;
            });
            simulation.loop("reader", () -> {
                try {
                    Integer element = source.poll(Duration.ZERO);
                    if (element != null) {
                        accounts.delivered(element);
                    }
                    return element == null ? Progress.AGAIN : Progress.DONE;
                } catch (StreamClosedException ended) {
                    return Progress.FINISHED;
                }
            });
            simulation.run();
            accounts.checkSettled(sink.ledger(), sink.outcome().join());
            left[0] += accounts.left().size();
        });
        assertTrue(left[0] > 0, "nothing was ever left over: the test tests nothing");
    }

    /** The put races the end. */
    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(10); round++) {
            for (Mishap ending : Mishap.ENDINGS) {
                try (RealStream stream = new RealStream(runs, 1 + round % 4, 1 + round % 3)) {
                    Future<Integer> putter = stream.putter(0, Integer.MAX_VALUE);
                    Future<Integer> reader = stream.reader(5 + round);
                    RealStream.await(stream.when(round, ending));
                    RealStream.await(reader);
                    RealStream.await(putter);
                    StreamOutcome outcome = stream.settle();
                    assertEquals(outcome, RealStream.await(stream.sink().outcome()));
                }
            }
        }
    }
}
