package dev.penstock.actor;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes when a test says so. Tasks run on the thread that lets it pass. */
final class VirtualClock implements Clock {

    // guarded by this
    private final PriorityQueue<Scheduled> tasks = new PriorityQueue<>(
            Comparator.<Scheduled>comparingLong(task -> task.due).thenComparingLong(task -> task.number));
    private long now = -5; // a clock may show anything
    private long numbers;

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    @Override
    public synchronized Task schedule(Runnable task, long delayNanos) {
        Scheduled scheduled = new Scheduled(task, now + delayNanos, numbers++);
        tasks.add(scheduled);
        return () -> {
            synchronized (this) {
                tasks.remove(scheduled);
            }
        };
    }

    void advance(Duration time) {
        advance(time.toNanos(), () -> {});
    }

    /** Lets time pass, task by task; {@code between} is run after each. */
    void advance(long nanos, Runnable between) {
        long end = nanoTime() + nanos;
        for (Scheduled next = next(end); next != null; next = next(end)) {
            next.task.run();
            between.run();
        }
        synchronized (this) {
            now = end;
        }
    }

    synchronized int scheduled() {
        return tasks.size();
    }

    private synchronized Scheduled next(long end) {
        if (tasks.isEmpty() || tasks.peek().due > end) {
            return null;
        }
        now = Math.max(now, tasks.peek().due);
        return tasks.poll();
    }

    private record Scheduled(Runnable task, long due, long number) {}
}
