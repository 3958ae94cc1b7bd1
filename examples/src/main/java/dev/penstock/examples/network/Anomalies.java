package dev.penstock.examples.network;

import java.util.Optional;

/** Finds readings that are far from those before them. For the readings of one sensor, in order. */
final class Anomalies {

    private static final double FAR = 5; // °C
    private static final double WEIGHT = 0.1; // of a reading in what is usual

    private double usual = Double.NaN;

    Optional<Alert> check(Reading reading) {
        if (Math.abs(reading.celsius() - usual) > FAR) { // never true of the first reading
            return Optional.of(new Alert(reading, usual));
        }
        usual = Double.isNaN(usual) ? reading.celsius() : usual + WEIGHT * (reading.celsius() - usual);
        return Optional.empty();
    }
}
