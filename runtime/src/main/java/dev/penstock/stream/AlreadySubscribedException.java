package dev.penstock.stream;

/** A producer, or a publisher, has one subscriber, and it is another one. */
public final class AlreadySubscribedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one of a text that another has made: for a link, which has it from the other node.
     *
     * @param message the text, taken as it is
     */
    public AlreadySubscribedException(String message) {
        super(message);
    }

    static AlreadySubscribedException toProducer(String producer, String subscriber) {
        return new AlreadySubscribedException("AlreadySubscribed: " + producer + " is already subscribed by "
                + subscriber + "; a producer has one subscriber, spawn another producer for another stream");
    }

    static AlreadySubscribedException toPublisherOf(String consumer) {
        return new AlreadySubscribedException(
                "AlreadySubscribed: the publisher of " + consumer + " has one subscriber, and it is another");
    }
}
