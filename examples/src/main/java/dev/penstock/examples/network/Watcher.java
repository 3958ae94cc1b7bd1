package dev.penstock.examples.network;

import static dev.penstock.examples.network.Protocol.ALERTS;
import static dev.penstock.examples.network.Protocol.BUFFER;
import static dev.penstock.examples.network.Protocol.PATIENCE;
import static dev.penstock.examples.network.Protocol.READINGS;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.network.ClientOptions;
import dev.penstock.network.ClusterClient;
import dev.penstock.network.Listing;
import dev.penstock.network.ServiceKey;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/** A client of the cluster that consumes all readings, and sends alerts to the nodes whose sensors are wrong. */
public final class Watcher {

    private final ActorSystem system;
    private final PrintWriter out;

    private Watcher(ActorSystem system, PrintWriter out) {
        this.system = system;
        this.out = out;
    }

    /**
     * Connects, waits for the sensors, and watches them until their streams end.
     *
     * @param contacts addresses of nodes, one of which has to be up
     * @param options how to connect, but for the types that travel
     * @param sensors how many there are
     * @param out where to print
     * @throws Exception if a stream did not complete, or the sensors were not found
     */
    public static void run(List<String> contacts, ClientOptions options, int sensors, PrintWriter out)
            throws Exception {
        ExecutorService watching = Executors.newFixedThreadPool(sensors);
        try (ActorSystem system = ActorSystem.create("watcher");
                ClusterClient client = ClusterClient.connect(system, contacts, options.codecs(Protocol.CODECS));
                system) {
            out.println("connected to node " + client.awaitConnected(PATIENCE).name());

            Map<String, ActorRef<ProducerMessage<Reading>>> producers = awaitAll(client, READINGS, sensors);
            Map<String, ActorRef<AlertOffer>> takers = awaitAll(client, ALERTS, sensors);
            out.println("found sensors " + String.join(", ", producers.keySet()));

            Watcher watcher = new Watcher(system, out);
            List<Future<Tally>> tallies = new ArrayList<>();
            producers.forEach((node, producer) ->
                    tallies.add(watching.submit(() -> watcher.watch(node, producer, takers.get(node)))));
            for (Future<Tally> tally : tallies) {
                out.println(tally.get());
            }
        } finally {
            watching.shutdownNow();
        }
    }

    /** Waits until so many actors are registered under a key, and answers them by the names of their nodes. */
    private static <M> Map<String, ActorRef<M>> awaitAll(ClusterClient client, ServiceKey<M> key, int count)
            throws Exception {
        return client.awaitListing(key, count, PATIENCE).entries().stream()
                .collect(Collectors.toMap(
                        entry -> entry.node().name(), Listing.Entry::ref, (one, other) -> one, TreeMap::new));
    }

    /** Consumes one sensor's readings to their end, and sends its node an alert for each that is wrong. */
    private Tally watch(String node, ActorRef<ProducerMessage<Reading>> readings, ActorRef<AlertOffer> taker)
            throws Exception {
        // One stream in, from a node: its producer is there, its consumer here.
        ActorRef<ConsumerMessage<Reading>> consumer = system.spawn(
                StreamConsumer.create(readings, ConsumerOptions.defaults().initialDemand(BUFFER)), "readings-" + node);
        // One stream out, to the same node: its producer is here, and the node is offered it.
        ActorRef<ProducerMessage<Alert>> alerts = system.spawn(StreamProducer.<Alert>create(BUFFER), "alerts-" + node);
        taker.tell(new AlertOffer(alerts));

        SourceRef<Reading> source =
                system.ask(consumer, GetSource<Reading>::new, PATIENCE).join();
        SinkRef<Alert> sink = system.ask(alerts, GetSink<Alert>::new, PATIENCE).join();
        Anomalies anomalies = new Anomalies();
        long consumed = 0;
        long sent = 0;
        try (source;
                sink) {
            for (Reading reading : source) { // throws if the node is lost
                consumed++;
                Optional<Alert> alert = anomalies.check(reading);
                if (alert.isPresent()) {
                    sink.put(alert.get());
                    sent++;
                }
            }
            sink.complete();
        }
        Await.completed("the stream of alerts to node " + node, sink.outcome());
        return new Tally(node, consumed, sent);
    }
}
