package dev.penstock.tck;

import dev.penstock.actor.Dispatcher;

/** On whichever thread made an actor ready. */
public final class PublisherDirectTest extends PublisherVerification {

    @Override
    Dispatcher dispatcher() {
        return Dispatcher.direct();
    }
}
