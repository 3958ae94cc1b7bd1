package dev.penstock.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What a simulated system is made of and what befalls it: everything but the schedule. It is drawn from a seed, told in
 * words, and made smaller piece by piece.
 */
final class Scenario {

    /** The kinds of systems, in the order in which the seeds go through them. */
    static final List<String> FAMILIES = List.of(
            "alone",
            "fan-in",
            "apart",
            "chain",
            "flow",
            "subscriber",
            "supervised",
            "timeout",
            "sleeper",
            "crowd",
            "close");

    /** No reader takes so many. */
    static final int NO_LIMIT = 1_000_000;

    private static final int LATEST = 24;
    private static final Duration HALF_SECOND = Duration.ofMillis(500);

    /** How a stream is read. */
    enum Reading {
        /** Element by element. */
        POLL,
        /** By up to three. */
        DRAIN,
        /** By a subscriber of the user's own making. */
        SUBSCRIBER,
        /** By a publisher, if another stream is fed from it. */
        FLOW
    }

    /** How a feed ends. */
    enum Ending {
        COMPLETE("completes"),
        FAIL("fails"),
        ABANDON("abandons"),
        /** Completes, and fails after that, in vain. */
        TWICE("completes and fails");

        private final String word;

        Ending(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        boolean isWell() {
            return this == COMPLETE || this == TWICE;
        }
    }

    /** A thread that puts into a sink of its own. */
    static final class Feed {
        int elements;
        Ending ending = Ending.COMPLETE;
        int start; // after how many attempts it asks for its sink
        Duration pause = Duration.ZERO; // before each element

        Feed copy() {
            Feed copy = new Feed();
            copy.elements = elements;
            copy.ending = ending;
            copy.start = start;
            copy.pause = pause;
            return copy;
        }
    }

    /** One stream. */
    static final class StreamPlan {
        int bufferSize; // 0 is unbounded
        int window = 1;
        boolean ownLane;
        List<Feed> feeds = new ArrayList<>();
        int pushes;
        boolean chained; // the reader of the stream before this one feeds it too
        Reading reading = Reading.POLL;
        int start; // after how many attempts the reader asks for its source
        int limit = NO_LIMIT; // after how many elements the reader leaves
        Duration away = Duration.ZERO; // how long the reader stays away after it found nothing
        int handlers; // of undelivered elements: 0 the producer's, 1 the consumer's, 2 each its own
        Duration timeout = Duration.ZERO;

        StreamPlan copy() {
            StreamPlan copy = new StreamPlan();
            copy.bufferSize = bufferSize;
            copy.window = window;
            copy.ownLane = ownLane;
            feeds.forEach(feed -> copy.feeds.add(feed.copy()));
            copy.pushes = pushes;
            copy.chained = chained;
            copy.reading = reading;
            copy.start = start;
            copy.limit = limit;
            copy.away = away;
            copy.handlers = handlers;
            copy.timeout = timeout;
            return copy;
        }

        boolean hasSubscriber() {
            return reading == Reading.SUBSCRIBER;
        }

        int inputs() {
            return feeds.size() + (chained ? 1 : 0) + (pushes > 0 ? 1 : 0);
        }
    }

    /** Something that befalls a stream after so many attempts of its script. */
    record MishapPlan(Mishap what, int stream, int moment) {}

    /** The thread that blocks, the simulation's own: a feed of a stream, or if that is -1 the stream's reader. */
    record Sleeper(int stream, int feed, boolean timed) {
        boolean isReaderOf(int other) {
            return stream == other && feed < 0;
        }
    }

    final String family;
    List<StreamPlan> streams = new ArrayList<>();
    List<MishapPlan> mishaps = new ArrayList<>();
    Sleeper sleeper; // null if every thread only tries
    boolean settled; // whether everyone has met before the threads begin
    boolean parent; // whether all actors are children of one that is restarted when it fails
    boolean backoff; // whether that one pauses before it begins again

    private Scenario(String family) {
        this.family = family;
    }

