package dev.penstock.tck;

import dev.penstock.actor.Dispatcher;

/** With two threads for all actors. */
public final class PublisherPoolTest extends PublisherVerification {

    @Override
    Dispatcher dispatcher() {
        return Dispatcher.pool(2);
    }
}
