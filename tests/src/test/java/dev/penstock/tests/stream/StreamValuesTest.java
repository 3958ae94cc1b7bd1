package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.AlreadySubscribedException;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InputReady;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.stream.UndeliveredReason;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.function.Executable;

/** Messages, outcomes, ledgers and options as values. */
class StreamValuesTest {

    /** A ref that goes nowhere. */
    private record Nowhere<M>(String path) implements ActorRef<M> {
        @Override
        public boolean tell(M message) {
            return false;
        }
    }

    private static final Throwable CAUSE = new ArithmeticException("cause");

    private static <T> void assertValue(Supplier<T> one) {
        assertNotSame(one.get(), one.get());
        assertEquals(one.get(), one.get());
        assertEquals(one.get().hashCode(), one.get().hashCode());
        assertEquals(one.get().toString(), one.get().toString());
    }

    private static void assertMessage(Class<? extends RuntimeException> type, String part, Executable wrong) {
        RuntimeException thrown = assertThrows(type, wrong);
        assertTrue(String.valueOf(thrown.getMessage()).contains(part), thrown::toString);
    }

    @Test
    void messagesAreEqualByValue() {
        ActorRef<ConsumerMessage<String>> consumer = new Nowhere<>("consumer");
        ActorRef<SinkRef<String>> sinks = new Nowhere<>("sinks");
        ActorRef<SourceRef<String>> sources = new Nowhere<>("sources");
        List<Supplier<ProducerMessage<String>>> toProducers = List.of(
                () -> new GetSink<>(sinks),
                () -> new Subscribe<>(consumer, 3),
                () -> new StreamDemand<>(3),
                StreamCancel::new,
                () -> new Push<>("a"),
                InputReady::new,
                CompleteStream::new,
                () -> new FailStream<>(CAUSE));
        List<Supplier<ConsumerMessage<String>>> toConsumers = List.of(
                () -> new GetSource<>(sources),
                () -> new StreamElement<>("a"),
                StreamCompleted::new,
                () -> new StreamFailed<>(CAUSE),
                () -> new StreamDemand<>(3),
                StreamCancel::new);
        toProducers.forEach(StreamValuesTest::assertValue);
        toConsumers.forEach(StreamValuesTest::assertValue);
        assertNotEquals(new StreamDemand<String>(3), new StreamDemand<String>(4));
        assertNotEquals(new StreamElement<>("a"), new StreamElement<>("b"));
        assertNotEquals(new Subscribe<>(consumer, 3), new Subscribe<>(consumer, 4));
    }

    @Test
    void outcomesAreEqualByValue() {
        ActorRef<String> ref = new Nowhere<>("lost");
        List<Supplier<StreamOutcome>> outcomes = List.of(
                StreamOutcome.Completed::new,
                StreamOutcome.Cancelled::new,
                () -> new StreamOutcome.Failed(CAUSE),
                () -> new StreamOutcome.TimedOut(Duration.ofMillis(200)),
                () -> new StreamOutcome.PeerLost(ref),
                () -> new StreamOutcome.PeerLost(ref, 3));
        outcomes.forEach(StreamValuesTest::assertValue);
        assertNotEquals(
                new StreamOutcome.TimedOut(Duration.ofMillis(200)), new StreamOutcome.TimedOut(Duration.ofMillis(201)));
        assertNotEquals(new StreamOutcome.Failed(CAUSE), new StreamOutcome.Failed(new ArithmeticException("cause")));
        assertNotEquals(new StreamOutcome.PeerLost(ref), new StreamOutcome.PeerLost(ref, 3));
        assertEquals(-1, new StreamOutcome.PeerLost(ref).lastSequence());
    }

    @Test
    void whatTheOtherNodeSaysOfASecondSubscriptionIsTakenAsItIs() {
        String text = "AlreadySubscribed: /there/producer is already subscribed by /there/consumer";
        assertEquals(text, new AlreadySubscribedException(text).getMessage());
    }

    @Test
    void nullsAreNoValues() {
        assertThrows(NullPointerException.class, () -> new Push<>(null));
        assertThrows(NullPointerException.class, () -> new StreamElement<>(null));
        assertThrows(NullPointerException.class, () -> new FailStream<>(null));
        assertThrows(NullPointerException.class, () -> new StreamFailed<>(null));
        assertThrows(NullPointerException.class, () -> new GetSink<>(null));
        assertThrows(NullPointerException.class, () -> new GetSource<>(null));
        assertThrows(NullPointerException.class, () -> new Subscribe<>(null, 1));
        assertThrows(NullPointerException.class, () -> new StreamOutcome.Failed(null));
    }

