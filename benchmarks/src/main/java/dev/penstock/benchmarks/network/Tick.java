package dev.penstock.benchmarks.network;

/** An element: 32 bytes, in all kinds of streams. */
record Tick(long sequence, long intendedNanos, long bid, long ask) {

    static final int BYTES = 4 * Long.BYTES;
}
