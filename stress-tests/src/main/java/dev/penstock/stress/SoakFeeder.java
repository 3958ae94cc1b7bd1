package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamClosedException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;

/** Feeds a soak round's stream, on a thread and through a sink of its own. */
final class SoakFeeder {

    private static final int MAX_GAP_MILLIS = 30;

    private final SoakRound round;
    private final SoakStream stream;
    private final Selection.Feed feed;
    private final boolean abandons; // its sink, at the end
    private final Tally tally;
    private int gapsLeft;

    // written: the round's thread, before the feeder's starts
    private ActorRef<ProducerMessage<SoakElement>> producer;
    private SinkRef<SoakElement> sink;
    private Worker worker;

    SoakFeeder(SoakRound round, SoakStream stream, String name, Selection.Feed feed, int size) {
        this.round = round;
        this.stream = stream;
        this.feed = feed;
        abandons = stream.shape().has(Fault.ABANDON_SINK);
        boolean knows = feed != Selection.Feed.PUSH && feed != Selection.Feed.SUBSCRIBER;
        tally = new Tally(name, size, knows, round::breach);
        gapsLeft = stream.shape().has(Fault.IDLE_GAP) && knows ? 8 : 0;
    }

    boolean wantsSink() {
        return feed != Selection.Feed.PUSH;
    }

    boolean hasPublisher() {
        return feed == Selection.Feed.SUBSCRIBER;
    }

    Tally tally() {
        return tally;
    }

    /** Null if it has none. */
    SinkRef<SoakElement> sink() {
        return sink;
    }

    Worker worker() {
        return worker;
    }

    void setUp(ActorRef<ProducerMessage<SoakElement>> theProducer, SinkRef<SoakElement> itsSink) {
        producer = theProducer;
        sink = itsSink;
    }

    void start() {
        worker = round.start(tally.name(), this::feed);
    }

    private void feed(Worker me) throws InterruptedException {
        switch (feed) {
            case PUSH -> push(me);
            case SUBSCRIBER -> publish(me);
            default -> {
                try {
                    put(me);
                    if (abandons) {
                        round.happened(Fault.ABANDON_SINK);
                        sink.close();
                    } else {
                        sink.complete();
                    }
                } catch (StreamClosedException ended) {
                    me.await(stream::isOver); // whoever is told so by one sink may wait for the stream's end
                }
            }
        }
        stream.fed();
    }

    private void put(Worker me) {
        while (tally.acceptedCount() < tally.size()) {
            jitter(me);
            try {
                int number = tally.acceptedCount();
                if (gapsLeft > 0 && me.random.nextInt(4) == 0) {
                    gap(me, number);
                } else if (feed == Selection.Feed.PUT_ALL) {
                    sink.putAll(new Batch(number, Math.min(tally.size(), number + 1 + me.random.nextInt(20))));
                } else {
                    SoakElement element = round.element(tally, number);
                    if (feed == Selection.Feed.PUT) {
                        sink.put(element);
                        tally.accepted(number);
                    } else if (isTaken(me, element)) {
                        tally.accepted(number);
                    }
                }
            } catch (InterruptedException interrupted) {
                if (me.random.nextInt(4) == 0) {
                    return; // otherwise it tries again
                }
            }
        }
    }

    private boolean isTaken(Worker me, SoakElement element) throws InterruptedException {
        boolean waits = me.random.nextBoolean();
        PutResult result =
                waits ? sink.tryPut(element, Duration.ofNanos(me.random.nextInt(3_000_000))) : sink.tryPut(element);
        if (result == PutResult.CLOSED) {
            sink.put(element); // says how it ended
            round.breach(tally.name() + ": put was accepted after tryPut had answered CLOSED");
        } else if (result == PutResult.FULL && !waits) {
            me.rest(20_000);
        }
        return result == PutResult.ACCEPTED;
    }

    /** Tells pushes; which of them are refused is heard of by dead letters. */
    private void push(Worker me) {
        for (int number = 0; number < tally.size() && !stream.isOver(); number++) {
            jitter(me);
            tally.accepted(number);
            producer.tell(new Push<>(round.element(tally, number)));
        }
    }

    private void publish(Worker me) {
        SubmissionPublisher<SoakElement> publisher =
                new SubmissionPublisher<>(round.executor(), 1 << (1 + me.random.nextInt(6)));
        publisher.subscribe(new Counting(sink.asSubscriber(), tally));
        for (int number = 0; number < tally.size() && publisher.hasSubscribers(); number++) {
            jitter(me);
            publisher.submit(round.element(tally, number));
        }
        if (abandons) {
            round.happened(Fault.ABANDON_SINK);
            publisher.closeExceptionally(new Fault.Planned("the publisher failed"));
        } else {
            publisher.close();
        }
    }

    /** Gives everybody the time to fall asleep; then one element is put, and must arrive. */
    private void gap(Worker me, int number) throws InterruptedException {
        gapsLeft--;
        round.happened(Fault.IDLE_GAP);
        me.rest(1_000_000L * me.random.nextInt(MAX_GAP_MILLIS));
        sink.put(round.element(tally, number));
        tally.accepted(number);
        me.await(() -> tally.deliveredCount() > number || stream.isOver());
    }

    private void jitter(Worker me) {
        me.step();
        if (stream.shape().jitter()) {
            me.jitter();
        }
    }

    /** Some elements for {@code putAll}. An element was accepted when the next one is asked for. */
    private final class Batch implements Iterable<SoakElement>, Iterator<SoakElement> {
        private final int end;
        private int next;
        private boolean handed;

        Batch(int begin, int end) {
            next = begin;
            this.end = end;
        }

        @Override
        public Iterator<SoakElement> iterator() {
            return this;
        }

        @Override
        public boolean hasNext() {
            if (handed) {
                handed = false;
                tally.accepted(next++);
            }
            return next < end;
        }

        @Override
        public SoakElement next() {
            handed = true;
            return round.element(tally, next);
        }
    }

    /** Hands on, and keeps the account. */
    private record Counting(Flow.Subscriber<SoakElement> sink, Tally tally) implements Flow.Subscriber<SoakElement> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            sink.onSubscribe(subscription);
        }

        @Override
        public void onNext(SoakElement element) {
            tally.accepted(element.number());
            sink.onNext(element);
        }

        @Override
        public void onError(Throwable failure) {
            sink.onError(failure);
        }

        @Override
        public void onComplete() {
            sink.onComplete();
        }
    }
}
