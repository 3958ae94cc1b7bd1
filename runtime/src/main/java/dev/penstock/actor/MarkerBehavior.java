package dev.penstock.actor;

/** A decision that needs no state. */
record MarkerBehavior<M>(Marker marker) implements Behavior<M> {

    /** The decisions. */
    enum Marker {
        SAME,
        STOPPED,
        UNHANDLED,
        IGNORE;

        /** Whether it says something of a behavior that was there before. */
        boolean isRelative() {
            return this == SAME || this == UNHANDLED;
        }
    }
}
