package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PullStressTest {

    /** Streams of random shape; each must end in time, in order. */
    @Test
    void randomStreams() throws Exception {
        long until = System.nanoTime() + Integer.getInteger("seconds", 60) * 1_000_000_000L;
        ExecutorService pool = Executors.newCachedThreadPool();
        int streams = 0;
        long seed = System.nanoTime();
        System.out.println("ST seed " + seed);
        Random random = new Random(seed);
        for (Links links : new Links[] {Links.PLAINTEXT, Links.MEMORY}) {
            try (TwoNodes nodes = new TwoNodes(links)) {
                long end = links == Links.PLAINTEXT ? (System.nanoTime() + until) / 2 : until;
                while (System.nanoTime() < end) {
                    int window = random.nextBoolean() ? 1 + random.nextInt(4) : 1 + random.nextInt(300);
                    int buffer = random.nextBoolean() ? 1 + random.nextInt(3) : random.nextInt(100);
                    int sinks = 1 + random.nextInt(3);
                    int count = random.nextInt(2000);
                    boolean direct = random.nextInt(3) == 0;
                    int ends = random.nextInt(4);
                    String what = links + " window " + window + " buffer " + buffer + " sinks " + sinks + " count "
                            + count + " direct " + direct + " ends " + ends;
                    SpawnOptions options =
                            direct ? SpawnOptions.defaults().dispatcher(Dispatcher.direct()) : SpawnOptions.defaults();
                    WaitStrategy wait = random.nextBoolean()
                            ? WaitStrategy.backoff()
                            : random.nextBoolean() ? WaitStrategy.parking() : WaitStrategy.yielding();
                    ActorRef<ProducerMessage<Long>> producer = nodes.a.system.spawn(
                            StreamProducer.<Long>create(ProducerOptions.defaults()
                                    .bufferSize(buffer)
                                    .waitStrategy(wait)),
                            "p" + streams,
                            options);
                    ActorRef<ConsumerMessage<Long>> consumer = nodes.b.system.spawn(
                            StreamConsumer.create(
                                    nodes.b.refTo(nodes.a, producer),
                                    ConsumerOptions.defaults()
                                            .initialDemand(window)
                                            .waitStrategy(wait)),
                            "c" + streams,
                            options);
                    streams++;
                    List<SinkRef<Long>> all = new ArrayList<>();
                    for (int i = 0; i < sinks; i++) {
                        all.add(nodes.a.sink(producer));
                    }
                    SourceRef<Long> source = nodes.b.source(consumer);
                    List<CompletableFuture<Void>> puts = new ArrayList<>();
                    for (int i = 0; i < sinks; i++) {
                        long base = i * 1_000_000L;
                        SinkRef<Long> sink = all.get(i);
                        puts.add(CompletableFuture.runAsync(
                                () -> {
                                    try {
                                        for (long k = 0; k < count; k++) {
                                            sink.put(base + k);
                                        }
                                        sink.complete();
                                    } catch (dev.penstock.stream.StreamClosedException e) {
                                        if (ends == 0) {
                                            throw e;
                                        }
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                },
                                pool));
                    }
                    int stopAt = random.nextInt(count * sinks + 1);
                    CompletableFuture<Long> reads = CompletableFuture.supplyAsync(
                            () -> {
                                long[] next = new long[sinks];
                                long got = 0;
                                try {
                                    for (long e : source) {
                                        int s = (int) (e / 1_000_000L);
                                        if (e % 1_000_000L != next[s]++) {
                                            throw new AssertionError("order");
                                        }
                                        got++;
                                        if (ends != 0 && got == stopAt) {
                                            if (ends == 1) {
                                                source.close();
                                            } else if (ends == 2) {
                                                nodes.a.system.stop(producer);
                                            } else {
                                                nodes.b.system.stop(consumer);
                                            }
                                        }
                                    }
                                } catch (dev.penstock.stream.StreamClosedException e) {
                                    if (ends == 0) {
                                        throw e;
                                    }
                                }
                                return got;
                            },
                            pool);
                    try {
                        long got = reads.get(20, TimeUnit.SECONDS);
                        StreamOutcome there = all.get(0).outcome().get(20, TimeUnit.SECONDS);
                        for (CompletableFuture<Void> put : puts) {
                            put.get(20, TimeUnit.SECONDS);
                        }
                        if (ends == 0) {
                            assertEquals((long) count * sinks, got, what);
                            assertEquals(new StreamOutcome.Completed(), there, what);
                        }
                    } catch (TimeoutException e) {
                        Thread.getAllStackTraces()
                                .forEach((t, s) -> System.out.println("ST " + t + " " + Arrays.asList(s)));
                        throw new AssertionError(
                                "hangs: " + what + " there " + all.get(0).ledger() + " here " + source.ledger(), e);
                    }
                }
            }
        }
        System.out.println("ST streams " + streams);
    }

    /** How long the producer's turn takes to come while the link keeps fetching. */
    @Test
    void turnsUnderSaturation() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT)) {
            ActorRef<ProducerMessage<Long>> producer =
                    nodes.a.producer(ProducerOptions.defaults().bufferSize(4096));
            ActorRef<ConsumerMessage<Long>> consumer = nodes.b.consumer(
                    nodes.b.refTo(nodes.a, producer), ConsumerOptions.defaults().initialDemand(8192));
            SinkRef<Long> sink = nodes.a.sink(producer);
            SourceRef<Long> source = nodes.b.source(consumer);
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Void> puts = CompletableFuture.runAsync(
                    () -> {
                        try {
                            for (long i = 0; !stop.get(); i++) {
                                sink.put(i);
                            }
                            sink.complete();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    Executors.newSingleThreadExecutor());
            CompletableFuture<Long> reads = CompletableFuture.supplyAsync(
                    () -> {
                        long n = 0;
                        for (long e : source) {
                            n++;
                        }
                        return n;
                    },
                    Executors.newSingleThreadExecutor());
            Thread.sleep(2000);
            long[] took = new long[300];
            for (int i = 0; i < took.length; i++) {
                long begin = System.nanoTime();
                nodes.a
                        .system
                        .ask(producer, GetSink<Long>::new, TwoNodes.WAIT)
                        .join()
                        .complete();
                took[i] = System.nanoTime() - begin;
                Thread.sleep(3);
            }
            stop.set(true);
            puts.get(20, TimeUnit.SECONDS);
            long n = reads.get(20, TimeUnit.SECONDS);
            Arrays.sort(took);

            System.out.println("ST ask p50 " + took[150] / 1000 + " us, p90 " + took[270] / 1000 + ", max "
                    + took[299] / 1000 + " us; elements " + n);
        }
    }
}
