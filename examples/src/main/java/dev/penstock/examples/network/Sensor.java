package dev.penstock.examples.network;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** A thermometer that measures the same whenever it is asked again, and is wrong now and then. */
final class Sensor {

    private static final int LEAST_FAULTS = 3;
    private static final int MOST_FAULTS = 6;
    private static final int DAY = 1_440; // readings: one a minute

    private final String name;
    private final SplittableRandom random;
    private final Set<Long> faults = new TreeSet<>();

    /** One that is wrong 3 to 6 times in so many readings, and not among the first tenth. */
    Sensor(String name, long readings) {
        this.name = name;
        random = new SplittableRandom(name.hashCode());
        int count = random.nextInt(LEAST_FAULTS, MOST_FAULTS + 1);
        while (faults.size() < count) {
            faults.add(random.nextLong(readings / 10 + 1, readings + 1));
        }
    }

    Reading measure(long sequence) {
        double celsius = 20 + 3 * Math.sin(2 * Math.PI * sequence / DAY) + random.nextDouble(-0.5, 0.5);
        if (faults.contains(sequence)) {
            celsius += random.nextBoolean() ? 12 : -12;
        }
        return new Reading(name, sequence, celsius);
    }

    Set<Long> faults() {
        return faults;
    }
}
