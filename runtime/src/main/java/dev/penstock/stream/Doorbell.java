package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BooleanSupplier;

/**
 * Whether a put has to call the producer, or a take the consumer; and the call.
 *
 * <p>A producer that has demand but no elements, and nobody about to come for them, arms the bell; the next put rings it.
 * While an iterating thread keeps coming for elements by itself, or elements wait for demand, the bell is only rung by a
 * put that finds its sink full. If the producer, so called, finds no demand at all, the next take rings. Possible
 * transitions of the state:
 *
 * <pre>
 * any → ARMED         the holder of the producer's lane, before it goes to wait; it asks the sinks once more after that
 * any → WHEN_FULL     the holder: an iterating thread that found the sinks empty and did not go to wait, or whoever sent
 *                     all that was requested, and wakes those who wait for room after that; or a turn that found the sinks
 *                     empty while such a thread looks by itself, and asks the sinks once more after that
 * any → ON_TAKE       the holder, who could send nothing for want of demand; it asks what was taken once more after that
 * ARMED → QUIET       a putter, by compare-and-set: it is the one to call. Or the holder, who found an element after all
 * WHEN_FULL → QUIET   a putter that found its sink full, by compare-and-set: it is the one to call
 * ON_TAKE → QUIET     the reader, after it has taken an element, by compare-and-set: it is the one to call
 * any → QUIET         the holder, for a link that has fetched all that was requested: more demand has it come again
 * QUIET → as before   a putter whose call failed, by compare-and-set: the next put calls. A turn too many does no harm
 * </pre>
 *
 * <p>No element is slept through: a put claims its slot by a compare-and-set and then reads the state; the holder writes
 * the state, volatile, and then reads the claim words. A thread that looks by itself, and is about to sleep, takes that
 * back, fences, and has the lane taken once more: whoever has it then does not see it looking. No take either: the reader
 * counts it, makes an exchange, and then reads the state; the holder writes the state and then reads the count.
 */
final class Doorbell<E> {

    private static final int QUIET = 0;
    private static final int WHEN_FULL = 1;
    private static final int ON_TAKE = 2;
    private static final int ARMED = 3;

    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "state", VarHandle.class, Doorbell.class, int.class);

    private final Call<ProducerMessage<E>> call;

    // written: as above; read: putters and the reader, volatile
    private volatile int state;
    // written: the producer's turn, once, volatile; read: the putter that rings
    private volatile BooleanSupplier visitor = () -> false;
    // written: as the visitor; read: a putter that spins
    private volatile BooleanSupplier watcher = () -> false;

    Doorbell(ActorRef<ProducerMessage<E>> producer) {
        call = new Call<>(producer, new InputReady<>());
    }

    /**
     * Who comes for elements by itself.
     *
     * @param wake wakes it instead of the producer, if it sleeps: answers whether it does, and has been woken
     * @param watches answers whether it is awake and looks
     */
    void visitor(BooleanSupplier wake, BooleanSupplier watches) {
        visitor = wake;
        watcher = watches;
    }

    // ---- putters

    /** After an element was accepted. */
    void afterPut() {
        if (state == ARMED) {
            ring(ARMED);
        }
    }

    /** After an element found no room. */
    void whenFull() {
        int seen = state;
        if (seen == WHEN_FULL || seen == ARMED) {
            ring(seen);
        }
    }

    /**
     * Like {@link #whenFull}, but not while a visitor looks by itself; whether none does. For a putter that will look
     * again.
     */
    boolean whenFullAndUnwatched() {
        if (watcher.getAsBoolean()) {
            return false;
        }
        whenFull();
        return true;
    }

    private void ring(int seen) {
        if (!STATE.compareAndSet(this, seen, QUIET)) {
            return;
        }
        boolean served = false;
        try {
            if (!visitor.getAsBoolean()) {
                call.make();
            }
            served = true;
        } finally {
            if (!served) { // out of memory: the next put rings, unless the bell was set anew
                STATE.compareAndSet(this, QUIET, seen);
            }
        }
    }

    // ---- the reader

    /** After an element was taken: whether the reader has to have it requested anew at once. */
    boolean afterTake() {
        return state == ON_TAKE && STATE.compareAndSet(this, ON_TAKE, QUIET);
    }

    /** Has the producer look at its sinks in a turn. */
    Call<ProducerMessage<E>> call() {
        return call;
    }

    // ---- the holder of the producer's lane

    /** Nothing may be sent for want of demand; the caller then looks once more whether it is so. */
    void ringOnTake() {
        state = ON_TAKE;
    }

    /** Nothing may be sent for want of demand; whoever brings it comes and looks. */
    void hush() {
        if (state != QUIET) {
            state = QUIET;
        }
    }

    /** Somebody will come and look, or those who wait for room will be woken. */
    void ringWhenFull() {
        if (state != WHEN_FULL) {
            state = WHEN_FULL;
        }
    }

    /** Nothing is there, and somebody looks; asks once more and answers whether it is so: a put may have found no bell. */
    boolean leave(BooleanSupplier empty) {
        state = WHEN_FULL;
        return empty.getAsBoolean();
    }

    /** Nothing is there and nobody comes to look; asks once more and answers whether it is so. */
    boolean arm(BooleanSupplier empty) {
        state = ARMED;
        if (empty.getAsBoolean()) {
            return true;
        }
        STATE.compareAndSet(this, ARMED, QUIET); // or a putter rings: a turn too many does no harm
        return false;
    }
}
