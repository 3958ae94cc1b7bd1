package dev.penstock.stream;

import java.util.Optional;

/**
 * Implemented by the refs of other nodes' actors that a link makes: how a {@link StreamConsumer} subscribes to a producer
 * there. What comes for the subscription goes to its own {@link Downstream}, and what is said by its {@link Subscription}
 * is of it alone: neither can be taken for another's.
 */
public interface RemoteProducer {

    /**
     * Subscribes. In the consumer's turn; must not block. The downstream may be called before this returns.
     *
     * @param <E> the elements of the stream
     * @param subscribe the subscription
     * @param downstream where elements and the end go
     * @return what the consumer says to the producer; nothing if the node is out of reach
     */
    <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> downstream);

    /** What a consumer says to the producer of one stream. Any thread; must not block. */
    interface Subscription {

        /**
         * {@link StreamDemand} for this stream.
         *
         * @param n how many elements more
         */
        void request(long n);

        /** {@link StreamCancel} for this stream. */
        void cancel();
    }

    /**
     * Where a link lays what comes for one stream, and without an envelope each: the consumer's side of it. Called by one
     * thread at a time, that of the link; never blocks. Handlers of undelivered elements are called within.
     *
     * @param <E> the elements of the stream
     */
    interface Downstream<E> {

        /**
         * An element has come: {@link StreamElement}. It may not be seen before {@link #flush}.
         *
         * @param element the element
         * @return false if the stream has ended on this side; the element is then undelivered, and so is what comes after it
         */
        boolean accept(E element);

        /** A run of elements is over. */
        void flush();

        /**
         * All elements have come: {@link StreamCompleted}.
         *
         * @param noted to be run when the consumer has noted that: within this call, or later by the link's thread
         */
        void completed(Runnable noted);

        /**
         * The stream has failed, after the elements that have come: {@link StreamFailed}.
         *
         * @param cause why; a {@link PeerLostException} if the producer is out of reach
         */
        void failed(Throwable cause);
    }
}
