package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A thread with a result. */
final class Background<T> {

    private final Thread thread;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    private Background(String name, Callable<T> body) {
        thread = new Thread(
                () -> {
                    try {
                        result.complete(body.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                },
                name);
        thread.setDaemon(true);
    }

    static <T> Background<T> start(String name, Callable<T> body) {
        Background<T> background = new Background<>(name, body);
        background.thread.start();
        return background;
    }

    static ThreadFactory factory(String name) {
        AtomicInteger numbers = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + numbers.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** What the body returned; fails if it threw, or does not end. */
    T result() {
        try {
            return result.get(Awaiting.SECONDS, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            return fail(thread.getName() + " threw", e.getCause());
        } catch (TimeoutException e) {
            AssertionError stuck = new AssertionError(thread.getName() + " did not end; it is " + thread.getState());
            stuck.setStackTrace(thread.getStackTrace());
            throw stuck;
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    /** What the body threw; fails if it threw nothing or something else, or does not end. */
    <X extends Throwable> X failure(Class<X> type) {
        Throwable thrown = result.handle((value, e) -> e)
                .completeOnTimeout(new TimeoutException(thread.getName()), Awaiting.SECONDS, TimeUnit.SECONDS)
                .join();
        if (thrown instanceof TimeoutException) {
            result();
        }
        return assertInstanceOf(type, thrown, () -> thread.getName() + " returned " + result);
    }

    /** Waits for the end, however long it takes. */
    void join() {
        result.handle((value, e) -> value).join();
    }

    boolean isDone() {
        return result.isDone();
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Whether the thread sleeps in what it does. */
    boolean isBlocked() {
        Thread.State state = thread.getState();
        return !isDone() && (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING);
    }

    void awaitBlocked() {
        Awaiting.that(thread.getName() + " blocks", this::isBlocked);
    }

    @Override
    public String toString() {
        return thread.getName();
    }
}
