package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** A subscriber that notes its signals and checks that they come one at a time and in the order of the rules. */
final class Recorder<E> implements Flow.Subscriber<E> {

    private final long first;
    private final BiConsumer<? super Flow.Subscription, ? super E> onNext;
    private final List<E> elements = Collections.synchronizedList(new ArrayList<>());
    private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
    private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger completions = new AtomicInteger();
    private final AtomicBoolean busy = new AtomicBoolean();

    // written: the subscribing thread, volatile; read: the test
    private volatile Flow.Subscription subscription;

    private Recorder(long first, BiConsumer<? super Flow.Subscription, ? super E> onNext) {
        this.first = first;
        this.onNext = onNext;
    }

    /** Requests that many at first (0: none), and does this with each element. */
    static <E> Recorder<E> requesting(long first, BiConsumer<? super Flow.Subscription, ? super E> onNext) {
        return new Recorder<>(first, onNext);
    }

    /** Requests that many at first (0: none), and nothing more. */
    static <E> Recorder<E> requesting(long first) {
        return new Recorder<>(first, (subscription, element) -> {});
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        enter("onSubscribe");
        if (subscription != null) {
            violations.add("a second onSubscribe");
        }
        subscription = given;
        if (first != 0) {
            given.request(first);
        }
        busy.set(false);
    }

    @Override
    public void onNext(E element) {
        enter("onNext");
        if (subscription == null || isDone()) {
            violations.add("onNext before onSubscribe or after the end");
        }
        elements.add(element);
        try {
            onNext.accept(subscription, element);
        } finally {
            busy.set(false);
        }
    }

    @Override
    public void onError(Throwable failure) {
        enter("onError");
        if (subscription == null || isDone()) {
            violations.add("onError before onSubscribe or after the end");
        }
        errors.add(failure);
        busy.set(false);
    }

    @Override
    public void onComplete() {
        enter("onComplete");
        if (subscription == null || isDone()) {
            violations.add("onComplete before onSubscribe or after the end");
        }
        completions.incrementAndGet();
        busy.set(false);
    }

    private void enter(String signal) {
        if (!busy.compareAndSet(false, true)) {
            violations.add(signal + " while another signal is handled");
        }
    }

    boolean isDone() {
        return completions.get() > 0 || !errors.isEmpty();
    }

    Flow.Subscription subscription() {
        assertNotNull(subscription, "onSubscribe has been called");
        return subscription;
    }

    int count() {
        return elements.size();
    }

    List<E> elements() {
        synchronized (elements) {
            return List.copyOf(elements);
        }
    }

    void awaitCount(int count) {
        Awaiting.that(count + " elements signalled", () -> elements.size() >= count || isDone());
        assertEquals(count, elements.size());
    }

    void awaitCompleted() {
        Awaiting.that("onComplete", this::isDone);
        assertEquals(List.of(), errors);
        assertEquals(1, completions.get());
        assertNoViolation();
    }

    Throwable awaitError() {
        Awaiting.that("onError", this::isDone);
        assertEquals(0, completions.get());
        assertEquals(1, errors.size());
        assertNoViolation();
        return errors.get(0);
    }

    void assertNoViolation() {
        assertEquals(List.of(), violations);
    }
}
