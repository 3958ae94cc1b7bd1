package dev.penstock.stream;

/** The stream has ended; {@link #outcome()} says how. Thrown to those who want to go on with it. */
public class StreamClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    private final transient StreamOutcome outcome;

    StreamClosedException(String message, StreamOutcome outcome, Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    /** {@return how the stream ended, or is to end once what was put has been taken} */
    public StreamOutcome outcome() {
        return outcome;
    }
}
