package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.OpenStream;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamClosedException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long a cancellation takes to reach the other end.
 *
 * <p>One operation is from the call of {@code close} on the source until a {@code put} that was blocked has thrown. Each
 * has a stream of its own, filled beforehand; with a strategy that parks, the put is parked.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class CancelBenchmark {

    private static final int BUFFER = 16;
    private static final int DEMAND = 16;

    @Param({"POOL", "PINNED", "DIRECT"})
    DispatcherKind dispatcher;

    @Param({"BUSY_SPIN", "BACKOFF", "PARKING"})
    WaitKind waitStrategy;

    private OpenStream<Integer> stream;
    private Thread putter;

    // written: the putting thread, once for each stream, volatile; read: the benchmark's thread
    private volatile boolean thrown;

    @Setup(Level.Invocation)
    public void fill() throws InterruptedException {
        thrown = false;
        stream = new OpenStream<>(dispatcher.create(), waitStrategy.strategy(), BUFFER, DEMAND);
        SinkRef<Integer> sink = stream.newSink();
        putter = new Thread(() -> putUntilClosed(sink), "putter");
        putter.setDaemon(true);
        putter.start();
        while (!isBlocked()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.yield();
        }
    }

    private boolean isBlocked() {
        if (stream.source().ledger().offered() < BUFFER + DEMAND) {
            return false;
        }
        return switch (waitStrategy) {
            case BUSY_SPIN, YIELDING -> true;
            case BACKOFF, PARKING -> putter.getState() == Thread.State.WAITING;
        };
    }

    private void putUntilClosed(SinkRef<Integer> sink) {
        try {
            for (int i = 0; ; i++) {
                sink.put(Elements.at(i));
            }
        } catch (StreamClosedException cancelled) {
            thrown = true;
        } catch (InterruptedException e) {
            // the benchmark gave up
        }
    }

    @TearDown(Level.Invocation)
    public void close() throws InterruptedException {
        putter.interrupt();
        putter.join();
        stream.close();
    }

    @Benchmark
    public void closeToThrow() throws InterruptedException {
        stream.source().close();
        while (!thrown) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.onSpinWait();
        }
    }
}
