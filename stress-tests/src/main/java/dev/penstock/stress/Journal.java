package dev.penstock.stress;

import dev.penstock.actor.Behavior;

/** Writes down what happens in a simulated system. This one writes nothing, for the runs that nobody will look at. */
class Journal {

    static final Journal NONE = new Journal();

    void begin(SimulatedSystem system) {}

    /** The thread that blocks is that one. */
    void sleeper(String name) {}

    /** A script is about to be attempted. */
    void before(String script) {}

    /** Something was run: an attempt of a script, a turn, a timer. */
    void after(String name) {}

    /** A thread does something to the stream that an actor keeps. */
    void says(String who, String actor, String what) {}

    /** A thread does something with an element, and gets an answer, which may be null. */
    void says(String who, String actor, String what, int element, Object answer) {}

    /** A thread does something that may take it a while. */
    void waits(String who, String actor, String what) {}

    /** The behavior of an actor, to be spawned. */
    <M> Behavior<M> listen(Behavior<M> behavior, String name) {
        return behavior;
    }

    void spawned(LiveStream stream) {}

    /** The run is over; what follows only tidies up. */
    void end() {}
}
