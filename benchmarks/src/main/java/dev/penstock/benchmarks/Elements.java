package dev.penstock.benchmarks;

import java.util.Arrays;
import java.util.List;

/** The elements that every benchmark sends: made beforehand, each checked for its place on arrival. */
final class Elements {

    /**
     * Elements of one invocation: some hundred microseconds of the fastest peer, so that the call does not count, and less
     * than a second of the slowest, so that an iteration does not outlast its time by much.
     */
    static final int BATCH = 10_000;

    /** Elements of one list. */
    static final int LIST = 256;

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

    /** All elements from the first on, in lists; the one after the last is the first. */
    static List<List<Integer>> lists() {
        List<Integer> all = Arrays.asList(READY);
        Integer[][] lists = new Integer[READY.length / LIST][];
        for (int i = 0; i < lists.length; i++) {
            lists[i] = all.subList(i * LIST, (i + 1) * LIST).toArray(Integer[]::new);
        }
        return Arrays.stream(lists).map(Arrays::asList).toList();
    }

    /** Fails if the element is not the one at the index; returns the next index. */
    static int check(Integer element, int index) {
        if (element != at(index)) {
            throw new IllegalStateException("element " + element + " came in place of " + at(index));
        }
        return index + 1;
    }
}
