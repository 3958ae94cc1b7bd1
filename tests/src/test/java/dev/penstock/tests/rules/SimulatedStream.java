package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InputReady;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One stream in a simulation, with scripts that feed it, read it and disturb it at moments drawn from the seed. What
 * holds after every step is checked after every step.
 */
final class SimulatedStream {

    /** How a feed ends. */
    enum Ending {
        COMPLETE,
        FAIL,
        ABANDON
    }

    final Simulation simulation;
    final ActorSystem system;
    final Shape shape;
    final SplittableRandom random;
    final Accounts accounts = new Accounts();
    final ActorRef<ProducerMessage<Integer>> producer;
    final ActorRef<ConsumerMessage<Integer>> consumer;
    final List<SinkRef<Integer>> sinks = new ArrayList<>();
    final SourceRef<Integer> source;

    /** What sinks are failed with, by {@link Ending#FAIL} and {@link Mishap#FAIL_STREAM}. */
    final Exception cause = new Exception("the feed failed");

    private final boolean linked;
    private final List<List<ConsumerMessage<Integer>>> strangers = new ArrayList<>();
    private int unfinished;
    private int pushed;
    private boolean pushes;

    SimulatedStream(Simulation simulation) {
        this(simulation, Seeds.random(simulation));
    }

    SimulatedStream(Simulation simulation, SplittableRandom random) {
        this(simulation, random, Shape.draw(random), Duration.ZERO);
    }

    SimulatedStream(Simulation simulation, SplittableRandom random, Shape shape, Duration inactivityTimeout) {
        this(simulation, random, shape, inactivityTimeout, random.nextInt(4) > 0);
    }

    /** If not linked, what befalls the stream may come before Subscribe. */
    SimulatedStream(
            Simulation simulation, SplittableRandom random, Shape shape, Duration inactivityTimeout, boolean linked) {
        this.linked = linked;
        this.simulation = simulation;
        this.random = random;
        this.shape = shape;
        system = simulation.system();
        system.subscribeDeadLetters(letter -> {
            if (letter.message() instanceof Push<?> push) {
                accounts.refused((Integer) push.element());
            }
        });
        ProducerOptions producing = ProducerOptions.defaults().bufferSize(shape.bufferSize());
        ConsumerOptions consuming =
                ConsumerOptions.defaults().initialDemand(shape.window()).inactivityTimeout(inactivityTimeout);
        int handlers = random.nextInt(3); // one takes all, or each end its own
        if (handlers != 0 || !linked) { // the handler of a consumer that it never met is not for the producer
            producing = producing.onUndelivered(accounts.undelivered());
        }
        if (handlers != 1) {
            consuming = consuming.onUndelivered(accounts.undelivered());
        }
        producer = system.spawn(StreamProducer.<Integer>create(producing), "producer");
        consumer = system.spawn(StreamConsumer.create(producer, consuming), "consumer", shape.consumerSpawn());
        if (linked) {
            simulation.runUntilIdle();
        }
        for (int i = 0; i < shape.sinks(); i++) {
            sinks.add(simulation.ask(producer, GetSink<Integer>::new));
        }
        source = simulation.ask(consumer, GetSource<Integer>::new);
    }

    // ---- scripts

    /** Adds a script that counts as unfinished work; checks after each attempt. */
    SimulatedStream add(String name, Simulation.Step step) {
        unfinished++;
        simulation.loop(name, () -> {
            Progress progress = step.attempt();
            check();
            if (progress == Progress.FINISHED) {
                unfinished--;
            }
            return progress;
        });
        return this;
    }

    /** Adds a script that waits for a random while, then does something once. */
    SimulatedStream once(String name, Runnable action) {
        int[] wait = {random.nextInt(12 + 2 * shape.elements())};
        return add(name, () -> {
            if (wait[0]-- > 0) {
                return Progress.DONE;
            }
            action.run();
            return Progress.FINISHED;
        });
    }

    /** Feeds every sink, each by a script. */
    SimulatedStream feed(Ending ending) {
        for (int i = 0; i < sinks.size(); i++) {
            feed(i, ending);
        }
        return this;
    }

