package dev.penstock.benchmarks;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
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
 * The same work by bare queues: one thread offers, another takes and checks. For a queue, the demand is its capacity.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class QueueThroughputBenchmark {

    /** Which queue. */
    public enum Peer {
        /** {@link ArrayBlockingQueue}, which parks. */
        ARRAY_BLOCKING_QUEUE,
        /** JCTools' SPSC ring, both sides spinning; its capacity is at least 4. The limit of what two threads can do. */
        JCTOOLS_SPSC
    }

    @Param({"1", "16", "256"})
    int demand;

    @Param
    Peer peer;

    private ArrayBlockingQueue<Integer> blocking;
    private MessagePassingQueue<Integer> ring;
    private Feeder feeder;
    private int next;

    @Setup
    public void open() {
        if (peer == Peer.ARRAY_BLOCKING_QUEUE) {
            blocking = new ArrayBlockingQueue<>(demand);
            feeder = Feeder.start(blocking::put);
        } else {
            ring = new SpscVarHandleArrayQueue<>(demand);
            feeder = Feeder.start(this::offer);
        }
    }

    @TearDown
    public void close() throws InterruptedException {
        feeder.interrupt();
        feeder.join();
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void putToTake() throws InterruptedException {
        for (int i = 0; i < Elements.BATCH; i++) {
            next = Elements.check(take(), next);
        }
    }

    private void offer(Integer element) throws InterruptedException {
        while (!ring.relaxedOffer(element)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Thread.onSpinWait();
        }
    }

    private Integer take() throws InterruptedException {
        if (blocking != null) {
            return blocking.take();
        }
        Integer element;
        while ((element = ring.relaxedPoll()) == null) {
            Thread.onSpinWait();
        }
        return element;
    }
}
