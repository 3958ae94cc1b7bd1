package dev.penstock.network.link;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;

/** A loop that runs one task whenever the test says so, in order, with a time of its own. For one thread. */
public final class SteppedLoop implements TestLoop {

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timed> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timed::due).thenComparingLong(Timed::number));
    private long nowNanos;
    private long numbers;
    private boolean running;
    private boolean ended;

    /** Runs the next task; answers whether there was one. */
    public boolean step() {
        Runnable task = tasks.poll();
        if (task == null) {
            return false;
        }
        if (running) {
            throw new IllegalStateException("a task must not run others");
        }
        running = true;
        try {
            task.run();
        } finally {
            running = false;
        }
        return true;
    }

    /** Runs tasks until there is none; answers how many it was. */
    public int run() {
        int steps = 0;
        while (step()) {
            steps++;
        }
        return steps;
    }

    /** Lets time pass: runs what is ready, and each timer when it is due, with what follows from it. */
    public void advance(Duration time) {
        long end = nowNanos + time.toNanos();
        run();
        while (!timers.isEmpty() && timers.peek().due <= end) {
            Timed timed = timers.poll();
            nowNanos = timed.due;
            tasks.add(timed.task);
            run();
        }
        nowNanos = end;
    }

    /** The time of this loop, since it was made. */
    public long nanos() {
        return nowNanos;
    }

    @Override
    public void execute(Runnable task) {
        if (ended) {
            throw new RejectedExecutionException("the loop has ended");
        }
        tasks.add(task);
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public Timer schedule(long nanos, Runnable task) {
        Timed timed = new Timed(nowNanos + nanos, numbers++, task);
        timers.add(timed);
        return () -> timers.remove(timed);
    }

    @Override
    public void end() {
        run();
        ended = true;
    }

    private record Timed(long due, long number, Runnable task) {}
}
