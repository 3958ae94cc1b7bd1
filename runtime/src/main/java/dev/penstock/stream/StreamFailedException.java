package dev.penstock.stream;

/**
 * The stream failed, and {@link #getCause()} says why; or it lost its producer, which left no cause. Thrown by the iterator.
 */
public final class StreamFailedException extends StreamClosedException {

    private static final long serialVersionUID = 1L;

    StreamFailedException(String message, StreamOutcome outcome, Throwable cause) {
        super(message, outcome, cause);
    }
}
