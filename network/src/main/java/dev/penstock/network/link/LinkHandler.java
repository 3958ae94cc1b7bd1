package dev.penstock.network.link;

/** What hangs on a link. All methods are called on the loop; none may block; one that throws ends the link. */
public interface LinkHandler {

    /**
     * The connection is there, with TLS if there is any; what the peer's side thinks of it is not known yet. Once, first.
     *
     * @param link the connection
     */
    void connected(Link link);

    /**
     * Bytes have come. The array is the link's own and is used again after the call.
     *
     * @param bytes holds them
     * @param from the index of the first
     * @param to the index after the last
     */
    void received(byte[] bytes, int from, int to);

    /**
     * There is room to send: fills in as many bytes as fit. Asked again while it fills something in and there is room.
     *
     * @param bytes where to, from 0
     * @return how many; 0 if there is nothing to send
     */
    int fill(byte[] bytes);

    /**
     * The connection is over, or could not be made. Once, last; without {@link #connected} if it never was.
     *
     * @param cause why; null if this side closed it
     */
    void closed(Throwable cause);
}
