package dev.penstock.network.link;

import java.util.Set;

/** One connection to one peer: a pipe of bytes each way, in order, nothing lost while it lives. */
public interface Link {

    /**
     * Has the loop ask the handler for bytes soon, if it is not about to; what the caller made ready before is seen when it
     * asks. Nobody asks otherwise, not even at the beginning. Any thread; cheap; never blocks; nothing once the link is over.
     */
    void wakeWriter();

    /**
     * Ends the connection; what was filled and not sent yet is sent, for a second at most. Once this was called on the loop,
     * the handler hears of nothing but the end, and that not within this call. Any thread; never blocks.
     */
    void close();

    /**
     * The handshake of the protocol is over: the link is no longer one of those of which only a few may be open, for a short
     * time. On the loop.
     */
    void established();

    /** {@return the names in the peer's certificate, as URIs; empty if the connection is in plain text} */
    Set<String> peerNames();

    /** {@return whether both sides have shown a certificate and what is sent is encrypted} */
    boolean isSecure();

    /** {@return where the peer is, for messages to people} */
    String peerAddress();
}
