package dev.penstock.actor;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpmcVarHandleArrayQueue;

/**
 * A fixed number of threads that share one queue of turns.
 *
 * <p>A worker that finds nothing says that it sleeps, asks again whether the queue is empty (by its indices: an offer
 * moves the producer's index by a compare-and-set), and parks. Whoever hands in a turn looks, after its offer, for a
 * sleeper to wake.
 */
final class PoolDispatcher implements Dispatcher {

    /** Turns waiting without allocation; more of them spill into a linked queue. */
    private static final int READY_CAPACITY = 4096;

    private final MessagePassingQueue<Runnable> ready = new MpmcVarHandleArrayQueue<>(READY_CAPACITY);
    private final Queue<Runnable> spill = new ConcurrentLinkedQueue<>();
    private final WaitStrategy waitStrategy;
    private final Worker[] workers;

    // written: a worker before it sleeps, and whoever ends its sleep; read: whoever hands in a turn. All volatile.
    private final AtomicInteger sleepers = new AtomicInteger();

    // written: the first forLane, under the monitor; read under it
    private boolean started;
    // written: close, once, volatile; read: workers, and whoever hands in a turn
    private volatile boolean closed;

    PoolDispatcher(int threads, WaitStrategy waitStrategy) {
        if (threads < 1) {
            throw new IllegalArgumentException("a pool of " + threads + " threads runs nothing");
        }
        this.waitStrategy = waitStrategy;
        this.workers = new Worker[threads];
    }

    @Override
    public synchronized Dispatcher forLane(String name) {
        if (!started && !closed) {
            started = true;
            for (int i = 0; i < workers.length; i++) {
                workers[i] = new Worker("penstock-pool-" + (i + 1));
            }
            for (Worker worker : workers) {
                worker.thread.start();
            }
        }
        return this;
    }

    @Override
    public void execute(Runnable turn) {
        if (closed) {
            throw new RejectedExecutionException("the pool is closed");
        }
        if (!spill.isEmpty() || !ready.offer(turn)) { // what has been spilt is younger than what is ready
            spill.add(turn);
        }
        if (sleepers.get() > 0) {
            wakeOne();
        }
        if (closed) { // since: the workers may be gone
            for (Runnable left = poll(); left != null; left = poll()) {
                left.run();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (started) {
            for (Worker worker : workers) {
                worker.thread.interrupt(); // also ends its park
            }
        }
    }

    private void wakeOne() {
        for (Worker worker : workers) {
            if (worker.asleep && worker.wake()) {
                Parker.system().unpark(worker.thread);
                return;
            }
        }
    }

    private Runnable poll() {
        Runnable turn = ready.poll();
        return turn != null ? turn : spill.poll();
    }

    private boolean isEmpty() {
        return ready.isEmpty() && spill.isEmpty();
    }

    /** One thread of the pool. */
    private final class Worker implements Runnable {
        private static final VarHandle ASLEEP = ConstantBootstraps.fieldVarHandle(
                MethodHandles.lookup(), "asleep", VarHandle.class, Worker.class, boolean.class);

        private final Thread thread;

        // written: this thread, true, volatile; back to false by whoever ends the sleep, by compare-and-set
        private volatile boolean asleep;

        Worker(String name) {
            thread = new Thread(this, name);
            thread.setDaemon(true);
        }

        @Override
        public void run() {
            int attempt = 0;
            while (true) {
                Runnable turn = poll();
                if (turn != null) {
                    turn.run();
                    Thread.interrupted(); // the next turn is another actor's
                    attempt = 0;
                } else if (closed) {
                    return;
                } else if (waitStrategy.idle(attempt)) {
                    sleep();
                    attempt = 0;
                } else {
                    attempt = WaitStrategy.next(attempt);
                }
            }
        }

        private void sleep() {
            sleepers.incrementAndGet();
            asleep = true;
            if (isEmpty() && !closed) {
                Parker.system().park(PoolDispatcher.this, Long.MAX_VALUE);
                Thread.interrupted(); // an interrupt is no reason to spin
            }
            wake();
        }

        /** Ends the sleep; true for the one caller that did. */
        boolean wake() {
            if (ASLEEP.compareAndSet(this, true, false)) {
                sleepers.decrementAndGet();
                return true;
            }
            return false;
        }
    }
}
