package dev.penstock.benchmarks.latency;

import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.peers.PenstockPipe;
import dev.penstock.benchmarks.peers.Pipe;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * What one run measures.
 *
 * @param dispatcher of the stream; other peers have none
 * @param waitStrategy of the stream; other peers have none
 */
record Load(
        Peer peer,
        DispatcherKind dispatcher,
        WaitKind waitStrategy,
        int demand,
        int ratePerSecond,
        double warmupSeconds,
        double seconds,
        Pacing pacing) {

    /** A file name and a heading. */
    String name() {
        String stream = isStream() ? "-" + dispatcher + "-" + waitStrategy : "";
        return (peer + stream + "-d" + demand + "-" + ratePerSecond + "ps-" + pacing).toLowerCase(Locale.ROOT);
    }

    boolean isStream() {
        return peer == Peer.PENSTOCK;
    }

    /** The same at whatever rate. */
    Load atAnyRate() {
        return new Load(peer, dispatcher, waitStrategy, demand, 0, warmupSeconds, seconds, pacing);
    }

    int warmupCount() {
        return (int) (warmupSeconds * ratePerSecond);
    }

    int count() {
        return (int) (seconds * ratePerSecond);
    }

    <E> Pipe<E> open(Consumer<? super E> taker) {
        return isStream()
                ? new PenstockPipe<>(dispatcher.create(), waitStrategy.strategy(), demand, taker)
                : peer.open(demand, taker);
    }

    /** Measures; in this virtual machine. */
    Result run() throws InterruptedException {
        Stopwatch stopwatch = new Stopwatch(warmupCount(), System::nanoTime);
        Histogram hiccups;
        try (Pipe<Stamp> pipe = open(stopwatch)) {
            OpenLoop generator =
                    new OpenLoop(pipe, ratePerSecond, warmupCount() + count(), System::nanoTime, pacing::idle);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread taker = Thread.currentThread();
            Thread sender = pipe.newPutter(() -> send(generator, failure, taker));
            sender.start();
            try {
                pipe.take(warmupCount());
                HiccupMeter meter = HiccupMeter.start();
                try {
                    pipe.take(count());
                } finally {
                    hiccups = meter.stop();
                }
            } catch (InterruptedException | RuntimeException e) {
                if (failure.get() != null) {
                    Thread.interrupted(); // by the sender
                    throw new IllegalStateException("the sender failed", failure.get());
                }
                throw e;
            } finally {
                sender.interrupt();
                sender.join();
            }
        }
        return new Result(this, stopwatch.ratePerSecond(), stopwatch.latencies(), hiccups);
    }

    private static void send(OpenLoop generator, AtomicReference<Throwable> failure, Thread taker) {
        try {
            generator.run();
        } catch (InterruptedException end) {
            // the taker gave up
        } catch (Throwable e) {
            failure.set(e);
            taker.interrupt();
        }
    }
}
