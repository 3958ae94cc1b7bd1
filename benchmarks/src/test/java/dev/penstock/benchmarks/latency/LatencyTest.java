package dev.penstock.benchmarks.latency;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.benchmarks.peers.Pipe;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

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
    void theCommandWritesWhatItMeasured(@TempDir Path folder) throws Exception {
        StringWriter out = new StringWriter();
        assertEquals(
                0, run(out, "--rate=5000 --seconds=0.2 --warmup=0.1 --pacing=yield --wait=parking --out=" + folder));
        String name = "penstock-pool-parking-d16-5000ps-yield";
        assertTrue(out.toString().startsWith(name), out::toString);
        String json = Files.readString(folder.resolve(name + ".json"));
        assertTrue(json.contains("\"latencyMicros\": {\"count\": 1000,"), json);
        assertTrue(Files.readString(folder.resolve(name + ".hgrm")).contains("Total count    =         1000"));
        assertTrue(Files.exists(folder.resolve(name + "-hiccups.hgrm")));
    }

    @Test
    void aSenderThatWouldStarveTheTakerIsRefused() {
        assertEquals(2, run(new StringWriter(), "--peer=array_blocking_queue_one_carrier"));
        assertEquals(2, run(new StringWriter(), "--seconds=0"));
    }

    private static int run(StringWriter out, String arguments) {
        CommandLine line =
                LatencyCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(new StringWriter()));
        return line.execute(arguments.split(" "));
    }
}
