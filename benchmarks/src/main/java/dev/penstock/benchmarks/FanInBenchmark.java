package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.OpenStream;
import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.stream.SinkRef;
import java.util.ArrayList;
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
 * Several threads, each with a sink of its own, feed one stream; another iterates.
 *
 * <p>One operation is one element, of whichever sink. An invocation takes a batch and checks that the elements of each
 * sink come in their order.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class FanInBenchmark {

    /** Elements of each sink before they come again. */
    private static final int CYCLE = 1 << 12;

    @Param({"2", "4"})
    int sinks;

    @Param({"1", "16", "256"})
    int demand;

    @Param({"POOL", "PINNED", "DIRECT"})
    DispatcherKind dispatcher;

    @Param("BACKOFF")
    WaitKind waitStrategy;

    private OpenStream<Integer> stream;
    private Iterator<Integer> elements;
    private int[] next; // by sink: the place in its cycle that comes next
    private final List<Feeder> feeders = new ArrayList<>();

    @Setup
    public void open() {
        stream = new OpenStream<>(dispatcher.create(), waitStrategy.strategy(), Pipe.BUFFER, demand);
        elements = stream.source().iterator();
        next = new int[sinks];
        for (int i = 0; i < sinks; i++) {
            feeders.add(feed(stream.newSink(), i * CYCLE));
        }
    }

    /** An element's number is its sink's first plus its place in the cycle. */
    private static Feeder feed(SinkRef<Integer> sink, int first) {
        return Feeder.start(() -> {
            while (true) {
                for (int place = 0; place < CYCLE; place++) {
                    sink.put(Elements.at(first + place));
                }
            }
        });
    }

    @TearDown
    public void close() throws InterruptedException {
        for (Feeder feeder : feeders) {
            feeder.stop();
        }
        stream.close();
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putToIterator() {
        for (int i = 0; i < Elements.BATCH; i++) {
            int element = elements.next();
            int sink = element / CYCLE;
            int place = element % CYCLE;
            if (place != next[sink]) {
                throw new IllegalStateException("sink " + sink + ": " + place + " came in place of " + next[sink]);
            }
            next[sink] = (place + 1) % CYCLE;
        }
    }
}
