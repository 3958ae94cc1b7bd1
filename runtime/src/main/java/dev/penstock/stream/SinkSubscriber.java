package dev.penstock.stream;

import dev.penstock.actor.DeadLetter;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
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
    // written: onSubscribe, once, then ENDED by whoever finds the end, atomically; read: whoever has something to say
    // upstream
    private final AtomicReference<Flow.Subscription> upstream = new AtomicReference<>();
    // written: whoever requests, and onNext, atomically; read: whoever is at it
    private final AtomicLong outstanding = new AtomicLong();
    // written: whoever finds something to say upstream, atomically; 0 while nobody is at it
    private final AtomicInteger calls = new AtomicInteger();

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
        Objects.requireNonNull(element, "element");
        PutResult result;
        try {
            result = sink.tryPut(element);
        } finally { // not before: until it is put, the element has no room but what was requested for it
            outstanding.decrementAndGet();
        }
        if (result == PutResult.CLOSED) {
            sink.refused(element, DeadLetter.Reason.STOPPED);
        } else if (result == PutResult.FULL) {
            sink.refused(element, DeadLetter.Reason.FULL);
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

    /** Any thread; what is to be said upstream is said by one at a time. */
    private void onRoom() {
        if (calls.getAndIncrement() != 0) {
            return; // whoever is at it will look again
        }
        int seen = 1;
        do {
            try {
                tellUpstream();
            } catch (Throwable e) { // its own code: nothing more can be said to it
                upstream.set(Ended.ENDED);
                sink.fail(e);
            }
            seen = calls.addAndGet(-seen);
        } while (seen != 0);
    }

    private void tellUpstream() {
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
        long more = worthRequesting();
        if (more == 0 && sink.buffer().room() == 0) {
            sink.wantRoom();
        } else if (more > 0) {
            outstanding.getAndUpdate(before -> before + more < 0 ? Long.MAX_VALUE : before + more);
            subscription.request(more);
        }
    }

    /** What there is room for beyond what was requested; nothing while that is but a few, and more is still to come. */
    private long worthRequesting() {
        SinkBuffer<E> buffer = sink.buffer();
        long before = outstanding.get();
        if (buffer.capacity() == Long.MAX_VALUE) {
            return before == 0 ? Long.MAX_VALUE : 0;
        }
        long more = buffer.room() - before;
        return more > 0 && (before <= 0 || more >= (buffer.capacity() + 3) / 4) ? more : 0;
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
