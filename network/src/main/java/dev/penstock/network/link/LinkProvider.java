package dev.penstock.network.link;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** Makes links: one kind of transport, with its loop. */
public interface LinkProvider extends AutoCloseable {

    /** {@return the thread of all its links} */
    Loop loop();

    /**
     * Accepts connections. Not from the loop.
     *
     * @param bind where; port 0 takes any free one
     * @param accepted makes a handler for each connection that is there, with TLS if there is any; on the loop
     * @return the address in use
     * @throws IOException if it cannot be bound
     */
    InetSocketAddress listen(InetSocketAddress bind, Supplier<LinkHandler> accepted) throws IOException;

    /**
     * Connects; the handler hears of the link, or of its failure. Any thread; never blocks.
     *
     * @param peer where; its host is resolved by the caller, who may block
     * @param handler what hangs on the link
     * @throws java.util.concurrent.RejectedExecutionException if the loop has ended
     */
    void dial(InetSocketAddress peer, LinkHandler handler);

    /** Closes all links and what listens, and ends the loop; returns when its thread has ended. Not from the loop. */
    @Override
    void close();
}
