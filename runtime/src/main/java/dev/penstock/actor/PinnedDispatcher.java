package dev.penstock.actor;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;

/** Gives each lane a thread of its own, platform or virtual, that ends with the lane. */
final class PinnedDispatcher implements Dispatcher {

    private final BiFunction<String, Runnable, Thread> threads;
    private final WaitStrategy waitStrategy;

    private final Set<OwnThread> alive = ConcurrentHashMap.newKeySet();

    private PinnedDispatcher(BiFunction<String, Runnable, Thread> threads, WaitStrategy waitStrategy) {
        this.threads = threads;
        this.waitStrategy = waitStrategy;
    }

    static Dispatcher platform(WaitStrategy waitStrategy) {
        return new PinnedDispatcher(
                (name, task) -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                },
                waitStrategy);
    }

    static Dispatcher virtual(WaitStrategy waitStrategy) {
        int jdk = Runtime.version().feature();
        if (jdk < 21) {
            throw new UnsupportedOperationException("virtual threads need JDK 21 or newer; this is JDK " + jdk);
        }
        return new PinnedDispatcher(VirtualThreads::unstarted, waitStrategy);
    }

    @Override
    public Dispatcher forLane(String name) {
        return new OwnThread(name);
    }

    /** Ends what is left when the system closes: lanes whose actors did not stop in time. */
    @Override
    public void close() {
        for (OwnThread left : alive) {
            left.close();
            left.thread.interrupt();
        }
    }

    @Override
    public void execute(Runnable turn) {
        throw new UnsupportedOperationException("turns run on the threads made by forLane");
    }

    /** A lane's thread. Since a lane has at most one turn outstanding, one slot is its queue. */
    private final class OwnThread implements Dispatcher, Runnable {
        private final Thread thread;

        // written: the lane's teller, when null; back to null by whoever takes the turn, by exchange: this thread, or a
        // teller that finds it closed
        private final AtomicReference<Runnable> next = new AtomicReference<>();
        // written: this thread, volatile; read: the teller, after it has written next
        private volatile boolean parked;
        // written: anyone, once, volatile; read: this thread
        private volatile boolean closed;

        OwnThread(String name) {
            thread = threads.apply(name, this);
            alive.add(this);
            thread.start();
        }

        @Override
        public void execute(Runnable turn) {
            if (closed) {
                throw new RejectedExecutionException("closed");
            }
            next.set(turn);
            wake();
            if (closed) { // since: the thread may be gone
                Runnable left = next.getAndSet(null);
                if (left != null) {
                    left.run();
                }
            }
        }

        @Override
        public void run() {
            int attempt = 0;
            while (true) {
                // taken before the run: the turn may be handed in again while it runs
                Runnable turn = next.get() == null ? null : next.getAndSet(null);
                if (turn != null) {
                    turn.run();
                    Thread.interrupted(); // meant for that turn
                    attempt = 0;
                } else if (closed) {
                    alive.remove(this);
                    return;
                } else if (waitStrategy.idle(attempt)) {
                    parked = true;
                    if (next.get() == null && !closed) {
                        Parker.system().park(this, Long.MAX_VALUE);
                        Thread.interrupted(); // an interrupt is no reason to spin
                    }
                    parked = false;
                    attempt = 0;
                } else {
                    attempt = WaitStrategy.next(attempt);
                }
            }
        }

        @Override
        public void close() {
            closed = true;
            wake();
        }

        private void wake() {
            if (parked) {
                Parker.system().unpark(thread);
            }
        }
    }

    /** Virtual threads, for a class file that a JDK 17 can load. */
    private static final class VirtualThreads {
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
