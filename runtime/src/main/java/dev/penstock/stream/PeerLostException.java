package dev.penstock.stream;

import dev.penstock.actor.ActorRef;

/** The actor at the other end of a stream is out of reach: its node, or the connection to it, was lost. */
public final class PeerLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ActorRef<?> peer;
    private final long lastSequence;

    /**
     * Makes one.
     *
     * @param message what was lost, and how that was found
     * @param peer the actor
     * @param lastSequence the number of the last element received from it, counted from 1; -1 if that means nothing
     */
    public PeerLostException(String message, ActorRef<?> peer, long lastSequence) {
        super(message);
        this.peer = peer;
        this.lastSequence = lastSequence;
    }

    /** {@return the actor that is out of reach} */
    public ActorRef<?> peer() {
        return peer;
    }

    /** {@return the number of the last element received from it, counted from 1; -1 if that means nothing} */
    public long lastSequence() {
        return lastSequence;
    }
}
