package dev.penstock.network.codec;

import dev.penstock.actor.ActorRef;

/**
 * How refs are written into a frame and read from it: what they mean depends on the two nodes of the link. Implemented by
 * the link's owner; threads: the link's loop.
 */
public interface RefCodec {

    /**
     * Writes a ref.
     *
     * @param ref the ref; may be null
     * @param out where to
     */
    void write(ActorRef<?> ref, WireWriter out);

    /**
     * Reads a ref.
     *
     * @param in where from
     * @return the ref; null if null was written
     */
    ActorRef<?> read(WireReader in);
}
