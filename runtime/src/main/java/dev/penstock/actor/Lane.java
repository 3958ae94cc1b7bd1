package dev.penstock.actor;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs one actor, or several that share it, one turn at a time: the state word between mailboxes and a dispatcher.
 *
 * <p>An actor has a lane of its own unless it was spawned {@linkplain Behaviors#alongside alongside} another. Actors of
 * one lane never run at the same time, and each sees what the other wrote, so they may call each other's objects.
 *
 * <p>The word has two bits. {@code QUEUED}: exactly one turn of this lane is in the dispatcher's hands, unless the dispatcher
 * failed as it took it: then there may be none, which whoever comes next finds out, or two. {@code RUNNING}:
 * a thread has the lane, either the dispatcher's or one that {@linkplain #tryEnter() entered} by itself. Possible
 * transitions, and who makes them:
 *
 * <pre>
 * IDLE           → QUEUED          a teller, after its offer (and then hands the lane to the dispatcher)
 * QUEUED         → RUNNING         the dispatcher's thread begins the turn
 * QUEUED|RUNNING → RUNNING         the dispatcher's thread finds the lane taken: whoever has it will look again
 * IDLE           → RUNNING         a thread enters
 * QUEUED         → QUEUED|RUNNING  a thread enters; the turn that is queued finds out
 * RUNNING        → IDLE            the holder leaves, then asks the mailboxes again
 * QUEUED|RUNNING → QUEUED          the holder leaves; a turn is still to come
 * </pre>
 *
 * <p>No wake-up is lost: a teller's offer is a compare-and-set on the queue's index, and after it the teller reads the
 * word; the holder leaves by an atomic read-modify-write of the word, and after it reads the indices. Whichever comes
 * second sees the other.
 */
public final class Lane {

    private static final System.Logger LOG = System.getLogger("dev.penstock.actor");

    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int QUEUED = 2;

    private static final VarHandle STATE =
            ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "state", VarHandle.class, Lane.class, int.class);

    private static final VarHandle LOST = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "lost", VarHandle.class, Lane.class, boolean.class);

    /** Runs what a dispatcher does not take: a closed one, or one that fails, for want of a thread maybe. */
    private static final Dispatcher LAST_RESORT = new DirectDispatcher();

    /** Set while a dispatcher's thread is in a turn. */
    private static final ThreadLocal<Lane> CURRENT = new ThreadLocal<>();

    private static final ActorCell<?>[] NONE = {};

    private final Dispatcher chosen;
    private final Dispatcher dispatcher;
    private final Clock clock;
    private final int throughput;
    private final Runnable turn = this::run;

    // written: any thread, by atomic read-modify-write only (see above); read: any thread, volatile
    private volatile int state;

    // The lane is QUEUED, and could not be handed in, not even to the last resort: whoever comes next tries again.
    // written: whoever failed, true, volatile; whoever tries again, false, by compare-and-set; read: any thread
    private volatile boolean lost;

    // written: a spawning thread or the holder, volatile, under this object's monitor; read: any thread, volatile.
    // The array is never changed.
    private volatile ActorCell<?>[] members = NONE;

    Lane(Dispatcher chosen, String name, Clock clock, int throughput) {
        this.chosen = chosen;
        this.dispatcher = chosen.forLane(name);
        this.clock = clock;
        this.throughput = throughput;
    }

    // ---- any thread

    /**
     * Takes the lane for the calling thread, if no thread has it. Then the objects of its actors may be used, as in a
     * turn, until {@link #leave()}. For objects that an actor gave out for the purpose; never blocks.
     *
     * @return whether this thread has the lane now
     */
    public boolean tryEnter() {
        int s = state;
        return (s & RUNNING) == 0 && STATE.compareAndSet(this, s, s | RUNNING);
    }

    /**
     * Gives the lane back after {@link #tryEnter()}; hands it to the dispatcher if messages wait. Has the memory effect
     * of a full fence.
     */
    public void leave() {
        int before = (int) STATE.getAndBitwiseAnd(this, ~RUNNING);
        if ((before & QUEUED) == 0 && hasWork() && STATE.compareAndSet(this, IDLE, QUEUED)) {
            handIn();
        } else if (lost) {
            handInAgain();
        }
    }

    /** {@return whether the calling thread is a dispatcher's, in an actor's turn: it must not wait for other actors} */
    static boolean isInTurn() {
        return CURRENT.get() != null;
    }

    /** After an offer: makes sure that a turn begins after this call, or that the thread that has the lane looks again. */
    void schedule() {
        if (state == IDLE && STATE.compareAndSet(this, IDLE, QUEUED)) {
            long now = clock.nanoTime(); // nothing waited before
            for (ActorCell<?> cell : members) {
                cell.becameReady(now);
            }
            handIn();
        } else if (lost) {
            handInAgain();
        }
    }

    private void handIn() {
        boolean done = false;
        try {
            execute();
            done = true;
        } finally {
            if (!done) {
                lost = true;
            }
        }
    }

    private void execute() {
        try {
            dispatcher.execute(turn);
        } catch (Throwable e) { // if it was taken all the same, there is a turn too many, which finds nothing to do
            if (!(e instanceof RejectedExecutionException)) {
                LOG.log(System.Logger.Level.WARNING, "a dispatcher failed; the caller runs the actor's turn", e);
            }
            LAST_RESORT.execute(turn);
        }
    }

    private void handInAgain() {
        if ((state & QUEUED) != 0 && LOST.compareAndSet(this, true, false)) {
            handIn();
        }
    }

    /** For a closing system: runs a turn on the calling thread, if there is work and no thread has the lane. */
    boolean runIfStuck() {
        if (!hasWork() || !tryEnter()) {
            return false;
        }
        try {
            runMembers();
        } finally {
            leave();
        }
        return true;
    }

    Dispatcher chosenDispatcher() {
        return chosen;
    }

    /** Adds an actor; false if the lane has ended with its last one. */
    synchronized boolean add(ActorCell<?> cell, boolean first) {
        ActorCell<?>[] before = members;
        if (before.length == 0 && !first) {
            return false;
        }
        ActorCell<?>[] after = Arrays.copyOf(before, before.length + 1);
        after[before.length] = cell;
        members = after;
        return true;
    }

    /** Takes an actor that has ended away; after the last one the lane's own thread, if it has one, ends. */
    synchronized void remove(ActorCell<?> cell) {
        members = Arrays.stream(members).filter(member -> member != cell).toArray(ActorCell<?>[]::new);
        discardIfUnused();
    }

    /** Ends the thread of a lane that never had an actor. */
    synchronized void discardIfUnused() {
        if (members.length == 0 && dispatcher != chosen) {
            dispatcher.close();
        }
    }

    private boolean hasWork() {
        for (ActorCell<?> cell : members) {
            if (cell.hasWork()) {
                return true;
            }
        }
        return false;
    }

    // ---- the dispatcher's thread

    private void run() {
        if (!begin()) {
            return;
        }
        Lane outer = CURRENT.get();
        CURRENT.set(this);
        try {
            runMembers();
        } finally {
            CURRENT.set(outer);
            leave();
        }
    }

    private boolean begin() {
        while (true) {
            int s = state;
            if ((s & RUNNING) != 0) {
                if (STATE.compareAndSet(this, s, RUNNING)) {
                    return false;
                }
            } else if (STATE.compareAndSet(this, s, RUNNING)) {
                return true;
            }
        }
    }

    /** One turn of each actor. */
    private void runMembers() {
        long now = clock.nanoTime();
        for (ActorCell<?> cell : members) {
            cell.runTurn(throughput, now);
        }
    }
}
