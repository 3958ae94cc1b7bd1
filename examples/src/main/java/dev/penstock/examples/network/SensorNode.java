package dev.penstock.examples.network;

import static dev.penstock.examples.network.Protocol.ALERTS;
import static dev.penstock.examples.network.Protocol.BUFFER;
import static dev.penstock.examples.network.Protocol.PATIENCE;
import static dev.penstock.examples.network.Protocol.READINGS;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Subscription;
import dev.penstock.actor.Terminated;
import dev.penstock.network.Cluster;
import dev.penstock.network.ClusterOptions;
import dev.penstock.network.Member;
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
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/** A member of the cluster that has a sensor. */
public final class SensorNode {

    private SensorNode() {}

    /**
     * Joins, waits for the other nodes, puts the readings, prints the alerts; leaves when no node has alerts to wait for.
     *
     * @param name the name of the node, and of its sensor
     * @param options how to join, but for the types that travel
     * @param members how many nodes there are, this one among them
     * @param readings how many
     * @param out where to print
     * @throws Exception if a stream did not complete, or the cluster could not be joined
     */
    public static void run(String name, ClusterOptions options, int members, long readings, PrintWriter out)
            throws Exception {
        ExecutorService feed = Executors.newSingleThreadExecutor();
        // Closed from right to left: the actors end while they can still say so to other nodes.
        try (ActorSystem system = ActorSystem.create(name);
                Cluster cluster = Cluster.join(system, options.codecs(Protocol.CODECS));
                system) {
            if (!cluster.awaitMembers(members, PATIENCE)) {
                throw new TimeoutException(members + " nodes: not within " + PATIENCE.toSeconds() + " s, only "
                        + cluster.members().stream().map(Member::name).toList());
            }
            out.println("joined; nodes: " + members);

            // Both actors are found by their keys from now on, by every node and every client.
            CompletableFuture<ActorRef<ConsumerMessage<Alert>>> subscribed = new CompletableFuture<>();
            cluster.spawn(ALERTS, awaitOffer(subscribed), "alerts");
            ActorRef<ProducerMessage<Reading>> producer =
                    cluster.spawn(READINGS, StreamProducer.<Reading>create(BUFFER), "readings");

            // The sensor does not care who consumes, and from where: put waits until somebody does.
            SinkRef<Reading> sink =
                    system.ask(producer, GetSink<Reading>::new, PATIENCE).join();
            Future<?> fed = feed.submit(() -> {
                Sensor sensor = new Sensor(name, readings);
                try (sink) {
                    for (long sequence = 1; sequence <= readings; sequence++) {
                        sink.put(sensor.measure(sequence));
                    }
                    sink.complete();
                }
                return null;
            });

            long alerts = 0;
            ActorRef<ConsumerMessage<Alert>> consumer = subscribed.get(); // when a client has come
            try (SourceRef<Alert> source =
                    system.ask(consumer, GetSource<Alert>::new, PATIENCE).join()) {
                for (Alert alert : source) {
                    alerts++;
                    out.println("alert: " + alert);
                }
            }
            Await.done("the end of the feed", fed); // throws what the feeding thread threw
            Await.completed("the stream of readings", sink.outcome());

            awaitNoAlerts(cluster);
            out.println(new Tally(name, readings, alerts));
        } finally {
            feed.shutdownNow();
        }
    }

    /** Waits for a client's offer, and subscribes to what it offers. */
    private static Behavior<AlertOffer> awaitOffer(CompletableFuture<ActorRef<ConsumerMessage<Alert>>> subscribed) {
        return Behaviors.receive((context, offer) -> {
            // The ref is that of an actor in the client's process: it is consumed from, and watched, like one of here.
            subscribed.complete(context.system()
                    .spawn(
                            StreamConsumer.create(
                                    offer.producer(),
                                    ConsumerOptions.defaults()
                                            .initialDemand(BUFFER)
                                            .inactivityTimeout(Duration.ZERO)), // alerts are rare
                            "alerts-consumer"));
            context.watch(offer.producer());
            return awaitEnd();
        });
    }

    /** Ends with the producer of the alerts: once it has completed, or is lost. */
    private static Behavior<AlertOffer> awaitEnd() {
        return Behaviors.receive(
                (context, another) -> Behaviors.unhandled(), // one client is enough
                (context, signal) -> signal instanceof Terminated ? Behaviors.stopped() : Behaviors.unhandled());
    }

    /** Waits until no alerts actor is left in the cluster. */
    private static void awaitNoAlerts(Cluster cluster) throws Exception {
        CompletableFuture<Void> none = new CompletableFuture<>();
        Subscription subscription = cluster.subscribe(ALERTS, listing -> {
            if (listing.entries().isEmpty()) {
                none.complete(null);
            }
        });
        try (subscription) {
            Await.done("the end of all alerts", none);
        }
    }
}
