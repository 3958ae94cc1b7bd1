package dev.penstock.network.link;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A loop that is a thread; what a task throws is thrown by {@link #end}. */
public final class ThreadLoop implements TestLoop {

    // written: the thread as it is made, volatile; read: any
    private volatile Thread thread;
    // written: the loop, volatile; read: any
    private volatile Throwable failure;

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, this::makeThread);

    /** A loop whose thread starts with the first task. */
    public ThreadLoop() {
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // those that are due run
        executor.setRemoveOnCancelPolicy(true);
    }

    private Thread makeThread(Runnable run) {
        Thread made = new Thread(run, "memory-links");
        made.setDaemon(true);
        thread = made;
        return made;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> run(task));
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public Timer schedule(long nanos, Runnable task) {
        Future<?> future = executor.schedule(() -> run(task), nanos, TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            failure = e;
        }
    }

    @Override
    public void end() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new AssertionError("a task of the loop does not end");
            }
            if (thread != null) {
                thread.join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (failure != null) {
            throw new AssertionError("a task of the loop failed", failure);
        }
    }
}
