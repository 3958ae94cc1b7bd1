package dev.penstock.stream;

/** A producer has one subscriber, and it is another one. */
public final class AlreadySubscribedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    AlreadySubscribedException(String producer, String subscriber) {
        super("AlreadySubscribed: " + producer + " is already subscribed by " + subscriber
                + "; a producer has one subscriber, spawn another producer for another stream");
    }
}
