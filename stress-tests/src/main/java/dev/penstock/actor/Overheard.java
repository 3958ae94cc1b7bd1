package dev.penstock.actor;

import java.lang.reflect.Field;
import org.jctools.queues.QueueProgressIndicators;

/** Listens in on actors, for pictures of a run: what they are told, and who told it. */
public final class Overheard {

    private static final Field CONTROL;

    static {
        try {
            CONTROL = Mailbox.class.getDeclaredField("control");
            CONTROL.setAccessible(true);
        } catch (NoSuchFieldException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Overheard() {}

    /** Hears what an actor does. Called in its turn. */
    public interface Ear {
        /**
         * It begins with something.
         *
         * @param self the actor
         * @param what a message, a {@link Signal}, or null for its set-up
         */
        void begins(ActorRef<?> self, Object what);

        /**
         * It is done with it.
         *
         * @param self the actor
         */
        void ends(ActorRef<?> self);
    }

    /**
     * {@return the same behavior, listened in on}
     *
     * @param <M> the messages
     * @param behavior of an actor to be spawned
     * @param ear who listens
     */
    public static <M> Behavior<M> by(Ear ear, Behavior<M> behavior) {
        if (behavior instanceof AlongsideBehavior<M> alongside) {
            return new AlongsideBehavior<>(alongside.mate(), by(ear, alongside.inner()));
        } else if (behavior instanceof SupervisedBehavior<M> supervised) {
            return new SupervisedBehavior<>(by(ear, supervised.inner()), supervised.strategy());
        } else if (behavior instanceof SetupBehavior<M> setup) {
            return new SetupBehavior<>(context -> {
                ear.begins(context.self(), null);
                try {
                    return by(ear, setup.factory().apply(context));
                } finally {
                    ear.ends(context.self());
                }
            });
        } else if (behavior instanceof ReceiveBehavior<M> receive) {
            return new ReceiveBehavior<>(
                    (context, message) -> {
                        ear.begins(context.self(), message);
                        try {
                            return by(ear, receive.onMessage().apply(context, message));
                        } finally {
                            ear.ends(context.self());
                        }
                    },
                    (context, signal) -> {
                        ear.begins(context.self(), signal);
                        try {
                            return by(ear, receive.onSignal().apply(context, signal));
                        } finally {
                            ear.ends(context.self());
                        }
                    });
        }
        return behavior;
    }

    /**
     * {@return how many messages an actor has ever been told}
     *
     * @param ref the actor
     * @param control in which of its mailbox's two lanes
     */
    public static long told(ActorRef<?> ref, boolean control) {
        Mailbox mailbox = mailbox(ref);
        return control ? queue(mailbox).currentProducerIndex() : mailbox.dataOffered();
    }

    /**
     * {@return how many messages an actor has ever taken out}
     *
     * @param ref the actor
     * @param control of which of its mailbox's two lanes
     */
    public static long taken(ActorRef<?> ref, boolean control) {
        Mailbox mailbox = mailbox(ref);
        return control ? queue(mailbox).currentConsumerIndex() : mailbox.dataTaken();
    }

    private static Mailbox mailbox(ActorRef<?> ref) {
        return ((LocalRef<?>) ref).cell.inbox().mailbox();
    }

    private static QueueProgressIndicators queue(Mailbox mailbox) {
        try {
            return (QueueProgressIndicators) CONTROL.get(mailbox);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
