package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.UndeliveredReason;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** One stream of a soak round: its actors and ends, the threads that feed it and read it, and its account at the end. */
final class SoakStream {

    /** Longer than the watchdog waits: it is the one to notice. */
    static final Duration ASK_LIMIT = Duration.ofMinutes(2);

    private final SoakRound round;
    private final String name;
    private final SoakShape shape;
    private final List<SoakFeeder> feeders = new ArrayList<>();
    private final SoakReader reader;
    private final AtomicInteger feeding; // threads that have not come to their end
    private final AtomicLongArray reasons = new AtomicLongArray(UndeliveredReason.values().length);

    // written: the round's thread, before the others start
    private ActorRef<ProducerMessage<SoakElement>> producer;
    private ActorRef<ConsumerMessage<SoakElement>> consumer;
    private boolean up;
    private CompletableFuture<StreamOutcome> outcome;
    private WeakReference<SourceRef<SoakElement>> lookAtSource = new WeakReference<>(null);

    // written: the round's thread, then the reader, volatile; the only strong reference if the reader has none
    private volatile SourceRef<SoakElement> source;
    // written: any thread, volatile; read: the round's thread at the end
    private volatile boolean closedByOther;
    private volatile boolean producerFailed;
    private volatile boolean consumerFailed;

    SoakStream(SoakRound round, String name, SplittableRandom random) {
        this.round = round;
        this.name = name;
        shape = SoakShape.draw(round.selection(), round.hasVirtualWorkers(), random);
        for (int i = 0; i < shape.feeds().size(); i++) {
            String title = name + "-" + shape.feeds().get(i).name().toLowerCase(Locale.ROOT) + "-" + i;
            feeders.add(new SoakFeeder(
                    round, this, title, shape.feeds().get(i), shape.sizes().get(i)));
        }
        feeding = new AtomicInteger(feeders.size());
        reader = new SoakReader(round, this);
    }

    // ---- the round's thread: the beginning

    /** Spawns the actors and asks them for the ends; false if the system was closed before that was done. */
    boolean setUp(ActorSystem system) {
        try {
            producer =
                    system.spawn(supervised(StreamProducer.<SoakElement>create(producerOptions())), name + "-producer");
            SpawnOptions where = SpawnOptions.defaults();
            if (shape.ownLane()) {
                where = where.ownLane();
            }
            if (shape.has(Fault.FULL_MAILBOX)) {
                round.happened(Fault.FULL_MAILBOX);
                where = where.boundedMailbox(Math.max(1, shape.window() / 2));
            }
            consumer = system.spawn(
                    supervised(StreamConsumer.<SoakElement>create(producer, consumerOptions())),
                    name + "-consumer",
                    where);
            source =
                    system.ask(consumer, GetSource<SoakElement>::new, ASK_LIMIT).join();
            outcome = source.outcome();
            lookAtSource = new WeakReference<>(source);
            // After the source: by then the consumer has subscribed, and the two ends are one.
            for (SoakFeeder feeder : feeders) {
                SinkRef<SoakElement> sink = feeder.wantsSink()
                        ? system.ask(producer, GetSink<SoakElement>::new, ASK_LIMIT)
                                .join()
                        : null;
                feeder.setUp(producer, sink);
            }
            up = true;
        } catch (IllegalStateException | CompletionException refused) {
            if (!round.isClosing()) {
                round.breach(name + " could not be set up: " + Worker.trace(refused));
            }
            if (source != null) {
                source.close();
            }
        }
        return up;
    }

    private ProducerOptions producerOptions() {
        ProducerOptions options =
                ProducerOptions.defaults().bufferSize(shape.bufferSize()).waitStrategy(shape.putWait());
        return (shape.handlers() & 1) == 0 ? options : options.onUndelivered(this::onUndelivered);
    }

    private ConsumerOptions consumerOptions() {
        ConsumerOptions options = ConsumerOptions.defaults()
                .initialDemand(shape.window())
                .waitStrategy(shape.takeWait())
                .inactivityTimeout(shape.inactivity());
        return (shape.handlers() & 2) == 0 ? options : options.onUndelivered(this::onUndelivered);
    }

    private <M> Behavior<M> supervised(Behavior<M> behavior) {
        return shape.restarts()
                ? Behaviors.supervise(behavior, SupervisorStrategy.restart().withLimit(3, Duration.ZERO))
                : behavior;
    }

    void start() {
        reader.start(name + "-reader");
        feeders.forEach(SoakFeeder::start);
    }

    // ---- any thread

    SoakShape shape() {
        return shape;
    }

    boolean isUp() {
        return up;
    }

    boolean isOver() {
        return outcome.isDone();
    }

    /** Whether a reader that dropped its source has an element in its hand, for the garbage collector to find. */
    boolean isInHand() {
        return up
                && shape.has(Fault.DROP_SOURCE)
                && feeders.stream().anyMatch(feeder -> feeder.tally().outstanding() > 0);
    }

    int taken() {
        return reader.taken();
    }

    long sum() {
        return feeders.stream()
                .mapToLong(feeder -> feeder.tally().acceptedCount())
                .sum();
    }

    ActorRef<ProducerMessage<SoakElement>> producer() {
        return producer;
    }

