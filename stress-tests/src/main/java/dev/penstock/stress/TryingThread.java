package dev.penstock.stress;

import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stress.Scenario.Ending;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A thread of a simulated system that never blocks: a script that tries, and tries again when something has happened. */
abstract class TryingThread implements Simulation.Step {

    final SimulatedSystem play;
    final LiveStream stream;
    final Journal journal;
    private int start;
    private Duration until = Duration.ZERO; // the end of a pause

    TryingThread(SimulatedSystem play, LiveStream stream, int start) {
        this.play = play;
        this.stream = stream;
        this.start = start;
        journal = play.journal;
    }

    @Override
    public Progress attempt() throws Exception {
        if (play.simulation.elapsed().compareTo(until) < 0) {
            return Progress.AGAIN;
        }
        return start-- > 0 ? Progress.DONE : next();
    }

    /** No attempt is one before that time is over. */
    void pause(Duration time) {
        until = play.simulation.elapsed().plus(time);
        play.system.clock().schedule(() -> {}, time.toNanos());
    }

    abstract Progress next() throws Exception;

    /** Ends an input as its plan says. */
    static void end(SinkRef<Integer> sink, Ending ending) {
        switch (ending) {
            case COMPLETE -> {
                try {
                    sink.complete();
                } catch (StreamClosedException closed) { // by something that befell it
                    Violation.unless(
                            !(closed.outcome() instanceof StreamOutcome.Completed),
                            "complete twice",
                            () -> "complete() threw after Completed");
                }
            }
            case TWICE -> {
                end(sink, Ending.COMPLETE);
                sink.fail(SimulatedSystem.CAUSE);
            }
            case FAIL -> sink.fail(SimulatedSystem.CAUSE);
            case ABANDON -> sink.close();
        }
    }

    /** Puts what a feed has. */
    static final class Putter extends TryingThread {
        private final Scenario.Feed feed;
        private final int input;
        private final String name;
        private CompletableFuture<SinkRef<Integer>> asked;
        private CompletableFuture<StreamOutcome> outcome;
        private SinkRef<Integer> sink;
        private int number;
        private boolean rested; // before this element
        private boolean full; // when it tried last

        Putter(SimulatedSystem play, LiveStream stream, int input) {
            super(play, stream, stream.plan.feeds.get(input).start);
            this.feed = stream.plan.feeds.get(input);
            this.input = input;
            name = SimulatedSystem.putterName(stream, input);
        }

        @Override
        Progress next() {
            if (asked == null) {
                asked = play.askForSink(stream);
                return Progress.DONE;
            }
            if (sink == null) {
                if (!asked.isDone()) {
                    return Progress.AGAIN;
                }
                sink = play.take(stream, play.answer(asked));
                if (sink == null) {
                    return Progress.FINISHED;
                }
                outcome = sink.outcome();
                return Progress.DONE;
            }
            if (number == feed.elements) {
                journal.says(name, stream.producerName, feed.ending.word());
                end(sink, feed.ending);
                return Progress.FINISHED;
            }
            if (!rested && !feed.pause.isZero()) {
                rested = true;
                pause(feed.pause);
                return Progress.AGAIN;
            }
            return put();
        }

        private Progress put() {
            int element = stream.element(input, number);
            boolean over = outcome.isDone();
            PutResult result = sink.tryPut(element);
            journal.says(name, stream.producerName, "puts ", element, result);
            if (result == PutResult.ACCEPTED) {
                Violation.unless(!over, "accepted after the end", () -> LiveStream.shown(element) + " of " + name);
                stream.accepted(element);
                number++;
                rested = false;
            }
            stream.waitsForRoom(full, result == PutResult.FULL);
            full = result == PutResult.FULL;
            if (result == PutResult.CLOSED && number > 0) {
                stream.cutOff(name);
            }
            return result == PutResult.ACCEPTED
                    ? Progress.DONE
                    : result == PutResult.FULL ? Progress.AGAIN : Progress.FINISHED;
        }
    }

    /** Reads. */
    static class Reader extends TryingThread {
        final String name;
        private CompletableFuture<SourceRef<Integer>> asked;
        SourceRef<Integer> source;

        Reader(SimulatedSystem play, LiveStream stream) {
            super(play, stream, stream.plan.start);
            name = play.readerName(stream);
        }

        @Override
        Progress next() throws Exception {
            if (asked == null) {
                asked = play.askForSource(stream);
                return Progress.DONE;
            }
            if (source == null) {
                if (!asked.isDone()) {
                    return Progress.AGAIN;
                }
                source = play.take(stream, play.answer(asked));
                return source == null ? Progress.FINISHED : Progress.DONE;
            }
            return read();
        }

