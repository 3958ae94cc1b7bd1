package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.UndeliveredReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * A stream of a simulated system, what its threads saw of each element, and what must hold of it: after every step, and at
 * the end. Elements are numbers that say which input of which stream they came by.
 */
final class LiveStream {

    /** The input that pushes come by; some of them are refused. */
    static final int PUSHES = 90;

    /** The input that the reader of the stream before feeds. */
    static final int CHAIN = 91;

    private static final int PER_STREAM = 1_000_000;
    private static final int PER_INPUT = 10_000;

    /** Where an element is, as its threads know. */
    private enum Place {
        ACCEPTED,
        DELIVERED,
        UNDELIVERED,
        REFUSED,
        DROPPED
    }

    final int index;
    final String name;
    final String producerName;
    final String consumerName;
    final Scenario.StreamPlan plan;
    final List<SinkRef<Integer>> sinks = new ArrayList<>(); // those that were given out
    ActorRef<ProducerMessage<Integer>> producer;
    ActorRef<ConsumerMessage<Integer>> consumer; // or the user's subscriber
    SourceRef<Integer> source; // null until it is given out, and with a user's subscriber
    CompletableFuture<StreamOutcome> outcome; // of the source
    long requested; // by the user's subscriber, and in its name

    private final boolean settled;
    private final int base;
    private final Map<Integer, Place> places = new HashMap<>();
    private final Map<Integer, Integer> lastOf = new HashMap<>(); // by input
    private final List<UndeliveredReason> reasons = new ArrayList<>();
    private int accepted;
    private int delivered;
    private int undelivered;
    private int refused;
    private int dropped; // told to a subscriber that had stopped before it came to them
    private int full; // how many threads wait for room
    private boolean stuck; // one of those who wait could have gone on
    private String cutOff; // a thread whose sink had been open, and was closed by another
    private Violation found; // where it could not be thrown

    LiveStream(int number, int index, int generation, Scenario scenario) {
        this.index = index;
        this.name = Scenario.letter(index) + (generation == 0 ? "" : String.valueOf(generation + 1));
        this.producerName = "producer-" + name;
        this.consumerName = "consumer-" + name;
        this.plan = scenario.streams.get(index);
        this.settled = scenario.settled;
        this.base = number * PER_STREAM;
    }

    static int numberOf(int element) {
        return element / PER_STREAM;
    }

    int element(int input, int number) {
        return base + input * PER_INPUT + number;
    }

    int delivered() {
        return delivered;
    }

    // ---- what befalls an element

    void accepted(int element) {
        Violation.unless(
                places.put(element, Place.ACCEPTED) == null, "test", () -> element + " is accepted a second time");
        accepted++;
    }

    void delivered(int element) {
        move(element, Place.DELIVERED);
        delivered++;
        int input = element / PER_INPUT;
        Integer before = lastOf.put(input, element);
        boolean inOrder = input % (PER_STREAM / PER_INPUT) == PUSHES
                ? before == null || before < element
                : element == (before == null ? input * PER_INPUT : before + 1);
        Violation.unless(
                inOrder, "order", () -> shown(element) + " came after " + shown(before) + " in stream " + name);
    }

    /** What the stream is given to hand undelivered elements to; what that throws is swallowed. */
    BiConsumer<Integer, UndeliveredReason> handler() {
        return (element, reason) -> {
            try {
                if (places.get(element) == Place.DROPPED) { // the subscriber refused it: the producer heard of that
                    places.put(element, Place.ACCEPTED);
                    dropped--;
                }
                move(element, Place.UNDELIVERED);
                undelivered++;
                reasons.add(reason);
            } catch (Violation violation) {
                found = found == null ? violation : found;
            }
        };
    }

    /** A push that became a dead letter. */
    void refused(int element) {
        move(element, Place.REFUSED);
        refused++;
    }

    /** A dead letter in the mailbox of the user's subscriber. */
    void dropped(int element) {
        move(element, Place.DROPPED);
        dropped++;
    }

    private void move(int element, Place to) {
        Place from = places.put(element, to);
        Violation.unless(
                from == Place.ACCEPTED,
                "once",
                () -> shown(element) + " of stream " + name + " is " + to + ", and was " + from + " before");
    }

    /** An element as its thread numbers it. */
    static String shown(Integer element) {
        if (element == null) {
            return "nothing";
        }
        int input = element % PER_STREAM / PER_INPUT;
        String from = input == PUSHES ? "push " : input == CHAIN ? "forwarded " : input == 0 ? "" : input + ".";
        return from + element % PER_INPUT;
    }

    /** A thread finds its sink full, or no more. */
    void waitsForRoom(boolean before, boolean now) {
        full += (now ? 1 : 0) - (before ? 1 : 0);
    }

    /** A thread has lost its sink, which had been open, to another's end. */
    void cutOff(String thread) {
        cutOff = thread;
    }

    // ---- after every step

    /** Time has passed, so nothing was ready: nobody may have waited for what could have been had. */
    void timePassed() {
        Violation.unless(
                !stuck, "only time helped", () -> "a sink of stream " + name + " was full, in spite of demand");
    }

