/**
 * Benchmarks: {@code ./penstock bench}, {@code ./penstock latency}, {@code ./penstock report}.
 *
 * <p>The JMH benchmarks are in this package, their peers in {@code peers}; {@code suite} lists what is published, and runs
 * it; {@code latency} is the rig for an open load; {@code run} is what every measurement leaves behind, and {@code report}
 * makes pages of it.
 *
 * <p>Each benchmark says what one operation is. One of them alone, by JMH's own command:
 *
 * <pre>
 *   java -jar benchmarks/target/benchmarks.jar PeerThroughput -p demand=16 -p peer=PENSTOCK,JCTOOLS_SPSC -f 5
 * </pre>
 *
 * <p>A pair of spinning threads varies up to threefold from fork to fork: compare medians of at least five forks, taken in
 * turn, in one run, as {@code ./penstock bench} does.
 */
package dev.penstock.benchmarks;
