/**
 * The report: from the raw files of a run to tables, plots and pages.
 *
 * <p>{@link dev.penstock.benchmarks.report.Report} finds the newest runs. {@code BenchFigures} and {@code LatencyFigures} read
 * them, {@code Tables}, {@code Goals} and {@code Plots} say what is shown, {@code Table} and {@code Chart} draw it.
 */
package dev.penstock.benchmarks.report;
