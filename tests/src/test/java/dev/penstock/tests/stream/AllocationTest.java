package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream in full flow allocates nothing per element, nor per run or per request of them. */
class AllocationTest {

    private static final int WARM_UP = 200_000;
    private static final int ELEMENTS = 500_000;

    /** The smallest object is of 16 bytes; this leaves room for what threads that wait may allocate now and then. */
    private static final double BYTES_PER_ELEMENT = 0.1;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** One combination. */
    record Combination(Setup setup, int demand) {
        @Override
        public String toString() {
            return setup + ", demand " + demand;
        }
    }

    static Stream<Combination> combinations() {
        return Stream.of(Setup.Threads.POOL, Setup.Threads.PINNED, Setup.Threads.DIRECT)
                .flatMap(threads ->
                        Stream.of(1, 16, 256).map(demand -> new Combination(new Setup(threads, false), demand)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("combinations")
    void nothingPerElement(Combination combination) {
        try (Rig rig = combination.setup().open()) {
            Ends<String> ends = rig.stream(1024, combination.demand());
            Phaser together = new Phaser(3); // the putter, the taker and this thread
            rig.background("putter", () -> {
                for (int count : new int[] {WARM_UP, ELEMENTS}) {
                    for (int i = 0; i < count; i++) {
                        ends.sink().put("element");
                    }
                    together.arriveAndAwaitAdvance();
                    together.arriveAndAwaitAdvance();
                }
                return null;
            });
            rig.background("taker", () -> {
                Iterator<String> elements = ends.source().iterator();
                for (int count : new int[] {WARM_UP, ELEMENTS}) {
                    for (int i = 0; i < count; i++) {
                        elements.next();
                    }
                    together.arriveAndAwaitAdvance();
                    together.arriveAndAwaitAdvance();
                }
                return null;
            });

            together.arriveAndAwaitAdvance();
            long[] threads = others();
            long[] before = THREADS.getThreadAllocatedBytes(threads);
            together.arriveAndAwaitAdvance();
            together.arriveAndAwaitAdvance();
            long[] after = THREADS.getThreadAllocatedBytes(threads);
            together.arriveAndAwaitAdvance();

            long allocated = 0;
            List<String> who = new ArrayList<>();
            for (int i = 0; i < threads.length; i++) {
                if (before[i] >= 0 && after[i] > before[i]) {
                    allocated += after[i] - before[i];
                    who.add(threads[i] + ": " + (after[i] - before[i]));
                }
            }
            assertTrue(
                    allocated <= ELEMENTS * BYTES_PER_ELEMENT,
                    allocated + " bytes for " + ELEMENTS + " elements, by thread: " + who);
        }
    }

    /** All threads but this one. */
    private static long[] others() {
        long self = Thread.currentThread().getId();
        return Arrays.stream(THREADS.getAllThreadIds()).filter(id -> id != self).toArray();
    }
}
