/**
 * What a measurement leaves behind: a folder of raw files under {@code results/raw}, with the machine it was taken on and the
 * command; and what runs and shows it meanwhile.
 */
package dev.penstock.benchmarks.run;
