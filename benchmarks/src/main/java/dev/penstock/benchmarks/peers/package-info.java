/**
 * What a user would pick instead of the stream, each written as a good user of it would write it, behind one interface.
 *
 * <p>The work is the same for all: thread A {@linkplain dev.penstock.benchmarks.peers.Pipe#put puts} ready-made elements
 * and waits while there is no room, thread B {@linkplain dev.penstock.benchmarks.peers.Pipe#take takes} each of them in
 * order. Where a peer has an input buffer beside its window, that buffer holds
 * {@value dev.penstock.benchmarks.peers.Pipe#BUFFER} elements. The demand is the window: prefetch, request batch, or the
 * capacity of a bare queue.
 *
 * <p>A fork of a benchmark loads one peer and one taker, so that the calls through {@code Pipe} and {@code Consumer} have
 * one target each and are inlined into the peer's own loop. Without forks ({@code -f 0}) they are not, and the fast peers
 * suffer most.
 */
package dev.penstock.benchmarks.peers;
