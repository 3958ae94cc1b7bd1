package dev.penstock.benchmarks.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.benchmarks.latency.HiccupMeter;
import dev.penstock.benchmarks.latency.Tail;
import dev.penstock.benchmarks.run.Json;
import java.util.function.Predicate;
import org.HdrHistogram.Histogram;

/**
 * Takes the ticks: checks the order and the content of each, and measures between the end of the warm-up and that of the
 * time.
 */
final class Taker implements Predicate<Tick> {

    /** So many ticks are taken between two looks at the clock. */
    private static final int CLOCK_MASK = 15;

    private static final int DIGITS = 3;
    private static final double SECOND_NANOS = 1e9;
    private static final double MICROSECOND_NANOS = 1e3;

    private final boolean isLatency;
    private final long warmupNanos;
    private final long nanos;
    private final Runnable measuring;
    private final Histogram latencies = new Histogram(DIGITS);

    private long taken;
    private long takenBefore; // the measurement
    private long begin; // of the warm-up, then of the measurement
    private long end;
    private Usage usage; // null while it warms up
    private Usage.Used used;
    private HiccupMeter meter;

    /**
     * Makes one.
     *
     * @param measuring called when the measurement begins
     */
    Taker(Setup setup, Runnable measuring) {
        isLatency = setup.isLatency();
        warmupNanos = (long) (setup.warmupSeconds() * SECOND_NANOS);
        nanos = (long) (setup.seconds() * SECOND_NANOS);
        this.measuring = measuring;
    }

    @Override
    public boolean test(Tick tick) {
        long sequence = Ticks.sequence(taken);
        if (tick.sequence() != sequence || tick.bid() != 2 * sequence || tick.ask() != 3 * sequence) {
            throw new IllegalStateException(tick + " came as number " + taken);
        }
        if (isLatency) {
            long now = System.nanoTime();
            if (usage != null) {
                latencies.recordValue(Math.max(0, now - tick.intendedNanos()));
            }
            taken++;
            return look(now);
        }
        return (taken++ & CLOCK_MASK) != 0 || look(System.nanoTime());
    }

    private boolean look(long now) {
        if (taken == 1) {
            begin = now;
        } else if (usage == null && now - begin >= warmupNanos) {
            measuring.run();
            usage = new Usage();
            if (isLatency) {
                meter = HiccupMeter.start();
            }
            takenBefore = taken;
            begin = System.nanoTime();
        } else if (usage != null && now - begin >= nanos) {
            end = now;
            used = usage.until();
            return false;
        }
        return true;
    }

    ObjectNode found() throws InterruptedException {
        long count = taken - takenBefore;
        ObjectNode json = Json.object();
        json.put("taken", count);
        json.put("takenPerSecond", count * SECOND_NANOS / (end - begin));
        json.set("consumer", Json.of(used));
        if (isLatency) {
            Histogram hiccups = meter.stop();
            json.set("latencyMicros", micros(latencies));
            json.set("hiccupMicros", micros(hiccups));
        }
        return json;
    }

    private static ObjectNode micros(Histogram histogram) {
        ObjectNode json = Json.object();
        for (Tail tail : Tail.values()) {
            json.put(tail.label(), tail.of(histogram) / MICROSECOND_NANOS);
        }
        return json;
    }
}
