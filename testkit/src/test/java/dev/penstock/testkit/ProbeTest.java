package dev.penstock.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbeTest {

    private static final Duration SHORT = Duration.ofMillis(50);

    @Test
    void expectationsOnRealThreads() {
        try (ActorSystem system = ActorSystem.create("real")) {
            MessageProbe<Object> probe = MessageProbe.create(system, "probe");
            expectations(system, probe);
        }
    }

    @Test
    void expectationsInASimulation() {
        Simulation.explore(100, simulation -> expectations(simulation.system(), simulation.probe("probe")));
    }

    private static void expectations(ActorSystem system, MessageProbe<Object> probe) {
        ActorRef<Object> relay = system.spawn(
                Behaviors.receive((context, message) -> {
                    probe.ref().tell(message);
                    return message.equals("stop") ? Behaviors.stopped() : Behaviors.same();
                }),
                "relay");
        probe.expectNothing();
        probe.watch(relay);
        for (Object message : List.of("one", 2, "three", "stop")) {
            relay.tell(message);
        }
        probe.expect("one");
        assertEquals(2, probe.expectType(Integer.class));
        probe.expectTerminated(relay); // what it sent was received before
        assertEquals(List.of("one", 2, "three", "stop"), probe.received());
        probe.expect("three").expect("stop").expectNothing(SHORT);
        probe.expectTerminated(relay);
    }

    @Test
    void failedExpectationsSayWhatCame() {
        try (Simulation simulation = Simulation.seeded(7)) {
            MessageProbe<String> probe = simulation.probe("probe");
            probe.ref().tell("one");
            AssertionError wrong = assertThrows(AssertionError.class, () -> probe.expect("two"));
            assertEquals(
                    "seed 7: /simulation/probe: expected two, but received one; all it received: [one]",
                    wrong.getMessage());
            AssertionError none = assertThrows(AssertionError.class, () -> probe.expect("two"));
            assertTrue(none.getMessage().contains("nothing came within PT5S"), none.getMessage());
            assertEquals(Duration.ofSeconds(5), simulation.elapsed());
            probe.ref().tell("three");
            assertThrows(AssertionError.class, probe::expectNothing);
            assertThrows(AssertionError.class, () -> probe.expectType(Integer.class));
            ActorRef<String> alive = simulation.system().spawn(Behaviors.ignore(), "alive");
            assertThrows(AssertionError.class, () -> probe.expectTerminated(alive));
        }
        try (ActorSystem system = ActorSystem.create("real")) {
            MessageProbe<String> probe =
                    MessageProbe.<String>create(system, "probe").patience(SHORT);
            assertThrows(AssertionError.class, () -> probe.expect("two"));
            probe.ref().tell("one");
            assertThrows(AssertionError.class, () -> probe.expectNothing(Duration.ofSeconds(5)));
        }
    }

    @Test
    void aTimerBringsAMessageInVirtualTime() {
        try (Simulation simulation = Simulation.seeded(8)) {
            MessageProbe<String> probe = simulation.probe("probe");
            simulation.system().clock().schedule(() -> probe.ref().tell("late"), SHORT.toNanos());
            probe.expectNothing();
            probe.expect("late");
            assertEquals(SHORT, simulation.elapsed());
        }
    }

    @Test
    void streamProbeSpeaksTheProtocolOnRealThreads() {
        try (ActorSystem system = ActorSystem.create("real")) {
            var producer = system.spawn(StreamProducer.<Integer>create(8), "producer");
            SinkRef<Integer> sink = system.ask(producer, GetSink<Integer>::new, Duration.ofSeconds(5))
                    .join();
            protocol(system, producer, sink);
        }
    }

    @Test
    void streamProbeSpeaksTheProtocolInASimulation() {
        Simulation.explore(200, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(8), "producer");
            protocol(simulation.system(), producer, simulation.ask(producer, GetSink<Integer>::new));
        });
    }

    private static void protocol(
            ActorSystem system, ActorRef<ProducerMessage<Integer>> producer, SinkRef<Integer> sink) {
        for (int i = 1; i <= 4; i++) {
            sink.tryPut(i);
        }
        StreamProbe<Integer> probe = StreamProbe.subscribe(system, producer, "probe", 0);
        probe.expectNothing();
        probe.request(1).expectElements(1);
        StreamProbe<Integer> second = StreamProbe.subscribe(system, producer, "second", 5);
        second.expectFailed(AlreadySubscribedException.class);
        probe.request(1).request(1).expectElements(2, 3).expectNothing();
        sink.complete();
        probe.expectNothing();
        probe.request(Long.MAX_VALUE).expectElements(4).expectCompleted();
        probe.expectProducerStopped();
    }

    @Test
    void streamProbeCancels() {
        Simulation.explore(100, simulation -> {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(8), "producer");
            SinkRef<Integer> sink = simulation.ask(producer, GetSink<Integer>::new);
            StreamProbe<Integer> probe = StreamProbe.subscribe(simulation.system(), producer, "probe", 2);
            simulation.loop("putter", () -> switch (sink.tryPut(1)) {
                case ACCEPTED -> Progress.DONE;
                case FULL -> Progress.AGAIN;
                case CLOSED -> Progress.FINISHED;
            });
            probe.expectElements(1).cancel().expectProducerStopped();
            simulation.run();
        });
    }

    @Test
    void aDemandThatIsNotPositiveFailsTheStream() {
        try (Simulation simulation = Simulation.seeded(9)) {
            var producer = simulation.system().spawn(StreamProducer.<Integer>create(8), "producer");
            StreamProbe<Integer> probe = StreamProbe.subscribe(simulation.system(), producer, "probe", 2);
            probe.expectNothing();
            probe.request(0).expectFailed(IllegalArgumentException.class);
        }
    }

    /** A producer that sends what it likes, as soon as somebody subscribes. */
    @SafeVarargs
    private static StreamProbe<Integer> rogue(ActorSystem system, long demand, ConsumerMessage<Integer>... sends) {
        ActorRef<ProducerMessage<Integer>> rogue = system.spawn(
                Behaviors.receive((context, message) -> {
                    if (message instanceof Subscribe<Integer> subscribe) {
                        for (ConsumerMessage<Integer> each : sends) {
                            subscribe.consumer().tell(each);
                        }
                    }
                    return Behaviors.same();
                }),
                "rogue");
        return StreamProbe.subscribe(system, rogue, "probe", demand);
    }

    @Test
    void moreThanWasRequestedFailsAtOnce() {
        try (Simulation simulation = Simulation.seeded(10)) {
            rogue(simulation.system(), 1, new StreamElement<>(1), new StreamElement<>(2));
            AssertionError e = assertThrows(AssertionError.class, simulation::runUntilIdle);
            assertTrue(
                    e.getMessage()
                            .startsWith("seed 10: /simulation/probe: 2 elements were sent, but only 1 were requested"),
                    e.getMessage());
        }
        try (ActorSystem system = ActorSystem.create("real")) {
            StreamProbe<Integer> probe = rogue(system, 1, new StreamElement<>(1), new StreamElement<>(2));
            AssertionError e = assertThrows(AssertionError.class, () -> probe.expectElements(1, 2));
            assertTrue(e.getMessage().contains("only 1 were requested"), e.getMessage());
        }
    }

    @Test
    void whatComesAfterTheEndFails() {
        try (Simulation simulation = Simulation.seeded(11)) {
            rogue(simulation.system(), 9, new StreamCompleted<>(), new StreamElement<>(1));
            AssertionError e = assertThrows(AssertionError.class, simulation::runUntilIdle);
            assertTrue(e.getMessage().contains("came after the end of the stream"), e.getMessage());
        }
    }
}
