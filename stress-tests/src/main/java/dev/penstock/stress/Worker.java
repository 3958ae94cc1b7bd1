package dev.penstock.stress;

import java.lang.reflect.InvocationTargetException;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/** A thread of a soak round, under the eyes of the watchdog. Others may have it do an errand between two steps. */
final class Worker {

    /** What a worker does. */
    interface Task {
        void run(Worker me) throws Exception;
    }

    private static final long POLL_NANOS = 50_000;

    final Thread thread;
    final SplittableRandom random;

    private final String name;
    private final AtomicReference<Runnable> errand = new AtomicReference<>();
    private Watchdog.Watch watch; // written before the thread starts

    Worker(String name, boolean virtual, SplittableRandom random, Task task, Consumer<String> onBreach) {
        this.name = name;
        this.random = random;
        Runnable body = () -> {
            try {
                task.run(this);
            } catch (Throwable e) {
                onBreach.accept(name + " failed: " + trace(e));
            } finally {
                watch.close();
            }
        };
        thread = virtual ? virtual(name, body) : new Thread(body, name);
    }

    void start(Watchdog watchdog) {
        watch = watchdog.watch(name, thread);
        thread.start();
    }

    // ---- this thread

    /** It has gone on. */
    void step() {
        watch.beat();
        Runnable todo = errand.getOpaque() == null ? null : errand.getAndSet(null);
        if (todo != null) {
            todo.run();
        }
    }

    /** Lets some time pass, or less: an interrupt ends it. */
    void rest(long nanos) {
        LockSupport.parkNanos(nanos);
        step();
    }

    /** Waits until it is so; the watchdog sees to it that this is not for ever. */
    void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Runnable todo = errand.getAndSet(null);
            if (todo != null) {
                todo.run();
            }
            Thread.interrupted(); // or it would spin
            LockSupport.parkNanos(POLL_NANOS);
        }
        watch.beat();
    }

    /** The same; the watchdog takes a count that grows for a sign of life. */
    void await(BooleanSupplier condition, IntSupplier count) {
        int[] before = {-1};
        await(() -> {
            int now = count.getAsInt();
            if (now != before[0]) {
                before[0] = now;
                watch.beat();
            }
            return condition.getAsBoolean();
        });
    }

    /** Sometimes a moment passes, of the length of a spin or of a sleep. */
    void jitter() {
        int draw = random.nextInt(64);
        if (draw == 0) {
            LockSupport.parkNanos(random.nextInt(300_000));
        } else if (draw < 6) {
            for (int spins = random.nextInt(2_000); spins > 0; spins--) {
                Thread.onSpinWait();
            }
        }
    }

    // ---- other threads

    /** Has the worker do this before its next step, if it takes another one. */
    void send(Runnable todo) {
        errand.set(todo);
    }

    static String trace(Throwable e) {
        StringBuilder text = new StringBuilder(e.toString());
        for (Throwable at = e; at != null; at = at.getCause()) {
            text.append(at == e ? "" : "\n    caused by " + at);
            for (StackTraceElement frame : at.getStackTrace()) {
                text.append("\n      ").append(frame);
            }
        }
        return text.toString();
    }

    static boolean hasVirtualThreads() {
        return Runtime.version().feature() >= 21;
    }

    private static Thread virtual(String name, Runnable body) {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            type.getMethod("name", String.class).invoke(builder, name);
            return (Thread) type.getMethod("unstarted", Runnable.class).invoke(builder, body);
        } catch (NoSuchMethodException
                | ClassNotFoundException
                | IllegalAccessException
                | InvocationTargetException e) {
            throw new IllegalStateException("virtual threads need JDK 21 or newer", e);
        }
    }
}
