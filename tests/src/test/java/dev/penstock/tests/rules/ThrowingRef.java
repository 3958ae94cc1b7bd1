package dev.penstock.tests.rules;

import dev.penstock.actor.ActorRef;

/** Whoever tells it something fails: what crashes an actor from outside. */
class ThrowingRef<M> implements ActorRef<M> {

    /** The failure. */
    static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1;

        Crash() {
            super("crashed by the test", null, false, false);
        }
    }

    @Override
    public boolean tell(M message) {
        throw new Crash();
    }

    @Override
    public String path() {
        return "/elsewhere/crash";
    }
}
