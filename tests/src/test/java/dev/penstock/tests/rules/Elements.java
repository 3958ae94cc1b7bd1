package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.Subscribe;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** A user's own subscriber: writes down what comes, and holds the producer to the demand it was given. */
final class Elements {

    final Accounts accounts = new Accounts();
    final AtomicLong requested = new AtomicLong();

    /** The end: completed or failed, or the breach of the protocol. */
    final CompletableFuture<ConsumerMessage<Integer>> end = new CompletableFuture<>();

    final ActorRef<ConsumerMessage<Integer>> ref;
    private final ActorRef<ProducerMessage<Integer>> producer;
    private final int again; // how many it requests by itself for as many that came; 0 for none
    private int since;

    Elements(ActorSystem system, ActorRef<ProducerMessage<Integer>> producer, String name, long demand, int again) {
        this.producer = producer;
        this.again = again;
        requested.set(demand);
        ref = system.spawn(Behaviors.receive(this::on), name);
        producer.tell(new Subscribe<>(ref, demand));
    }

    void request(long n) {
        requested.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b); // before it is told
        producer.tell(new StreamDemand<>(n));
    }

    /** Rule 1, from the subscriber's side. */
    void check() {
        assertTrue(
                accounts.deliveredCount() <= requested.get(),
                () -> accounts.deliveredCount() + " were sent, " + requested + " requested");
        assertTrue(!end.isCompletedExceptionally(), () -> String.valueOf(end));
    }

    private Behavior<ConsumerMessage<Integer>> on(
            ActorContext<ConsumerMessage<Integer>> context, ConsumerMessage<Integer> message) {

        try {
            assertNull(end.getNow(null), () -> message + " came after the end, " + end);
            if (message instanceof StreamElement<Integer> element) {
                accounts.delivered(element.element());
                check();
                if (again > 0 && ++since == again) {
                    since = 0;
                    request(again);
                }
            } else {
                end.complete(message);
            }
        } catch (AssertionError breach) {
            end.completeExceptionally(breach);
            throw breach;
        }
        return Behaviors.same();
    }
}
