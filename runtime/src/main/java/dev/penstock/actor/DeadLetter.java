package dev.penstock.actor;

/**
 * A message that no actor will process.
 *
 * @param message the message
 * @param recipient the path of the actor it was meant for
 * @param reason why it was not processed
 */
public record DeadLetter(Object message, String recipient, Reason reason) {

    /** Why a message was not processed. */
    public enum Reason {
        /** The actor had stopped, or stopped before it came to the message. */
        STOPPED,
        /** The bounded mailbox, or the buffer behind it, was full. */
        FULL,
        /** The behavior answered {@link Behaviors#unhandled()}. */
        UNHANDLED,
        /** A reply to an ask that had been answered or had timed out. */
        LATE_REPLY,
        /** The actor's node is gone or cannot be reached. */
        UNREACHABLE
    }
}
