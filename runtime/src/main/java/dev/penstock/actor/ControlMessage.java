package dev.penstock.actor;

/**
 * Marks a message that travels in the mailbox's control lane: ahead of the data that waits there, and never refused for
 * want of room.
 *
 * <p>For the few messages that must get through to a busy actor, such as a cancellation. Control messages keep their
 * order among themselves.
 */
public interface ControlMessage {

    /**
     * {@return whether the message means nothing to an actor that has stopped, so that losing it there is no loss; such a
     * dead letter is published, but not logged}
     */
    default boolean expendable() {
        return false;
    }
}
