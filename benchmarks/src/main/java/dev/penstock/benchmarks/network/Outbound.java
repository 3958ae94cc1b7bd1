package dev.penstock.benchmarks.network;

import java.util.function.Supplier;

/** The producer's end of a stream to another process, which may subscribe from now on. The process ends it. */
interface Outbound {

    /** Sends all that is supplied, as fast as the other side takes it; for ever. */
    void send(Supplier<Tick> ticks) throws InterruptedException;
}
