package dev.penstock.stress;

/** What can go wrong in a soak round. Some are part of a stream's shape; the others happen at a random moment. */
enum Fault {
    // a stream's shape
    /** Pauses, so that everybody sleeps; then one element, which must arrive before there is another. */
    IDLE_GAP(Place.SHAPE),
    /** The reader leaves before the end. */
    LEAVE_EARLY(Place.SHAPE),
    /** The reader's action throws. */
    READER_THROWS(Place.SHAPE),
    /** The reader forgets its source without closing it: the garbage collector has to find it. */
    DROP_SOURCE(Place.SHAPE),
    /** The reader waits for a few milliseconds only. */
    INACTIVITY_TIMEOUT(Place.SHAPE),
    /** What is called for undelivered elements throws. */
    HANDLER_THROWS(Place.SHAPE),
    /** A putter closes its sink without completing it. */
    ABANDON_SINK(Place.SHAPE),
    /** The consumer's mailbox takes fewer messages than its window has elements. */
    FULL_MAILBOX(Place.SHAPE),

    // a stream, at any moment
    INTERRUPT_PUTTER(Place.STREAM),
    INTERRUPT_READER(Place.STREAM),
    STOP_PRODUCER(Place.STREAM),
    STOP_CONSUMER(Place.STREAM),
    CRASH_PRODUCER(Place.STREAM),
    CRASH_CONSUMER(Place.STREAM),
    /** The turn of the producer asks for more memory than there is. */
    EXHAUST_PRODUCER(Place.STREAM),
    EXHAUST_CONSUMER(Place.STREAM),
    CANCEL_PRODUCER(Place.STREAM),
    CANCEL_CONSUMER(Place.STREAM),
    CLOSE_SOURCE(Place.STREAM),
    BAD_DEMAND(Place.STREAM),
    /** Demand in the name of the consumer, and calls that nobody asked for: nothing may come of them. */
    EXTRA_DEMAND(Place.STREAM),
    COMPLETE_STREAM(Place.STREAM),
    FAIL_STREAM(Place.STREAM),
    FAIL_SINK(Place.STREAM),
    LATE_SINK(Place.STREAM),
    SECOND_SUBSCRIBER(Place.STREAM),

    // the system, at any moment
    CLOSE_SYSTEM(Place.SYSTEM),
    CREW_THROWS(Place.SYSTEM),
    CREW_EXHAUSTS(Place.SYSTEM);

    /** Where a fault strikes. */
    enum Place {
        SHAPE,
        STREAM,
        SYSTEM
    }

    private final Place place;

    Fault(Place place) {
        this.place = place;
    }

    Place place() {
        return place;
    }

    /** Thrown where a fault asks for an exception. */
    static final class Planned extends RuntimeException {
        private static final long serialVersionUID = 1;

        Planned(String message) {
            super(message, null, false, false);
        }
    }

    private static volatile Object wanted;

    /**
     * Fails as a thread does for which there is no memory. It asks for an array that no virtual machine makes: filling the
     * heap would strike whichever thread comes next, this program's own too, and not the one behavior.
     */
    static void exhaustMemory() {
        for (int i = 0; i < 3; i++) {
            try {
                wanted = new long[Integer.MAX_VALUE];
            } catch (OutOfMemoryError e) {
                if (i == 2) {
                    throw e;
                }
            }
        }
    }
}
