package dev.penstock.actor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/** Does what a test says in place of sleeping: the next action of the script, or else the default. */
final class ScriptedParker implements Parker {

    private final ArrayDeque<Runnable> script = new ArrayDeque<>();
    private final LongConsumer otherwise;
    final List<Thread> unparked = new ArrayList<>();

    ScriptedParker(LongConsumer otherwise) {
        this.otherwise = otherwise;
    }

    ScriptedParker then(Runnable action) {
        script.add(action);
        return this;
    }

    boolean isDone() {
        return script.isEmpty();
    }

    @Override
    public void park(Object blocker, long timeoutNanos) {
        Runnable action = script.poll();
        if (action != null) {
            action.run();
        } else {
            otherwise.accept(timeoutNanos);
        }
    }

    @Override
    public void unpark(Thread thread) {
        unparked.add(thread);
    }
}
