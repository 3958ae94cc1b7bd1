package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.ControlMessage;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.ShutdownReport;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A system of one {@link Setup}, with what tests of streams need around it. Threads that wait on its streams park, unless
 * told otherwise, so that a blocked one is seen by its state.
 */
final class Rig implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(Awaiting.SECONDS);

    private static final AtomicLong SYSTEMS = new AtomicLong();

    private final ActorSystem system;
    private final SpawnOptions consumerSpawn;
    private final ExecutorService executor; // null if the setup has none
    private final Queue<DeadLetter> deadLetters = new ConcurrentLinkedQueue<>();
    private final List<Background<?>> backgrounds = new ArrayList<>();
    private final AtomicLong names = new AtomicLong();

    Rig(Setup setup, ExecutorService executor) {
        this.executor = executor;
        system = ActorSystem.builder("rig-" + SYSTEMS.incrementAndGet())
                .dispatcher(setup.threads().dispatcher(executor))
                .waitStrategy(WaitStrategy.parking())
                .build();
        consumerSpawn = setup.ownLane() ? SpawnOptions.defaults().ownLane() : SpawnOptions.defaults();
        system.subscribeDeadLetters(deadLetters::add);
    }

    ActorSystem system() {
        return system;
    }

    // ---- streams

    <E> ActorRef<ProducerMessage<E>> producer() {
        return producer(ProducerOptions.defaults());
    }

    <E> ActorRef<ProducerMessage<E>> producer(int bufferSize) {
        return producer(ProducerOptions.defaults().bufferSize(bufferSize));
    }

    <E> ActorRef<ProducerMessage<E>> producer(ProducerOptions options) {
        return system.spawn(StreamProducer.create(options), "producer-" + names.incrementAndGet());
    }

    <E> ActorRef<ConsumerMessage<E>> consumer(ActorRef<ProducerMessage<E>> producer) {
        return consumer(producer, ConsumerOptions.defaults());
    }

    <E> ActorRef<ConsumerMessage<E>> consumer(ActorRef<ProducerMessage<E>> producer, int initialDemand) {
        return consumer(producer, ConsumerOptions.defaults().initialDemand(initialDemand));
    }

    <E> ActorRef<ConsumerMessage<E>> consumer(ActorRef<ProducerMessage<E>> producer, ConsumerOptions options) {
        return system.spawn(
                StreamConsumer.create(producer, options), "consumer-" + names.incrementAndGet(), consumerSpawn);
    }

    <E> SinkRef<E> sink(ActorRef<ProducerMessage<E>> producer) {
        return system.ask(producer, GetSink<E>::new, PATIENCE).join();
    }

    <E> SourceRef<E> source(ActorRef<ConsumerMessage<E>> consumer) {
        return system.ask(consumer, GetSource<E>::new, PATIENCE).join();
    }

    <E> Ends<E> stream(int bufferSize, int initialDemand) {
        return stream(
                ProducerOptions.defaults().bufferSize(bufferSize),
                ConsumerOptions.defaults().initialDemand(initialDemand));
    }

    /** A stream whose two actors know each other. */
    <E> Ends<E> stream(ProducerOptions producerOptions, ConsumerOptions consumerOptions) {
        ActorRef<ProducerMessage<E>> producer = producer(producerOptions);
        SinkRef<E> sink = sink(producer);
        ActorRef<ConsumerMessage<E>> consumer = consumer(producer, consumerOptions);
        SourceRef<E> source = source(consumer);
        settle(producer);
        return new Ends<>(producer, consumer, sink, source);
    }

    // ---- other actors and threads

    /** An actor that subscribes by itself and notes what it receives. */
    <E> Probe<E> probe() {
        return new Probe<>(this, "probe-" + names.incrementAndGet());
    }

    <T> Background<T> background(String name, Callable<T> body) {
        Background<T> background = Background.start(name, body);
        backgrounds.add(background);
        return background;
    }

    /** A thread that puts elements in, for as long as it takes; it answers how many were put. */
    @SafeVarargs
    final <E> Background<Integer> putting(SinkRef<E> sink, E... elements) {
        return background("putter", () -> {
            int count = 0;
            for (E element : elements) {
                sink.put(element);
                count++;
            }
            return count;
        });
    }

    /** A thread that takes all elements. */
    <E> Background<List<E>> taking(SourceRef<E> source) {
        return background("taker", () -> {
            List<E> taken = new ArrayList<>();
            for (E element : source) {
                taken.add(element);
            }
            return taken;
        });
    }

    // ---- waiting

    /** Waits until a thread sleeps because the stream holds as many elements as it may. */
    void awaitBlockedPut(Background<?> putter, SinkRef<?> sink, int offered) {
        Awaiting.that(
                putter + " blocks after " + offered + " elements",
                () -> putter.isBlocked() && sink.ledger().offered() == offered);
    }

    /**
     * Waits until a producer has acted on all that it was told before: then it answers a question for a sink. The sink is
     * refused, so that the stream is as before.
     */
    <E> void settle(ActorRef<ProducerMessage<E>> producer) {
        CountDownLatch answered = new CountDownLatch(1);
        producer.tell(new GetSink<>(new ActorRef<>() {
            @Override
            public boolean tell(SinkRef<E> sink) {
                answered.countDown();
                return false;
            }

            @Override
            public String path() {
                return "nobody";
            }
        }));
        Awaiting.that(producer + " answers", () -> answered.getCount() == 0);
    }

    /** The same, and until the subscriber has received all that the producer has sent it. */
    <E> void settle(ActorRef<ProducerMessage<E>> producer, Probe<E> subscriber) {
        settle(producer);
        subscriber.awaitMailboxEmpty();
    }

    void awaitStopped(ActorRef<?> ref) {
        Awaiting.that(ref + " stops", () -> system.lookup(ref.path()).isEmpty());
    }

    void awaitStopped(Ends<?> ends) {
        awaitStopped(ends.producer());
        awaitStopped(ends.consumer());
    }

    void awaitNoActors() {
        Awaiting.that("all actors stop", () -> system.actors().isEmpty());
    }

    void awaitDeadLetter(Object message, ActorRef<?> recipient, DeadLetter.Reason reason) {
        DeadLetter expected = new DeadLetter(message, recipient.path(), reason);
        Awaiting.that(expected + " in " + deadLetters, () -> deadLetters.contains(expected));
    }

    List<DeadLetter> deadLetters() {
        return List.copyOf(deadLetters);
    }

    /** The dead letters without those messages that are harmless to lose. */
    List<DeadLetter> losses() {
        return deadLetters.stream()
                .filter(letter -> !(letter.message() instanceof ControlMessage control && control.expendable()))
                .toList();
    }

    /** Lets go of the dead letters so far: what they hold is not held by a stream. */
    void forgetDeadLetters() {
        deadLetters.clear();
    }

    static void assertBalanced(StreamLedger ledger) {
        assertEquals(
                ledger.offered(),
                ledger.delivered() + ledger.buffered() + ledger.inFlight() + ledger.undelivered(),
                ledger::toString);
    }

    /** Asserts that a stream that has ended holds nothing and has lost nothing. */
    static void assertSettled(StreamLedger ledger) {
        assertBalanced(ledger);
        assertEquals(0, ledger.buffered(), ledger::toString);
        assertEquals(0, ledger.inFlight(), ledger::toString);
    }

    /** Closes the system, which must be possible, and waits for the threads, which must all end by it. */
    @Override
    public void close() {
        ShutdownReport report = system.close(PATIENCE);
        for (Background<?> background : backgrounds) {
            Awaiting.that(background + " ends with the system", background::isDone);
        }
        if (executor != null) {
            executor.shutdownNow();
        }
        assertEquals(List.of(), report.unfinished(), "actors that did not stop");
    }
}
