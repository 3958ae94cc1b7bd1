package dev.penstock.benchmarks;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Streams of one actor system, on its default dispatcher and with its default wait strategy. */
final class ManyStreams implements AutoCloseable {

    /** Smaller than that of a stream alone, as one would choose for a thousand. */
    static final int BUFFER = 64;

    static final int DEMAND = 16;

    /**
     * One of them.
     *
     * @param order checks what is taken
     */
    record One(SinkRef<Integer> sink, SourceRef<Integer> source, Order order) {}

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ActorSystem system = ActorSystem.create("benchmark");
    private final List<One> streams = new ArrayList<>();

    /** Opens so many. */
    void open(int count) {
        for (int i = 0; i < count; i++) {
            ActorRef<ProducerMessage<Integer>> producer =
                    system.spawn(StreamProducer.<Integer>create(BUFFER), "producer-" + i);
            ActorRef<ConsumerMessage<Integer>> consumer =
                    system.spawn(StreamConsumer.create(producer, DEMAND), "consumer-" + i);
            streams.add(new One(
                    system.ask(producer, GetSink<Integer>::new, PATIENCE).join(),
                    system.ask(consumer, GetSource<Integer>::new, PATIENCE).join(),
                    new Order()));
        }
    }

    List<One> all() {
        return streams;
    }

    @Override
    public void close() {
        for (One stream : streams) {
            stream.source().close();
        }
        system.close();
    }
}
