package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.benchmarks.run.Json;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamClosedException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Many streams at once: elements a second through all of them together, and the memory that each takes. */
public final class Scaling {

    /** Who puts and who takes. */
    public enum Arrangement {
        /** Two threads for all streams: one goes round and puts, one goes round and drains. */
        TWO_THREADS,
        /** Two platform threads for each stream: a blocking put, an iterator. */
        THREADS_EACH,
        /** As before, with an {@code ArrayBlockingQueue} that holds as many elements in place of each stream. */
        QUEUES_THREADS_EACH
    }

    /**
     * What one run found.
     *
     * @param bytesPerStream on the heap, once an element has gone through; without the threads
     */
    public record Found(int streams, Arrangement arrangement, double elementsPerSecond, double bytesPerStream) {}

    /** Elements that a round trip puts into one stream, or takes from it, before it goes on to the next. */
    private static final int RUN = ManyStreams.BUFFER;

    /** Elements between two looks at the counter. */
    private static final int COUNTED = 64;

    /** Elements that go through before the memory is measured. */
    private static final int FIRST = 1;

    private static final int WARM_STREAMS = 100;
    private static final int COLLECTIONS = 3;
    private static final long PATIENCE_MILLIS = 30_000;

    private final Arrangement arrangement;
    private final List<Thread> threads = new ArrayList<>();
    private final List<AtomicLong> counters = new ArrayList<>(); // each written by one taking thread, release
    private final CountDownLatch begin = new CountDownLatch(1); // no thread delays the start of another
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    // written: stop, once, volatile; read: the threads of TWO_THREADS
    private volatile boolean stopped;

    private Scaling(Arrangement arrangement) {
        this.arrangement = arrangement;
    }

    /**
     * Measures; in this virtual machine.
     *
     * @param arguments how many streams, the arrangement, milliseconds to warm up and to measure, the file to write
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Found found = new Scaling(Arrangement.valueOf(arguments[1]))
                .measure(Integer.parseInt(arguments[0]), Long.parseLong(arguments[2]), Long.parseLong(arguments[3]));
        Json.write(Path.of(arguments[4]), Json.of(found));
    }

    private Found measure(int count, long warmupMillis, long millis) throws InterruptedException {
        if (arrangement == Arrangement.QUEUES_THREADS_EACH) {
            openQueues(WARM_STREAMS);
            long before = usedBytes();
            List<Pipe<Integer>> queues = openQueues(count);
            double bytes = bytesEach(before, queues);
            for (Pipe<Integer> queue : queues) {
                startPutter(queue::put);
                startTaker(() -> queue.take(COUNTED));
            }
            return new Found(count, arrangement, rate(warmupMillis, millis), bytes);
        }
        try (ManyStreams warm = new ManyStreams()) {
            openStreams(warm, WARM_STREAMS);
        }
        try (ManyStreams streams = new ManyStreams()) {
            long before = usedBytes();
            openStreams(streams, count);
            double bytes = bytesEach(before, streams.all());
            if (arrangement == Arrangement.TWO_THREADS) {
                counters.add(new AtomicLong());
                start("putter", () -> putAround(streams.all()));
                start("taker", () -> takeAround(streams.all()));
            } else {
                for (ManyStreams.One stream : streams.all()) {
                    startPutter(stream.sink()::put);
                    Iterator<Integer> elements = stream.source().iterator();
                    startTaker(() -> {
                        for (int i = 0; i < COUNTED; i++) {
                            stream.order().accept(elements.next());
                        }
                    });
                }
            }
            return new Found(count, arrangement, rate(warmupMillis, millis), bytes);
        }
    }

    private static List<Pipe<Integer>> openQueues(int count) throws InterruptedException {
        List<Pipe<Integer>> queues = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            queues.add(Peer.ARRAY_BLOCKING_QUEUE.open(ManyStreams.BUFFER + ManyStreams.DEMAND, new Order()));
        }
        for (Pipe<Integer> queue : queues) {
            queue.put(Elements.at(0));
            queue.take(FIRST);
        }
        return queues;
    }

    private static void openStreams(ManyStreams streams, int count) throws InterruptedException {
        streams.open(count);
        for (ManyStreams.One stream : streams.all()) {
            stream.sink().put(Elements.at(0));
            while (stream.source().drain(stream.order(), FIRST) < FIRST) {
                Thread.yield();
            }
        }
    }

    private static double bytesEach(long before, List<?> open) {
        return (double) (usedBytes() - before) / open.size(); // which also keeps them reachable
    }

    /** On the heap, once what nobody holds has been collected. */
    private static long usedBytes() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < COLLECTIONS; i++) {
            memory.gc();
        }
        return memory.getHeapMemoryUsage().getUsed();
    }

    private double rate(long warmupMillis, long millis) throws InterruptedException {
        begin.countDown();
        Thread.sleep(warmupMillis);
        long beginCount = taken();
        long beginNanos = System.nanoTime();
        Thread.sleep(millis);
        long count = taken() - beginCount;
        double seconds = (System.nanoTime() - beginNanos) / 1e9;
        stop();
        if (failure.get() != null) {
            throw new IllegalStateException("a thread failed", failure.get());
        }
        return count / seconds;
    }

    private long taken() {
        long sum = 0;
        for (AtomicLong counter : counters) {
            sum += counter.getAcquire();
        }
        return sum;
    }

    private void stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.interrupt();
        }
        for (Thread thread : threads) {
            thread.join(PATIENCE_MILLIS);
            if (thread.isAlive()) {
                throw new IllegalStateException(thread.getName() + " does not end");
            }
        }
        threads.clear();
    }

    private void putAround(List<ManyStreams.One> streams) {
        int[] next = new int[streams.size()];
        Arrays.fill(next, FIRST);
        while (!stopped) {
            boolean moved = false;
            for (int i = 0; i < next.length; i++) {
                SinkRef<Integer> sink = streams.get(i).sink();
                int end = next[i] + RUN;
                while (next[i] < end && sink.tryPut(Elements.at(next[i])) == PutResult.ACCEPTED) {
                    next[i]++;
                    moved = true;
                }
            }
            if (!moved) {
                Thread.yield();
            }
        }
    }

    private void takeAround(List<ManyStreams.One> streams) {
        AtomicLong counter = counters.get(0);
        while (!stopped) {
            int taken = 0;
            for (ManyStreams.One stream : streams) {
                taken += stream.source().drain(stream.order(), RUN);
            }
            counter.setRelease(counter.getPlain() + taken);
            if (taken == 0) {
                Thread.yield();
            }
        }
    }

    private void startPutter(Feeder.Put put) {
        start("putter", () -> {
            for (int i = FIRST; ; i++) {
                put.put(Elements.at(i));
            }
        });
    }

    /** Takes by so many as are counted at a time. */
    private void startTaker(Feeder.Feed take) {
        AtomicLong counter = new AtomicLong();
        counters.add(counter);
        start("taker", () -> {
            while (true) {
                take.run();
                counter.setRelease(counter.getPlain() + COUNTED);
            }
        });
    }

    private void start(String name, Feeder.Feed body) {
        Thread thread = new Thread(
                () -> {
                    try {
                        begin.await();
                        body.run();
                    } catch (InterruptedException | StreamClosedException end) {
                        // stopped
                    } catch (Throwable e) {
                        failure.compareAndSet(null, e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }
}
