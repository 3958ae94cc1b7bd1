package dev.penstock.stress;

import dev.penstock.stream.InactivityTimeoutException;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamOutcome;
import java.time.Duration;
import java.util.Iterator;

/**
 * The thread of a simulated system that blocks, in {@code put} and in the iterator: the simulation's own. Whoever forgets
 * to wake it leaves it asleep for ever, which the simulation reports.
 */
final class SleepingThread {

    private static final Duration PATIENCE = Duration.ofMillis(300);

    private final SimulatedSystem play;
    private final LiveStream stream;
    private final Scenario.Sleeper sleeper;
    private final Journal journal;
    private final String name;

    SleepingThread(SimulatedSystem play, LiveStream stream, Scenario.Sleeper sleeper) {
        this.play = play;
        this.stream = stream;
        this.sleeper = sleeper;
        journal = play.journal;
        name = sleeper.feed() < 0 ? play.readerName(stream) : SimulatedSystem.putterName(stream, sleeper.feed());
    }

    void run() {
        journal.sleeper(name);
        if (sleeper.feed() < 0) {
            LiveStream next = play.next(stream);
            SinkRef<Integer> sink = next == null ? null : play.take(next, play.answer(play.askForSink(next)));
            SourceRef<Integer> source = play.take(stream, play.answer(play.askForSource(stream)));
            if (source == null) {
                if (sink != null) {
                    sink.fail(SimulatedSystem.CAUSE);
                }
            } else if (next != null && sink == null) {
                source.close();
            } else {
                read(source, next, sink);
            }
        } else {
            SinkRef<Integer> sink = play.take(stream, play.answer(play.askForSink(stream)));
            if (sink != null) {
                feed(sink);
            }
        }
    }

    private void feed(SinkRef<Integer> sink) {
        Scenario.Feed feed = stream.plan.feeds.get(sleeper.feed());
        for (int number = 0; number < feed.elements; number++) {
            if (!put(stream, sink, stream.element(sleeper.feed(), number))) {
                return;
            }
        }
        journal.says(name, stream.producerName, feed.ending.word());
        TryingThread.end(sink, feed.ending);
    }

    /** Puts, blocking; false if the stream has ended. An interrupt says that the element was not accepted. */
    private boolean put(LiveStream into, SinkRef<Integer> sink, int element) {
        PutResult result = PutResult.FULL;
        into.waitsForRoom(false, true);
        while (result == PutResult.FULL) {
            journal.waits(name, into.producerName, "waits for room");
            try {
                if (sleeper.timed()) {
                    result = sink.tryPut(element, PATIENCE);
                } else {
                    sink.put(element);
                    result = PutResult.ACCEPTED;
                }
            } catch (StreamClosedException closed) {
                result = PutResult.CLOSED;
            } catch (InterruptedException interrupted) {
                journal.says(name, into.producerName, "is interrupted");
            }
        }
        into.waitsForRoom(true, false);
        journal.says(name, into.producerName, "puts ", element, result);
        if (result == PutResult.ACCEPTED) {
            into.accepted(element);
        }
        return result == PutResult.ACCEPTED;
    }

    private void read(SourceRef<Integer> source, LiveStream next, SinkRef<Integer> sink) {
        boolean timed = sleeper.timed() && next == null;
        int number = 0;
        StreamOutcome how = null;
        try (source) {
            Iterator<Integer> iterator = source.iterator();
            while (stream.delivered() < stream.plan.limit) {
                journal.waits(name, stream.consumerName, "waits for an element");
                if (timed ? !poll(source) : !takeNext(iterator)) {
                    break;
                }
                if (sink != null && !put(next, sink, next.element(LiveStream.CHAIN, number++))) {
                    return;
                }
            }
        } catch (StreamClosedException ended) {
            how = ended.outcome();
            journal.says(name, stream.consumerName, "hears of the end");
            StreamOutcome outcome = stream.outcome.getNow(null);
            Violation.unless(
                    ended.outcome().equals(outcome) && !(outcome instanceof StreamOutcome.Completed),
                    "a wrong exception",
                    () -> ended + ", and the outcome is " + outcome);
            if (ended instanceof InactivityTimeoutException) {
                Duration elapsed = play.simulation.elapsed();
                Violation.unless(
                        elapsed.compareTo(stream.plan.timeout) >= 0, "timed out too early", () -> "after " + elapsed);
            }
            Thread.interrupted(); // if it was that
        }
        if (sink != null) {
            TryingThread.end(sink, how == null ? Scenario.Ending.COMPLETE : Scenario.Ending.FAIL);
        }
    }

    private boolean takeNext(Iterator<Integer> iterator) {
        if (!iterator.hasNext()) {
            return false;
        }
        int element = iterator.next();
        journal.says(name, stream.consumerName, "takes ", element, null);
        stream.delivered(element);
        return true;
    }

    /** Takes one by calls with a time limit; false if the stream has ended. */
    private boolean poll(SourceRef<Integer> source) {
        while (true) {
            try {
                Integer element = source.poll(PATIENCE);
                if (element != null) {
                    journal.says(name, stream.consumerName, "takes ", element, null);
                    stream.delivered(element);
                    return true;
                } else if (stream.outcome.isDone()) {
                    return false;
                }
            } catch (InterruptedException interrupted) {
                // and again
            }
        }
    }
}
