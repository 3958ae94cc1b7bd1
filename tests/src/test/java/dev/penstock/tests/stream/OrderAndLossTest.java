package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Order and no loss, for every window, every bound, every way to wait and every setup; the bounds are looked at meanwhile.
 * {@code -Dpenstock.full=true} runs a million elements each and says how it goes.
 */
class OrderAndLossTest {

    private static final boolean FULL = Boolean.getBoolean("penstock.full");
    private static final int ELEMENTS = FULL ? 1_000_000 : 20_000;

    /** How often each thread looks at the ledger. Not a power of two, to meet every state of the rings. */
    private static final int SAMPLE_EVERY = 37;

    /** A way to wait. */
    enum Waiting {
        BACKOFF(WaitStrategy.backoff()),
        YIELDING(WaitStrategy.yielding()),
        PARKING(WaitStrategy.parking()),
        BUSY_SPIN(WaitStrategy.busySpin());

        private final WaitStrategy strategy;

        Waiting(WaitStrategy strategy) {
            this.strategy = strategy;
        }
    }

    /** One combination. */
    record Combination(Setup setup, int demand, int bufferSize, Waiting waiting) {
        @Override
        public String toString() {
            return setup + ", demand " + demand + ", buffer " + bufferSize + ", " + waiting;
        }
    }

    static Stream<Combination> combinations() {
        List<Combination> combinations = new ArrayList<>();
        int rotation = 0;
        for (Setup setup : Setup.all().toList()) {
            for (int demand : new int[] {1, 2, 3, 16, 256}) {
                for (int bufferSize : new int[] {1, 2, 16, 1024, 0}) {
                    Waiting waiting = Waiting.values()[rotation++ % Waiting.values().length];
                    combinations.add(new Combination(setup, demand, bufferSize, soundWaiting(setup, waiting)));
                }
                rotation++; // or each bound would always meet the same ways to wait
            }
        }
        return combinations.stream();
    }

    /** Two threads that never give up their processors leave none to the dispatcher's, on two processors. */
    private static Waiting soundWaiting(Setup setup, Waiting waiting) {
        boolean needsAThird = setup.ownLane() && setup.threads() != Setup.Threads.DIRECT;
        return waiting == Waiting.BUSY_SPIN && needsAThird ? Waiting.BACKOFF : waiting;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("combinations")
    void everyElementArrivesOnceAndInOrder(Combination combination) {
        long began = System.nanoTime();
        try (Rig rig = combination.setup().open()) {
            Ends<Integer> ends = rig.stream(
                    ProducerOptions.defaults()
                            .bufferSize(combination.bufferSize())
                            .waitStrategy(combination.waiting().strategy),
                    ConsumerOptions.defaults()
                            .initialDemand(combination.demand())
                            .waitStrategy(combination.waiting().strategy));
            Background<Long> putter = rig.background("putter", () -> put(ends.sink()));
            Background<Long> taker = rig.background("taker", () -> take(ends.source()));

            long mostBuffered = resultWhenever(putter);
            long mostInFlight = resultWhenever(taker);
            if (combination.bufferSize() > 0) {
                assertAtMost(combination.bufferSize(), mostBuffered, "buffered");
            }
            assertAtMost(combination.demand(), mostInFlight, "in flight");

            assertEquals(new StreamOutcome.Completed(), ends.sink().outcome().join());
            assertEquals(new StreamOutcome.Completed(), ends.source().outcome().join());
            rig.awaitNoActors();
            StreamLedger ledger = ends.sink().ledger();
            Rig.assertSettled(ledger);
            assertEquals(ELEMENTS, ledger.offered());
            assertEquals(ELEMENTS, ledger.delivered());
            assertEquals(ledger, ends.source().ledger());
        }
        if (FULL) {
            System.out.printf("%7.2f s  %s%n", (System.nanoTime() - began) / 1e9, combination);
        }
    }

    /** However long it takes: the test as a whole has a time limit. */
    private static long resultWhenever(Background<Long> background) {
        background.join();
        return background.result();
    }

    /** Puts all in; answers how many were buffered at most. To the only putter, buffered is exact or too few, never too many. */
    private static long put(SinkRef<Integer> sink) throws InterruptedException {
        long most = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            sink.put(i);
            if (i % SAMPLE_EVERY == 0) {
                most = Math.max(most, sink.ledger().buffered());
            }
        }
        sink.complete();
        return most;
    }

    /** Takes all; answers how many were in flight at most. To the only taker, in flight is exact or too few, never too many. */
    private static long take(SourceRef<Integer> source) {
        long most = 0;
        int expected = 0;
        for (int element : source) {
            assertEquals(expected, element);
            if (expected % SAMPLE_EVERY == 0) {
                most = Math.max(most, source.ledger().inFlight());
            }
            expected++;
        }
        assertEquals(ELEMENTS, expected);
        return most;
    }

    private static void assertAtMost(long bound, long value, String what) {
        assertEquals(Math.min(bound, value), value, what + " exceeds " + bound);
    }
}
