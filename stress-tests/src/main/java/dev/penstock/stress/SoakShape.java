package dev.penstock.stress;

import dev.penstock.actor.WaitStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * What is drawn for one stream of a soak round before it begins.
 *
 * @param bufferSize of each sink
 * @param window the initial demand
 * @param putWait how a full sink's putter waits
 * @param takeWait how the reader waits
 * @param ownLane whether the consumer has a lane of its own
 * @param restarts whether both actors are restarted when they fail
 * @param handlers who has a handler of undelivered elements: 1 the producer, 2 the consumer, 3 both
 * @param jitter whether the threads let a moment pass between two elements
 * @param inactivity the reader's timeout
 * @param feeds one for each thread that feeds the stream
 * @param sizes how many elements each of them has
 * @param reading how it is read
 * @param readerLimit after how many elements the reader leaves, drops its source or throws
 * @param planned the faults of the shape
 * @param strikes the faults that come from outside
 * @param moments how many elements are delivered when they come
 */
record SoakShape(
        int bufferSize,
        int window,
        WaitStrategy putWait,
        WaitStrategy takeWait,
        boolean ownLane,
        boolean restarts,
        int handlers,
        boolean jitter,
        Duration inactivity,
        List<Selection.Feed> feeds,
        List<Integer> sizes,
        Selection.Reading reading,
        int readerLimit,
        Set<Fault> planned,
        List<Fault> strikes,
        List<Integer> moments) {

    private static final List<Integer> SIZES = List.of(1, 2, 3, 16, 256);

    /** The readings that can drop their source: the others close it by themselves. */
    private static final Set<Selection.Reading> CARELESS =
            EnumSet.of(Selection.Reading.ITERATOR, Selection.Reading.POLL, Selection.Reading.DRAIN);

    static SoakShape draw(Selection selection, boolean virtualWorkers, SplittableRandom random) {
        Set<Fault> planned = EnumSet.noneOf(Fault.class);
        for (Fault fault : selection.faultsOf(Fault.Place.SHAPE)) {
            if (selection.draws(fault, random, fault == Fault.IDLE_GAP ? 2 : 12)) {
                planned.add(fault);
            }
        }
        Selection.Reading reading = Selection.one(selection.readings(), random);
        if (!CARELESS.contains(reading)) {
            planned.remove(Fault.DROP_SOURCE);
        }
        List<Selection.Feed> feeds = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        int most = 1 << (3 + random.nextInt(planned.contains(Fault.IDLE_GAP) ? 6 : 11));
        int all = 0;
        for (int i = random.nextInt(4) == 0 ? 3 : 1; i > 0; i--) {
            feeds.add(Selection.one(selection.feeds(), random));
            sizes.add(1 + random.nextInt(most));
            all += sizes.get(sizes.size() - 1);
        }
        List<Fault> strikes = new ArrayList<>();
        List<Integer> moments = new ArrayList<>();
        List<Fault> possible = selection.faultsOf(Fault.Place.STREAM);
        int drawn = random.nextInt(6); // none, one or two
        for (int i = 0; !possible.isEmpty() && i < (drawn < 2 ? 0 : drawn < 5 ? 1 : 2); i++) {
            strikes.add(Selection.one(possible, random));
            moments.add(random.nextInt(4) == 0 ? 0 : random.nextInt(all));
        }
        boolean leaves = planned.contains(Fault.LEAVE_EARLY)
                || planned.contains(Fault.READER_THROWS)
                || planned.contains(Fault.DROP_SOURCE);
        boolean restarts = random.nextInt(4) == 0;
        return new SoakShape(
                random.nextInt(12) == 0 ? 0 : Selection.one(SIZES, random),
                Selection.one(SIZES, random),
                waitStrategy(virtualWorkers, random),
                waitStrategy(virtualWorkers, random),
                planned.contains(Fault.FULL_MAILBOX) || random.nextInt(3) == 0,
                restarts,
                restarts
                        ? 1 + 2 * random.nextInt(2)
                        : 1 + random.nextInt(3), // pushes may meet no consumer after a restart
                random.nextInt(3) > 0,
                planned.contains(Fault.INACTIVITY_TIMEOUT) ? Duration.ofMillis(1 + random.nextInt(20)) : Duration.ZERO,
                List.copyOf(feeds),
                List.copyOf(sizes),
                reading,
                leaves ? random.nextInt(all + 1) : Integer.MAX_VALUE,
                planned,
                List.copyOf(strikes),
                List.copyOf(moments));
    }

    private static WaitStrategy waitStrategy(boolean virtualWorkers, SplittableRandom random) {
        int draw = random.nextInt(16);
        if (draw < 8) {
            return WaitStrategy.backoff();
        } else if (draw < 13) {
            return WaitStrategy.parking();
        }
        if (virtualWorkers) { // some that never park can keep all carriers from one that is to start
            return WaitStrategy.parking();
        }
        return draw < 15
                ? WaitStrategy.yielding()
                : WaitStrategy.busySpin(); // the latter is a trial for few processors
    }

    boolean has(Fault fault) {
        return planned.contains(fault);
    }
}
