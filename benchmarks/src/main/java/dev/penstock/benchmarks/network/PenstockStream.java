package dev.penstock.benchmarks.network;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.network.Cluster;
import dev.penstock.network.ClusterOptions;
import dev.penstock.network.Listing;
import dev.penstock.network.ServiceKey;
import dev.penstock.network.Tls;
import dev.penstock.network.aeron.AeronTransport;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Our stream, between two members of a cluster: a thread puts into a sink, another iterates over the source. */
final class PenstockStream {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String HOST = "127.0.0.1";
    private static final ServiceKey<ProducerMessage<Tick>> TICKS = new ServiceKey<>("ticks", ProducerMessage.class);

    private PenstockStream() {}

    static Outbound open(Setup setup) throws IOException, InterruptedException {
        ActorSystem system = system(setup);
        Cluster cluster = Cluster.join(system, options(setup, Stores.PRODUCER, setup.producerPort()));
        ActorRef<ProducerMessage<Tick>> producer =
                cluster.spawn(TICKS, StreamProducer.<Tick>create(Setup.BUFFER), "ticks");
        SinkRef<Tick> sink = system.ask(producer, GetSink<Tick>::new, PATIENCE).join();
        return ticks -> {
            while (true) {
                sink.put(ticks.get());
            }
        };
    }

    static Inbound subscribe(Setup setup) throws IOException, InterruptedException {
        ActorSystem system = system(setup);
        Cluster cluster = Cluster.join(
                system, options(setup, Stores.CONSUMER, setup.consumerPort()).seeds(HOST + ":" + setup.producerPort()));
        CompletableFuture<ActorRef<ProducerMessage<Tick>>> found = new CompletableFuture<>();
        cluster.subscribe(
                TICKS,
                (Listing<ProducerMessage<Tick>> listing) -> listing.refs().forEach(found::complete));
        ActorRef<ProducerMessage<Tick>> producer =
                found.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        SourceRef<Tick> source = system.ask(
                        system.spawn(StreamConsumer.create(producer, setup.demand()), "consumer"),
                        GetSource<Tick>::new,
                        PATIENCE)
                .join();
        return taker -> {
            for (Tick tick : source) {
                if (!taker.test(tick)) {
                    return;
                }
            }
            throw new IllegalStateException("the stream has ended: " + source.outcome());
        };
    }

    private static ActorSystem system(Setup setup) {
        return ActorSystem.builder("benchmark")
                .dispatcher(setup.dispatcher().create())
                .waitStrategy(setup.waitStrategy().strategy())
                .build();
    }

    private static ClusterOptions options(Setup setup, String node, int port) {
        ClusterOptions options =
                ClusterOptions.of(Stores.CLUSTER, node).bind(HOST, port).codecs(TickCodec.CODECS);
        if (setup.transport().isOverAeron()) {
            options = options.transport(AeronTransport.embedded());
        }
        Tls tls = Transport.tls(setup, node);
        return tls == null ? options : options.tls(tls);
    }
}
