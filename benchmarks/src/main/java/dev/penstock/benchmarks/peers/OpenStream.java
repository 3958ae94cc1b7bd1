package dev.penstock.benchmarks.peers;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;

/**
 * A stream in an actor system of its own.
 *
 * @param <E> the elements
 */
public final class OpenStream<E> implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ActorSystem system;
    private final ActorRef<ProducerMessage<E>> producer;
    private final ActorRef<ConsumerMessage<E>> consumer;
    private final SourceRef<E> source;

    /**
     * Opens it.
     *
     * @param dispatcher runs the two actors
     * @param waitStrategy how a blocked put and the reader wait
     * @param bufferSize of each sink
     * @param demand the window
     */
    public OpenStream(Dispatcher dispatcher, WaitStrategy waitStrategy, int bufferSize, int demand) {
        system = ActorSystem.builder("benchmark")
                .dispatcher(dispatcher)
                .waitStrategy(waitStrategy)
                .build();
        producer = system.spawn(StreamProducer.<E>create(bufferSize), "producer");
        consumer = system.spawn(StreamConsumer.create(producer, demand), "consumer");
        source = system.ask(consumer, GetSource<E>::new, PATIENCE).join();
    }

    /** A new sink. */
    public SinkRef<E> newSink() {
        return system.ask(producer, GetSink<E>::new, PATIENCE).join();
    }

    public SourceRef<E> source() {
        return source;
    }

    public ActorRef<ConsumerMessage<E>> consumer() {
        return consumer;
    }

    @Override
    public void close() {
        source.close();
        system.close();
    }
}
