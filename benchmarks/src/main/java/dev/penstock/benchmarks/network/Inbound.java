package dev.penstock.benchmarks.network;

import java.util.function.Predicate;

/** The consumer's end of a stream from another process. The process ends it. */
interface Inbound {

    /** Gives every element, in order, to a taker, until that wants no more. */
    void receive(Predicate<Tick> taker) throws InterruptedException;
}
