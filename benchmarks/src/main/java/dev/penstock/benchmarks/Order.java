package dev.penstock.benchmarks;

import java.util.function.Consumer;

/**
 * Takes all elements, from the first on, and checks the place of each. Its count, written at each element, has cache lines of
 * its own: beside an object that the putting thread reads it would slow every peer down that is fast enough.
 */
final class Order implements Consumer<Integer> {

    private static final int COUNT = 32; // 128 bytes from both ends

    private final int[] padded = new int[2 * COUNT + 1];

    @Override
    public void accept(Integer element) {
        padded[COUNT] = Elements.check(element, padded[COUNT]);
    }

    /** How many were taken. */
    int count() {
        return padded[COUNT];
    }
}
