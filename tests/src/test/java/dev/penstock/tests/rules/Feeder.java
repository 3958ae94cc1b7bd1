package dev.penstock.tests.rules;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.Subscribe;

/** A user's own producer: counts the demand that a StreamConsumer gives it, and sends what the test tells it to. */
final class Feeder {

    final ActorRef<ProducerMessage<Integer>> ref;
    long requested;
    int sent;
    int cancels;
    int subscriptions;
    private ActorRef<ConsumerMessage<Integer>> subscriber;

    Feeder(ActorSystem system) {
        ref = system.spawn(Behaviors.receive(this::on), "feeder");
    }

    private Behavior<ProducerMessage<Integer>> on(
            ActorContext<ProducerMessage<Integer>> context, ProducerMessage<Integer> message) {
        if (message instanceof Subscribe<Integer> subscribe) {
            subscriber = subscribe.consumer();
            requested += subscribe.demand();
            subscriptions++;
        } else if (message instanceof StreamDemand<Integer> demand) {
            requested += demand.n();
        } else if (message instanceof StreamCancel<Integer>) {
            cancels++;
        }
        return Behaviors.same();
    }

    boolean isSubscribed() {
        return subscriber != null;
    }

    /** Sends the next element, whatever was requested. */
    boolean send() {
        return subscriber.tell(new StreamElement<>(sent++));
    }

    boolean complete() {
        return subscriber.tell(new StreamCompleted<>());
    }
}
