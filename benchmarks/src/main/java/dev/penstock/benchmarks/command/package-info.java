/** The commands {@code penstock bench}, {@code penstock latency} and {@code penstock report}. */
package dev.penstock.benchmarks.command;
