package dev.penstock.stream;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * Room 2: the elements that were put into one sink and wait for demand.
 *
 * <p>Its tail is a claim word: the number of elements ever accepted, and a sign bit that says closed. A put claims its
 * slot by a compare-and-set of that word, then stores the element; closing sets the bit by an atomic or. So the bound is
 * exact, and at the moment of closing it is settled which puts came before: each claimed slot will be filled, no other
 * one ever. Nothing may fail in between: a ring's store calls no method, and a claim whose element the unbounded buffer
 * finds no memory for is written off. (A stack that ends within JCTools' own offer leaves a hole there all the same.)
 *
 * <p>The claim is also what makes a second writer, which the contract forbids, harmless; and being a full fence, it is
 * what lets a putter look at the {@link Doorbell} afterwards and not miss a producer that has just gone to wait.
 *
 * <p>The taker knows a filled slot by its element, not by the tail, after FastForward (Giacomoni et al., 2008): it reads
 * no line that the putter writes but the slots themselves. Whether the buffer is empty is asked of the indices: there may
 * be a claim whose element is still on its way.
 *
 * <p>Threads: any putter; one taker at a time, the holder of the producer's lane.
 */
abstract class SinkBuffer<E> {

    private static final long CLOSED = Long.MIN_VALUE;
    private static final long FULL = -1;
    private static final long SHUT = -2;

    // tail: written by putters, compare-and-set, and by whoever closes, atomic or; read by anyone, volatile.
    // head: elements ever taken; written by the taker, release, after the slots are cleared; read by putters, volatile.
    // cachedHead: some earlier value of head; written by putters, release, and read by them, acquire, so that a second
    // one, which must do no harm, knows the slot to be empty as well.
    private final RingIndices indices = new RingIndices();
    private final long capacity;

    private SinkBuffer(long capacity) {
        this.capacity = capacity;
    }

    /** A ring of exactly that many elements; 0 makes it unbounded. */
    static <E> SinkBuffer<E> create(int bufferSize) {
        return bufferSize == 0
                ? unbounded(new MpscUnboundedVarHandleArrayQueue<>(Unbounded.CHUNK))
                : new Ring<>(bufferSize);
    }

    static <E> SinkBuffer<E> unbounded(MessagePassingQueue<E> queue) {
        return new Unbounded<>(queue);
    }

    // ---- any thread

    /** Accepts the element, or says why not. */
    abstract PutResult offer(E element);

    /** Claims the next index; {@link #FULL} or {@link #SHUT} if there is none to claim. A full fence if there is. */
    final long claim() {
        long claim;
        do {
            claim = indices.tailVolatile();
            if (claim < 0) {
                return SHUT;
            }
            if (claim - indices.cachedHeadAcquire() >= capacity) {
                long head = indices.headVolatile();
                indices.cachedHeadRelease(head);
                if (claim - head >= capacity) {
                    return FULL;
                }
            }
        } while (!indices.tailCompareAndSet(claim, claim + 1));
        return claim;
    }

    static PutResult refusal(long claim) {
        return claim == FULL ? PutResult.FULL : PutResult.CLOSED;
    }

    /** Accepts nothing from now on; true for the first caller. */
    final boolean close() {
        return indices.tailGetAndOr(CLOSED) >= 0;
    }

    final boolean isClosed() {
        return indices.tailVolatile() < 0;
    }

    /** The number of elements ever accepted. */
    final long accepted() {
        long lost = writtenOff(); // first: it cannot be ahead of the tail read afterwards
        return (indices.tailVolatile() & ~CLOSED) - lost;
    }

    /** The number of claims whose elements could not be stored. */
    abstract long writtenOff();

    /** The number of elements that wait. */
    final long size() {
        // First: the tail read afterwards is not behind it, but for an element that is taken before its claim is seen.
        long head = indices.headVolatile();
        return accepted() - head;
    }

    final boolean isEmpty() {
        return size() == 0;
    }

    /** Whether so many wait. A ring asks the slot of the last of them, and leaves the line of the indices to putters. */
    final boolean holds(int run) {
        return isFilled(indices.headVolatile() + Math.min(run, capacity) - 1);
    }

    /** How many more would be accepted now. */
    final long room() {
        return Math.max(0, capacity - size());
    }

    final long capacity() {
        return capacity;
    }

    // ---- the taker

    /** The next element; null if there is none, or none stored yet. */
    final E poll() {
        long head = indices.headPlain();
        E element = take(head);
        if (element != null) {
            indices.headRelease(head + 1);
        }
        return element;
    }

    /** Moves up to that many elements over; the caller knows that there is room for them. */
    final int moveTo(SourceRing<E> target, long limit) {
        long head = indices.headPlain();
        long end = head + limit;
        long next = head;
        while (next != end) {
            E element = take(next);
            if (element == null) {
                break;
            }
            target.offer(element);
            next++;
        }
        if (next != head) {
            indices.headRelease(next);
        }
        return (int) (next - head);
    }

    // ---- slots

    /** Whether an element is stored there. Any thread; a hint, as it may be taken meanwhile. */
    abstract boolean isFilled(long index);

    /** Takes and clears; null if not stored yet. Acquire. */
    abstract E take(long index);

    /** Bounded: a power of two of slots, of which the claim word lets no more than the capacity be in use. */
    private static final class Ring<E> extends SinkBuffer<E> {
        private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);

        // written: putters, plain, after a release fence; cleared: the taker, plain, before the head is released
        private final Object[] slots;
        private final int mask;

        Ring(int capacity) {
            super(capacity);
            int length = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
            slots = new Object[length];
            mask = length - 1;
        }

        @Override
        PutResult offer(E element) {
            VarHandle.releaseFence(); // what the element refers to, before the element
            long claim = claim();
            if (claim < 0) {
                return refusal(claim);
            }
            slots[(int) claim & mask] = element; // no call, so no StackOverflowError that would leave a hole
            return PutResult.ACCEPTED;
        }

        @Override
        long writtenOff() {
            return 0;
        }

        @Override
        boolean isFilled(long index) {
            return SLOT.getAcquire(slots, (int) index & mask) != null;
        }

        @Override
        @SuppressWarnings("unchecked") // only store puts anything in
        E take(long index) {
            int slot = (int) index & mask;
            E element = (E) SLOT.getAcquire(slots, slot);
            if (element != null) {
                slots[slot] = null;
            }
            return element;
        }
    }

    /** Unbounded: JCTools' linked array queue behind the claim word. */
    private static final class Unbounded<E> extends SinkBuffer<E> {
        private static final int CHUNK = 256;
        private static final VarHandle WRITTEN_OFF = ConstantBootstraps.fieldVarHandle(
                MethodHandles.lookup(), "writtenOff", VarHandle.class, Unbounded.class, long.class);

        private final MessagePassingQueue<E> queue;
        // written: putters, atomically; read: any thread, volatile
        private volatile long writtenOff;

        Unbounded(MessagePassingQueue<E> queue) {
            super(Long.MAX_VALUE);
            this.queue = queue;
        }

        @Override
        PutResult offer(E element) {
            long claim = claim();
            if (claim < 0) {
                return refusal(claim);
            }
            boolean stored = false;
            try {
                stored = queue.offer(element);
            } finally {
                if (!stored) { // no memory for the next chunk
                    WRITTEN_OFF.getAndAdd(this, 1L);
                }
            }
            return PutResult.ACCEPTED;
        }

        @Override
        long writtenOff() {
            return writtenOff;
        }

        @Override
        boolean isFilled(long index) {
            return accepted() > index; // or about to be stored
        }

        @Override
        E take(long index) {
            return queue.relaxedPoll();
        }
    }
}
