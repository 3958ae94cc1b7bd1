package dev.penstock.network;

/**
 * So much waits for a node that does not keep up that the stream which brought more fails. It takes streams whose demand is
 * greater than what a connection holds: 65,536 elements of all its streams.
 */
public final class LinkFullException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message which node, and how much
     */
    public LinkFullException(String message) {
        super(message);
    }
}
