/** The benchmarks that are published: {@code penstock bench}. {@link dev.penstock.benchmarks.suite.Suite} lists them. */
package dev.penstock.benchmarks.suite;
