package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.PostStop;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Publishes a source to one subscriber: an actor is its reader, and signals the subscriber in its own turns. A subscriber
 * that throws is signalled no more, and its subscription is cancelled (Reactive Streams, rule 2.13).
 *
 * <p>Requests and cancellation are messages to that actor, so that a subscriber that requests from within {@code onNext}
 * neither recurses nor overtakes.
 */
final class SourcePublisher<E> implements Flow.Publisher<E> {

    private static final System.Logger LOG = System.getLogger("dev.penstock.stream");
    private static final AtomicLong NAMES = new AtomicLong();

    /** How many elements one turn signals before others have theirs. */
    private static final int TURN = 256;

    private final SourceRef<E> source;
    private final StreamConsumer<E> consumer;
    private final ActorSystem system;
    private final AtomicBoolean subscribed = new AtomicBoolean();

    SourcePublisher(SourceRef<E> source, StreamConsumer<E> consumer, ActorSystem system) {
        this.source = source;
        this.consumer = consumer;
        this.system = system;
    }

    /** What the reading actor is told. */
    private enum Signal {
        LOOK,
        CANCEL
    }

    @Override
    public void subscribe(Flow.Subscriber<? super E> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        if (!subscribed.compareAndSet(false, true)) {
            subscriber.onSubscribe(new Refused());
            subscriber.onError(AlreadySubscribedException.toPublisherOf(consumer.path()));
            return;
        }
        Reader reader = new Reader(subscriber);
        try {
            reader.self = spawn(reader);
            reader.call = new Call<>(reader.self, Signal.LOOK);
        } catch (IllegalStateException systemClosed) {
            subscriber.onSubscribe(new Refused());
            subscriber.onError(systemClosed);
            return;
        }
        try {
            subscriber.onSubscribe(reader);
        } catch (Throwable e) { // it is signalled no more, and the stream has no reader
            reader.cancel();
            throw e;
        }
        reader.start();
    }

    private ActorRef<Signal> spawn(Reader reader) {
        return system.spawn(
                Behaviors.setup(context -> {
                    context.onUnprocessed(signal -> {}); // after its end there is nothing to look at
                    return Behaviors.receive((same, signal) -> reader.on(signal), (same, signal) -> {
                        if (signal instanceof PostStop) {
                            reader.onStop();
                        }
                        return Behaviors.same();
                    });
                }),
                "$publisher-" + NAMES.incrementAndGet());
    }

    /** The subscription, and the actor behind it. */
    private final class Reader implements Flow.Subscription {
        private final Flow.Subscriber<? super E> subscriber;
        private final Runnable look = this::look;
        private ActorRef<Signal> self; // written before anyone else knows this object
        private Call<Signal> call; // to look; likewise
        private boolean refused; // another reads the source; the actor's turn only

        // written: any thread that requests, and the actor's turn, atomically
        private final AtomicLong demand = new AtomicLong();
        // written: any thread, volatile; read: the actor's turn
        private volatile boolean cancelled;
        private volatile IllegalArgumentException badRequest;
        // written: the subscribing thread, once, volatile: signals come after onSubscribe has returned
        private volatile boolean started;

        Reader(Flow.Subscriber<? super E> subscriber) {
            this.subscriber = subscriber;
        }

        void start() {
            started = true;
            look();
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                badRequest = new IllegalArgumentException("request(" + n + ") is not positive (rule 3.9)");
            } else {
                demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
            }
            look();
        }

        @Override
        public void cancel() {
            if (!cancelled) {
                cancelled = true;
                self.tell(Signal.CANCEL);
            }
        }

        private void look() {
            if (!cancelled) {
                call.make();
            }
        }

        private Behavior<Signal> on(Signal signal) {
            if (signal == Signal.LOOK) {
                call.heard();
            }
            if (cancelled) {
                return end();
            }
            if (!started) {
                return Behaviors.same();
            }
            if (badRequest != null) {
                return endWith(badRequest);
            }
            IllegalStateException otherReader = source.otherReader();
            if (otherReader != null) { // the stream is the other's
                refused = true;
                source.unpublish(SourcePublisher.this);
                return endWith(otherReader);
            }
            consumer.listener(look);
            VarHandle.fullFence(); // the listener, before the elements are looked for
            try {
                for (int i = 0; i < TURN; i++) {
                    if (demand.get() == 0) {
                        return atEnd();
                    }
                    E element = source.poll();
                    if (element == null) {
                        return atEnd();
                    }
                    if (demand.get() != Long.MAX_VALUE) {
                        demand.decrementAndGet();
                    }
                    if (!signalled(element) || cancelled) {
                        return end();
                    }
                }
            } catch (StreamClosedException failed) {
                return endWith(
                        failed instanceof StreamFailedException && failed.getCause() != null
                                ? failed.getCause()
                                : failed);
            }
            look();
            return Behaviors.same();
        }

        private boolean signalled(E element) {
            try {
                subscriber.onNext(element);
                return true;
            } catch (Throwable e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "a subscriber to " + consumer.path() + " failed in onNext; its subscription is cancelled",
                        e);
                return false;
            }
        }

        /** Nothing to signal now: completes if that is the end, else sleeps until there is something. */
        private Behavior<Signal> atEnd() {
            StreamOutcome coming = consumer.inputEnd();
            if (coming != null && consumer.isDrained()) {
                consumer.end().decide(coming);
            }
            StreamOutcome outcome = consumer.end().outcome();
            if (outcome instanceof StreamOutcome.Completed) {
                cancelled = true; // before the last signal, which may throw
                subscriber.onComplete();
                return end();
            } else if (outcome instanceof StreamOutcome.Failed failed) {
                return endWith(failed.cause());
            } else if (outcome != null) {
                return endWith(new StreamClosedException("the stream has ended: " + outcome, outcome, null));
            }
            if (!consumer.isRemote() && !consumer.visit(true)) {
                consumer.callForVisit();
            }
            if (demand.get() > 0 && consumer.ring().isReady()) {
                look();
            }
            return Behaviors.same();
        }

        /** The actor has stopped; if not by itself, the system closes. */
        private void onStop() {
            boolean ended = cancelled; // its last signal may have thrown
            end();
            if (!ended) {
                StreamOutcome outcome = consumer.end().outcome();
                subscriber.onError(new StreamClosedException("the system closed: " + outcome, outcome, null));
            }
        }

        private Behavior<Signal> endWith(Throwable failure) {
            cancelled = true; // before the last signal, which may throw
            subscriber.onError(failure);
            return end();
        }

        private Behavior<Signal> end() {
            cancelled = true;
            consumer.listener(null);
            if (!refused) {
                source.close();
            }
            return Behaviors.stopped();
        }
    }

    /** The subscription of one who gets none. */
    private static final class Refused implements Flow.Subscription {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }
}
