package dev.penstock.examples.network;

import java.util.Locale;

/**
 * A reading that cannot be right. Flows from the client back to the node that has the sensor.
 *
 * @param reading the reading
 * @param usual what had been expected
 */
record Alert(Reading reading, double usual) {

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "reading %d of sensor %s: %.1f °C, usual %.1f °C",
                reading.sequence(),
                reading.sensor(),
                reading.celsius(),
                usual);
    }
}
