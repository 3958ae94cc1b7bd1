package dev.penstock.actor;

import java.util.ArrayDeque;

/**
 * Runs a turn on the thread that asks for it. A turn asked for within a turn waits in the thread's own queue until that
 * one is over: the stack does not grow.
 */
final class DirectDispatcher implements Dispatcher {

    private final ThreadLocal<Trampoline> trampoline = ThreadLocal.withInitial(Trampoline::new);

    @Override
    public void execute(Runnable turn) {
        trampoline.get().run(turn);
    }

    /** One thread's turns. */
    private static final class Trampoline {
        private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
        private boolean running;

        void run(Runnable turn) {
            turns.add(turn);
            if (running) {
                return;
            }
            running = true;
            try {
                for (Runnable next = turns.poll(); next != null; next = turns.poll()) {
                    next.run();
                }
            } finally {
                running = false;
            }
        }
    }
}
