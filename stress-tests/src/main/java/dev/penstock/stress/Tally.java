package dev.penstock.stress;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;

/**
 * What became of the numbered things that one thread handed in, by the soak run's own count: each that was accepted is
 * delivered, left over or refused, once. Holds numbers, never the things.
 *
 * <p>Threads: one that hands in; those that take, one after the other; any that reports what was left over or refused.
 */
final class Tally {

    private static final int LEFT = 1;
    private static final int REFUSED = 2;

    private final String name;
    private final boolean surely; // what is accepted is known when it is handed in; else it may be refused later
    private final Consumer<String> onBreach;

    private final boolean[] accepted; // or handed in; by the one that hands in
    private final boolean[] delivered; // by those that take
    private final AtomicIntegerArray others;

    // Written by one thread each, lazily: no fence. Read by those who wait for them.
    private final AtomicInteger acceptedCount = new AtomicInteger();
    private final AtomicInteger deliveredCount = new AtomicInteger();
    private final AtomicInteger leftCount = new AtomicInteger();
    private final AtomicInteger refusedCount = new AtomicInteger();
    private int last = -1; // by those that take

    Tally(String name, int size, boolean surely, Consumer<String> onBreach) {
        this.name = name;
        this.surely = surely;
        this.onBreach = onBreach;
        accepted = new boolean[size];
        delivered = new boolean[size];
        others = new AtomicIntegerArray(size);
    }

    String name() {
        return name;
    }

    int size() {
        return accepted.length;
    }

    /** It is in; or, where that is not known yet, about to be handed in. */
    void accepted(int number) {
        accepted[number] = true;
        acceptedCount.lazySet(acceptedCount.getPlain() + 1);
    }

    /** It was not handed in after all. */
    void withdrawn(int number) {
        accepted[number] = false;
        acceptedCount.lazySet(acceptedCount.getPlain() - 1);
    }

    void delivered(int number) {
        if (number <= last || surely && number != last + 1) {
            onBreach.accept(name + ": " + number + " was taken after " + last);
        }
        last = number;
        delivered[number] = true;
        deliveredCount.lazySet(deliveredCount.getPlain() + 1);
    }

    void left(int number) {
        leftCount.incrementAndGet();
        mark(number, LEFT, "left over");
    }

    void refused(int number) {
        refusedCount.incrementAndGet();
        mark(number, REFUSED, "refused");
    }

    private void mark(int number, int flag, String what) {
        int before = others.getAndUpdate(number, flags -> flags | flag);
        if (before != 0) {
            onBreach.accept(name + ": " + number + " was " + what + " although it was "
                    + (before == flag ? "so before" : before == LEFT ? "left over" : "refused"));
        }
    }

    int acceptedCount() {
        return acceptedCount.get();
    }

    int deliveredCount() {
        return deliveredCount.get();
    }

    int leftCount() {
        return leftCount.get();
    }

    /** How many are in, and have not come to their place yet. */
    int outstanding() {
        return acceptedCount.get() - deliveredCount.get() - leftCount.get() - refusedCount.get();
    }

    /** At the end, when all threads have been joined: how many went in, by the account of each. */
    int settle() {
        int in = 0;
        for (int number = 0; number < accepted.length; number++) {
            int flags = others.get(number);
            int places = (delivered[number] ? 1 : 0) + Integer.bitCount(flags);
            if (places != (accepted[number] ? 1 : 0)) {
                onBreach.accept(name + ": " + number + " of " + accepted.length
                        + (accepted[number] ? surely ? " was accepted" : " was handed in" : " was not accepted")
                        + (delivered[number] ? ", was delivered" : "")
                        + ((flags & LEFT) != 0 ? ", was left over" : "")
                        + ((flags & REFUSED) != 0 ? ", was refused" : "")
                        + (places == 0 ? ", and is lost" : ""));
            }
            if ((flags & LEFT) != 0 && number < last) {
                onBreach.accept(name + ": " + number + " was left over, and " + last + " delivered");
            }
            if (delivered[number] || (flags & LEFT) != 0) {
                in++;
            }
        }
        return in;
    }

    @Override
    public String toString() {
        return name + ": " + acceptedCount + " of " + accepted.length + " handed in, " + deliveredCount + " delivered, "
                + leftCount + " left over";
    }
}
