package dev.penstock.network.peer;

/** The peer broke the protocol: the connection ends. */
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Violation(String message) {
        super(message);
    }
}
