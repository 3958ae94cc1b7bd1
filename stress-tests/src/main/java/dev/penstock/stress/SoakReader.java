package dev.penstock.stress;

import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamOutcome;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads a soak round's stream, on a thread of its own. */
final class SoakReader {

    private final SoakRound round;
    private final SoakStream stream;
    private final SoakShape shape;
    private final AtomicInteger taken = new AtomicInteger(); // by one thread at a time, lazily
    private int pauses = 8;
    private Worker worker;

    // written: the reader; read: the round's thread, after it has joined the reader
    private StreamOutcome told; // how the stream ended, by an exception
    private boolean silent; // it ended without an exception, and not because this reader left

    SoakReader(SoakRound round, SoakStream stream) {
        this.round = round;
        this.stream = stream;
        shape = stream.shape();
    }

    void start(String name) {
        worker = round.start(name, this::read);
    }

    Worker worker() {
        return worker;
    }

    int taken() {
        return taken.get();
    }

    /** Null if it heard of no end, or of one without an exception. */
    StreamOutcome told() {
        return told;
    }

    boolean isSilent() {
        return silent;
    }

    private void read(Worker me) {
        SourceRef<SoakElement> source = stream.takeSource();
        try {
            silent = read(me, source) && taken.get() < shape.readerLimit();
        } catch (StreamClosedException ended) {
            told = ended.outcome();
        } catch (Fault.Planned thrown) {
            round.happened(Fault.READER_THROWS);
        }
        if (shape.has(Fault.DROP_SOURCE)) {
            round.happened(Fault.DROP_SOURCE);
        } else {
            source.close();
            stream.giveSourceBack(source);
        }
    }

    /** Reads; true if the stream ended. */
    private boolean read(Worker me, SourceRef<SoakElement> source) {
        if (shape.readerLimit() == 0 && !shape.has(Fault.READER_THROWS)) {
            return false;
        }
        switch (shape.reading()) {
            case ITERATOR -> {
                Iterator<SoakElement> elements = source.iterator();
                while (elements.hasNext()) {
                    if (!wantsMoreAfter(elements.next(), me)) {
                        // It may have one in its hand when it leaves.
                        return me.random.nextBoolean() && !elements.hasNext();
                    }
                }
            }
            case FOR_EACH_WHILE -> source.forEachWhile(element -> wantsMoreAfter(element, me));
            case POLL -> {
                return poll(me, source);
            }
            case DRAIN -> {
                return drain(me, source);
            }
            case STREAM -> source.stream().allMatch(element -> wantsMoreAfter(element, me));
            case PUBLISHER -> {
                return subscribe(me, source);
            }
        }
        return true;
    }

    private boolean poll(Worker me, SourceRef<SoakElement> source) {
        boolean last = false; // it has ended: one more look tells how
        while (true) {
            me.step();
            try {
                SoakElement element = source.poll(Duration.ofNanos(me.random.nextInt(4_000_000)));
                if (element != null) {
                    if (!wantsMoreAfter(element, me)) {
                        return false;
                    }
                } else if (last) {
                    return true;
                } else {
                    last = stream.isOver();
                }
            } catch (InterruptedException interrupted) {
                // the stream stays open
            }
        }
    }

    private boolean drain(Worker me, SourceRef<SoakElement> source) {
        boolean[] more = {true};
        boolean last = false;
        while (more[0]) {
            me.step();
            int limit = Math.max(1, Math.min(1 + me.random.nextInt(300), shape.readerLimit() - taken.get()));
            int drained = source.drain(element -> more[0] = wantsMoreAfter(element, me), limit);
            if (drained == 0) {
                if (last) {
                    return true;
                }
                last = stream.isOver();
                me.rest(50_000);
            }
        }
        return false;
    }

    private boolean subscribe(Worker me, SourceRef<SoakElement> source) {
        Batches subscriber = new Batches(me);
        source.asPublisher().subscribe(subscriber);
        me.await(() -> subscriber.done.getCount() == 0, taken::get);
        if (subscriber.failure instanceof StreamClosedException ended) {
            throw ended;
        }
        return subscriber.failure == null && !subscriber.cancelled;
    }

    /** Takes an element; false if the reader wants no more. */
    private boolean wantsMoreAfter(SoakElement element, Worker me) {
        element.tally().delivered(element.number());
        int count = taken.getPlain() + 1;
        taken.lazySet(count);
        if (Thread.currentThread() == me.thread) {
            me.step();
            if (shape.jitter()) {
                me.jitter();
            }
            if (shape.has(Fault.IDLE_GAP) && pauses > 0 && me.random.nextInt(16) == 0) {
                pauses--;
                me.rest(1_000_000L * me.random.nextInt(20)); // so that the putters fall asleep
            }
        }
        if (count < shape.readerLimit()) {
            return true;
        }
        if (shape.has(Fault.READER_THROWS)) {
            throw new Fault.Planned("the reader's action");
        }
        if (shape.has(Fault.LEAVE_EARLY)) {
            round.happened(Fault.LEAVE_EARLY);
        }
        return false;
    }

    /** Requests in odd batches. */
    private final class Batches implements Flow.Subscriber<SoakElement> {
        private final Worker me;
        private final CountDownLatch done = new CountDownLatch(1);
        private Flow.Subscription subscription;
        private int requested;
        private int batch = 1;

        // written: whoever signals, before the latch is opened
        private Throwable failure;
        private boolean cancelled;

        Batches(Worker me) {
            this.me = me;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            request();
        }

        private void request() {
            batch = batch * 5 % 97;
            requested = batch;
            subscription.request(batch);
        }

        @Override
        public void onNext(SoakElement element) {
            requested--;
            boolean more;
            try {
                more = wantsMoreAfter(element, me);
            } catch (Fault.Planned thrown) { // the subscription is cancelled, and nothing is signalled after it
                failure = thrown;
                done.countDown();
                throw thrown;
            }
            if (!more) {
                cancelled = true;
                subscription.cancel();
                done.countDown();
            } else if (requested == 0) {
                request();
            }
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
            done.countDown();
        }

        @Override
        public void onComplete() {
            done.countDown();
        }
    }
}
