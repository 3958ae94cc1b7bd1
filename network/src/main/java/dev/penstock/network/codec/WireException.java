package dev.penstock.network.codec;

/** What was to be written or read breaks a limit, or is no value of its type. */
public final class WireException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** One for all, without a stack: a full frame is no event, the writer of frames meets one after the other. */
    static final WireException NO_ROOM = new WireException();

    /** Whether the message says what could not be written or read, so that no outer codec needs to add its name. */
    final boolean placed;

    /**
     * Makes one.
     *
     * @param message what is wrong
     */
    public WireException(String message) {
        super(message);
        placed = false;
    }

    /**
     * Makes one.
     *
     * @param message what is wrong
     * @param cause why
     */
    public WireException(String message, Throwable cause) {
        this(message, cause, false);
    }

    private WireException(String message, Throwable cause, boolean placed) {
        super(message, cause);
        this.placed = placed;
    }

    private WireException() {
        super("there is no room for it in the frame", null, false, false);
        placed = true;
    }

    static WireException placed(String message, Throwable cause) {
        return new WireException(message, cause, true);
    }

    /**
     * {@return whether there was just no room left where it was to be written: with more of it, the same value may well be
     * written}
     */
    public boolean isNoRoom() {
        return this == NO_ROOM;
    }
}
