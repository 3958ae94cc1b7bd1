package dev.penstock.stream;

/** A producer, or a publisher, has one subscriber, and it is another one. */
public final class AlreadySubscribedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    private AlreadySubscribedException(String message) {
        super("AlreadySubscribed: " + message);
    }

    static AlreadySubscribedException toProducer(String producer, String subscriber) {
        return new AlreadySubscribedException(producer + " is already subscribed by " + subscriber
                + "; a producer has one subscriber, spawn another producer for another stream");
    }

    static AlreadySubscribedException toPublisherOf(String consumer) {
        return new AlreadySubscribedException(
                "the publisher of " + consumer + " has one subscriber, and it is another");
    }
}
