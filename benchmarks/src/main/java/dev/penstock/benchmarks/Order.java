package dev.penstock.benchmarks;

import java.util.function.Consumer;

/** Takes all elements, from the first on, and checks the place of each. */
final class Order implements Consumer<Integer> {

    private int next;

    @Override
    public void accept(Integer element) {
        next = Elements.check(element, next);
    }

    /** How many were taken. */
    int count() {
        return next;
    }
}
