package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.RemoteFailure;
import dev.penstock.network.codec.WireException;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamFailedException;
import dev.penstock.stream.StreamOutcome;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What users may call their actors and write into their exceptions, and cannot travel as it is. */
class OddTextTest {

    @Test
    void theTextOfAFailureIsMadeFit() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT)) {
            ActorRef<ProducerMessage<Long>> producer = nodes.a.producer(ProducerOptions.defaults());
            SinkRef<Long> sink = nodes.a.sink(producer);
            SourceRef<Long> source =
                    nodes.b.source(nodes.b.consumer(nodes.b.refTo(nodes.a, producer), ConsumerOptions.defaults()));
            sink.fail(new IllegalStateException("half a pair \ud83d" + "x".repeat(100_000)));
            StreamFailedException failed =
                    assertThrows(StreamFailedException.class, () -> source.forEach(element -> {}));
            RemoteFailure cause = assertInstanceOf(RemoteFailure.class, failed.getCause());
            assertEquals("java.lang.IllegalStateException", cause.type());
        }
    }

    @Test
    void anElementThatIsTooLongFailsTheStreamOnBothSides() throws Exception {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT)) {
            ActorRef<ProducerMessage<String>> producer = nodes.a.producer(ProducerOptions.defaults());
            SinkRef<String> sink = nodes.a.sink(producer);
            SourceRef<String> source =
                    nodes.b.source(nodes.b.consumer(nodes.b.refTo(nodes.a, producer), ConsumerOptions.defaults()));
            sink.put("fits");
            sink.put("x".repeat(100_000));
            sink.put("after");
            StringBuilder taken = new StringBuilder();
            StreamFailedException failed =
                    assertThrows(StreamFailedException.class, () -> source.forEach(taken::append));
            assertEquals("fits", taken.toString());
            assertInstanceOf(RemoteFailure.class, failed.getCause());
            StreamOutcome.Failed here =
                    assertInstanceOf(StreamOutcome.Failed.class, sink.outcome().get(20, TimeUnit.SECONDS));
            assertInstanceOf(WireException.class, here.cause());
            nodes.a.system.whenStopped(producer).get(20, TimeUnit.SECONDS);
            assertEquals(3, sink.ledger().offered());
            assertEquals(1, sink.ledger().delivered());
            assertEquals(2, sink.ledger().undelivered());
        }
    }

    @Test
    void aConsumerWhosePathCannotTravelFailsAtOnce() {
        try (TwoNodes nodes = new TwoNodes(Links.PLAINTEXT)) {
            ActorRef<ProducerMessage<Long>> producer = nodes.a.producer(ProducerOptions.defaults());
            ActorRef<ConsumerMessage<Long>> consumer =
                    nodes.b.system.spawn(StreamConsumer.create(nodes.b.refTo(nodes.a, producer)), "x".repeat(20_000));
            SourceRef<Long> source = nodes.b
                    .system
                    .ask(consumer, GetSource<Long>::new, TwoNodes.WAIT)
                    .join();
            assertThrows(StreamFailedException.class, () -> source.forEach(element -> {}));
        }
    }
}
