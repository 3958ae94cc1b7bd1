package dev.penstock.examples.network;

import static dev.penstock.examples.network.Protocol.PATIENCE;

import dev.penstock.stream.StreamOutcome;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting with an end, and words for it. */
final class Await {

    private Await() {}

    /** Waits for something that takes a moment, if all is well. */
    static <T> T done(String what, Future<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return future.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException(what + ": not within " + PATIENCE.toSeconds() + " s");
        }
    }

    /** Waits until the other end of a stream has everything; throws if the stream ended in another way. */
    static void completed(String stream, Future<StreamOutcome> outcome)
            throws InterruptedException, ExecutionException, TimeoutException {
        StreamOutcome how = done("the end of " + stream, outcome);
        if (!(how instanceof StreamOutcome.Completed)) {
            throw new IllegalStateException(stream + " did not complete: " + how);
        }
    }
}