    void check() {
        if (found != null) {
            throw found;
        }
        if (!sinks.isEmpty()) {
            check(sinks.get(0).ledger());
        }
        if (source != null) {
            check(source.ledger());
        }
    }

    private void check(StreamLedger ledger) {
        Violation.unless(
                ledger.offered() == ledger.delivered() + ledger.buffered() + ledger.inFlight() + ledger.undelivered(),
                "ledger balance",
                () -> name + ": " + ledger);
        if (plan.bufferSize > 0) {
            Violation.unless(
                    ledger.buffered() <= (long) plan.inputs() * plan.bufferSize,
                    "sink bound",
                    () -> plan.inputs() + " buffers of " + plan.bufferSize + " of stream " + name + ": " + ledger);
        }
        if (plan.hasSubscriber()) {
            Violation.unless(
                    ledger.delivered() <= requested,
                    "sent beyond demand",
                    () -> requested + " were requested of stream " + name + ": " + ledger);
        } else {
            Violation.unless(
                    ledger.inFlight() <= plan.window,
                    "window",
                    () -> "the window of stream " + name + " is " + plan.window + ": " + ledger);
            stuck = full > 0 && ledger.inFlight() < plan.window;
            Violation.unless(
                    ledger.delivered() == delivered,
                    "ledger delivered",
                    () -> delivered + " were taken of stream " + name + ": " + ledger);
        }
    }

    // ---- at the end

    /**
     * Checks all that must hold in the end. {@code allowed} are the outcomes that something in the scenario explains;
     * {@code mayBeCutOff} says whether the stream may have been completed from outside.
     */
    void settle(Set<String> allowed, boolean mayBeCutOff) {
        check();
        StreamOutcome how = null;
        for (SinkRef<Integer> sink : sinks) {
            StreamOutcome sinks = sink.outcome().getNow(null);
            Violation.unless(sinks != null, "no outcome", () -> "a sink of stream " + name);
            Violation.unless(
                    sink.tryPut(-1) == PutResult.CLOSED, "open after the end", () -> "a sink of stream " + name);
            settle(sink.ledger(), sinks);
            how = sinks;
        }
        StreamOutcome sourceEnd = source == null ? how : outcome.getNow(null);
        Violation.unless(source == null || sourceEnd != null, "no outcome", () -> "the source of stream " + name);
        StreamOutcome sinkEnd = how == null ? sourceEnd : how;
        boolean met = settled || source == null || source.ledger().offered() > 0; // or the source has books of its own
        Violation.unless(
                !met || sourceEnd == null || sourceEnd.equals(sinkEnd),
                "two outcomes",
                () -> "stream " + name + ": the sinks say " + sinkEnd + ", the source " + sourceEnd);
        if (met && sourceEnd != null) {
            if (source != null) {
                settle(source.ledger(), sourceEnd);
            }
            Violation.unless(
                    cutOff == null || mayBeCutOff || !(sourceEnd instanceof StreamOutcome.Completed),
                    "completed too early",
                    () -> "stream " + name + " completed, but " + cutOff + " had not");
            Violation.unless(
                    allowed.contains(kind(sourceEnd)),
                    "unexplained outcome",
                    () -> "stream " + name + ": " + sourceEnd + ", where these could be: " + allowed);
        }
        places.forEach((element, place) -> Violation.unless(
                place != Place.ACCEPTED || (sinks.isEmpty() && source == null),
                "lost",
                () -> shown(element) + " of stream " + name + " was accepted, and is nowhere; " + sinkEnd));
    }

    private void settle(StreamLedger ledger, StreamOutcome how) {
        int entered = accepted - refused;
        Violation.unless(
                ledger.offered() == entered
                        && ledger.delivered() == delivered + dropped
                        && ledger.undelivered() == undelivered
                        && ledger.buffered() == 0
                        && ledger.inFlight() == 0,
                "ledger at the end",
                () -> name + ": " + entered + " accepted, " + (delivered + dropped) + " delivered, " + undelivered
                        + " undelivered, " + how + ": " + ledger);
        if (how instanceof StreamOutcome.Completed) {
            Violation.unless(
                    undelivered == 0,
                    "left over by a completed stream",
                    () -> undelivered + " elements of stream " + name);
        }
        UndeliveredReason reason = reason(how);
        Violation.unless(
                reasons.stream().allMatch(given -> given == reason),
                "wrong reason",
                () -> name + ": " + reasons + " where the outcome is " + how);
    }

    private static UndeliveredReason reason(StreamOutcome outcome) {
        if (outcome instanceof StreamOutcome.Failed) {
            return UndeliveredReason.FAILED;
        } else if (outcome instanceof StreamOutcome.TimedOut) {
            return UndeliveredReason.TIMED_OUT;
        } else if (outcome instanceof StreamOutcome.PeerLost) {
            return UndeliveredReason.PEER_LOST;
        }
        return UndeliveredReason.CANCELLED;
    }

    /** How it ended; null if none of its ends was given out, or it has not. */
    String end() {
        StreamOutcome how = source != null
                ? outcome.getNow(null)
                : sinks.isEmpty() ? null : sinks.get(0).outcome().getNow(null);
        return how == null ? null : kind(how);
    }

    static String kind(StreamOutcome outcome) {
        return outcome.getClass().getSimpleName();
    }
}
