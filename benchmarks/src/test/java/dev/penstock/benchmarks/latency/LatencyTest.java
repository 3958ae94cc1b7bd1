package dev.penstock.benchmarks.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import dev.penstock.benchmarks.peers.Peer;
import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.benchmarks.run.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatencyTest {

    private static final long MILLI_NANOS = 1_000_000;

    /** Time that moves when somebody waits, and when a put stalls. */
    private long now;

    /** A pipe without a buffer: a put is taken at once. Its fourth put stalls for 5 ms. */
    private final class Stalling implements Pipe<Stamp> {
        private final Consumer<Stamp> taker;
        private int puts;

        Stalling(Consumer<Stamp> taker) {
            this.taker = taker;
        }

        @Override
        public void put(Stamp stamp) {
            if (++puts == 4) {
                now += 5 * MILLI_NANOS;
            }
            taker.accept(stamp);
        }

        @Override
        public void take(int count) {}

        @Override
        public void close() {}
    }

    @Test
    void aStallIsChargedToEveryElementBehindIt() throws InterruptedException {
        List<Long> latenciesMillis = new ArrayList<>();
        Stalling pipe = new Stalling(stamp -> latenciesMillis.add((now - stamp.intendedNanos) / MILLI_NANOS));
        new OpenLoop(pipe, 1_000, 10, () -> now, () -> now += MILLI_NANOS).run();
        assertEquals(List.of(0L, 0L, 0L, 5L, 4L, 3L, 2L, 1L, 0L, 0L), latenciesMillis);
    }

    @Test
    void theWarmupIsNotRecorded() throws InterruptedException {
        Stopwatch stopwatch = new Stopwatch(4, () -> now);
        new OpenLoop(new Stalling(stopwatch), 1_000, 10, () -> now, () -> now += MILLI_NANOS).run();
        assertEquals(6, stopwatch.latencies().getTotalCount());
        assertEquals(4, stopwatch.latencies().getMaxValue() / MILLI_NANOS);
    }

    @Test
    void anElementOutOfPlaceIsSeen() {
        Stopwatch stopwatch = new Stopwatch(0, () -> now);
        stopwatch.accept(new Stamp());
        assertThrows(IllegalStateException.class, () -> stopwatch.accept(new Stamp()));
    }

    @Test
    void aRunWritesWhatItMeasured(@TempDir Path folder) throws Exception {
        Load load = load(Peer.PENSTOCK, 5_000);
        load.run().write(folder, 2);
        String name = "penstock-pool-parking-d16-5000ps-yield-2";
        JsonNode json = Json.read(folder.resolve(name + ".json"));
        assertEquals(1_000, json.at("/latencyMicros/count").asInt());
        assertEquals("PARKING", json.get("waitStrategy").asText());
        assertTrue(Files.readString(folder.resolve(name + ".hgrm")).contains("Total count    =         1000"));
        assertTrue(Files.exists(folder.resolve(name + "-hiccups.hgrm")));
    }

    private static Load load(Peer peer, int rate) {
        return new Load(peer, DispatcherKind.POOL, WaitKind.PARKING, 16, rate, 0.1, 0.2, Pacing.YIELD);
    }

    @Test
    void aLoadIsHandedToAnotherVirtualMachine() {
        Load load = load(Peer.REACTOR, 7);
        assertEquals(load, LatencyRun.load(LatencyRun.arguments(load, 3, Path.of("folder"))));
    }

    @Test
    void aPeerIsNotAskedForMoreThanItCouldNotHold() {
        Knees knees = new Knees();
        knees.held(load(Peer.REACTOR, 1_000), 950);
        assertFalse(knees.isBeyond(load(Peer.REACTOR, 2_000)), "it was near");
        knees.held(load(Peer.REACTOR, 2_000), 1_500);
        assertFalse(knees.isBeyond(load(Peer.REACTOR, 2_000)), "the same rate is measured in every round");
        assertTrue(knees.isBeyond(load(Peer.REACTOR, 3_000)));
        assertFalse(knees.isBeyond(load(Peer.PENSTOCK, 3_000)));
    }

    @Test
    void aTailThatTheMachineExceedsIsInvalid() {
        Histogram latencies = histogram(100_000, 50);
        assertEquals(List.of(), Tail.invalid(latencies, histogram(1_000, 40)));
        assertEquals(List.of(Tail.P99, Tail.P99_9), Tail.invalid(latencies, histogram(1_000, 60)));
        Histogram rare = histogram(1_000, 40);
        rare.recordValueWithCount(90, 5);
        assertEquals(List.of(Tail.P99_9), Tail.invalid(latencies, rare), "the hiccups are rarer than 1 in 100");
    }

    @Test
    void aTailOfFewValuesIsInvalid() {
        assertEquals(List.of(Tail.P99_9), Tail.invalid(histogram(2_000, 50), histogram(1_000, 40)));
    }

    @Test
    void aPeerThatIsBehindAllTheTimeHasNotHeldTheRate() {
        Load load = load(Peer.REACTOR, 1_000); // for 200 ms
        Histogram hiccups = histogram(100, MILLI_NANOS);
        assertTrue(new Result(load, 995, histogram(200, 19 * MILLI_NANOS), hiccups).isHeld());
        assertFalse(new Result(load, 985, histogram(200, 19 * MILLI_NANOS), hiccups).isHeld(), "the rate");
        assertFalse(new Result(load, 995, histogram(200, 21 * MILLI_NANOS), hiccups).isHeld(), "the backlog");
    }

    private static Histogram histogram(int count, long value) {
        Histogram histogram = new Histogram(3);
        histogram.recordValueWithCount(value, count);
        return histogram;
    }

    @Test
    void aSenderThatWouldStarveTheTakerIsLeftOut() {
        for (LatencySuite suite : LatencySuite.values()) {
            assertTrue(suite.loads(Pacing.SPIN).stream()
                    .noneMatch(planned -> planned.load().peer() == Peer.ARRAY_BLOCKING_QUEUE_ONE_CARRIER));
        }
    }
}
