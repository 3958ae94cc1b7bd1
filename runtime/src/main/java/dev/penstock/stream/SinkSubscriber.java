package dev.penstock.stream;

import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Feeds a sink from a publisher: requests what the sink has room for, and more when room is made.
 *
 * <p>Requested and not yet received never exceeds the room: an element counts as received only after the sink has it, so
 * that in between it is counted on both sides.
 */
final class SinkSubscriber<E> implements Flow.Subscriber<E> {

    private final SinkRef<E> sink;
    private final AtomicReference<Flow.Subscription> upstream = new AtomicReference<>();

    // written: whoever requests, and onNext, atomically
    private final AtomicLong outstanding = new AtomicLong();

    SinkSubscriber(SinkRef<E> sink) {
        this.sink = sink;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        Objects.requireNonNull(subscription, "subscription");
        if (!upstream.compareAndSet(null, subscription)) {
            subscription.cancel();
            return;
        }
        sink.onRoom(this::onRoom);
        onRoom();
    }

    @Override
    public void onNext(E element) {
        PutResult result = sink.tryPut(Objects.requireNonNull(element, "element"));
        outstanding.decrementAndGet();
        if (result == PutResult.FULL) {
            sink.fail(new IllegalStateException(
                    "the publisher sent more than was requested, or the sink has another writer"));
        }
        onRoom();
    }

    @Override
    public void onError(Throwable failure) {
        Objects.requireNonNull(failure, "failure");
        upstream.set(Ended.ENDED);
        sink.fail(failure);
    }

    @Override
    public void onComplete() {
        upstream.set(Ended.ENDED);
        sink.close(new StreamOutcome.Completed());
    }

    private void onRoom() {
        Flow.Subscription subscription = upstream.get();
        if (subscription == null || subscription == Ended.ENDED) {
            return;
        }
        if (sink.closing() != null) {
            if (upstream.compareAndSet(subscription, Ended.ENDED)) {
                subscription.cancel();
            }
            return;
        }
        SinkBuffer<E> buffer = sink.buffer();
        if (buffer.capacity() == Long.MAX_VALUE) {
            if (outstanding.compareAndSet(0, Long.MAX_VALUE)) {
                subscription.request(Long.MAX_VALUE);
            }
            return;
        }
        while (true) {
            long before = outstanding.get();
            long more = buffer.room() - before;
            if (more <= 0 || (before > 0 && more < (buffer.capacity() + 3) / 4)) {
                return; // a few at a time; the rest with the next ones
            }
            if (outstanding.compareAndSet(before, before + more)) {
                subscription.request(more);
                return;
            }
        }
    }

    /** Stands where the upstream was, after the end. */
    private enum Ended implements Flow.Subscription {
        ENDED;

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }
}
