package dev.penstock.stress;

import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Looks for what stays behind when rounds are over: elements that an ended stream still holds on to, systems and ends of
 * streams that something still holds on to when nobody uses them, threads, and memory.
 *
 * <p>Memory is compared between audits, each after garbage collections that found all of the above gone; so what is counted
 * is live. The first {@value #WARM_UP} audits are the warm-up: classes are loaded, pools filled. From then on the least of
 * the last {@value #WINDOW} audits must not be more than {@link #SLACK_BYTES} above the most of the first after the
 * warm-up: a leak grows with the rounds and lifts the least, noise does not.
 */
final class Leaks {

    static final int WARM_UP = 2;
    static final int WINDOW = 3;
    static final long SLACK_BYTES = 256 << 10;

    /** Threads that the virtual machine and the library's own cleaner start when they like. */
    private static final Set<String> NOT_OURS = Set.of(
            "ForkJoinPool-#-worker-#",
            "ForkJoinPool-#-delayScheduler",
            "VirtualThread-unparker",
            "VirtualThread-unblocker",
            "Cleaner-#");

    private final Map<String, Integer> threadsBefore = threads();
    private final Queue<Trace> elements = new ConcurrentLinkedQueue<>();
    private final List<Object> kept = new ArrayList<>();
    private final List<WeakReference<Object>> leaving = new ArrayList<>();
    private final Deque<Long> levels = new ArrayDeque<>(); // of the last audits, at most WINDOW: a run may be long
    private long levelAfterWarmUp;
    private int audits;
    private long elementsSeenGone;

    /** An element that nobody may hold when the streams are over. */
    private static final class Trace extends WeakReference<SoakElement> {
        private final Tally tally;
        private final int number;

        Trace(SoakElement element) {
            super(element);
            tally = element.tally();
            number = element.number();
        }
    }

    /** Follows an element. Any thread. */
    void follow(SoakElement element) {
        elements.add(new Trace(element));
    }

    /** Keeps those until the next audit, which sees whether an element hangs on them; after it, the others are to be gone. */
    void leave(List<Object> keep, List<Object> leave) {
        kept.addAll(keep);
        leave.forEach(each -> leaving.add(new WeakReference<>(each)));
    }

    /** Collects garbage and looks; answers what is wrong. Between rounds. */
    List<String> audit() {
        List<String> breaches = new ArrayList<>();
        long followed = elements.size();
        if (!isGone(() -> elements.removeIf(trace -> trace.refersTo(null)), elements)) {
            breaches.add(elements.size() + " elements of " + followed + " are still held, such as "
                    + elements.stream()
                            .limit(5)
                            .map(trace -> trace.number + " of " + trace.tally)
                            .toList());
        }
        elementsSeenGone += followed - elements.size();
        elements.clear();
        kept.clear();
        if (!isGone(() -> leaving.removeIf(object -> object.refersTo(null)), leaving)) {
            breaches.add(leaving.size() + " objects of rounds that are over are still held: "
                    + leaving.stream()
                            .map(WeakReference::get)
                            .filter(object -> object != null)
                            .collect(Collectors.groupingBy(
                                    object -> object.getClass().getName(), Collectors.counting())));
        }
        leaving.clear();
        String over = extraThreads(threadsBefore);
        if (!over.isEmpty()) {
            breaches.add("threads are left over: " + over);
        }
        audits++;
        levels.add(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        if (levels.size() > WINDOW) {
            levels.remove();
        }
        if (audits <= WARM_UP + WINDOW) {
            levelAfterWarmUp = Collections.max(levels);
        }
        if (growth() > SLACK_BYTES) {
            breaches.add("memory grows: it was " + (levelAfterWarmUp >> 10) + " KB after the warm-up, and is "
                    + (Collections.min(levels) >> 10) + " KB at the least of the last " + WINDOW + " audits");
        }
        return breaches;
    }

    private static boolean isGone(Runnable sieve, Collection<?> left) {
        // A source that was dropped takes two collections and its cleaner; the rest is for a machine with other things
        // to do.
        for (int i = 0; i < 20; i++) {
            System.gc();
            sieve.run();
            if (left.isEmpty()) {
                return true;
            }
            LockSupport.parkNanos(i * 10_000_000L);
        }
        return false;
    }

    /** How much more memory is in use than after the warm-up, in bytes; 0 while there are too few audits to tell. */
    long growth() {
        return audits < WARM_UP + 2 * WINDOW ? 0 : Math.max(0, Collections.min(levels) - levelAfterWarmUp);
    }

    long elementsSeenGone() {
        return elementsSeenGone;
    }

    int audits() {
        return audits;
    }

    // ---- threads

    /** The platform threads that live, by name with its numbers left out. */
    static Map<String, Integer> threads() {
        Map<String, Integer> names = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            names.merge(thread.getName().replaceAll("\\d+", "#"), 1, Integer::sum);
        }
        return names;
    }

    /** The threads that live now and did not before; empty if there are none. */
    static String extraThreads(Map<String, Integer> before) {
        return threads().entrySet().stream()
                .filter(now ->
                        !NOT_OURS.contains(now.getKey()) && now.getValue() > before.getOrDefault(now.getKey(), 0))
                .map(now -> now.getKey() + " (" + now.getValue() + ")")
                .collect(Collectors.joining(", "));
    }
}
