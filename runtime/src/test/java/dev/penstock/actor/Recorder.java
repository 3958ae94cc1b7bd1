package dev.penstock.actor;

import java.util.ArrayList;
import java.util.List;

/** Behaviors that write down what they hear. For stepped systems: the list is not safe for threads. */
final class Recorder {

    final List<Object> heard = new ArrayList<>();

    /** Writes messages and signals down. */
    <M> Behavior<M> behavior() {
        return Behaviors.receive(
                (context, message) -> {
                    heard.add(message);
                    return Behaviors.same();
                },
                (context, signal) -> {
                    heard.add(signal);
                    return Behaviors.same();
                });
    }

    /** Writes messages and signals down; fails on the message "fail", stops on "stop". */
    <M> Behavior<M> fragile() {
        return Behaviors.receive(
                (context, message) -> {
                    heard.add(message);
                    if (message.equals("fail")) {
                        throw new Boom("told to fail");
                    }
                    return message.equals("stop") ? Behaviors.stopped() : Behaviors.same();
                },
                (context, signal) -> {
                    heard.add(signal instanceof PreRestart ? "PreRestart" : signal);
                    return Behaviors.same();
                });
    }

    List<Object> take() {
        List<Object> taken = List.copyOf(heard);
        heard.clear();
        return taken;
    }
}
