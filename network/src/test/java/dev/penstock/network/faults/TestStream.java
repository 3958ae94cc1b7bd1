package dev.penstock.network.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.faults.Reports.Ending;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/** A stream from one node to another, and whether what its ends say can be true. */
final class TestStream {

    /** How long what is under way at the end may take to arrive in the ledgers. */
    private static final Duration REST = Duration.ofSeconds(10);

    final long run;
    final NodeProcess producer;
    final NodeProcess consumer;
    private final int demand;
    private final CompletableFuture<Object> producerEnded;
    private final CompletableFuture<Object> consumerEnded;

    /** What both ends say; null of one that was killed. */
    record Ends(Reports.OfProducer producer, Reports.OfConsumer consumer) {}

    /** Begins a stream, and waits until it flows. */
    TestStream(long run, NodeProcess producer, NodeProcess consumer, int perSecond, int demand, int consumerPauseMicros)
            throws InterruptedException {
        this.run = run;
        this.producer = producer;
        this.consumer = consumer;
        this.demand = demand;
        producer.ask("produce", run, perSecond);
        consumer.ask("consume", run, demand, consumerPauseMicros);
        flow();
        producerEnded = producer.send("producerEnded", run);
        consumerEnded = consumer.send("consumerEnded", run);
    }

    /** Waits until some more elements have come. */
    void flow() throws InterruptedException {
        if (!consumer.<Boolean>ask("taken", run, 50)) {
            throw new AssertionError(this + " has ended: " + ends());
        }
    }

    /** Whether one of its ends, of those that live, has ended. */
    boolean hasEnded() {
        return !producer.isKilled() && producerEnded.isDone() || !consumer.isKilled() && consumerEnded.isDone();
    }

    /** Has it complete, if it can. */
    void complete() throws InterruptedException {
        producer.ask("complete", run);
    }

    /** Waits until both ends, of those that live, have ended, and what they say agrees. */
    Ends awaitEnds() throws InterruptedException {
        if (!producer.isKilled()) {
            producer.get(producerEnded, "for the end of " + this);
        }
        if (!consumer.isKilled()) {
            consumer.get(consumerEnded, "for the end of " + this);
        }
        long deadline = System.nanoTime() + REST.toNanos();
        while (true) {
            Ends ends = ends();
            try {
                check(ends);
                return ends;
            } catch (AssertionError e) { // something may be on its way from one thread to another
                if (System.nanoTime() > deadline) {
                    throw e;
                }
            }
        }
    }

    Ends ends() throws InterruptedException {
        return new Ends(
                producer.isKilled() ? null : producer.ask("producerReport", run),
                consumer.isKilled() ? null : consumer.ask("consumerReport", run));
    }

    private void check(Ends ends) {
        if (ends.producer != null) {
            checkProducer(ends);
        }
        if (ends.consumer != null) {
            checkConsumer(ends);
        }
        long written = ends.producer != null ? ends.producer.ledger().delivered() : producer.box.read(run);
        long received = ends.consumer != null ? received(ends.consumer) : consumer.box.read(run);
        // Of a producer that was killed, what it was about to put counts as written. Of a consumer, what it had not
        // noted
        // counts as not received: beside what was requested, the element in its hand, in whose place it had requested
        // anew.
        long slack = ends.producer == null ? 64 : ends.consumer == null ? 1 : 0;
        long inDoubt = written - received;
        assertTrue(inDoubt >= 0 && inDoubt <= demand + slack, () -> inDoubt + " in doubt of " + ends);
        if (ends.producer != null && ends.producer.end().ending() == Ending.COMPLETED
                || ends.consumer != null && ends.consumer.end().ending() == Ending.COMPLETED) {
            assertEquals(0, inDoubt, () -> "completed, and not all: " + ends);
        }
    }

    private static void checkProducer(Ends ends) {
        Reports.OfProducer report = ends.producer;
        Reports.Ledger ledger = report.ledger();
        assertEquals(report.accepted(), ledger.offered(), ends::toString);
        assertEquals(0, ledger.buffered(), ends::toString);
        assertEquals(0, ledger.inFlight(), ends::toString);
        assertEquals(ledger.offered(), ledger.delivered() + ledger.undelivered(), ends::toString);
        // It was given back what it had not written, each once: with what it wrote that is all.
        assertEquals(numbers(ledger.delivered(), ledger.offered()), sorted(report.undelivered()), ends::toString);
        if (report.end().ending() == Ending.COMPLETED) {
            assertEquals(0, ledger.undelivered(), ends::toString);
        }
    }

    private static void checkConsumer(Ends ends) {
        Reports.OfConsumer report = ends.consumer;
        Reports.Ledger ledger = report.ledger();
        assertNull(report.wrong(), ends::toString);
        assertEquals(report.taken(), ledger.delivered(), ends::toString);
        assertEquals(0, ledger.inFlight(), ends::toString);
        assertEquals(report.undelivered().size(), ledger.undelivered(), ends::toString);
        assertEquals(numbers(report.taken(), received(report)), sorted(report.undelivered()), ends::toString);
        if (report.end().ending() == Ending.PEER_LOST) {
            assertEquals(received(report), report.end().lastSequence(), ends::toString);
        } else if (report.end().ending() == Ending.COMPLETED) {
            assertEquals(0, ledger.undelivered(), ends::toString);
        }
    }

    private static long received(Reports.OfConsumer report) {
        return report.taken() + report.undelivered().size();
    }

    private static List<Long> numbers(long after, long to) {
        return LongStream.rangeClosed(after + 1, to).boxed().toList();
    }

    private static List<Long> sorted(List<Long> numbers) {
        List<Long> copy = new ArrayList<>(numbers);
        Collections.sort(copy);
        return copy;
    }

    @Override
    public String toString() {
        return "stream " + run + " from " + producer.name + " to " + consumer.name + ", demand " + demand;
    }
}
