package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.UndeliveredReason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** What a test saw of each element, to be compared with what the stream says. For any thread. */
final class Accounts {

    /** Elements of one input are numbered from a multiple of this. */
    static final int INPUT = 1_000_000;

    /** The input that pushes come from. */
    static final int PUSHES = 99;

    private final Queue<Integer> accepted = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> delivered = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> undelivered = new ConcurrentLinkedQueue<>();
    private final AtomicInteger deliveredCount = new AtomicInteger();
    private final AtomicInteger undeliveredCount = new AtomicInteger();
    private final Queue<UndeliveredReason> reasons = new ConcurrentLinkedQueue<>();

    static int element(int input, int number) {
        return input * INPUT + number;
    }

    void accepted(int element) {
        accepted.add(element);
    }

    /** It was a push, and came back as a dead letter. */
    void refused(int element) {
        assertTrue(accepted.remove(element), element + " was refused twice");
    }

    void delivered(int element) {
        delivered.add(element);
        deliveredCount.incrementAndGet();
    }

    BiConsumer<Integer, UndeliveredReason> undelivered() {
        return (element, reason) -> {
            undelivered.add(element);
            undeliveredCount.incrementAndGet();
            reasons.add(reason);
        };
    }

    List<Integer> accepted() {
        return List.copyOf(accepted);
    }

    List<Integer> delivered() {
        return List.copyOf(delivered);
    }

    List<Integer> left() {
        return List.copyOf(undelivered);
    }

    int acceptedCount() {
        return accepted.size();
    }

    int deliveredCount() {
        return deliveredCount.get();
    }

    int settledCount() {
        return deliveredCount.get() + undeliveredCount.get();
    }

    /** Elements of one input come in the order in which they were put, none twice; from the first one, none left out. */
    void checkOrder() {
        Map<Integer, Integer> last = new HashMap<>();
        for (int element : delivered) {
            int input = element / INPUT;
            Integer before = last.put(input, element);
            if (input == PUSHES) {
                assertTrue(before == null || before < element, () -> "out of order: " + delivered);
            } else {
                assertEquals(before == null ? input * INPUT : before + 1, element, () -> "out of order: " + delivered);
            }
        }
    }

    /** At the end: each element that was accepted went to one place, and the ledger says so too. */
    void checkSettled(StreamLedger ledger, StreamOutcome outcome) {
        checkOrder();
        List<Integer> settled = new ArrayList<>(delivered);
        settled.addAll(undelivered);
        assertEquals(
                accepted.stream().sorted().toList(),
                settled.stream().sorted().toList(),
                () -> "accepted, and delivered or undelivered once; delivered: " + delivered + ", undelivered: "
                        + undelivered + ", " + outcome + ", " + ledger);
        assertEquals(0, ledger.buffered(), ledger::toString);
        assertEquals(0, ledger.inFlight(), ledger::toString);
        assertEquals(accepted.size(), ledger.offered(), ledger::toString);
        assertEquals(delivered.size(), ledger.delivered(), ledger::toString);
        assertEquals(undelivered.size(), ledger.undelivered(), ledger::toString);
        if (outcome instanceof StreamOutcome.Completed) {
            assertEquals(List.of(), left(), "left over by a stream that completed");
            return;
        }
        UndeliveredReason reason = reason(outcome);
        assertEquals(undelivered.size(), ledger.undelivered(reason), ledger::toString);
        assertEquals(Stream.generate(() -> reason).limit(reasons.size()).toList(), List.copyOf(reasons));
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
}
