package dev.penstock.network.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.network.ClientOptions;
import dev.penstock.network.Cluster;
import dev.penstock.network.ClusterClient;
import dev.penstock.network.ClusterOptions;
import dev.penstock.network.FreePorts;
import dev.penstock.network.Keytool;
import dev.penstock.network.Listing;
import dev.penstock.network.ServiceKey;
import dev.penstock.network.Tls;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Members and a client that have chosen Aeron by their options. */
final class AeronClusterTest {

    private static final Duration WAIT = Duration.ofSeconds(30);
    private static final ServiceKey<ProducerMessage<Long>> NUMBERS = new ServiceKey<>("numbers", ProducerMessage.class);

    private static ClusterOptions options(String node, int port, int seed, boolean secure) {
        ClusterOptions options = ClusterOptions.of(Keytool.CLUSTER, node)
                .bind("127.0.0.1", port)
                .seeds("127.0.0.1:" + seed)
                .transport(AeronTransport.embedded());
        return secure ? options.tls(Keytool.node(node)) : options;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void membersAndAClientStreamOverAeron(boolean secure) throws Exception {
        int first = FreePorts.any();
        int second = FreePorts.any();
        Tls tls = secure ? Keytool.client("c") : null;
        try (ActorSystem a = ActorSystem.create("a");
                Cluster one = Cluster.join(a, options("a", first, first, secure));
                ActorSystem b = ActorSystem.create("b");
                Cluster two = Cluster.join(b, options("b", second, first, secure));
                ActorSystem c = ActorSystem.create("c")) {
            assertTrue(one.awaitMembers(2, WAIT));
            assertTrue(two.awaitMembers(2, WAIT));
            ActorRef<ProducerMessage<Long>> producer = one.spawn(NUMBERS, StreamProducer.<Long>create(16), "numbers");
            CompletableFuture<Listing<ProducerMessage<Long>>> listed = new CompletableFuture<>();
            two.subscribe(NUMBERS, (Listing<ProducerMessage<Long>> listing) -> {
                if (!listing.entries().isEmpty()) {
                    listed.complete(listing);
                }
            });
            take(a, producer, b, listed.get(20, TimeUnit.SECONDS).refs().get(0));

            ActorRef<ProducerMessage<Long>> again = two.spawn(NUMBERS, StreamProducer.<Long>create(16), "more");
            ClientOptions options = ClientOptions.of(Keytool.CLUSTER, "c").transport(AeronTransport.embedded());
            String contact = "127.0.0.1:" + two.self().address().getPort();
            try (ClusterClient client =
                    ClusterClient.connect(c, List.of(contact), secure ? options.tls(tls) : options)) {
                assertEquals("b", client.awaitConnected(WAIT).name());
                CompletableFuture<ActorRef<ProducerMessage<Long>>> found = new CompletableFuture<>();
                client.subscribe(
                        NUMBERS,
                        (Listing<ProducerMessage<Long>> listing) -> listing.entries().stream()
                                .filter(entry -> entry.node().name().equals("b"))
                                .forEach(entry -> found.complete(entry.ref())));
                take(b, again, c, found.get(20, TimeUnit.SECONDS));
            }
        }
    }

    private static void take(
            ActorSystem from,
            ActorRef<ProducerMessage<Long>> producer,
            ActorSystem to,
            ActorRef<ProducerMessage<Long>> remote)
            throws Exception {
        SinkRef<Long> sink = from.ask(producer, GetSink<Long>::new, WAIT).join();
        SourceRef<Long> source = to.ask(to.spawn(StreamConsumer.create(remote), "consumer"), GetSource<Long>::new, WAIT)
                .join();
        CompletableFuture<Void> putter = CompletableFuture.runAsync(() -> {
            try {
                for (long i = 0; i < 10_000; i++) {
                    sink.put(i);
                }
                sink.complete();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        long expected = 0;
        for (long element : source) {
            assertEquals(expected++, element);
        }
        assertEquals(10_000, expected);
        putter.get(20, TimeUnit.SECONDS);
    }

    @Test
    void optionsAreChecked() {
        AeronTransport transport = AeronTransport.embedded();
        for (Runnable wrong : List.<Runnable>of(
                () -> transport.termLength(32 * 1024),
                () -> transport.termLength(100_000),
                () -> transport.termLength(32 * 1024 * 1024),
                () -> transport.mtu(1_400),
                () -> transport.mtu(16 * 1024),
                () -> transport.replyPort(-1),
                () -> transport.replyPort(65_536),
                () -> transport.liveness(Duration.ofMillis(99)),
                () -> transport.liveness(Duration.ofHours(2)))) {
            org.junit.jupiter.api.Assertions.assertThrows(IllegalArgumentException.class, wrong::run);
        }
        assertTrue(transport.toString().contains("embedded"), transport::toString);
    }
}
