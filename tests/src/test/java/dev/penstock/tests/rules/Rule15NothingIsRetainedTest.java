package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import dev.penstock.testkit.Simulation;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 15: a stream at rest, or ended, retains no element. */
class Rule15NothingIsRetainedTest {

    private static final int BATCH = 250; // as many streams are looked at by one garbage collection

    /** A stream that is still there, and what became of its elements. */
    private record Held(Object sink, Object source, Object system, List<WeakReference<Object>> elements) {}

    /** Puts, takes some or all, ends in some way or not at all; the ends and the system stay reachable. */
    @Test
    void onSeeds() {
        List<Held> held = new ArrayList<>();
        int[] elements = {0};
        Seeds.explore(2_000, simulation -> {
            Held one = play(simulation);
            elements[0] += one.elements().size();
            held.add(one);
            if (held.size() == BATCH) {
                awaitCleared(held);
                held.clear();
            }
        });
        awaitCleared(held);
        assertTrue(elements[0] > 0);
    }

    private static Held play(Simulation simulation) throws InterruptedException {
        SplittableRandom random = Seeds.random(simulation);
        Shape shape = Shape.draw(random);
        ActorSystem system = simulation.system();
        var producer = system.spawn(StreamProducer.<Object>create(shape.bufferSize()), "producer");
        var consumer = system.spawn(
                StreamConsumer.create(producer, ConsumerOptions.defaults().initialDemand(shape.window())),
                "consumer",
                shape.consumerSpawn());
        SinkRef<Object> sink = simulation.ask(producer, GetSink<Object>::new);
        SourceRef<Object> source = simulation.ask(consumer, GetSource<Object>::new);
        List<WeakReference<Object>> elements = new ArrayList<>();
        for (int i = 0; i < shape.elements(); i++) {
            Object element = new Object();
            if (sink.tryPut(element) == PutResult.ACCEPTED) {
                elements.add(new WeakReference<>(element));
            }
            if (random.nextBoolean()) {
                simulation.runUntilIdle();
            }
            if (random.nextInt(3) == 0) {
                source.poll(Duration.ZERO);
            }
        }
        boolean open = false;
        switch (random.nextInt(5)) {
            case 0 -> source.close();
            case 1 -> system.stop(producer);
            case 2 -> system.stop(consumer);
            case 3 -> system.close();
            default -> open = true; // taken to the last
        }
        simulation.runUntilIdle();
        while (open && source.poll(Duration.ZERO) != null) {
            simulation.runUntilIdle();
        }
        if (open) {
            assertEquals(elements.size(), sink.ledger().delivered());
        }
        return new Held(sink, source, system, elements);
    }

    private static void awaitCleared(List<Held> held) {
        RealStream.await(
                () -> {
                    System.gc();
                    return held.stream()
                            .flatMap(each -> each.elements().stream())
                            .allMatch(each -> each.refersTo(null));
                },
                "elements are retained");
        Reference.reachabilityFence(held);
    }

    @ParameterizedTest
    @MethodSource("dev.penstock.tests.rules.Runs#everywhere")
    void onDispatchers(Runs runs) {
        for (int round = 0; round < Seeds.rounds(4); round++) {
            try (ActorSystem system = runs.system()) {
                Shape shape = new Shape(round % 3 + 1, 1 + round % 4, 1, 100, runs.ownLane());
                var producer = system.spawn(StreamProducer.<Object>create(shape.bufferSize()), "producer");
                var consumer = system.spawn(
                        StreamConsumer.create(producer, shape.window()), "consumer", shape.consumerSpawn());
                SourceRef<Object> source =
                        RealStream.await(system.ask(consumer, GetSource<Object>::new, RealStream.LIMIT));
                SinkRef<Object> sink = RealStream.await(system.ask(producer, GetSink<Object>::new, RealStream.LIMIT));
                List<WeakReference<Object>> elements = new ArrayList<>();
                var putter = RealStream.start(() -> {
                    for (int i = 0; i < shape.elements(); i++) {
                        Object element = new Object();
                        elements.add(new WeakReference<>(element));
                        sink.put(element);
                    }
                    return null;
                });
                int[] taken = {0};
                RealStream.await(
                        () -> {
                            taken[0] += source.drain(element -> {}, 10);
                            return taken[0] == shape.elements();
                        },
                        "elements");
                RealStream.await(putter);
                awaitCleared(List.of(new Held(sink, source, system, elements))); // open, and at rest
                Object last = new Object();
                elements.add(new WeakReference<>(last));
                assertEquals(PutResult.ACCEPTED, sink.tryPut(last));
                last = null;
                source.close();
                awaitCleared(List.of(new Held(sink, source, system, elements))); // ended early
            }
        }
    }
}
