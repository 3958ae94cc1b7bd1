package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamOutcome;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Sources that nobody holds any more. */
class DroppedSourceTest {

    private static final Logger LOGGER = Logger.getLogger("dev.penstock.stream");

    private final Queue<LogRecord> logged = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private final Level levelBefore = LOGGER.getLevel();

    @BeforeEach
    void listen() {
        LOGGER.setLevel(Level.ALL); // other tests turn the logs of the whole library off
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
        LOGGER.setLevel(levelBefore);
    }

    private boolean wasLogged(String consumerPath) {
        return logged.stream()
                .anyMatch(record -> record.getMessage().contains(consumerPath)
                        && record.getMessage().contains("dropped")
                        && record.getThrown() != null);
    }

    /** A stream whose source is dropped on return. */
    private static Ends<Integer> withoutSource(Rig rig) {
        Ends<Integer> ends = rig.stream(4, 4);
        return new Ends<>(ends.producer(), ends.consumer(), ends.sink(), null);
    }

    private static Iterator<Integer> iteratorAlone(Rig rig, SinkRef<Integer>[] sink) {
        Ends<Integer> ends = rig.stream(4, 4);
        sink[0] = ends.sink();
        return ends.source().iterator();
    }

    private static void dropPublisher(Ends<Integer> ends) {
        ends.source().asPublisher();
    }

    @EachSetup
    void droppedSourceIsCancelledAndLogged(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = withoutSource(rig);
            ends.sink().tryPut(1);
            Awaiting.that("cancelled by the collector", () -> {
                System.gc();
                return ends.sink().outcome().isDone();
            });
            assertEquals(new StreamOutcome.Cancelled(), ends.sink().outcome().join());
            rig.awaitStopped(ends);
            assertEquals(1, ends.sink().ledger().undelivered());
            Awaiting.that("logged", () -> wasLogged(ends.consumer().path()));
        }
    }

    @EachSetup
    void elementInTheHandOfADroppedReaderIsUndelivered(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = droppedWithAnElementInHand(rig);
            Awaiting.that("cancelled by the collector", () -> {
                System.gc();
                return sink.outcome().isDone() && sink.ledger().undelivered() == 1;
            });
            Rig.assertSettled(sink.ledger());
        }
    }

    @EachSetup
    void elementInTheHandOfAReaderThatDropsAClosedSourceIsUndelivered(Setup setup) {
        try (Rig rig = setup.open()) {
            SinkRef<Integer> sink = closedByAnotherAndDroppedWithAnElementInHand(rig);
            Awaiting.that("found by the collector", () -> {
                System.gc();
                return sink.ledger().undelivered() == 1;
            });
            Rig.assertSettled(sink.ledger());
        }
    }

    private static SinkRef<Integer> droppedWithAnElementInHand(Rig rig) {
        return withAnElementInHand(rig).sink();
    }

    private static SinkRef<Integer> closedByAnotherAndDroppedWithAnElementInHand(Rig rig) {
        Ends<Integer> ends = withAnElementInHand(rig);
        Background.start("closer", () -> {
                    ends.source().close();
                    return null;
                })
                .result();
        return ends.sink();
    }

    private static Ends<Integer> withAnElementInHand(Rig rig) {
        Ends<Integer> ends = rig.stream(4, 4);
        ends.sink().tryPut(1);
        assertTrue(ends.source().iterator().hasNext());
        return ends;
    }

    @EachSetup
    void iteratorKeepsItsSource(Setup setup) {
        try (Rig rig = setup.open()) {
            @SuppressWarnings({"unchecked", "rawtypes"}) // one sink
            SinkRef<Integer>[] sink = new SinkRef[1];
            Iterator<Integer> iterator = iteratorAlone(rig, sink);
            withoutSource(rig);
            Awaiting.that("the other source is collected", () -> {
                System.gc();
                return !logged.isEmpty();
            });
            assertFalse(sink[0].outcome().isDone());
            sink[0].tryPut(1);
            assertEquals(1, iterator.next());
        }
    }

    @EachSetup
    void sourceThatWasClosedIsNotLogged(Setup setup) {
        try (Rig rig = setup.open()) {
            String closed = closedAndDropped(rig);
            Ends<Integer> dropped = withoutSource(rig);
            Awaiting.that("the other source is collected", () -> {
                System.gc();
                return wasLogged(dropped.consumer().path());
            });
            assertFalse(wasLogged(closed));
        }
    }

    private static String closedAndDropped(Rig rig) {
        Ends<Integer> ends = rig.stream(4, 4);
        ends.source().close();
        return ends.consumer().path();
    }

    @EachSetup
    void publisherWithoutSubscriberThatIsDroppedIsCancelled(Setup setup) {
        try (Rig rig = setup.open()) {
            Ends<Integer> ends = rig.stream(4, 4);
            dropPublisher(ends);
            SinkRef<Integer> sink = ends.sink();
            ends = null;
            Awaiting.that("cancelled by the collector", () -> {
                System.gc();
                return sink.outcome().isDone();
            });
            rig.awaitNoActors();
        }
    }
}
