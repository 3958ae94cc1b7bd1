package dev.penstock.actor;

import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/** Keeps turns in a list until a test runs them by hand. */
final class SteppedDispatcher implements Dispatcher {

    private static final int REST_LIMIT = 1_000_000;

    // guarded by this
    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private boolean closed;

    @Override
    public synchronized void execute(Runnable turn) {
        if (closed) {
            throw new RejectedExecutionException("closed");
        }
        turns.add(turn);
    }

    @Override
    public boolean runOne() {
        Runnable turn;
        synchronized (this) {
            turn = turns.poll();
        }
        if (turn != null) {
            turn.run();
        }
        return turn != null;
    }

    /** Runs turns until none waits; returns how many. */
    int runAll() {
        int ran = 0;
        while (runOne()) {
            if (++ran == REST_LIMIT) {
                throw new AssertionError("the actors do not come to rest");
            }
        }
        return ran;
    }

    synchronized int waiting() {
        return turns.size();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
