package dev.penstock.network.faults;

import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What the two ends of a stream say of it. Numbers of elements count from 1. */
final class Reports {

    private Reports() {}

    /** How a stream ended, as one end says. */
    enum Ending {
        OPEN,
        COMPLETED,
        PEER_LOST,
        /** Which is wrong: nobody cancels or fails a stream here, or breaks the protocol. */
        OTHER
    }

    /**
     * An outcome.
     *
     * @param ending its kind
     * @param lastSequence of a loss, the number of the last element received; -1 if unknown
     * @param text the whole of it
     * @param nanos when, by the machine's monotonic clock
     */
    record End(Ending ending, long lastSequence, String text, long nanos) implements Serializable {
        static End of(CompletableFuture<StreamOutcome> outcome, long nanos) {
            StreamOutcome how = outcome.getNow(null);
            if (how instanceof StreamOutcome.PeerLost lost) {
                return new End(Ending.PEER_LOST, lost.lastSequence(), how.toString(), nanos);
            }
            Ending ending = how == null
                    ? Ending.OPEN
                    : how instanceof StreamOutcome.Completed ? Ending.COMPLETED : Ending.OTHER;
            return new End(ending, -1, String.valueOf(how), nanos);
        }
    }

    /** A {@link StreamLedger} that travels. */
    record Ledger(long offered, long delivered, long buffered, long inFlight, long undelivered)
            implements Serializable {
        static Ledger of(StreamLedger ledger) {
            return new Ledger(
                    ledger.offered(), ledger.delivered(), ledger.buffered(), ledger.inFlight(), ledger.undelivered());
        }
    }

    /**
     * The producer's end.
     *
     * @param end how it ended
     * @param accepted so many puts returned
     * @param ledger its ledger
     * @param undelivered what it was given back
     */
    record OfProducer(End end, long accepted, Ledger ledger, List<Long> undelivered) implements Serializable {}

    /**
     * The consumer's end.
     *
     * @param end how it ended
     * @param taken so many elements were taken
     * @param wrong the first that was not the next one; null if all were
     * @param ledger its ledger
     * @param undelivered what was received and not taken
     */
    record OfConsumer(End end, long taken, String wrong, Ledger ledger, List<Long> undelivered)
            implements Serializable {}

    /**
     * An actor of another node that was watched.
     *
     * @param terminations how often its end was signalled
     * @param takes whether its ref takes a message now
     */
    record Met(int terminations, boolean takes) implements Serializable {}

    /** Latencies in nanoseconds. */
    record Latency(int count, long median, long p99, long max) implements Serializable {}
}
