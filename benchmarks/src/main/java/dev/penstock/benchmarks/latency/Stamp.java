package dev.penstock.benchmarks.latency;

/** An element: when it was meant to be sent, and which one it is. Used again once it has been taken. */
final class Stamp {

    // written: the generator, before it puts the stamp; read: whoever takes it
    long intendedNanos;
    long sequence;
}
