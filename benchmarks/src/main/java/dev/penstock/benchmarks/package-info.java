/**
 * Benchmarks: {@code java -jar benchmarks/target/benchmarks.jar}.
 *
 * <p>Each class says what one operation is. Its parameters have defaults that cover what is published; others, and less of
 * them, are chosen by {@code -p}, such as {@code -p demand=16 -p waitStrategy=BUSY_SPIN,PARKING}.
 *
 * <p>A pair of spinning threads varies up to threefold from fork to fork: compare medians of at least five forks
 * ({@code -f 5}), taken in one run.
 */
package dev.penstock.benchmarks;
