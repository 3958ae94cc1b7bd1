/**
 * Latency under an open load.
 *
 * <p>A generator sends elements at a fixed rate, whatever becomes of those before; each carries the time at which it was
 * meant to be sent, and its latency is counted from there. So a stall is charged to every element that had to wait behind
 * it, also to those that the generator could not send because the pipe was full.
 *
 * <p>Beside it runs a meter of the machine's own hiccups. A tail that they exceed is the machine's and not the peer's: it is
 * marked invalid.
 *
 * <pre>
 *   ./penstock latency --help
 * </pre>
 */
package dev.penstock.benchmarks.latency;
