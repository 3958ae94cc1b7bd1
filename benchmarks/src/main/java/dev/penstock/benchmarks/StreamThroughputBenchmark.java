package dev.penstock.benchmarks;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From {@code put} on one thread to the iterator on another: elements a second through a stream that stays open.
 *
 * <p>One operation is one element. The feeding thread runs for the whole trial; an invocation takes a batch and checks
 * the order of its elements.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class StreamThroughputBenchmark {

    /** What runs the two actors. */
    public enum DispatcherKind {
        POOL,
        PINNED,
        DIRECT;

        Dispatcher create() {
            switch (this) {
                case POOL:
                    return Dispatcher.pool(2);
                case PINNED:
                    return Dispatcher.pinned();
                default:
                    return Dispatcher.direct();
            }
        }
    }

    @Param({"1", "16", "256"})
    int demand;

    @Param({"POOL", "PINNED", "DIRECT"})
    DispatcherKind dispatcher;

    private ActorSystem system;
    private SourceRef<Integer> source;
    private Iterator<Integer> elements;
    private Feeder feeder;
    private int next;

    @Setup
    public void open() {
        system =
                ActorSystem.builder("benchmark").dispatcher(dispatcher.create()).build();
        ActorRef<ProducerMessage<Integer>> producer =
                system.spawn(StreamProducer.<Integer>create(Elements.BUFFER), "producer");
        ActorRef<ConsumerMessage<Integer>> consumer = system.spawn(StreamConsumer.create(producer, demand), "consumer");
        SinkRef<Integer> sink = system.ask(producer, GetSink<Integer>::new, Duration.ofSeconds(5))
                .join();
        source = system.ask(consumer, GetSource<Integer>::new, Duration.ofSeconds(5))
                .join();
        elements = source.iterator();
        feeder = Feeder.start(sink::put);
    }

    @TearDown
    public void close() throws InterruptedException {
        source.close();
        feeder.join();
        system.close();
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putToIterator() {
        for (int i = 0; i < Elements.BATCH; i++) {
            next = Elements.check(elements.next(), next);
        }
    }
}
