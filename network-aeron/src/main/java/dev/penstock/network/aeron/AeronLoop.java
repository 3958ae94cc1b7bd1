package dev.penstock.network.aeron;

import dev.penstock.actor.WaitStrategy;
import dev.penstock.network.link.Loop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * A thread that goes round: tasks, timers, and a round of duty, which is Aeron's own work and that of the links. When there is
 * nothing to do it waits as its strategy says, and where that parks, it sleeps, the longer the longer it has been idle: for 5 ms
 * at most if it has sockets to {@linkplain #watch watch}, at which a datagram wakes it, and 1 ms if it has none, as shared
 * memory wakes nobody. A task wakes it at once.
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
            MethodHandles.lookup(), "asleep", VarHandle.class, AeronLoop.class, int.class);

    private static final Consumer<SelectionKey> NOTHING = key -> {}; // the driver looks for itself

    // What the loop's sleep is.
    private static final int AWAKE = 0;
    private static final int PARKED = 1;
    private static final int SELECTING = 2;

    private static final int CHUNK = 256;
    private static final int ROUND = 10; // attempts of a strategy: a round takes longer than what those are meant for
    private static final long SHORTEST_PARK_NANOS = 1_000;
    private static final long LONGEST_PARK_NANOS = 1_000_000;
    private static final long LONGEST_SELECT_NANOS = 5_000_000; // what Aeron does by the clock can wait so long
    private static final long NANOS_A_MILLI = 1_000_000;
    private static final int PARKED_PART = 8; // of the time that it has been idle it parks an eighth more

    private final Selector selector;
    private final WaitStrategy strategy;
    private final Duty duty;
    private final Thread thread;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> tasks = new MpscUnboundedVarHandleArrayQueue<>(CHUNK);

    // written: the loop, volatile, to all; any thread, CAS, to AWAKE; read: any thread
    private volatile int asleep;
    // written: end, volatile; read: the loop
    private volatile boolean ending;
    // written: the loop, volatile, before it runs the last tasks; read: any thread
    private volatile boolean ended;

    // Below: the loop only.
    private final PriorityQueue<Timed> timers = new PriorityQueue<>();
    private long lastNumber;
    private long idleSince; // while it parks

    private final List<Runnable> leftOver = new ArrayList<>(); // guarded by itself; used once the thread has ended

    AeronLoop(WaitStrategy strategy, Duty duty) {
        this.strategy = strategy;
        this.duty = duty;
        try {
            selector = Selector.open();
        } catch (IOException e) { // no file descriptor is left
            throw new UncheckedIOException(e);
        }
        thread = new Thread(this::run, "penstock-aeron-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
    }

    /** Once, before anything else. */
    void start() {
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
        wake();
        if (ended) {
            throwIfLeftOver(task);
        }
    }

    private void wake() {
        int how = asleep;
        if (how != AWAKE && ASLEEP.compareAndSet(this, how, AWAKE)) {
            if (how == SELECTING) {
                selector.wakeup();
            } else {
                LockSupport.unpark(thread);
            }
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
        VarHandle.fullFence();
        wake();
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
                idleSince = 0;
                continue;
            }
            if (strategy.idle(attempt)) {
                park();
            } else {
                idleSince = 0;
            }
            attempt = attempt > Integer.MAX_VALUE - ROUND ? Integer.MAX_VALUE : attempt + ROUND;
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
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the selector of the network's loop was not closed", e);
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

    private void park() {
        long now = System.nanoTime();
        if (idleSince == 0) {
            idleSince = now;
        }
        boolean selects = !selector.keys().isEmpty();
        long longest = selects ? LONGEST_SELECT_NANOS : LONGEST_PARK_NANOS;
        long nanos = Math.min(longest, SHORTEST_PARK_NANOS + (now - idleSince) / PARKED_PART);
        Timed first = timers.peek();
        if (first != null) {
            nanos = Math.min(nanos, first.at - now);
        }
        asleep = selects ? SELECTING : PARKED;
        VarHandle.fullFence(); // it sleeps, then looks once more
        if (nanos > 0 && tasks.isEmpty() && !ending) {
            if (selects) {
                select(Math.max(1, nanos / NANOS_A_MILLI));
            } else {
                LockSupport.parkNanos(this, nanos);
            }
        }
        asleep = AWAKE;
    }

    /** Has the loop woken by what comes to that socket, until it is closed. */
    void watch(SelectableChannel socket) {
        try {
            socket.register(selector, SelectionKey.OP_READ);
        } catch (ClosedChannelException e) {
            LOG.log(System.Logger.Level.DEBUG, "a socket was closed as it was opened", e);
        }
    }

    /** Lets go of the sockets that were closed, which until then keep their ports. */
    void release() {
        select(0);
    }

    private void select(long millis) {
        try {
            if (millis == 0) {
                selector.selectNow(NOTHING);
            } else {
                selector.select(NOTHING, millis);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the selector of the network's loop failed", e);
        }
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