    ActorRef<ConsumerMessage<SoakElement>> consumer() {
        return consumer;
    }

    SoakReader reader() {
        return reader;
    }

    List<SoakFeeder> feeders() {
        return feeders;
    }

    private void onUndelivered(SoakElement element, UndeliveredReason reason) {
        reasons.incrementAndGet(reason.ordinal());
        element.tally().left(element.number());
        if (shape.has(Fault.HANDLER_THROWS)) {
            round.happened(Fault.HANDLER_THROWS);
            throw new Fault.Planned("a handler of undelivered elements");
        }
    }

    /** A feeder is at its end; the last one completes a stream that has no sink to complete it. */
    void fed() {
        if (feeding.decrementAndGet() == 0 && feeders.stream().noneMatch(SoakFeeder::wantsSink)) {
            producer.tell(new CompleteStream<>());
        }
    }

    SourceRef<SoakElement> takeSource() {
        SourceRef<SoakElement> taken = source;
        source = null;
        return taken;
    }

    void giveSourceBack(SourceRef<SoakElement> given) {
        source = given;
    }

    void closeSource() {
        SourceRef<SoakElement> found = lookAtSource.get();
        if (found != null) {
            closedByOther = true;
            found.close();
        }
    }

    void producerWillFail() {
        producerFailed = true;
    }

    void consumerWillFail() {
        consumerFailed = true;
    }

    /** Whether one of its actors lives on, restarted, after the stream's end. */
    boolean isRestarted() {
        return shape.restarts() && (producerFailed || consumerFailed);
    }

    // ---- the round's thread: the end, when all threads have been joined and the system is closed

    /** Adds what is to be kept until it is seen that nothing hangs on it; and the objects that are to go with the round. */
    void leave(List<Object> kept, List<Object> leaving) {
        for (SoakFeeder feeder : feeders) {
            if (feeder.sink() != null) {
                kept.add(feeder.sink());
                leaving.add(feeder.sink());
            }
        }
        if (source != null) {
            kept.add(source);
            leaving.add(source);
        }
        kept.add(producer);
        kept.add(consumer);
        leaving.add(producer);
        leaving.add(consumer);
    }

    /** Compares what everybody says. */
    void check() {
        StreamOutcome how = outcome.getNow(null);
        long in = 0;
        long delivered = 0;
        long left = 0;
        for (SoakFeeder feeder : feeders) {
            in += feeder.tally().settle();
            delivered += feeder.tally().deliveredCount();
            left += feeder.tally().leftCount();
            if (feeder.sink() != null) {
                expect(how, feeder.sink().outcome().getNow(null), "outcome of a sink");
            }
        }
        boolean elsewhere = shape.restarts() && producerFailed; // pushes, in the stream of the restarted producer
        for (StreamLedger ledger : ledgers()) {
            expect(0L, ledger.buffered(), "buffered");
            expect(delivered, ledger.delivered(), "delivered");
            expect(0L, ledger.inFlight(), "in flight");
            expect(ledger.offered(), ledger.delivered() + ledger.undelivered(), "delivered and undelivered");
            if (!elsewhere) {
                expect(in, ledger.offered(), "offered");
                expect(left, ledger.undelivered(), "undelivered");
                boolean completed = how instanceof StreamOutcome.Completed;
                expect(left, completed ? 0 : reasons.get(reason(how).ordinal()), "undelivered for that reason, " + how);
            }
        }
        if (how instanceof StreamOutcome.TimedOut) {
            round.happened(Fault.INACTIVITY_TIMEOUT);
        }
        if (reader.told() != null) {
            expect(how, reader.told(), "what the reader was told");
        } else if (reader.isSilent() && !(how instanceof StreamOutcome.Completed) && !closedByOther) {
            round.breach(name + ": the reader saw a clean end, and it was " + how);
        }
        if (how instanceof StreamOutcome.Failed failed && failed.cause() instanceof AssertionError) {
            round.breach(name + ": " + Worker.trace(failed.cause()));
        }
    }

    private List<StreamLedger> ledgers() {
        List<StreamLedger> all = new ArrayList<>();
        for (SoakFeeder feeder : feeders) {
            if (feeder.sink() != null) {
                all.add(feeder.sink().ledger());
            }
        }
        if (source != null) {
            all.add(source.ledger());
        }
        return all;
    }

    private void expect(Object expected, Object found, String what) {
        if (!expected.equals(found)) {
            round.breach(name + ": " + what + ": " + found + ", and not " + expected);
        }
    }

    private static UndeliveredReason reason(StreamOutcome how) {
        if (how instanceof StreamOutcome.Failed) {
            return UndeliveredReason.FAILED;
        } else if (how instanceof StreamOutcome.TimedOut) {
            return UndeliveredReason.TIMED_OUT;
        } else if (how instanceof StreamOutcome.PeerLost) {
            return UndeliveredReason.PEER_LOST;
        }
        return UndeliveredReason.CANCELLED;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name + ": " + shape);
        text.append("\n    outcome ").append(outcome == null ? null : outcome.getNow(null));
        for (SoakFeeder feeder : feeders) {
            text.append("\n    ").append(feeder.tally());
        }
        for (StreamLedger ledger : ledgers()) {
            text.append("\n    ").append(ledger);
        }
        return text.toString();
    }
}
