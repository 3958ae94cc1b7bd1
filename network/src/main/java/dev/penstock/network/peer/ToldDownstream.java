package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;

/** A consumer that subscribed by a message of its own: it is told the stream in messages. The loop only. */
final class ToldDownstream<E> implements RemoteProducer.Downstream<E> {

    private static final long AGAIN_NANOS = 10_000_000L;

    private final Node node;
    private final ActorRef<ConsumerMessage<E>> consumer;

    ToldDownstream(Node node, ActorRef<ConsumerMessage<E>> consumer) {
        this.node = node;
        this.consumer = consumer;
    }

    @Override
    public boolean accept(E element) {
        return tell(new StreamElement<>(element));
    }

    @Override
    public void flush() {
        // each has been told
    }

    /** The mailbox may be full: the end is told again until it is taken. */
    @Override
    public void completed(Runnable noted) {
        if (tell(new StreamCompleted<>()) || node.system().inspect(consumer).isEmpty()) {
            noted.run();
        } else {
            node.links().loop().schedule(AGAIN_NANOS, () -> completed(noted));
        }
    }

    @Override
    public void failed(Throwable cause) {
        tell(new StreamFailed<>(cause));
    }

    /** False if the consumer takes it no more, or its mailbox is full. */
    private boolean tell(ConsumerMessage<E> message) {
        try {
            return consumer.tell(message);
        } catch (RuntimeException e) { // a ref of the user's own making
            node.log().warn("tell", () -> consumer.path() + " failed when it was told of a stream: " + e);
            return false;
        }
    }
}
