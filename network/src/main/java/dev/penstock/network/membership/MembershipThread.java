package dev.penstock.network.membership;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The one thread on which everybody outside hears of the membership. */
final class MembershipThread implements Scheduler {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");

    // written: the membership thread, when it begins, volatile; read: any thread
    private volatile Thread thread;
    private final ScheduledThreadPoolExecutor executor;

    MembershipThread(String node) {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, "penstock-membership-" + node);
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            // Closed: nobody listens any more.
        }
    }

    @Override
    public void schedule(Duration delay, Runnable task) {
        try {
            executor.schedule(() -> guarded(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Closed: nobody listens any more.
        }
    }

    /** Runs what is not ours to its end, or to its failure, which is reported. */
    static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "a listener of the membership failed", e);
        }
    }

    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Drops what waits, and waits for the task that runs; not if that is the caller's. */
    void close(long timeoutMillis) throws InterruptedException {
        executor.shutdownNow();
        if (!isCurrent()) {
            executor.awaitTermination(timeoutMillis, TimeUnit.MILLISECONDS);
        }
    }
}
