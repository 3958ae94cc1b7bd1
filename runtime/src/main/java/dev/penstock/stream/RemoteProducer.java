package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import java.util.Optional;

/**
 * Implemented by the refs of other nodes' actors that a link makes: how a {@link StreamConsumer} subscribes to a producer
 * there. What it then says to the producer is of this one subscription, and cannot be taken for another's.
 */
public interface RemoteProducer {

    /**
     * Subscribes. In the consumer's turn; must not block.
     *
     * @param <E> the elements of the stream
     * @param subscribe the subscription
     * @return where its {@link StreamDemand} and {@link StreamCancel} are told; nothing if the node is out of reach
     */
    <E> Optional<ActorRef<ProducerMessage<E>>> subscribe(Subscribe<E> subscribe);
}
