package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting in tests: for a condition, never for a time. */
final class Awaiting {

    /** After so long a condition will not come true any more. */
    static final long SECONDS = 10;

    private static final int SPINS = 1_000;
    private static final long NAP_NANOS = 100_000;

    private Awaiting() {}

    static void that(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        for (int attempt = 0; !condition.getAsBoolean(); attempt++) {
            if (System.nanoTime() - deadline > 0) {
                fail("not within " + SECONDS + " s: " + what);
            }
            if (attempt < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
    }
}