    Scenario copy() {
        Scenario copy = new Scenario(family);
        streams.forEach(stream -> copy.streams.add(stream.copy()));
        copy.mishaps.addAll(mishaps);
        copy.sleeper = sleeper;
        copy.settled = settled;
        copy.parent = parent;
        copy.backoff = backoff;
        return copy;
    }

    static String familyOf(long seed) {
        return FAMILIES.get((int) Math.floorMod(seed, (long) FAMILIES.size()));
    }

    StreamPlan next(int stream) {
        return stream + 1 < streams.size() && streams.get(stream + 1).chained ? streams.get(stream + 1) : null;
    }

    // ---- drawing

    static Scenario draw(long seed) {
        return new Drawing(new Scenario(familyOf(seed)), new SplittableRandom(seed * 31 + 7)).drawn();
    }

    /** Draws a scenario of its family. */
    private record Drawing(Scenario scenario, SplittableRandom random) {

        Scenario drawn() {
            String family = scenario.family;
            int count = family.equals("alone") || family.equals("fan-in") || family.equals("timeout")
                    ? 1
                    : family.equals("crowd") ? 3 : 1 + random.nextInt(2);
            boolean chain = family.equals("chain") || family.equals("flow");
            scenario.settled = random.nextInt(4) > 0;
            scenario.parent = family.equals("supervised");
            scenario.backoff = scenario.parent && random.nextBoolean();
            if (chain) {
                count = family.equals("flow") ? 2 : 2 + random.nextInt(2);
            }
            for (int i = 0; i < count; i++) {
                scenario.streams.add(stream(i, chain));
            }
            sleeper();
            mishaps();
            fitTogether(scenario);
            return scenario;
        }

        private StreamPlan stream(int index, boolean chain) {
            String family = scenario.family;
            StreamPlan stream = new StreamPlan();
            stream.bufferSize = random.nextInt(4);
            stream.window = 1 + random.nextInt(4);
            stream.ownLane = family.equals("apart") || random.nextInt(3) == 0;
            stream.chained = index > 0 && (chain || random.nextInt(4) == 0);
            int feeds = family.equals("fan-in")
                    ? 2 + random.nextInt(2)
                    : stream.chained ? random.nextInt(4) / 3 : 1 + random.nextInt(4) / 3;
            for (int i = 0; i < feeds; i++) {
                stream.feeds.add(feed());
            }
            stream.pushes = random.nextInt(3) == 0 ? 1 + random.nextInt(4) : 0;
            stream.reading = random.nextInt(3) == 0 ? Reading.DRAIN : Reading.POLL;
            if (family.equals("flow") && index == 0) {
                stream.reading = Reading.FLOW;
            } else if (family.equals("subscriber") || (family.equals("crowd") && random.nextInt(4) == 0)) {
                stream.reading = Reading.SUBSCRIBER;
            }
            stream.start = random.nextInt(3) == 0 ? random.nextInt(LATEST) : 0;
            stream.limit = random.nextInt(4) == 0 ? random.nextInt(8) : NO_LIMIT;
            stream.away = random.nextInt(6) == 0 ? HALF_SECOND : Duration.ZERO;
            stream.handlers = random.nextInt(3);
            if (family.equals("timeout")) {
                stream.timeout = HALF_SECOND.multipliedBy(1 + random.nextInt(3));
            }
            return stream;
        }

        private Feed feed() {
            Feed feed = new Feed();
            feed.elements = random.nextInt(9);
            int ending = random.nextInt(8);
            feed.ending = ending < Ending.values().length ? Ending.values()[ending] : Ending.COMPLETE;
            feed.start = random.nextInt(4) == 0 ? random.nextInt(LATEST) : 0;
            if (scenario.family.equals("timeout") || (scenario.family.equals("crowd") && random.nextInt(4) == 0)) {
                feed.pause = HALF_SECOND.multipliedBy(random.nextInt(3));
            }
            return feed;
        }

