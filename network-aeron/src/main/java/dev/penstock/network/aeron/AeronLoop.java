package dev.penstock.network.aeron;

import dev.penstock.actor.WaitStrategy;
import dev.penstock.network.link.Loop;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * A thread that goes round: tasks, timers, and a round of duty, which is Aeron's own work and that of the links. Nothing wakes
 * it when a datagram comes, so it looks again and again: when there is nothing to do it waits as its strategy says, and never
 * parks longer than a millisecond.
 *
 * <p>Who has a task for it offers that first and then looks whether it sleeps; the loop says first that it sleeps and then
 * looks once more whether there is a task. A full fence lies between the two on both sides, so one of them sees the other.
 */
final class AeronLoop implements Loop {

    /** What is done in each round, besides tasks and timers. */
    interface Duty {
        /** {@return whether there was something to do} */
        boolean round();

        /** Once, last, on the loop. */
        void end();
    }

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final VarHandle ASLEEP = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "asleep", VarHandle.class, AeronLoop.class, boolean.class);

    private static final int CHUNK = 256;
    private static final long SHORTEST_PARK_NANOS = 50_000;
    private static final long LONGEST_PARK_NANOS = 1_000_000;

    private final WaitStrategy strategy;
    private final Duty duty;
    private final Thread thread;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> tasks = new MpscUnboundedVarHandleArrayQueue<>(CHUNK);

    // written: the loop, volatile, to both; any thread, CAS, to false; read: any thread
    private volatile boolean asleep;
    // written: end, volatile; read: the loop
    private volatile boolean ending;
    // written: the loop, volatile, before it runs the last tasks; read: any thread
    private volatile boolean ended;

    // Below: the loop only.
    private final PriorityQueue<Timed> timers = new PriorityQueue<>();
    private long lastNumber;

    private final List<Runnable> leftOver = new ArrayList<>(); // guarded by itself; used once the thread has ended

    AeronLoop(WaitStrategy strategy, Duty duty) {
        this.strategy = strategy;
        this.duty = duty;
        thread = new Thread(this::run, "penstock-aeron-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
    }

    // ---- any thread

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        if (ended && !inLoop()) {
            throw new RejectedExecutionException("the loop has ended");
        }
        tasks.offer(task);
        if (inLoop()) {
            return;
        }
        VarHandle.fullFence(); // the task is there, then the flags are read
        if (asleep && ASLEEP.compareAndSet(this, true, false)) {
            LockSupport.unpark(thread);
        }
        if (ended) {
            throwIfLeftOver(task);
        }
    }

    /** The loop ended meanwhile: it has run the task as one of the last, or nobody will. */
    private void throwIfLeftOver(Runnable task) {
        join();
        synchronized (leftOver) {
            for (Runnable left = tasks.poll(); left != null; left = tasks.poll()) {
                leftOver.add(left);
            }
            if (leftOver.remove(task)) {
                throw new RejectedExecutionException("the loop has ended");
            }
        }
    }

    @Override
    public Timer schedule(long nanos, Runnable task) {
        Timed timed = new Timed(System.nanoTime() + Math.max(0, Math.min(nanos, Long.MAX_VALUE / 2)), task);
        if (inLoop()) {
            add(timed);
        } else {
            execute(() -> add(timed));
        }
        return timed;
    }

    /** Ends the loop and returns when its thread has ended. Not from the loop. */
    void end() {
        ending = true;
        LockSupport.unpark(thread);
        join();
    }

    private void join() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- the loop

    private void run() {
        int attempt = 0;
        while (!ending) {
            boolean busy = runTasks();
            busy |= runTimers();
            busy |= round();
            if (busy) {
                attempt = 0;
                continue;
            }
            if (strategy.idle(attempt)) {
                park(attempt);
            }
            attempt = WaitStrategy.next(attempt);
        }
        try {
            duty.end();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "the end of the network's loop failed", e);
        }
        ended = true;
        VarHandle.fullFence();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            run(task);
        }
    }

    /** Those that are there now: what they have run comes after a round of duty. */
    private boolean runTasks() {
        int count = tasks.size();
        for (int i = 0; i < count; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                break;
            }
            run(task);
        }
        return count > 0;
    }

    private boolean runTimers() {
        boolean any = false;
        for (Timed first = timers.peek(); first != null; first = timers.peek()) {
            if (first.task == null) {
                timers.poll();
                continue;
            }
            if (first.at - System.nanoTime() > 0) {
                break;
            }
            timers.poll();
            Runnable task = first.task;
            if (task != null) {
                any = true;
                run(task);
            }
        }
        return any;
    }

    private boolean round() {
        try {
            return duty.round();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "a round of the network's loop failed", e);
            return false;
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.ERROR, "a task of the network's loop failed", e);
        }
    }

    private void park(int attempt) {
        long nanos = Math.min(LONGEST_PARK_NANOS, SHORTEST_PARK_NANOS + attempt * 1_000L);
        Timed first = timers.peek();
        if (first != null) {
            nanos = Math.min(nanos, first.at - System.nanoTime());
        }
        asleep = true;
        VarHandle.fullFence(); // it sleeps, then looks once more
        if (nanos > 0 && tasks.isEmpty() && !ending) {
            LockSupport.parkNanos(this, nanos);
        }
        asleep = false;
    }

    private void add(Timed timed) {
        timed.number = ++lastNumber;
        timers.add(timed);
    }

    /** A task and its time. */
    private static final class Timed implements Timer, Comparable<Timed> {
        private final long at;
        private long number; // the loop only: of two at one time, the first goes first
        // written: any thread, volatile, to null when it is taken back; read: the loop
        private volatile Runnable task;

        Timed(long at, Runnable task) {
            this.at = at;
            this.task = task;
        }

        @Override
        public void cancel() {
            task = null;
        }

        @Override
        public int compareTo(Timed other) {
            long difference = at - other.at;
            return difference != 0 ? Long.signum(difference) : Long.compare(number, other.number);
        }
    }
}
