package dev.penstock.tests.rules;

import java.util.EnumSet;
import java.util.Set;

/** What may befall a stream from outside. */
enum Mishap {
    // these end it
    CLOSE_SOURCE,
    CANCEL_PRODUCER,
    CANCEL_CONSUMER,
    STOP_PRODUCER,
    STOP_CONSUMER,
    CRASH_PRODUCER,
    CRASH_CONSUMER,
    BAD_DEMAND_TO_PRODUCER,
    BAD_DEMAND_TO_CONSUMER,
    COMPLETE_STREAM,
    FAIL_STREAM,
    CLOSE_SYSTEM,
    // these must not disturb it
    DEMAND_TO_PRODUCER,
    DEMAND_TO_CONSUMER,
    INPUT_READY,
    PUSH,
    SECOND_SUBSCRIBER,
    SECOND_SOURCE;

    static final Set<Mishap> ENDINGS = EnumSet.range(CLOSE_SOURCE, CLOSE_SYSTEM);
    static final Set<Mishap> HARMLESS = EnumSet.range(DEMAND_TO_PRODUCER, SECOND_SOURCE);
    static final Set<Mishap> ALL = EnumSet.allOf(Mishap.class);
}
