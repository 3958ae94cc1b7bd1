package dev.penstock.network.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.faults.Reports.Ending;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * A fault, once: a stream flows, the fault comes and goes, and then either the stream still flows, and completes; or both
 * ends have failed, once, and another stream can be had.
 */
final class FaultRun {

    private static final int[] DEMANDS = {1, 16, 256};
    private static final int PER_SECOND = 400;

    private static final long MEDIAN_BAND = 5_000_000;
    private static final long TAIL_BOUND = 2_000_000_000;
    private static final Duration DETECTION_BAND = Duration.ofSeconds(1);
    private static final Duration LISTING_BOUND = Duration.ofSeconds(10);

    private final Fault fault;
    private final Nodes nodes;
    private final RandomGenerator random;
    private final NodeProcess bystander; // null if there is none
    private final TestStream stream;
    private final Set<NodeProcess> stood = new HashSet<>(); // were stopped
    private TestStream live; // from the same producer to the bystander; null if there is none
    private long struckAt;
    private long healedAt;
    private Reports.Latency before;
    private Reports.Latency during;
    private long mergedNanos;

    /**
     * How it ended.
     *
     * @param resumed whether the stream went on, or failed, once
     * @param ends what both ends say
     * @param detectionNanos the longer time that a node took to find out, if it was not stopped itself; 0 if it resumed
     * @param mergedNanos after a split, how long it took until all had the same listing; else 0
     * @param before latency of a stream beside, before the fault; null if there was none
     * @param during the same while the fault lasted
     */
    record Result(
            boolean resumed,
            TestStream.Ends ends,
            long detectionNanos,
            long mergedNanos,
            Reports.Latency before,
            Reports.Latency during) {}

    private FaultRun(Fault fault, Nodes nodes, RandomGenerator random) throws InterruptedException {
        this.fault = fault;
        this.nodes = nodes;
        this.random = random;
        nodes.awaitAll();
        int first = random.nextInt(nodes.count()); // who is the coordinator, and who dials whom, is different each time
        NodeProcess producer = nodes.get(first);
        NodeProcess consumer = nodes.get((first + 1) % nodes.count());
        bystander = nodes.count() > 2 ? nodes.get((first + 2) % nodes.count()) : null;
        producer.ask("meet", consumer.name);
        consumer.ask("meet", producer.name);
        stream = begin(producer, consumer);
    }

    private TestStream begin(NodeProcess producer, NodeProcess consumer) throws InterruptedException {
        int demand = DEMANDS[random.nextInt(DEMANDS.length)];
        int pauseMicros = random.nextBoolean() ? 0 : 4000; // the consumer waits for elements, or they for it
        return new TestStream(nodes.nextRun(), producer, consumer, PER_SECOND, demand, pauseMicros);
    }

    static Result run(Fault fault, Nodes nodes, RandomGenerator random) throws Exception {
        FaultRun run = new FaultRun(fault, nodes, random);
        try {
            return run.run();
        } catch (AssertionError e) {
            throw new AssertionError(run.stream + ": " + e.getMessage(), e);
        }
    }

    private Result run() throws Exception {
        fault.strike.on(this);
        healedAt = System.nanoTime();
        pause(fault.detection); // whoever is given up because of the fault has been by now
        boolean resumed = !stream.hasEnded();
        if (resumed) {
            stream.flow();
            stream.complete();
        }
        TestStream.Ends ends = stream.awaitEnds();
        assertTrue(!resumed || fault.expected != Fault.Expected.FAILURE, () -> "it should not have resumed: " + ends);
        long detection = resumed ? completed(ends) : lost(ends);

        if (live != null) {
            live.flow();
            live.complete();
            completed(live.awaitEnds());
        }
        nodes.awaitAll();
        assertMet(producer(), consumer(), resumed);
        assertMet(consumer(), producer(), resumed);
        TestStream another = begin(nodes.get(producer().host), nodes.get(consumer().host));
        another.complete();
        completed(another.awaitEnds());
        assertEquals(ends, stream.ends(), "something came after the end");
        for (int host = 0; host < nodes.count(); host++) {
            assertEquals(0, nodes.get(host).<Integer>ask("strays"), "elements came after the end of their stream");
        }
        return new Result(resumed, ends, detection, mergedNanos, before, during);
    }

    NodeProcess producer() {
        return stream.producer;
    }

    NodeProcess consumer() {
        return stream.consumer;
    }

    // ---- what faults do

    void lose(int percent, double seconds) throws IOException, InterruptedException {
        nodes.hosts.lose(percent, producer().host, consumer().host);
        struckAt = System.nanoTime();
        pause(seconds);
        nodes.hosts.heal();
    }

    void silence(double seconds) throws IOException, InterruptedException {
        nodes.hosts.cut(producer().host, consumer().host);
        struckAt = System.nanoTime();
        pause(seconds);
        nodes.hosts.heal();
    }

