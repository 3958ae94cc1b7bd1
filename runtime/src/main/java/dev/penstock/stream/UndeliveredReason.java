package dev.penstock.stream;

/** Why an element that was put never reached the iterator. */
public enum UndeliveredReason {
    /** The consumer side left early. */
    CANCELLED,
    /** The stream failed before the element's turn. */
    FAILED,
    /** The iterator had given up waiting. */
    TIMED_OUT,
    /** The producer was lost, or the other node of a stream across nodes. */
    PEER_LOST;

    static UndeliveredReason of(StreamOutcome outcome) {
        if (outcome instanceof StreamOutcome.Failed) {
            return FAILED;
        } else if (outcome instanceof StreamOutcome.TimedOut) {
            return TIMED_OUT;
        } else if (outcome instanceof StreamOutcome.PeerLost) {
            return PEER_LOST;
        }
        return CANCELLED;
    }
}
