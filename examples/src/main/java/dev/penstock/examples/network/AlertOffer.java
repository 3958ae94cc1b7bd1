package dev.penstock.examples.network;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.ProducerMessage;

/**
 * Offers a stream of alerts. A ref travels like any other value, and works where it arrives.
 *
 * @param producer what to subscribe to
 */
record AlertOffer(ActorRef<ProducerMessage<Alert>> producer) {}