        private void sleeper() {
            String family = scenario.family;
            if (family.equals("timeout")) {
                scenario.sleeper = new Sleeper(0, -1, random.nextInt(4) == 0);
            } else if (family.equals("sleeper") || random.nextInt(3) == 0) {
                int stream = random.nextInt(scenario.streams.size());
                int feeds = scenario.streams.get(stream).feeds.size();
                scenario.sleeper = new Sleeper(stream, random.nextInt(feeds + 1) - 1, random.nextInt(4) == 0);
            }
        }

        private void mishaps() {
            List<Mishap> harmless = Mishap.HARMLESS.stream().toList();
            List<Mishap> endings = Mishap.ENDINGS.stream().toList();
            for (int i = random.nextInt(4); i > 0; i--) {
                befall(random.nextInt(4) > 0 ? harmless : endings);
            }
            if (scenario.family.equals("close")) {
                befall(List.of(Mishap.CLOSE_SYSTEM));
            }
            for (int i = scenario.parent ? 1 + random.nextInt(2) : 0; i > 0; i--) {
                befall(List.of(Mishap.CRASH_PARENT));
            }
            if (scenario.sleeper != null && random.nextInt(6) == 0) {
                befall(List.of(Mishap.INTERRUPT));
            }
        }

        private void befall(List<Mishap> kinds) {
            scenario.mishaps.add(new MishapPlan(
                    kinds.get(random.nextInt(kinds.size())),
                    random.nextInt(scenario.streams.size()),
                    random.nextInt(random.nextBoolean() ? LATEST : 3 * LATEST)));
        }
    }

    /** Makes the parts of a scenario go together. */
    static void fitTogether(Scenario scenario) {
        List<StreamPlan> streams = scenario.streams;
        scenario.settled &= !scenario.parent;
        for (int i = 0; i < streams.size(); i++) {
            StreamPlan stream = streams.get(i);
            stream.chained &= i > 0;
            if (scenario.next(i) != null) {
                if (stream.reading != Reading.FLOW) {
                    stream.reading = Reading.POLL;
                }
            } else if (stream.reading == Reading.FLOW) {
                stream.reading = Reading.POLL;
            }
            if (stream.feeds.isEmpty() && !stream.chained) { // or nobody would ever end it
                stream.feeds.add(new Feed());
            }
            if (!scenario.settled && stream.handlers == 1) { // a consumer that never met its producer takes nothing
                stream.handlers = 2;
            }
            if (stream.hasSubscriber()) {
                stream.handlers = 0;
            }
        }
        Sleeper sleeper = scenario.sleeper;
        if (sleeper != null
                && (sleeper.stream >= streams.size()
                        || sleeper.feed >= streams.get(sleeper.stream).feeds.size()
                        || (sleeper.feed < 0
                                && Set.of(Reading.SUBSCRIBER, Reading.FLOW)
                                        .contains(streams.get(sleeper.stream).reading)))) {
            scenario.sleeper = null;
        }
        for (int i = 0; i < streams.size(); i++) {
            StreamPlan stream = streams.get(i);
            if (scenario.sleeper == null || !scenario.sleeper.isReaderOf(i) || scenario.sleeper.timed()) {
                stream.timeout = Duration.ZERO; // only an iterator waits
            }
        }
        scenario.mishaps.removeIf(mishap -> mishap.stream >= streams.size()
                || (mishap.what == Mishap.SECOND_SUBSCRIBER && !scenario.settled)
                || (mishap.what == Mishap.CRASH_PARENT && !scenario.parent)
                || (mishap.what == Mishap.INTERRUPT && scenario.sleeper == null));
    }

    // ---- making it smaller

