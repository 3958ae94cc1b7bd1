package dev.penstock.stream;

import dev.penstock.actor.RemoteRef;
import java.util.function.Predicate;

/**
 * The ref of a stream consumer that a link made, and told to a producer in {@link Subscribe}: it comes for the elements
 * itself, when it has room for them, and they wait in the producer's sinks until then. The end of the stream,
 * {@link StreamCompleted} or {@link StreamFailed}, is told to it like to any ref; a completion that it refuses is a
 * cancellation. What it throws fails the stream.
 *
 * @param <E> the elements of the stream
 */
public interface RemoteSubscriber<E> extends RemoteRef<ConsumerMessage<E>> {

    /**
     * The subscription is accepted. Once, before the first element, in the producer's turn. What is requested within is like
     * the demand of the subscription.
     *
     * @param upstream what the link says to the producer
     */
    void subscribed(Upstream<E> upstream);

    /**
     * There may be elements to {@linkplain Upstream#fetch fetch}: the link's thread does so soon after this call. Any
     * thread; must not block.
     *
     * @return false if it will not, because the consumer's node is out of reach
     */
    boolean wake();

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
         * does not take for its next. Heeded by the next {@link #fetch}.
         *
         * @param n how many more; 0 or less fails the stream
         */
        void request(long n);

        /**
         * Takes elements that wait, in order and no more than there is demand, on the calling thread. If the producer is in
         * its turn, none; a turn after it calls {@link RemoteSubscriber#wake}, as is done when more come, or something else
         * asks for a look. One thread at a time; never blocks.
         *
         * @param taker takes an element, and answers whether it has room for one more; must not throw
         * @return whether there may be more: the taker had no room
         */
        boolean fetch(Predicate<? super E> taker);

        /** The consumer wants no more, or is lost: {@link StreamCancel} to the producer of this one stream. */
        void cancel();

        /**
         * An element that was fetched was never sent over the link, and never will be. Once; also after the producer has
         * stopped. The stream's handler of undelivered elements is called within.
         *
         * @param element the element
         */
        void undelivered(E element);

        /**
         * An element that was fetched cannot be sent at all: the stream fails. The link has told the consumer already.
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
