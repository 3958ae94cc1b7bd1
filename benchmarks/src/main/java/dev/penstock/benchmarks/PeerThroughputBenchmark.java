package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.peers.Pipe;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
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
 * The stream beside what a user would pick instead: one thread puts, another takes and checks.
 *
 * <p>One operation is one element. The putting thread runs for the whole trial; an invocation takes a batch. The demand is
 * the peer's window, or for a bare queue its capacity; see {@link Peer}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class PeerThroughputBenchmark {

    @Param({"1", "2", "16", "64", "256", "1024"})
    int demand;

    @Param
    Peer peer;

    private Pipe<Integer> pipe;
    private Feeder feeder;

    @Setup
    public void open() {
        pipe = peer.open(demand, new Order());
        feeder = Feeder.start(pipe);
    }

    @Setup(Level.Iteration)
    public void begin() {
        pipe.begin();
    }

    @TearDown
    public void close() throws InterruptedException {
        feeder.stop();
        pipe.close();
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putToTake() throws InterruptedException {
        pipe.take(Elements.BATCH);
    }
}
