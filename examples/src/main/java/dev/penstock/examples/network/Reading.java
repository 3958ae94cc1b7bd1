package dev.penstock.examples.network;

/**
 * What a sensor has measured. Flows from the nodes to the client.
 *
 * @param sensor which one
 * @param sequence counted from 1
 * @param celsius the temperature
 */
record Reading(String sensor, long sequence, double celsius) {}
