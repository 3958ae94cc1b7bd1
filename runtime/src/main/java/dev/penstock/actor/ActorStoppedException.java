package dev.penstock.actor;

/**
 * An ask will not be answered: its target has stopped, or is full, or does not handle the question, or the system has closed.
 */
public final class ActorStoppedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    ActorStoppedException(String message) {
        super(message);
    }
}
