package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.PostStop;
import dev.penstock.actor.Terminated;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** The actor that watches the actors of this node that others know, so that those hear of their end. */
final class LocalWatch {

    /** Takes the end of an actor; in the turn of the watching one. */
    interface Listener {
        void ended(ActorRef<?> ref, Throwable failure);
    }

    private LocalWatch() {}

    /** Its messages are the refs to watch. When it stops itself, with its system maybe, so do all that it watches. */
    static Behavior<ActorRef<?>> create(Listener listener) {
        Set<ActorRef<?>> watched = Collections.newSetFromMap(new IdentityHashMap<>());
        return Behaviors.receive(
                (context, ref) -> {
                    watched.add(ref);
                    context.watch(ref);
                    return Behaviors.same();
                },
                (context, signal) -> {
                    if (signal instanceof Terminated ended) {
                        watched.remove(ended.ref());
                        listener.ended(ended.ref(), ended.failure().orElse(null));
                    } else if (signal instanceof PostStop) {
                        watched.forEach(ref -> listener.ended(ref, null));
                    }
                    return Behaviors.same();
                });
    }
}
