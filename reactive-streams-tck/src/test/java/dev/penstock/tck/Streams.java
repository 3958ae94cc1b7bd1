package dev.penstock.tck;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes streams for one verification, in a system of its own, and the threads that feed and read them. */
final class Streams implements AutoCloseable {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final ActorSystem system;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "tck-stream");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger names = new AtomicInteger();

    Streams(Dispatcher dispatcher) {
        system = ActorSystem.builder("tck").dispatcher(dispatcher).build();
    }

    /** Both ends of a stream. */
    record Ends(SinkRef<Integer> sink, SourceRef<Integer> source) {}

    Ends open(int buffer, int window) {
        int name = names.incrementAndGet();
        ActorRef<ProducerMessage<Integer>> producer =
                system.spawn(StreamProducer.<Integer>create(buffer), "producer-" + name);
        ActorRef<ConsumerMessage<Integer>> consumer = system.spawn(
                StreamConsumer.create(
                        producer,
                        ConsumerOptions.defaults().initialDemand(window).inactivityTimeout(Duration.ZERO)),
                "consumer-" + name);
        return new Ends(
                system.ask(producer, GetSink<Integer>::new, SOON).join(),
                system.ask(consumer, GetSource<Integer>::new, SOON).join());
    }

    /** Puts so many numbers from another thread, then completes; ends early if the stream does. */
    void feed(SinkRef<Integer> sink, long count) {
        threads.execute(() -> {
            try {
                for (long i = 0; i < count; i++) {
                    sink.put((int) i);
                }
                sink.complete();
            } catch (StreamClosedException cancelled) {
                // by the subscriber
            } catch (InterruptedException closing) {
                sink.fail(closing);
            }
        });
    }

    /** Takes whatever comes, in another thread. */
    void takeAll(SourceRef<Integer> source) {
        threads.execute(() -> {
            try {
                source.forEach(element -> {});
            } catch (StreamClosedException ended) {
                // with a failure, or by a verification that leaves its streams open
            }
        });
    }

    @Override
    public void close() {
        system.close();
        threads.shutdownNow();
    }
}
