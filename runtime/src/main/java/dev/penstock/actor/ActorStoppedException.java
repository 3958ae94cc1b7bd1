package dev.penstock.actor;

/** An ask could not be put, or not be answered, because its target or the system has stopped or its mailbox is full. */
public final class ActorStoppedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    ActorStoppedException(String message) {
        super(message);
    }
}
