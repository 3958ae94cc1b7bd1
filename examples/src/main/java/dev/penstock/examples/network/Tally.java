package dev.penstock.examples.network;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one side has counted of a sensor's two streams: the last that a node, or the client for each sensor, prints.
 *
 * @param sensor the sensor
 * @param readings how many were put, or consumed
 * @param alerts how many were received, or sent
 */
public record Tally(String sensor, long readings, long alerts) {

    private static final Pattern LINE =
            Pattern.compile("sensor (\\S+): (\\d+) readings, (\\d+) alerts, both completed");

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "sensor %s: %d readings, %d alerts, both completed", sensor, readings, alerts);
    }

    /** Reads a line that may be one. */
    static Optional<Tally> parse(String line) {
        Matcher matcher = LINE.matcher(line);
        return matcher.matches()
                ? Optional.of(
                        new Tally(matcher.group(1), Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3))))
                : Optional.empty();
    }
}