    /** All that are smaller by one part. */
    List<Scenario> smaller() {
        List<Scenario> all = new ArrayList<>();
        for (int i = 0; i < streams.size() && streams.size() > 1; i++) {
            int gone = i;
            add(all, scenario -> scenario.removeStream(gone));
        }
        for (int i = 0; i < mishaps.size(); i++) {
            int index = i;
            MishapPlan mishap = mishaps.get(i);
            add(all, scenario -> scenario.mishaps.remove(index));
            for (int moment : less(mishap.moment)) {
                add(all, scenario -> scenario.mishaps.set(index, new MishapPlan(mishap.what, mishap.stream, moment)));
            }
        }
        for (int i = 0; i < streams.size(); i++) {
            smallerStream(all, i);
        }
        if (sleeper != null) {
            add(all, scenario -> scenario.sleeper = null);
            if (sleeper.timed) {
                add(all, scenario -> scenario.sleeper = new Sleeper(sleeper.stream, sleeper.feed, false));
            }
        }
        if (parent) {
            add(all, scenario -> scenario.parent = false);
        }
        if (backoff) {
            add(all, scenario -> scenario.backoff = false);
        }
        return all;
    }

    private void smallerStream(List<Scenario> all, int index) {
        StreamPlan stream = streams.get(index);
        for (int i = 0; i < stream.feeds.size(); i++) {
            int number = i;
            Feed feed = stream.feeds.get(i);
            add(all, scenario -> scenario.removeFeed(index, number));
            for (int elements : less(feed.elements)) {
                add(all, scenario -> scenario.streams.get(index).feeds.get(number).elements = elements);
            }
            for (int start : less(feed.start)) {
                add(all, scenario -> scenario.streams.get(index).feeds.get(number).start = start);
            }
            if (feed.ending != Ending.COMPLETE) {
                add(all, scenario -> scenario.streams.get(index).feeds.get(number).ending = Ending.COMPLETE);
            }
            if (!feed.pause.isZero()) {
                add(all, scenario -> scenario.streams.get(index).feeds.get(number).pause = Duration.ZERO);
            }
        }
        for (int pushes : less(stream.pushes)) {
            add(all, scenario -> scenario.streams.get(index).pushes = pushes);
        }
        for (int start : less(stream.start)) {
            add(all, scenario -> scenario.streams.get(index).start = start);
        }
        for (int limit : less(Math.min(stream.limit, 8))) {
            if (stream.limit != NO_LIMIT) {
                add(all, scenario -> scenario.streams.get(index).limit = limit);
            }
        }
        if (stream.limit != NO_LIMIT) {
            add(all, scenario -> scenario.streams.get(index).limit = NO_LIMIT);
        }
        for (int window : less(stream.window - 1)) {
            add(all, scenario -> scenario.streams.get(index).window = 1 + window);
        }
        for (int size : less(stream.bufferSize - 1)) {
            add(all, scenario -> scenario.streams.get(index).bufferSize = 1 + size);
        }
        if (stream.ownLane) {
            add(all, scenario -> scenario.streams.get(index).ownLane = false);
        }
        if (stream.chained) {
            add(all, scenario -> scenario.streams.get(index).chained = false);
        }
        if (stream.reading != Reading.POLL) {
            add(all, scenario -> scenario.streams.get(index).reading = Reading.POLL);
        }
        if (!stream.away.isZero()) {
            add(all, scenario -> scenario.streams.get(index).away = Duration.ZERO);
        }
        if (!stream.timeout.isZero()) {
            add(all, scenario -> scenario.streams.get(index).timeout = Duration.ZERO);
        }
    }

    /** Some numbers below one, the smallest first. */
    private static List<Integer> less(int number) {
        return number <= 0
                ? List.of()
                : List.of(0, number / 2, number - 1).stream().distinct().toList();
    }

    private void add(List<Scenario> all, Consumer<Scenario> change) {
        Scenario changed = copy();
        change.accept(changed);
        fitTogether(changed);
        if (changed.weight() < weight()) {
            all.add(changed);
        }
    }

    private void removeStream(int gone) {
        streams.remove(gone);
        mishaps.removeIf(mishap -> mishap.stream == gone);
        mishaps.replaceAll(mishap ->
                mishap.stream < gone ? mishap : new MishapPlan(mishap.what, mishap.stream - 1, mishap.moment));
        if (sleeper != null && sleeper.stream >= gone) {
            sleeper = sleeper.stream == gone ? null : new Sleeper(sleeper.stream - 1, sleeper.feed, sleeper.timed);
        }
    }

