package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.OpenStream;
import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import java.util.Iterator;
import java.util.List;
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
 * From {@code put} on one thread to the source on another: elements a second through a stream that stays open.
 *
 * <p>One operation is one element. The feeding thread runs for the whole trial; an invocation takes a batch and checks
 * the order of its elements. The wait strategy is that of the two threads at the ends: the dispatcher's own keep theirs,
 * which backs off. Dispatchers that need a newer JDK, and the other strategies, are chosen by {@code -p}:
 *
 * <pre>
 *   -p dispatcher=POOL,PINNED,DIRECT,VIRTUAL -p waitStrategy=BUSY_SPIN,YIELDING,BACKOFF,PARKING
 * </pre>
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class StreamThroughputBenchmark {

    /** A stream fed by {@code put}. */
    @State(Scope.Benchmark)
    public static class FedByPut {

        @Param({"1", "2", "16", "64", "256", "1024"})
        int demand;

        @Param({"POOL", "PINNED", "DIRECT"})
        DispatcherKind dispatcher;

        @Param("BACKOFF")
        WaitKind waitStrategy;

        private final Order order = new Order();
        private OpenStream<Integer> stream;
        private SourceRef<Integer> source;
        private Iterator<Integer> elements;
        private Feeder feeder;

        @Setup
        public void open() {
            stream = new OpenStream<>(dispatcher.create(), waitStrategy.strategy(), Pipe.BUFFER, demand);
            source = stream.source();
            elements = source.iterator();
            feeder = feed(stream.newSink());
        }

        Feeder feed(SinkRef<Integer> sink) {
            return Feeder.start(sink::put);
        }

        @TearDown
        public void close() throws InterruptedException {
            feeder.stop();
            stream.close();
        }
    }

    /** A stream fed by {@code putAll}, lists of {@value Elements#LIST} elements. */
    @State(Scope.Benchmark)
    public static class FedByPutAll extends FedByPut {

        @Override
        Feeder feed(SinkRef<Integer> sink) {
            List<List<Integer>> lists = Elements.lists();
            return Feeder.start(() -> {
                while (true) {
                    for (List<Integer> list : lists) {
                        sink.putAll(list);
                    }
                }
            });
        }
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putToIterator(FedByPut stream) {
        iterate(stream);
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putAllToIterator(FedByPutAll stream) {
        iterate(stream);
    }

    /** A drain does not wait: one that finds nothing is repeated, spinning. */
    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putToDrain(FedByPut stream) {
        SourceRef<Integer> source = stream.source;
        Order order = stream.order;
        int left = Elements.BATCH;
        while (left > 0) {
            int taken = source.drain(order, left);
            if (taken == 0) {
                Thread.onSpinWait();
            }
            left -= taken;
        }
    }

    private static void iterate(FedByPut stream) {
        Iterator<Integer> elements = stream.elements;
        Order order = stream.order;
        for (int i = 0; i < Elements.BATCH; i++) {
            order.accept(elements.next());
        }
    }
}
