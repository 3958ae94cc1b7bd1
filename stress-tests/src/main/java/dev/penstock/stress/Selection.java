package dev.penstock.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;

/**
 * Which faults, feeds and readings a soak run uses: those whose name, such as {@code Fault.STOP_PRODUCER}, contains a match of
 * a regular expression. If there is one among the faults, or feeds, or readings, the others of its sort stay out.
 */
record Selection(List<Fault> faults, List<Feed> feeds, List<Reading> readings, boolean any) {

    /** How elements come into a stream. */
    enum Feed {
        PUT,
        TRY_PUT,
        PUT_ALL,
        SUBSCRIBER,
        PUSH
    }

    /** How elements are taken out of a stream. */
    enum Reading {
        ITERATOR,
        FOR_EACH_WHILE,
        POLL,
        DRAIN,
        STREAM,
        PUBLISHER
    }

    static Selection of(String regex) {
        Pattern only = Pattern.compile(regex);
        List<Fault> faults = matching(only, Fault.values());
        List<Feed> feeds = matching(only, Feed.values());
        List<Reading> readings = matching(only, Reading.values());
        return new Selection(
                faults.isEmpty() ? List.of(Fault.values()) : faults,
                feeds.isEmpty() ? List.of(Feed.values()) : feeds,
                readings.isEmpty() ? List.of(Reading.values()) : readings,
                !faults.isEmpty() || !feeds.isEmpty() || !readings.isEmpty());
    }

    private static <T extends Enum<T>> List<T> matching(Pattern only, T[] all) {
        List<T> found = new ArrayList<>();
        for (T each : all) {
            if (only.matcher(each.getDeclaringClass().getSimpleName() + "." + each.name())
                    .find()) {
                found.add(each);
            }
        }
        return found;
    }

    List<Fault> faultsOf(Fault.Place place) {
        return faults.stream().filter(fault -> fault.place() == place).toList();
    }

    /** Whether a fault is to be: one in so many times, or two in three if it is one of few. */
    boolean draws(Fault fault, SplittableRandom random, int oneIn) {
        return faults.contains(fault) && (faults.size() <= 3 ? random.nextInt(3) > 0 : random.nextInt(oneIn) == 0);
    }

    static <T> T one(List<T> choices, SplittableRandom random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
