package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for what must come, for ten seconds at most. */
final class Await {

    private static final long SECONDS = 10;

    private Await() {}

    static void on(CountDownLatch latch) throws InterruptedException {
        assertTrue(latch.await(SECONDS, TimeUnit.SECONDS), () -> "still " + latch.getCount() + " to come after 10 s");
    }

    static void on(CyclicBarrier barrier) throws Exception {
        barrier.await(SECONDS, TimeUnit.SECONDS);
    }

    static <T> T get(Future<T> future) throws Exception {
        return future.get(SECONDS, TimeUnit.SECONDS);
    }

    /** What a future failed with. */
    static Throwable failure(Future<?> future) throws Exception {
        try {
            Object result = get(future);
            throw new AssertionError("expected a failure, was " + result);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    /** The same in a behavior, which cannot throw what is checked. */
    static void uninterrupted(CyclicBarrier barrier) {
        try {
            on(barrier);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static void until(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - deadline < 0, () -> "not within 10 s: " + what);
            Thread.yield();
        }
    }

    static void end(Thread thread) throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(SECONDS));
        assertFalse(thread.isAlive(), () -> thread + " still lives");
    }

    /** Waits until a thread waits. */
    static void parked(Thread thread) {
        until(
                () -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING,
                thread + " waits");
    }

    /** Runs something on a thread of its own. */
    static <T> Running<T> async(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                "test-async");
        thread.setDaemon(true);
        thread.start();
        return new Running<>(thread, result);
    }

    /** A latch waited for without being disturbed by interrupts: user code that ignores them. */
    static void uninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    record Running<T>(Thread thread, CompletableFuture<T> result) {
        T get() throws Exception {
            return Await.get(result);
        }
    }
}
