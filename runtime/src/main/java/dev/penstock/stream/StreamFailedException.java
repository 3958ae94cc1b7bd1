package dev.penstock.stream;

/** The stream failed, or lost its producer; {@link #getCause()} says why. Thrown by the iterator. */
public final class StreamFailedException extends StreamClosedException {

    private static final long serialVersionUID = 1L;

    StreamFailedException(String message, StreamOutcome outcome, Throwable cause) {
        super(message, outcome, cause);
    }
}