        Progress read() throws InterruptedException {
            if (stream.delivered() >= stream.plan.limit) {
                journal.says(name, stream.consumerName, "closes");
                source.close();
                return Progress.FINISHED;
            }
            boolean over = stream.outcome.isDone();
            int before = stream.delivered();
            try {
                take();
            } catch (StreamClosedException ended) {
                journal.says(name, stream.consumerName, "hears of the end");
                Violation.unless(
                        stream.outcome.isDone()
                                && ended.outcome().equals(stream.outcome.join())
                                && !(ended.outcome() instanceof StreamOutcome.Completed),
                        "a wrong exception",
                        () -> ended + ", and the outcome is " + stream.outcome);
                return Progress.FINISHED;
            }
            if (stream.delivered() > before) {
                Violation.unless(!over, "delivered after the end", () -> "by " + name);
                return Progress.DONE;
            }
            if (!stream.outcome.isDone() && !stream.plan.away.isZero()) {
                pause(stream.plan.away);
            }
            return stream.outcome.isDone() ? Progress.FINISHED : Progress.AGAIN;
        }

        private void take() throws InterruptedException {
            if (stream.plan.reading == Scenario.Reading.DRAIN) {
                int before = stream.delivered();
                source.drain(this::took, Math.min(3, stream.plan.limit - before));
                if (stream.delivered() == before) {
                    journal.says(name, stream.consumerName, "finds nothing");
                }
            } else {
                Integer element = source.poll(Duration.ZERO);
                if (element != null) {
                    took(element);
                } else {
                    journal.says(name, stream.consumerName, "finds nothing");
                }
            }
        }

        private void took(int element) {
            journal.says(name, stream.consumerName, "takes ", element, null);
            stream.delivered(element);
        }
    }

    /** Reads one stream and puts what it takes into the next. */
    static final class Forwarder extends Reader {
        private final LiveStream next;
        private CompletableFuture<SinkRef<Integer>> askedForSink;
        private SinkRef<Integer> sink;
        private int number;
        private boolean holds; // an element that it has taken and not put yet

        Forwarder(SimulatedSystem play, LiveStream stream, LiveStream next) {
            super(play, stream);
            this.next = next;
        }

        @Override
        Progress next() throws Exception {
            if (askedForSink == null) {
                askedForSink = play.askForSink(next);
                return Progress.DONE;
            }
            if (sink == null && askedForSink.isDone()) {
                sink = play.take(next, play.answer(askedForSink));
            }
            if (source == null) {
                Progress progress = super.next();
                if (progress == Progress.FINISHED && !askedForSink.isDone()) {
                    return Progress.AGAIN;
                }
                if (progress == Progress.FINISHED && sink != null) {
                    sink.fail(SimulatedSystem.CAUSE);
                }
                return progress;
            }
            if (sink == null) {
                if (!askedForSink.isDone()) {
                    return Progress.AGAIN;
                }
                source.close();
                return Progress.FINISHED;
            }
            if (stream.plan.reading == Scenario.Reading.FLOW) {
                source.asPublisher().subscribe(new Link(this));
                return Progress.FINISHED;
            }
            return holds ? put() : forward();
        }

        private Progress put() {
            int element = next.element(LiveStream.CHAIN, number);
            PutResult result = sink.tryPut(element);
            journal.says(name, next.producerName, "puts ", element, result);
            if (result == PutResult.ACCEPTED) {
                next.accepted(element);
                number++;
                holds = false;
                return Progress.DONE;
            }
            if (result == PutResult.CLOSED) {
                source.close();
                return Progress.FINISHED;
            }
            return Progress.AGAIN;
        }

        private Progress forward() throws InterruptedException {
            int before = stream.delivered();
            Progress progress = read();
            holds = stream.delivered() > before;
            if (progress == Progress.FINISHED) {
                StreamOutcome how = stream.outcome.getNow(null);
                boolean well = how instanceof StreamOutcome.Completed || stream.delivered() >= stream.plan.limit;
                journal.says(name, next.producerName, well ? "complete" : "fail");
                end(sink, well ? Ending.COMPLETE : Ending.FAIL);
            }
            return progress;
        }
    }

    /** Stands between a publisher and a subscriber, and writes down what passes. */
    private static final class Link implements Flow.Subscriber<Integer> {
        private final Forwarder forwarder;
        private final Flow.Subscriber<Integer> subscriber;

        Link(Forwarder forwarder) {
            this.forwarder = forwarder;
            subscriber = forwarder.sink.asSubscriber();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(subscription);
        }

        @Override
        public void onNext(Integer taken) {
            int element = forwarder.next.element(LiveStream.CHAIN, forwarder.number++);
            forwarder.journal.says(forwarder.name, forwarder.next.producerName, "passes on ", element, null);
            forwarder.play.check(() -> {
                forwarder.stream.delivered(taken);
                forwarder.next.accepted(element); // unless it becomes a dead letter
            });
            subscriber.onNext(element);
        }

        @Override
        public void onError(Throwable failure) {
            subscriber.onError(failure);
        }

        @Override
        public void onComplete() {
            subscriber.onComplete();
        }
    }
}
