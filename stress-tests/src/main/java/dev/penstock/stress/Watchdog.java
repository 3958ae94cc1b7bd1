package dev.penstock.stress;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Looks whether those who are to go on do go on. No wait in a soak round is meant to last for more than some tens of
 * milliseconds; one that has lasted for {@link #LIMIT_SECONDS} is over for good. The time is counted in the watchdog's own
 * ticks, so that a machine that stands still is not taken for a lost wake-up.
 */
final class Watchdog implements Runnable {

    static final int LIMIT_SECONDS = 10;

    private static final int TICKS_PER_SECOND = 10;

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final Consumer<String> onStall;

    Watchdog(Consumer<String> onStall) {
        this.onStall = onStall;
        Thread thread = new Thread(this, "watchdog");
        thread.setDaemon(true);
        thread.start();
    }

    /** Watches a thread from now on, until the watch is closed. */
    Watch watch(String what, Thread thread) {
        Watch watch = new Watch(what, thread);
        watches.add(watch);
        return watch;
    }

    @Override
    public void run() {
        while (true) {
            LockSupport.parkNanos(1_000_000_000L / TICKS_PER_SECOND);
            for (Watch watch : watches) {
                if (watch.isStill()) {
                    onStall.accept(watch.what + " has not gone on for " + LIMIT_SECONDS + " s");
                    return;
                }
            }
        }
    }

    /** What every thread does just now, the watched ones first. */
    String threads() {
        StringBuilder text = new StringBuilder();
        Map<Thread, StackTraceElement[]> all = Thread.getAllStackTraces();
        for (Watch watch : watches) {
            all.remove(watch.thread);
            describe(watch.thread, watch.thread.getStackTrace(), text);
        }
        all.forEach((thread, stack) -> describe(thread, stack, text));
        return text.toString();
    }

    private static void describe(Thread thread, StackTraceElement[] stack, StringBuilder text) {
        text.append("  ").append(thread.getName()).append(": ").append(thread.getState());
        for (StackTraceElement frame : stack) {
            text.append("\n      ").append(frame);
        }
        text.append('\n');
    }

    /** One who is to go on. */
    final class Watch implements AutoCloseable {
        private static final VarHandle BEATS = ConstantBootstraps.fieldVarHandle(
                MethodHandles.lookup(), "beats", VarHandle.class, Watch.class, long.class);

        private final String what;
        private final Thread thread;

        // written: the watched thread, opaque: a fence here could hide that one is missing; read: the watchdog, opaque
        private long beats;

        // the watchdog only
        private long seen = -1;
        private int ticks;

        private Watch(String what, Thread thread) {
            this.what = what;
            this.thread = thread;
        }

        /** The watched thread has gone on. */
        void beat() {
            BEATS.setOpaque(this, beats + 1);
        }

        private boolean isStill() {
            long now = (long) BEATS.getOpaque(this);
            ticks = now == seen ? ticks + 1 : 0;
            seen = now;
            return ticks > LIMIT_SECONDS * TICKS_PER_SECOND;
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }
}
