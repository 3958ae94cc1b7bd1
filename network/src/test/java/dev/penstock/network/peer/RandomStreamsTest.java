package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Streams between two nodes on real threads: those that put, that of each link, the turns, and the one that iterates. */
class RandomStreamsTest {

    private static final int STREAMS = Boolean.getBoolean("penstock.full") ? 1_000 : 20;

    /** What a sink's elements begin at: so many times its number. */
    private static final long SINK = 1_000_000;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        threads.shutdownNow();
    }

    private enum Ending {
        COMPLETE,
        CANCEL,
        STOP_PRODUCER,
        STOP_CONSUMER
    }

    @ParameterizedTest
    @EnumSource
    void everyStreamEndsAndItsElementsComeInOrder(Links links) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TwoNodes nodes = new TwoNodes(links)) {
            for (int i = 0; i < STREAMS; i++) {
                new Stream(nodes, random, "seed " + seed + ", stream " + i).run();
            }
        }
    }

    private final class Stream {
        private final TwoNodes nodes;
        private final int sinks;
        private final int count; // of each sink
        private final Ending ending;
        private final int endsAfter;
        private final String what;
        private final ActorRef<ProducerMessage<Long>> producer;
        private final ActorRef<ConsumerMessage<Long>> consumer;
        private SourceRef<Long> source;

        Stream(TwoNodes nodes, Random random, String name) {
            this.nodes = nodes;
            int window = 1 + random.nextInt(random.nextBoolean() ? 4 : 300);
            int buffer = random.nextBoolean() ? 1 + random.nextInt(3) : random.nextInt(100);
            sinks = 1 + random.nextInt(3);
            count = random.nextInt(1000);
            ending = Ending.values()[random.nextInt(Ending.values().length)];
            endsAfter = 1 + random.nextInt(count * sinks + 1);
            boolean direct = random.nextInt(3) == 0;
            WaitStrategy wait = switch (random.nextInt(4)) {
                case 0 -> WaitStrategy.parking();
                case 1 -> WaitStrategy.yielding();
                default -> WaitStrategy.backoff();
            };
            what = name + ": window " + window + ", buffer " + buffer + ", " + sinks + " sinks of " + count + ", "
                    + ending + " after " + endsAfter + (direct ? ", direct" : "") + ", " + wait;
            SpawnOptions spawning =
                    direct ? SpawnOptions.defaults().dispatcher(Dispatcher.direct()) : SpawnOptions.defaults();
            String id = name.replaceAll("\\W+", "-");
            producer = nodes.a.system.spawn(
                    StreamProducer.<Long>create(
                            ProducerOptions.defaults().bufferSize(buffer).waitStrategy(wait)),
                    "producer-" + id,
                    spawning);
            consumer = nodes.b.system.spawn(
                    StreamConsumer.create(
                            nodes.b.refTo(nodes.a, producer),
                            ConsumerOptions.defaults().initialDemand(window).waitStrategy(wait)),
                    "consumer-" + id,
                    spawning);
        }

        void run() throws Exception {
            List<SinkRef<Long>> all = new ArrayList<>();
            for (int i = 0; i < sinks; i++) {
                all.add(nodes.a.sink(producer));
            }
            source = nodes.b.source(consumer);
            List<Future<?>> puts = new ArrayList<>();
            for (int i = 0; i < sinks; i++) {
                SinkRef<Long> sink = all.get(i);
                long first = i * SINK;
                puts.add(threads.submit(() -> put(sink, first)));
            }
            Future<Integer> taking = threads.submit(this::take);
            try {
                int taken = patiently(taking);
                for (Future<?> put : puts) {
                    patiently(put);
                }
                StreamOutcome there = patiently(all.get(0).outcome());
                StreamOutcome here = patiently(source.outcome());
                if (ending == Ending.COMPLETE) {
                    assertEquals(count * sinks, taken, what);
                    assertEquals(new StreamOutcome.Completed(), there, what);
                    assertEquals(new StreamOutcome.Completed(), here, what);
                }
            } catch (TimeoutException e) {
                throw new AssertionError(
                        what + ": hangs; there " + all.get(0).ledger() + ", here " + source.ledger(), e);
            } catch (ExecutionException e) {
                throw new AssertionError(what + ": " + e.getCause(), e.getCause());
            }
        }

        private Void put(SinkRef<Long> sink, long first) throws InterruptedException {
            try {
                for (long i = 0; i < count; i++) {
                    sink.put(first + i);
                }
                sink.complete();
            } catch (StreamClosedException e) {
                throwIfItWasToComplete(e);
            }
            return null;
        }

        private int take() {
            long[] next = new long[sinks];
            int taken = 0;
            try {
                for (long element : source) {
                    int sink = (int) (element / SINK);
                    assertEquals(next[sink]++, element % SINK, () -> "out of order, or a gap, of sink " + sink);
                    if (++taken == endsAfter) {
                        end();
                    }
                }
            } catch (StreamClosedException e) {
                throwIfItWasToComplete(e);
            }
            return taken;
        }

        private void end() {
            switch (ending) {
                case CANCEL -> source.close();
                case STOP_PRODUCER -> nodes.a.system.stop(producer);
                case STOP_CONSUMER -> nodes.b.system.stop(consumer);
                case COMPLETE -> {}
            }
        }

        private void throwIfItWasToComplete(StreamClosedException e) {
            if (ending == Ending.COMPLETE) {
                throw e;
            }
        }
    }

    private static <T> T patiently(Future<T> future) throws Exception {
        return future.get(TwoNodes.WAIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** The link holds the producer's lane whenever it fetches. */
    @Test
    void anotherSinkIsHadWhileTheLinkKeepsFetching() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT)) {
            ActorRef<ProducerMessage<Long>> producer =
                    nodes.a.producer(ProducerOptions.defaults().bufferSize(4096));
            SinkRef<Long> sink = nodes.a.sink(producer);
            SourceRef<Long> source = nodes.b.source(nodes.b.consumer(
                    nodes.b.refTo(nodes.a, producer), ConsumerOptions.defaults().initialDemand(8192)));
            AtomicBoolean enough = new AtomicBoolean();
            Future<Long> putting = threads.submit(() -> {
                long put = 0;
                while (!enough.get()) {
                    sink.put(put++);
                }
                sink.complete();
                return put;
            });
            CountDownLatch flows = new CountDownLatch(100_000);
            Set<Long> ofOthers = new HashSet<>();
            Future<Long> taking = threads.submit(() -> {
                long next = 0;
                for (long element : source) {
                    if (element < 0) {
                        assertTrue(ofOthers.add(element));
                    } else {
                        assertEquals(next++, element);
                        flows.countDown();
                    }
                }
                return next;
            });
            assertTrue(flows.await(TwoNodes.WAIT.toSeconds(), TimeUnit.SECONDS), () -> "at " + sink.ledger());
            Set<Long> expected = new HashSet<>();
            for (long i = 1; i <= 100; i++) {
                SinkRef<Long> another = nodes.a.sink(producer);
                another.put(-i);
                another.complete();
                expected.add(-i);
            }
            enough.set(true);
            assertEquals(patiently(putting), patiently(taking));
            assertEquals(expected, ofOthers);
            assertEquals(new StreamOutcome.Completed(), patiently(sink.outcome()));
        }
    }
}
