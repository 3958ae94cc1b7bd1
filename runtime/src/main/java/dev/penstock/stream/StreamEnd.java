package dev.penstock.stream;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Decides, once, how a stream ended, and wakes everyone who waits for it.
 *
 * <p>Producer and consumer each begin with one of their own; when the producer takes a local subscriber, its end joins
 * that of the consumer, and the two are one. (Before that, each side of a stream that breaks up decides for itself.)
 * Possible transitions of the state, all by compare-and-set:
 *
 * <pre>
 * open → outcome    whoever ends the stream
 * open → StreamEnd  the producer, once, on Subscribe: from then on the other one decides
 * </pre>
 *
 * <p>Safe for any thread.
 */
final class StreamEnd {

    private static final System.Logger LOG = System.getLogger("dev.penstock.stream");
    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "state", VarHandle.class, StreamEnd.class, Object.class);

    private final CompletableFuture<StreamOutcome> future = new CompletableFuture<>();
    private final List<Runnable> listeners = new ArrayList<>(2); // guarded by itself

    // written: once, by compare-and-set (see above); read: any thread, volatile
    private volatile Object state;

    /** Ends the stream, if it has not ended; true if this call decided. */
    boolean decide(StreamOutcome outcome) {
        if (STATE.compareAndSet(this, null, outcome)) {
            announce(outcome);
            return true;
        }
        return state instanceof StreamEnd other && other.decide(outcome);
    }

    /** The outcome, or null while the stream is open. */
    StreamOutcome outcome() {
        Object now = state;
        if (now == null) {
            return null;
        }
        return now instanceof StreamEnd other ? other.outcome() : (StreamOutcome) now;
    }

    /** Cheaper than {@link #outcome()}, for the one that others join. */
    boolean isDecided() {
        Object now = state;
        return now != null && (!(now instanceof StreamEnd other) || other.isDecided());
    }

    /** Becomes one with the other: whichever was decided first decides both. Called once. */
    void join(StreamEnd other) {
        if (STATE.compareAndSet(this, null, other)) {
            other.whenDecided(() -> announce(other.outcome()));
        } else {
            other.decide(outcome());
        }
    }

    /** Runs the listener when the stream ends, on the thread that ends it; at once if it has ended. */
    void whenDecided(Runnable listener) {
        synchronized (listeners) {
            listeners.add(listener);
        }
        if (isDecided()) { // whoever decided may have looked before
            runListeners();
        }
    }

    /** A future of the caller's own: completing it does not end the stream. */
    CompletableFuture<StreamOutcome> future() {
        return future.copy();
    }

    private void announce(StreamOutcome outcome) {
        runListeners();
        future.complete(outcome); // last: it runs users' code
    }

    private void runListeners() {
        List<Runnable> run;
        synchronized (listeners) {
            run = List.copyOf(listeners);
            listeners.clear();
        }
        for (Runnable listener : run) {
            try {
                listener.run();
            } catch (Throwable e) { // the others are to hear of it all the same
                LOG.log(System.Logger.Level.WARNING, "a listener to the end of a stream failed", e);
            }
        }
    }
}
