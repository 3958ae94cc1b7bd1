/**
 * The stream between two processes of this machine, side by side with the bare link under it and with Pekko StreamRefs.
 *
 * <p>{@link NetworkCommand} starts a producer's process and a consumer's for each measurement, those that are compared in
 * turn. Each process runs {@link NetworkRun}; what it measures is a {@link Setup}, and the {@link Transport} says which kind
 * of stream lies between {@link Outbound} and {@link Inbound}.
 */
package dev.penstock.benchmarks.network;
