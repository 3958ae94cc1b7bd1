package dev.penstock.benchmarks.peers;

/**
 * Brings elements from thread A to thread B, in order. Thread A puts; thread B does everything else.
 *
 * <p>Its end: interrupt A, join it, close.
 *
 * @param <E> the elements
 */
public interface Pipe<E> extends AutoCloseable {

    /** How many elements wait at the input, of a peer that has an input buffer. */
    int BUFFER = 1024;

    /**
     * Puts an element in; waits while there is no room. Thread A.
     *
     * @throws InterruptedException if interrupted while waiting; at the latest when there is no more room
     */
    void put(E element) throws InterruptedException;

    /** Takes so many elements, in order, and gives each to the taker; waits for them. Thread B. */
    void take(int count) throws InterruptedException;

    /**
     * A measurement begins: what came since the last {@link #take} does not count. Thread B.
     *
     * <p>Only for peers whose elements are consumed by a thread of their own, which does not stop between two takes.
     */
    default void begin() {}

    /** Makes the thread that puts, not yet started. */
    default Thread newPutter(Runnable task) {
        return Threads.daemon("putter", task);
    }

    /** Ends the peer's threads. */
    @Override
    void close();
}
