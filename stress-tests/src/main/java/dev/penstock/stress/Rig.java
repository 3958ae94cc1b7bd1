package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Clock;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.Parker;
import dev.penstock.actor.WaitStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An actor system for one jcstress state. It has no thread of its own: turns that become ready wait until a participant, a
 * thread that jcstress runs, runs them. A thread that parks waits here, too.
 *
 * <p>So a lost wake-up is seen for certain, and at once. When every participant sleeps or is done, one of the sleepers runs
 * the turns that wait; if there is none, nobody will ever wake them, and they get {@link Stuck}. A wait with a timeout
 * returns then, after virtual time has passed, and {@link #hasTimePassed()} tells.
 *
 * <p>Memory order is left alone: the lock of this class is taken by a thread that has already decided to sleep, and by one
 * that has already found a sleeper.
 */
public final class Rig {

    /** Thrown out of a park from which nobody will ever wake the thread. */
    public static final class Stuck extends Error {
        private static final long serialVersionUID = 1L;

        Stuck() {
            super("asleep, and nobody is left to wake it", null, false, false);
        }
    }

    private static final int MEETING_SPINS = 1_000;

    private final int participants;
    private final AtomicInteger arrived = new AtomicInteger();
    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> otherTurns = new ConcurrentLinkedQueue<>();
    private final Dispatcher otherDispatcher = Dispatcher.from(otherTurns::add);
    private final AtomicReference<Runnable> timer = new AtomicReference<>();
    private final ActorSystem system;

    // written: a sleeper for which time passes, volatile; read: any thread
    private volatile long now;
    private volatile boolean timePassed;

    // Guarded by this object's monitor.
    private final List<Thread> asleep = new ArrayList<>(2);
    private final List<Thread> permits = new ArrayList<>(2);
    private int done;
    private boolean stuck;

    /**
     * Makes a system whose actors handle any number of messages in a turn.
     *
     * @param participants how many threads will say that they are {@link #done()}
     */
    public Rig(int participants) {
        this(participants, 64);
    }

    /**
     * Makes a system.
     *
     * @param participants how many threads will say that they are {@link #done()}
     * @param throughput how many messages an actor handles in a turn
     */
    public Rig(int participants, int throughput) {
        this.participants = participants;
        system = ActorSystem.builder("rig")
                .dispatcher(Dispatcher.from(turns::add))
                .clock(new RigClock())
                .parker(new RigParker())
                .waitStrategy(WaitStrategy.parking())
                .throughput(throughput)
                .build();
    }

    /** {@return the system} */
    public ActorSystem system() {
        return system;
    }

    /** {@return a second dispatcher, whose turns are run by {@link #runOtherTurns()}} */
    public Dispatcher otherDispatcher() {
        return otherDispatcher;
    }

    // ---- participants

    /**
     * Waits for the other participants to come here too, some ten microseconds at most. Where one part is shorter than the
     * other, its thread would otherwise be states ahead, and the two would meet no more.
     */
    public void meet() {
        arrived.incrementAndGet();
        for (int spins = MEETING_SPINS; spins > 0 && arrived.get() < participants; spins--) {
            Thread.onSpinWait();
        }
    }

    /**
     * Passes up to a microsecond or two, at random: for a participant whose part is much shorter than another's, so that it
     * meets all of that.
     */
    public static void stagger() {
        for (int i = ThreadLocalRandom.current().nextInt(32); i > 0; i--) {
            Thread.onSpinWait();
        }
    }

    /** Runs one turn, if one is ready. */
    public boolean runTurn() {
        return run(turns);
    }

    /** Runs turns until none is ready. */
    public void runTurns() {
        while (run(turns)) {}
    }

    /** Runs turns of the second dispatcher until none is ready. */
    public void runOtherTurns() {
        while (run(otherTurns)) {}
    }

    /** Fires the timer that was set last. */
    public void fireTimer() {
        Runnable due = timer.getAndSet(null);
        if (due != null) {
            due.run();
        }
    }

    /** The calling participant will neither run a turn nor wake anyone any more. */
    public synchronized void done() {
        done++;
    }

    // ---- afterwards: one thread

    /** Runs turns of both dispatchers until none is ready. */
    public void settle() {
        while (run(turns) || run(otherTurns)) {}
    }

    /** {@return how many turns are ready} */
    public int readyTurns() {
        return turns.size() + otherTurns.size();
    }

    /** {@return whether a wait has ended because its time was over} */
    public boolean hasTimePassed() {
        return timePassed;
    }

    private static boolean run(Queue<Runnable> queue) {
        Runnable turn = queue.poll();
        if (turn == null) {
            return false;
        }
        turn.run();
        return true;
    }

    /** Takes what is told, for a look at it afterwards; safe for any thread. */
    public static final class Reply<T> implements ActorRef<T> {
        private final Queue<T> told = new ConcurrentLinkedQueue<>();

        @Override
        public boolean tell(T message) {
            return told.add(message);
        }

        @Override
        public boolean tell(T message, Duration timeout) {
            return tell(message);
        }

        @Override
        public String path() {
            return "/rig/reply";
        }

        /** {@return what was told first, and takes it; null if nothing was} */
        public T poll() {
            return told.poll();
        }
    }

    private final class RigParker implements Parker {
        @Override
        public void park(Object blocker, long timeoutNanos) {
            Thread me = Thread.currentThread();
            while (true) {
                Runnable turn = null;
                synchronized (Rig.this) {
                    asleep.remove(me);
                    if (permits.remove(me) || me.isInterrupted()) {
                        return;
                    }
                    if (stuck) {
                        throw new Stuck();
                    }
                    if (asleep.size() + done + 1 == participants && !isAnyoneWoken()) {
                        turn = turns.poll();
                        if (turn == null) {
                            turn = otherTurns.poll();
                        }
                        if (turn == null && timeoutNanos != Long.MAX_VALUE) {
                            now += timeoutNanos;
                            timePassed = true;
                            return;
                        }
                        if (turn == null) {
                            stuck = true;
                            throw new Stuck();
                        }
                    } else {
                        asleep.add(me);
                    }
                }
                if (turn != null) {
                    turn.run();
                } else {
                    Thread.yield();
                }
            }
        }

        private boolean isAnyoneWoken() {
            for (Thread sleeper : asleep) {
                if (permits.contains(sleeper) || sleeper.isInterrupted()) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public void unpark(Thread thread) {
            synchronized (Rig.this) {
                if (!permits.contains(thread)) {
                    permits.add(thread);
                }
            }
        }
    }

    private final class RigClock implements Clock {
        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public Task schedule(Runnable task, long delayNanos) {
            timer.set(task);
            return () -> timer.compareAndSet(task, null);
        }
    }
}
