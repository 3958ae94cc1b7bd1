package dev.penstock.stream;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * Room 5: the elements in flight, between the consumer actor and the thread that iterates.
 *
 * <p>It has more slots than the window has elements, and demand admits no more than the window: it cannot overflow, and
 * asserts so. An element leaves its slot by an atomic exchange, so that when the stream ends early each one goes either
 * to the iterator or to the actor that clears up, never to both.
 *
 * <p>Threads: one writer at a time, the holder of the consumer's lane, or the thread of the link that the elements come by;
 * one reader. The first of these, and at the end the second too, clear up.
 */
final class SourceRing<E> {

    private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

    // tail: elements ever sent; written by the writer, release; read by anyone, volatile.
    // head: elements ever taken by the reader; written by it, release, then an exchange; read by anyone, volatile.
    // cachedHead: what the writer that asks for room saw last of the head; written and read by it alone.
    // held: written by the reader, plain; cleared by exchange, by the reader or by whoever closes or clears up for it.
    private final RingIndices indices = new RingIndices();
    // written: the writer, release; cleared by exchange: the reader, or whoever clears up
    private final Object[] slots;
    private final int mask;
    private final int window;

    SourceRing(int window) {
        // More slots than the window: takeNext counts an element before it empties the slot.
        int length = Integer.highestOneBit(window) << 1;
        this.window = window;
        slots = new Object[length];
        mask = length - 1;
    }

    int window() {
        return window;
    }

    // ---- any thread

    /** The number of elements ever taken by the reader. */
    long taken() {
        return indices.headVolatile();
    }

    /** The number of elements ever sent. */
    long sent() {
        return indices.tailVolatile();
    }

    // ---- the writer

    void offer(E element) {
        long tail = indices.tailPlain();
        assert tail - indices.headVolatile() < window : "more in flight than the window of " + window;
        SLOT.setRelease(slots, (int) tail & mask, element);
        indices.tailRelease(tail + 1);
    }

    /** Whether there is room for one more in the window; looks at the reader's index only now and then. */
    boolean hasRoom() {
        long tail = indices.tailPlain();
        if (tail - indices.cachedHeadAcquire() < window) {
            return true;
        }
        long head = indices.headVolatile();
        indices.cachedHeadRelease(head);
        return tail - head < window;
    }

    // ---- whoever clears up

    /**
     * Takes what is left, at the end; each element that the reader did not take is given away, in order. Answers how many
     * there were. Two may do so at once: each element goes to one of them.
     */
    @SuppressWarnings("unchecked") // only offer puts anything in
    int clear(Consumer<? super E> taker) {
        int cleared = 0;
        long tail = indices.tailVolatile();
        for (long index = indices.headVolatile(); index < tail; index++) {
            E element = (E) SLOT.getAndSet(slots, (int) index & mask, null);
            if (element != null) {
                taker.accept(element);
                cleared++;
            }
        }
        return cleared;
    }

    // ---- the reader

    /** Whether the next element is there. */
    boolean isReady() {
        return SLOT.getAcquire(slots, (int) indices.headPlain() & mask) != null;
    }

    /**
     * Takes the next element at once; null if it is not there, or the stream has ended and it was cleared away. It is
     * counted before the exchange, as by {@link #take}.
     */
    @SuppressWarnings("unchecked") // only offer puts anything in
    E takeNext() {
        long head = indices.headPlain();
        int slot = (int) head & mask;
        if (SLOT.getAcquire(slots, slot) == null) {
            return null;
        }
        indices.headRelease(head + 1);
        E element = (E) SLOT.getAndSet(slots, slot, null);
        if (element == null) {
            indices.headRelease(head); // the stream has ended: nothing is requested for it
        }
        return element;
    }

    /** Whether the reader holds an element: it is the reader's, whoever ends the stream, and in flight until it is taken. */
    boolean isHeld() {
        return indices.heldPlain() != null;
    }

    /** Holds the next element, if it is there. */
    boolean hold() {
        int slot = (int) indices.headPlain() & mask;
        if (SLOT.getAcquire(slots, slot) == null) {
            return false;
        }
        Object element = SLOT.getAndSet(slots, slot, null);
        indices.heldPlain(element);
        return element != null;
    }

    /**
     * Takes the element that is held; null if whoever closed has given it up. It is counted before the exchange, which is a
     * full fence: the reader may look at the {@link Doorbell} after it.
     */
    E take() {
        long head = indices.headPlain();
        indices.headRelease(head + 1);
        E element = letGo();
        if (element == null) {
            indices.headRelease(head); // the stream has ended: nothing is requested for it
        }
        return element;
    }

    /** Gives up the element that is held: it is not taken. */
    @SuppressWarnings("unchecked") // only offer puts anything in
    E letGo() {
        return (E) indices.heldGetAndSet(null);
    }
}
