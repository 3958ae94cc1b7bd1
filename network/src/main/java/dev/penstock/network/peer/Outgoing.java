package dev.penstock.network.peer;

import dev.penstock.network.codec.WireWriter;

/** What waits for its turn to be written. */
interface Outgoing {

    /**
     * Writes its frame or frames, each begun and ended by the session; on the loop. May be asked again from the beginning of
     * what it has not written, if it throws for want of room.
     *
     * @return whether that was all
     */
    boolean write(Session session, WireWriter out);

    /** It cannot be written at all. On the loop. */
    default void unwritable(Throwable cause) {}

    /** The session ended before it was written. On the loop. */
    default void lost() {}
}
