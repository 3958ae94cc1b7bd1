package dev.penstock.network;

/**
 * What failed on another node: the cause of a stream's failure, or of an actor's end. Its class is known by name alone: no
 * class is loaded because another node says so.
 */
public final class RemoteFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String type;

    /**
     * Makes one.
     *
     * @param type the name of the exception's class there
     * @param text its message; may be null
     */
    public RemoteFailure(String type, String text) {
        super(type + (text == null ? "" : ": " + text));
        this.type = type;
    }

    /** {@return the name of the exception's class there; null if there was no exception} */
    public String type() {
        return type;
    }
}
