package dev.penstock.stress;

import java.util.EnumSet;
import java.util.Set;

/** What may befall a simulated stream from outside. */
enum Mishap {
    // these may end it
    CLOSE_SOURCE,
    CANCEL_PRODUCER,
    CANCEL_CONSUMER,
    STOP_PRODUCER,
    STOP_CONSUMER,
    CRASH_PRODUCER,
    CRASH_CONSUMER,
    CRASH_PARENT,
    BAD_DEMAND_TO_PRODUCER,
    BAD_DEMAND_TO_CONSUMER,
    COMPLETE_STREAM,
    FAIL_STREAM,
    INTERRUPT,
    CLOSE_SYSTEM,
    // these must not disturb it
    DEMAND_TO_PRODUCER,
    DEMAND_TO_CONSUMER,
    INPUT_READY,
    SECOND_SUBSCRIBER;

    /** Those that end any stream. */
    static final Set<Mishap> ENDINGS = EnumSet.complementOf(EnumSet.of(
            CRASH_PARENT, INTERRUPT, DEMAND_TO_PRODUCER, DEMAND_TO_CONSUMER, INPUT_READY, SECOND_SUBSCRIBER));

    static final Set<Mishap> HARMLESS = EnumSet.range(DEMAND_TO_PRODUCER, SECOND_SUBSCRIBER);

    boolean isHarmless() {
        return HARMLESS.contains(this);
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
