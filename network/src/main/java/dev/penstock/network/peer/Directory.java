package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Subscription;
import dev.penstock.network.Member;
import java.util.List;

/** Where a member looks keys up for its clients. */
public interface Directory {

    /**
     * Tells a listener what is registered, now and on each change.
     *
     * @param key the name of the key
     * @param type its type
     * @param listener the listener
     * @return ends it
     */
    Subscription subscribe(String key, String type, Listener listener);

    /** Hears what is registered. */
    interface Listener {

        /**
         * All that is registered now.
         *
         * @param entries the actors
         */
        void found(List<Entry> entries);
    }

    /**
     * An actor that is registered.
     *
     * @param member its node
     * @param ref the actor
     */
    record Entry(Member member, ActorRef<?> ref) {}
}