    SimulatedStream feed(int input, Ending ending) {
        int[] next = {0};
        return add("putter-" + input, () -> {
            SinkRef<Integer> sink = sinks.get(input);
            if (next[0] == shape.elements()) {
                end(sink, ending);
                return Progress.FINISHED;
            }
            boolean over = sink.outcome().isDone();
            PutResult result = sink.tryPut(Accounts.element(input, next[0]));
            if (result == PutResult.ACCEPTED) {
                assertFalse(over, "accepted after the end");
                accounts.accepted(Accounts.element(input, next[0]++));
                return Progress.DONE;
            }
            return result == PutResult.FULL ? Progress.AGAIN : Progress.FINISHED;
        });
    }

    void end(SinkRef<Integer> sink, Ending ending) {
        switch (ending) {
            case COMPLETE -> {
                try {
                    sink.complete();
                } catch (StreamClosedException closed) { // by something that befell it
                    assertFalse(
                            closed.outcome() instanceof StreamOutcome.Completed, "complete() after Completed threw");
                }
            }
            case FAIL -> sink.fail(cause);
            case ABANDON -> sink.close();
        }
    }

    /** Reads to the end, or until so many have been taken, and leaves then. */
    SimulatedStream read(int limit) {
        boolean drains = random.nextInt(3) == 0;
        return add("reader", () -> {
            if (accounts.deliveredCount() >= limit) {
                source.close();
                return Progress.FINISHED;
            }
            boolean over = source.outcome().isDone();
            int before = accounts.deliveredCount();
            try {
                if (drains) {
                    source.drain(accounts::delivered, Math.min(3, limit - before));
                } else {
                    Integer element = source.poll(Duration.ZERO);
                    if (element != null) {
                        accounts.delivered(element);
                    }
                }
            } catch (StreamClosedException ended) {
                assertTrue(source.outcome().isDone(), "threw before the end");
                assertEquals(source.outcome().join(), ended.outcome());
                assertFalse(ended.outcome() instanceof StreamOutcome.Completed, "threw after completion");
                return Progress.FINISHED;
            }
            if (accounts.deliveredCount() > before) {
                assertFalse(over, "delivered after the end");
                return Progress.DONE;
            }
            return source.outcome().isDone() ? Progress.FINISHED : Progress.AGAIN;
        });
    }

    SimulatedStream read() {
        return read(Integer.MAX_VALUE);
    }

    /** Up to so many mishaps, each at a random moment. */
    SimulatedStream befall(int most, Set<Mishap> kinds) {
        List<Mishap> choice = List.copyOf(kinds).stream().sorted().toList();
        int count = random.nextInt(most + 1);
        for (int i = 0; i < count; i++) {
            befall(choice.get(random.nextInt(choice.size())));
        }
        return this;
    }

    SimulatedStream befall(Mishap mishap) {
        return once(mishap.name(), () -> happen(mishap));
    }

    void happen(Mishap mishap) {
        switch (mishap) {
            case CLOSE_SOURCE -> source.close();
            case CANCEL_PRODUCER -> producer.tell(new StreamCancel<>());
            case CANCEL_CONSUMER -> consumer.tell(new StreamCancel<>());
            case STOP_PRODUCER -> system.stop(producer);
            case STOP_CONSUMER -> system.stop(consumer);
            case CRASH_PRODUCER -> producer.tell(new GetSink<>(new ThrowingRef<>()));
            case CRASH_CONSUMER -> consumer.tell(new GetSource<>(new ThrowingRef<>()));
            case BAD_DEMAND_TO_PRODUCER -> producer.tell(new StreamDemand<>(-random.nextInt(3)));
            case BAD_DEMAND_TO_CONSUMER -> consumer.tell(new StreamDemand<>(-random.nextInt(3)));
            case COMPLETE_STREAM -> producer.tell(new CompleteStream<>());
            case FAIL_STREAM -> producer.tell(new FailStream<>(cause));
            case CLOSE_SYSTEM -> system.close(Duration.ofSeconds(10));
            case DEMAND_TO_PRODUCER -> producer.tell(new StreamDemand<>(1 + random.nextInt(5)));
            case DEMAND_TO_CONSUMER -> consumer.tell(new StreamDemand<>(1 + random.nextInt(5)));
            case INPUT_READY -> producer.tell(new InputReady<>());
            case PUSH -> push();
            case SECOND_SUBSCRIBER -> subscribeStranger();
            case SECOND_SOURCE -> consumer.tell(new GetSource<>(new SameSource(source)));
        }
    }

