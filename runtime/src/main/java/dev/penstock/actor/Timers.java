package dev.penstock.actor;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The timers of one actor, by key. A timer that fires tells the actor its key and generation; one that was cancelled or
 * replaced since is known by its generation, and ignored.
 *
 * <p>Threads: the one that runs the actor; timers fire on the clock's.
 */
final class Timers<M> {

    private final Inbox<M> inbox;
    private final Clock clock;

    private Map<Object, Timer> timers = Map.of();
    private long generations;

    Timers(Inbox<M> inbox, Clock clock) {
        this.inbox = inbox;
        this.clock = clock;
    }

    /** Starts a timer, instead of the one that has this key; a period of 0 fires once. */
    void start(Object key, M message, long delayNanos, long periodNanos) {
        cancel(key);
        if (timers.isEmpty()) {
            timers = new HashMap<>(2);
        }
        Timer timer = new Timer(key, message, ++generations, periodNanos);
        timers.put(key, timer);
        timer.arm(delayNanos);
    }

    void cancel(Object key) {
        Objects.requireNonNull(key, "key");
        Timer timer = timers.isEmpty() ? null : timers.remove(key);
        if (timer != null) {
            timer.cancel();
        }
    }

    void cancelAll() {
        for (Timer timer : timers.values()) {
            timer.cancel();
        }
        timers = Map.of();
    }

    /** Whether that was the timer which now has its key. */
    boolean hasFired(SystemMessage.TimerFired<?> fired) {
        Timer timer = timers.get(fired.key());
        if (timer == null || timer.generation != fired.generation()) {
            return false;
        }
        if (timer.periodNanos == 0) {
            timers.remove(fired.key());
        }
        return true;
    }

    private final class Timer implements Runnable {
        private final Object key;
        private final M message;
        private final long generation;
        private final long periodNanos;

        // written: the running thread, then the clock's thread at each period, volatile; read: the running thread
        private volatile Clock.Task task;
        // written: the running thread, once, volatile; read: the clock's thread
        private volatile boolean cancelled;

        Timer(Object key, M message, long generation, long periodNanos) {
            this.key = key;
            this.message = message;
            this.generation = generation;
            this.periodNanos = periodNanos;
        }

        void arm(long delayNanos) {
            task = clock.schedule(this, Math.max(0, delayNanos));
            if (cancelled) { // while it was armed again
                task.cancel();
            }
        }

        void cancel() {
            cancelled = true;
            Clock.Task armed = task;
            if (armed != null) {
                armed.cancel();
            }
        }

        @Override
        public void run() {
            if (!cancelled) {
                inbox.tellData(new SystemMessage.TimerFired<>(key, generation, message), message);
                if (periodNanos > 0) {
                    arm(periodNanos);
                }
            }
        }
    }
}
