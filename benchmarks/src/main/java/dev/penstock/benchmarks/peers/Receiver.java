package dev.penstock.benchmarks.peers;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * An actor that gives what it is told to a consumer, and answers a question with the number of messages it was told.
 *
 * @param <E> the messages
 */
public interface Receiver<E> extends AutoCloseable {

    /** How long a question waits for its answer. */
    Duration PATIENCE = Duration.ofSeconds(5);

    void tell(E message);

    CompletionStage<Integer> ask();

    /** Waits until so many more messages have been received. One thread. */
    void awaitReceived(int more) throws InterruptedException;

    @Override
    void close();
}
