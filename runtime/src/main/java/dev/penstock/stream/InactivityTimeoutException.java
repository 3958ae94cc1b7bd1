package dev.penstock.stream;

/** No element came for as long as the consumer was told to wait. This is not completion: elements may be missing. */
public final class InactivityTimeoutException extends StreamClosedException {

    private static final long serialVersionUID = 1L;

    InactivityTimeoutException(String message, StreamOutcome outcome) {
        super(message, outcome, null);
    }
}