    void cutOneWay(double seconds, NodeProcess from, NodeProcess to) throws IOException, InterruptedException {
        nodes.hosts.cutOneWay(from.host, to.host);
        struckAt = System.nanoTime();
        pause(seconds);
        nodes.hosts.heal();
    }

    void stop(double seconds, NodeProcess... stopped) throws IOException, InterruptedException {
        struckAt = System.nanoTime();
        for (NodeProcess node : stopped) {
            node.stop();
            stood.add(node);
        }
        try {
            pause(seconds);
        } finally {
            for (NodeProcess node : stopped) {
                node.goOn();
            }
        }
    }

    void killProducer() throws IOException, InterruptedException {
        kill(producer());
    }

    void killConsumer() throws IOException, InterruptedException {
        kill(consumer());
    }

    private void kill(NodeProcess node) throws IOException, InterruptedException {
        struckAt = System.nanoTime();
        node.kill();
        if (random.nextBoolean()) { // it comes back before it is found dead, or after
            pause(fault.detection);
        }
        nodes.restart(node);
    }

    void stopBeside() throws IOException, InterruptedException {
        beginLive();
        pause(6);
        live.consumer.ask("latency", live.run); // of the beginning, when all was still slow
        pause(6);
        before = live.consumer.ask("latency", live.run);
        stop(14, consumer());
        during = live.consumer.ask("latency", live.run);
        // The tail of one time on a busy machine says little: the table has more. Who waits for the stopped node
        // waits for seconds.
        assertTrue(
                during.median() <= 2 * before.median() + MEDIAN_BAND && during.p99() < TAIL_BOUND,
                () -> "the live stream was held up: " + before + ", then " + during);
    }

    void split(double seconds) throws Exception {
        beginLive();
        nodes.hosts.cut(consumer().host, bystander.host);
        nodes.hosts.cut(consumer().host, producer().host);
        struckAt = System.nanoTime();
        pause(seconds);
        producer().ask("offer", stream.run); // an actor on each side that the other does not hear of
        consumer().ask("offer", stream.run);
        nodes.hosts.heal();
        long began = System.nanoTime();
        List<CompletableFuture<Object>> listings = List.of(
                producer().send("listing", stream.run, 2),
                consumer().send("listing", stream.run, 2),
                bystander.send("listing", stream.run, 2));
        Object first = producer().get(listings.get(0), "for the listing");
        assertEquals(first, consumer().get(listings.get(1), "for the listing"));
        assertEquals(first, bystander.get(listings.get(2), "for the listing"));
        mergedNanos = System.nanoTime() - began;
        assertTrue(mergedNanos < LISTING_BOUND.toNanos(), () -> "one listing after " + mergedNanos / 1_000_000 + " ms");
    }

    private void beginLive() throws InterruptedException {
        live = new TestStream(nodes.nextRun(), producer(), bystander, PER_SECOND, 256, 0);
    }

    private static void pause(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1000));
    }

    private static void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }

    // ---- how it ends

    private static long completed(TestStream.Ends ends) {
        assertEquals(Ending.COMPLETED, ends.producer().end().ending(), ends::toString);
        assertEquals(Ending.COMPLETED, ends.consumer().end().ending(), ends::toString);
        return 0;
    }

    /** Both ends, as far as they live, have lost each other; how long that took at most. */
    private long lost(TestStream.Ends ends) {
        long producers =
                ends.producer() == null ? 0 : lost(producer(), ends.producer().end(), ends);
        long consumers =
                ends.consumer() == null ? 0 : lost(consumer(), ends.consumer().end(), ends);
        return Math.max(producers, consumers);
    }

    private long lost(NodeProcess node, Reports.End end, TestStream.Ends ends) {
        assertEquals(Ending.PEER_LOST, end.ending(), ends::toString);
        long took = end.nanos() - (stood.contains(node) ? healedAt : struckAt);
        if (fault.expected == Fault.Expected.FAILURE) {
            assertTrue(
                    took < fault.detection.plus(DETECTION_BAND).toNanos(),
                    () -> node.name + " found out after " + took / 1_000_000 + " ms: " + ends);
        }
        return stood.contains(node) ? 0 : took;
    }

    /** The actor of the other node that was watched has ended once, if at all; if its node was killed its ref refuses. */
    private static void assertMet(NodeProcess here, NodeProcess there, boolean resumed) throws InterruptedException {
        if (here.isKilled()) {
            return;
        }
        Reports.Met met = here.ask("met", there.name);
        assertEquals(resumed ? 0 : 1, met.terminations(), "signals of the end of a watched actor of " + there.name);
        if (resumed || there.isKilled()) {
            assertEquals(resumed, met.takes(), "whether the ref of an actor of " + there.name + " takes messages");
        }
    }
}