    void push() {
        pushes = true;
        int element = Accounts.element(Accounts.PUSHES, pushed++);
        accounts.accepted(element); // unless it becomes a dead letter
        producer.tell(new Push<>(element));
    }

    private void subscribeStranger() {
        if (system.actors().isEmpty()) { // the system may have been closed
            return;
        }
        List<ConsumerMessage<Integer>> heard = new ArrayList<>();
        strangers.add(heard);
        ActorRef<ConsumerMessage<Integer>> stranger = system.spawn(
                Behaviors.receive((context, message) -> {
                    heard.add(message);
                    return Behaviors.same();
                }),
                "stranger-" + strangers.size());
        producer.tell(new Subscribe<>(stranger, 1 + random.nextInt(3)));
    }

    /** Takes the answer to a second GetSource. */
    private record SameSource(SourceRef<Integer> source) implements ActorRef<SourceRef<Integer>> {
        @Override
        public boolean tell(SourceRef<Integer> message) {
            assertEquals(source, message);
            return true;
        }

        @Override
        public String path() {
            return "/test/second-source";
        }
    }

    // ---- running

    /** Runs until every script has finished and nothing is ready; checks after each step. */
    SimulatedStream run() {
        while (unfinished > 0) {
            if (simulation.step()) {
                check();
            } else {
                simulation.run(); // finds out whether time would help
            }
        }
        while (simulation.step()) {
            check();
        }
        return this;
    }

    /** What holds after every step. */
    void check() {
        for (SinkRef<Integer> sink : sinks) {
            checkLedger(sink.ledger());
        }
        checkLedger(source.ledger());
        accounts.checkOrder();
    }

    private void checkLedger(StreamLedger ledger) {
        assertEquals(
                ledger.offered(),
                ledger.delivered() + ledger.buffered() + ledger.inFlight() + ledger.undelivered(),
                ledger::toString);
        assertTrue(ledger.inFlight() <= shape.window(), () -> "the window is " + shape.window() + ": " + ledger);
        if (shape.bufferSize() > 0) {
            int inputs = sinks.size() + (pushes ? 1 : 0);
            assertTrue(
                    ledger.buffered() <= (long) inputs * shape.bufferSize(),
                    () -> inputs + " buffers of " + shape.bufferSize() + ": " + ledger);
        }
        assertEquals(accounts.deliveredCount(), ledger.delivered(), ledger::toString);
    }

    /** What holds at the end; answers how the stream ended. */
    StreamOutcome settle() {
        assertTrue(source.outcome().isDone(), "the source has no outcome");
        StreamOutcome outcome = source.outcome().join();
        for (SinkRef<Integer> sink : sinks) {
            assertTrue(sink.outcome().isDone(), "a sink has no outcome");
            StreamOutcome sinks = sink.outcome().join();
            assertEquals(PutResult.CLOSED, sink.tryPut(-1));
            accounts.checkSettled(sink.ledger(), sinks);
            assertEquals(outcome, sinks, "both ends");
        }
        List<String> alive = system.actors();
        assertFalse(alive.contains(producer.path()), "the producer lives");
        assertFalse(alive.contains(consumer.path()), "the consumer lives");
        for (List<ConsumerMessage<Integer>> heard : strangers) {
            assertTrue(heard.size() <= 1, heard::toString);
            for (ConsumerMessage<Integer> message : heard) {
                Throwable answer = assertInstanceOf(StreamFailed.class, message).cause();
                assertTrue( // the second if the producer had stopped by then
                        answer instanceof AlreadySubscribedException || answer instanceof StreamClosedException,
                        answer::toString);
            }
        }
        return outcome;
    }
}