    @Test
    void ledgerSumsAndCopies() {
        Map<UndeliveredReason, Long> lost = new EnumMap<>(UndeliveredReason.class);
        lost.put(UndeliveredReason.CANCELLED, 2L);
        lost.put(UndeliveredReason.FAILED, 3L);
        StreamLedger ledger = new StreamLedger(10, 5, 0, 0, lost);
        lost.clear();
        assertEquals(5, ledger.undelivered());
        assertEquals(2, ledger.undelivered(UndeliveredReason.CANCELLED));
        assertEquals(3, ledger.undelivered(UndeliveredReason.FAILED));
        assertEquals(0, ledger.undelivered(UndeliveredReason.PEER_LOST));
        assertThrows(
                UnsupportedOperationException.class,
                () -> ledger.undeliveredBy().clear());
        assertEquals(ledger, new StreamLedger(10, 5, 0, 0, ledger.undeliveredBy()));
        assertEquals(0, new StreamLedger(0, 0, 0, 0, Map.of()).undelivered());
    }

    @Test
    void enumsHaveTheirConstants() {
        assertEquals(List.of(PutResult.ACCEPTED, PutResult.FULL, PutResult.CLOSED), List.of(PutResult.values()));
        assertEquals(
                List.of(
                        UndeliveredReason.CANCELLED,
                        UndeliveredReason.FAILED,
                        UndeliveredReason.TIMED_OUT,
                        UndeliveredReason.PEER_LOST),
                List.of(UndeliveredReason.values()));
    }

    @Test
    void wrongProducerOptionsAreClearErrors() {
        ProducerOptions options = ProducerOptions.defaults();
        assertMessage(IllegalArgumentException.class, "bufferSize -1", () -> options.bufferSize(-1));
        assertMessage(IllegalArgumentException.class, "bufferSize", () -> options.bufferSize(Integer.MAX_VALUE));
        assertMessage(IllegalArgumentException.class, "bufferSize -1", () -> StreamProducer.create(-1));
        assertMessage(NullPointerException.class, "waitStrategy", () -> options.waitStrategy(null));
        assertMessage(NullPointerException.class, "onUndelivered", () -> options.onUndelivered(null));
        assertMessage(NullPointerException.class, "options", () -> StreamProducer.create(null));
    }

    @Test
    void wrongConsumerOptionsAreClearErrors() {
        ActorRef<ProducerMessage<String>> producer = new Nowhere<>("producer");
        ConsumerOptions options = ConsumerOptions.defaults();
        assertMessage(IllegalArgumentException.class, "initialDemand 0", () -> options.initialDemand(0));
        assertMessage(IllegalArgumentException.class, "initialDemand -1", () -> options.initialDemand(-1));
        assertMessage(IllegalArgumentException.class, "initialDemand", () -> options.initialDemand(Integer.MAX_VALUE));
        assertMessage(IllegalArgumentException.class, "initialDemand 0", () -> StreamConsumer.create(producer, 0));
        assertMessage(
                IllegalArgumentException.class,
                "inactivityTimeout",
                () -> options.inactivityTimeout(Duration.ofMillis(-1)));
        assertThrows(NullPointerException.class, () -> options.inactivityTimeout(null));
        assertMessage(NullPointerException.class, "waitStrategy", () -> options.waitStrategy(null));
        assertMessage(NullPointerException.class, "onUndelivered", () -> options.onUndelivered(null));
        assertMessage(NullPointerException.class, "producer", () -> StreamConsumer.create(null));
        assertMessage(
                NullPointerException.class, "options", () -> StreamConsumer.create(producer, (ConsumerOptions) null));
    }

    @Test
    void optionsAreImmutable() {
        assertNotSame(ProducerOptions.defaults(), ProducerOptions.defaults().bufferSize(3));
        try (Rig rig = new Setup(Setup.Threads.DIRECT, false).open()) {
            ProducerOptions shared = ProducerOptions.defaults();
            shared.bufferSize(1);
            SinkRef<Integer> sink = rig.sink(rig.producer(shared));
            assertEquals(PutResult.ACCEPTED, sink.tryPut(1));
            assertEquals(PutResult.ACCEPTED, sink.tryPut(2), "the options are unbounded still");
        }
    }

    @Test
    void optionsShowWhatTheySay() {
        assertEquals(
                "ProducerOptions[bufferSize=unbounded, waitStrategy=the system's, onUndelivered=none]",
                ProducerOptions.defaults().toString());
        assertEquals(
                "ConsumerOptions[initialDemand=3, inactivityTimeout=PT30S, waitStrategy=PARKING, onUndelivered=set]",
                ConsumerOptions.defaults()
                        .initialDemand(3)
                        .waitStrategy(WaitStrategy.parking())
                        .onUndelivered((element, reason) -> {})
                        .toString());
        assertEquals(
                "SpawnOptions[dispatcher=the system's, mailbox=8, ownLane=true]",
                SpawnOptions.defaults().boundedMailbox(8).ownLane().toString());
    }

    @Test
    @DisabledForJreRange(min = JRE.JAVA_21)
    void virtualThreadsNeedJava21() {
        assertThrows(UnsupportedOperationException.class, Dispatcher::virtualThreads);
    }
}
