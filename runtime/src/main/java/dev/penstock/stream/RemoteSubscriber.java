package dev.penstock.stream;

import dev.penstock.actor.RemoteRef;

/**
 * The ref of a stream consumer that a link made, and told to a producer in {@link Subscribe}: it takes the elements without
 * an envelope each. The end of the stream, {@link StreamCompleted} or {@link StreamFailed}, is told to it like to any ref; a
 * completion that it refuses is a cancellation. What it throws fails the stream.
 *
 * @param <E> the elements of the stream
 */
public interface RemoteSubscriber<E> extends RemoteRef<ConsumerMessage<E>> {

    /**
     * The subscription is accepted. Once, before the first element, in the producer's turn.
     *
     * @param upstream what the link says to the producer
     */
    void subscribed(Upstream<E> upstream);

    /**
     * Takes an element, against one of the demand. In the producer's turn; must not block.
     *
     * @param element the element
     * @return null if it was accepted; otherwise the cause with which the stream fails, and the element is undelivered
     */
    Throwable accept(E element);

    /** A run of elements is over. In the producer's turn; must not block. */
    void flush();

    /** {@return whether the consumer's node is out of reach: a cancellation is then the outcome {@link StreamOutcome.PeerLost}} */
    boolean isLost();

    /**
     * What a link says to the producer, beside the messages of the protocol. Any thread.
     *
     * @param <E> the elements of the stream
     */
    interface Upstream<E> {

        /**
         * The consumer requests elements: {@link StreamDemand} to the producer of this one stream, which a restarted producer
         * does not take for its next.
         *
         * @param n how many more; 0 or less fails the stream
         */
        void request(long n);

        /** The consumer wants no more, or is lost: {@link StreamCancel} to the producer of this one stream. */
        void cancel();

        /**
         * An accepted element was never sent over the link, and never will be. In order, each once; also after the producer
         * has stopped. The stream's handler of undelivered elements is called within.
         *
         * @param element the element
         */
        void undelivered(E element);

        /**
         * An accepted element cannot be sent at all: the stream fails, as if {@link RemoteSubscriber#accept} had answered the
         * cause. The link has told the consumer already.
         *
         * @param cause why
         */
        void failed(Throwable cause);

        /**
         * The other node has the end of a stream that completed, so all of its elements: the outcome is decided, in the
         * producer's next turn. Of no effect before {@link StreamCompleted} was told, and after the first call.
         */
        void confirmed();
    }
}
