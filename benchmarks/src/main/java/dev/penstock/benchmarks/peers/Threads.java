package dev.penstock.benchmarks.peers;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Threads for the peers. */
final class Threads {

    private static final int FIRST_JDK_WITH_VIRTUAL_THREADS = 21;
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";
    private static final long PATIENCE_SECONDS = 10;

    private Threads() {}

    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** An executor with one thread. */
    static ExecutorService single(String name) {
        return Executors.newSingleThreadExecutor(task -> daemon(name, task));
    }

    /** Ends an executor; its thread is interrupted if it is busy. */
    static void end(ExecutorService executor) {
        executor.shutdownNow();
        awaitEnd(executor, () -> executor.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    /** Interrupts a thread, which then ends. */
    static void end(Thread thread) {
        thread.interrupt();
        awaitEnd(thread, () -> {
            thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
            return !thread.isAlive();
        });
    }

    /** Waits for the end; an interrupt is kept, and does not cut the wait short. */
    private static void awaitEnd(Object what, Wait wait) {
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = wait.untilEnd();
                if (!ended) {
                    throw new IllegalStateException(what + " does not end");
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @FunctionalInterface
    private interface Wait {
        boolean untilEnd() throws InterruptedException;
    }

    /** Has all virtual threads share so many carriers. Without effect once this machine has made a virtual thread. */
    static void carriers(int count) {
        System.setProperty(CARRIERS, Integer.toString(count));
    }

    static boolean haveVirtual() {
        return Runtime.version().feature() >= FIRST_JDK_WITH_VIRTUAL_THREADS;
    }

    /**
     * Makes a virtual thread, not yet started.
     *
     * @throws UnsupportedOperationException before JDK 21
     */
    static Thread virtual(String name, Runnable task) {
        if (!haveVirtual()) {
            throw new UnsupportedOperationException("virtual threads need JDK " + FIRST_JDK_WITH_VIRTUAL_THREADS
                    + " or newer; this is JDK " + Runtime.version().feature()
                    + ": leave this peer out, or use a newer JDK");
        }
        return Virtual.unstarted(name, task);
    }

    /** For a class file that a JDK 17 can load. */
    private static final class Virtual {
        private static final MethodHandle OF_VIRTUAL;
        private static final MethodHandle NAME;
        private static final MethodHandle UNSTARTED;

        static {
            try {
                Class<?> builder = Class.forName("java.lang.Thread$Builder");
                Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
                MethodHandles.Lookup lookup = MethodHandles.publicLookup();
                OF_VIRTUAL = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
                NAME = lookup.findVirtual(builder, "name", MethodType.methodType(builder, String.class));
                UNSTARTED =
                        lookup.findVirtual(builder, "unstarted", MethodType.methodType(Thread.class, Runnable.class));
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        static Thread unstarted(String name, Runnable task) {
            try {
                Object builder = NAME.invoke(OF_VIRTUAL.invoke(), name);
                return (Thread) UNSTARTED.invoke(builder, task);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("cannot make a virtual thread", e);
            }
        }
    }
}
