package dev.penstock.actor;

/** What a behavior throws when a test wants it to fail. */
final class Boom extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Boom(String message) {
        super(message, null, false, false);
    }
}