    private void removeFeed(int stream, int gone) {
        streams.get(stream).feeds.remove(gone);
        if (sleeper != null && sleeper.stream == stream && sleeper.feed >= gone) {
            sleeper = sleeper.feed == gone ? null : new Sleeper(stream, sleeper.feed - 1, sleeper.timed);
        }
    }

    /** How much there is to it. */
    int weight() {
        int sum = (parent ? 20 : 0) + (backoff ? 5 : 0) + (sleeper == null ? 0 : sleeper.timed ? 12 : 10);
        for (MishapPlan mishap : mishaps) {
            sum += 10 + mishap.moment;
        }
        for (StreamPlan stream : streams) {
            sum += 100 + stream.window + Math.max(0, stream.bufferSize - 1) + (stream.bufferSize == 0 ? 2 : 0);
            sum += 4 * stream.pushes + stream.start + (stream.limit == NO_LIMIT ? 0 : 5 + stream.limit);
            sum += (stream.ownLane ? 5 : 0) + (stream.chained ? 10 : 0);
            sum += (stream.reading == Reading.POLL ? 0 : 5)
                    + (stream.timeout.isZero() ? 0 : 5)
                    + (stream.away.isZero() ? 0 : 5);
            for (Feed feed : stream.feeds) {
                sum += 20 + 4 * feed.elements + feed.start + (feed.ending == Ending.COMPLETE ? 0 : 5);
                sum += feed.pause.isZero() ? 0 : 5;
            }
        }
        return sum;
    }

    // ---- in words

    /** What a stream is called. */
    static String letter(int stream) {
        return String.valueOf((char) ('a' + stream));
    }

    /** In words, a line for each part. */
    List<String> words() {
        List<String> lines = new ArrayList<>();
        lines.add(family + ", " + streams.size() + (streams.size() == 1 ? " stream" : " streams")
                + (settled ? ", settled before the threads begin" : "")
                + (parent ? ", children of a parent that is restarted" + (backoff ? " after a pause" : "") : ""));
        for (int i = 0; i < streams.size(); i++) {
            lines.add("stream " + letter(i) + ": " + words(i));
        }
        for (MishapPlan mishap : mishaps) {
            lines.add(mishap.what + " " + letter(mishap.stream) + " after " + mishap.moment + " attempts");
        }
        if (sleeper != null) {
            lines.add("the thread that sleeps is the "
                    + (sleeper.feed < 0 ? "reader of " : "putter " + sleeper.feed + " of ") + letter(sleeper.stream)
                    + (sleeper.timed ? ", by calls with a time limit" : ""));
        }
        return lines;
    }

    private String words(int index) {
        StreamPlan stream = streams.get(index);
        String text = (stream.bufferSize == 0 ? "unbounded" : "buffer " + stream.bufferSize) + ", window "
                + stream.window + (stream.ownLane ? ", own lane" : "") + "; ";
        text += stream.feeds.stream()
                .map(feed -> "puts " + feed.elements
                        + ", " + feed.ending.word
                        + (feed.start > 0 ? " (from attempt " + feed.start + ")" : "")
                        + (feed.pause.isZero() ? "" : " (pauses " + feed.pause + ")"))
                .collect(Collectors.joining("; "));
        text += (stream.pushes > 0 ? "; " + stream.pushes + " pushes" : "")
                + (stream.chained ? "; fed by the reader of " + letter(index - 1) : "");
        String reader = switch (stream.reading) {
            case POLL -> "reader polls";
            case DRAIN -> "reader drains";
            case SUBSCRIBER -> "a user's subscriber";
            case FLOW -> "read by a publisher";
        };
        return text + "; " + reader + (stream.start > 0 ? " (from attempt " + stream.start + ")" : "")
                + (stream.limit == NO_LIMIT ? "" : ", leaves after " + stream.limit)
                + (stream.away.isZero() ? "" : ", stays away for " + stream.away + " when there is nothing")
                + (stream.timeout.isZero() ? "" : ", times out after " + stream.timeout);
    }
}
