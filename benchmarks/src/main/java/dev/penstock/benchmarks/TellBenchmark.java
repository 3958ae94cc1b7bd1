package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.ActorPeer;
import dev.penstock.benchmarks.peers.Receiver;
import java.util.concurrent.CompletionStage;
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
 * Bare actors, no stream: one thread tells or asks, one actor receives, checks the order, and answers.
 *
 * <p>One operation is one message received, or one question answered. The telling thread waits after each batch until the
 * actor has received all of it, so that the mailbox holds no more than that.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class TellBenchmark {

    /** Questions that wait for an answer at the same time. */
    private static final int QUESTIONS = 64;

    @Param({"PENSTOCK_POOL", "PENSTOCK_PINNED", "PENSTOCK_DIRECT", "PEKKO", "PEKKO_ONE_WORKER"})
    ActorPeer peer;

    private Receiver<Integer> receiver;
    private int next;

    @Setup
    public void open() {
        receiver = peer.open(new Order());
    }

    @TearDown
    public void close() {
        receiver.close();
    }

    @Benchmark
    @OperationsPerInvocation(Elements.BATCH)
    public void tell() throws InterruptedException {
        for (int i = 0; i < Elements.BATCH; i++) {
            receiver.tell(Elements.at(next++));
        }
        receiver.awaitReceived(Elements.BATCH);
    }

    /** One question at a time: there and back. */
    @Benchmark
    public Object ask() {
        return receiver.ask().toCompletableFuture().join();
    }

    /** Many questions at a time. */
    @Benchmark
    @OperationsPerInvocation(QUESTIONS)
    public void askMany() {
        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of a generic type
        CompletionStage<Integer>[] answers = new CompletionStage[QUESTIONS];
        for (int i = 0; i < QUESTIONS; i++) {
            answers[i] = receiver.ask();
        }
        for (CompletionStage<Integer> answer : answers) {
            answer.toCompletableFuture().join();
        }
    }
}
