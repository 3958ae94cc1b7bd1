package dev.penstock.benchmarks;

/** The elements that every benchmark sends: made beforehand, each checked for its place on arrival. */
final class Elements {

    /** Size of every input buffer. */
    static final int BUFFER = 1024;

    /** Elements of one invocation. */
    static final int BATCH = 100_000;

    private static final Integer[] READY = new Integer[1 << 14];

    static {
        for (int i = 0; i < READY.length; i++) {
            READY[i] = i;
        }
    }

    private Elements() {}

    static Integer at(int index) {
        return READY[index & (READY.length - 1)];
    }

    /** Fails if the element is not the one at the index; returns the next index. */
    static int check(Integer element, int index) {
        if (element != at(index)) {
            throw new IllegalStateException("element " + element + " came in place of " + at(index));
        }
        return index + 1;
    }
}
