package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.ControlMessage;
import dev.penstock.actor.Overheard;
import dev.penstock.actor.Signal;
import dev.penstock.actor.Terminated;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.Push;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.Subscribe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Draws a run as a sequence diagram, in Mermaid's language. Its participants are the scripted threads and the actors. A line
 * is a step, or a part of one: what a thread does to a stream is an arrow to the actor that keeps that end of it; a message
 * is an arrow from who told it, drawn where it is received; elements that a producer hands over to a consumer on its own
 * lane, by a call, are a dotted arrow.
 */
final class SequenceDiagram extends Journal {

    /** Who told the messages of a mailbox's lane, in the order in which they were told. */
    private record Told(String who, int step) {}

    /** One lane of one actor's mailbox. */
    private record Box(ActorRef<?> ref, boolean control) {}

    private final Set<String> threads = new LinkedHashSet<>();
    private final Map<String, String> aliases = new HashMap<>(); // in Mermaid, of all who take part
    private final List<String> order = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private List<String> drawn = List.of();
    private final Map<Box, List<Told>> boxes = new HashMap<>();
    private final Map<ActorRef<?>, String> names = new HashMap<>();
    private final List<LiveStream> streams = new ArrayList<>();
    private final Map<LiveStream, Long> sent = new HashMap<>();
    private final Set<LiveStream> ended = new LinkedHashSet<>();
    private SimulatedSystem system;
    private String owner = "main";
    private String speaker; // who is at it; null between two steps and in a turn between two messages
    private boolean inStep;
    private Runnable wait = () -> {}; // draws that the owner waits, if anything happens meanwhile
    private Duration time = Duration.ZERO;
    private int step = 1;

    @Override
    void begin(SimulatedSystem simulated) {
        system = simulated;
    }

    @Override
    void sleeper(String name) {
        listenUp();
        owner = name;
        threads.add(name);
    }

    @Override
    void before(String script) {
        listenUp();
        drawWait();
        inStep = true;
        speaker = script;
        threads.add(script);
    }

    @Override
    void after(String name) {
        listenUp();
        drawWait();
        inStep = false;
        speaker = null;
        streams.forEach(this::look);
        if (!system.simulation.elapsed().equals(time)) {
            time = system.simulation.elapsed();
            lines.add("Note over " + alias(order.get(0)) + ": it is " + time);
        }
        step++;
    }

    /** Whoever is at it told what was told since this was last called. */
    private void listenUp() {
        String who = speaker != null ? speaker : inStep ? "" : owner;
        for (ActorRef<?> ref : names.keySet()) {
            for (boolean control : new boolean[] {false, true}) {
                List<Told> box = boxes.computeIfAbsent(new Box(ref, control), each -> new ArrayList<>());
                for (long told = Overheard.told(ref, control); box.size() < told; ) {
                    box.add(new Told(who, step));
                }
            }
        }
    }

    private void look(LiveStream stream) {
        StreamLedger ledger = stream.source != null
                ? stream.source.ledger()
                : stream.sinks.isEmpty() ? null : stream.sinks.get(0).ledger();
        if (ledger == null) {
            return;
        }
        long before = sent.getOrDefault(stream, 0L);
        long now = Math.max(before, ledger.delivered() + ledger.inFlight());
        sent.put(stream, now);
        if (now > before && !stream.plan.ownLane && !stream.plan.hasSubscriber()) {
            arrow(stream.producerName, "-->>", stream.consumerName, "hands over " + (now - before));
        }
        StreamOutcome outcome = stream.source != null
                ? stream.outcome.getNow(null)
                : stream.sinks.get(0).outcome().getNow(null);
        if (outcome != null && ended.add(stream)) {
            lines.add("Note over " + alias(stream.producerName) + "," + alias(stream.consumerName) + ": "
                    + LiveStream.kind(outcome));
        }
    }

    @Override
    void waits(String who, String actor, String what) {
        wait = () -> arrow(who, "->>", actor, what);
    }

    private void drawWait() {
        Runnable draw = wait;
        wait = () -> {};
        draw.run();
    }

    @Override
    void says(String who, String actor, String what) {
        if (who.equals(owner)) {
            wait = () -> {};
        }
        streams.forEach(this::look);
        arrow(who, "->>", actor.isEmpty() ? who : actor, what);
    }

    @Override
    void says(String who, String actor, String what, int element, Object answer) {
        says(who, actor, what + LiveStream.shown(element) + (answer == null ? "" : ", " + answer));
    }

    @Override
    <M> Behavior<M> listen(Behavior<M> behavior, String name) {
        return Overheard.by(
                new Overheard.Ear() {
                    @Override
                    public void begins(ActorRef<?> self, Object what) {
                        names.put(self, name);
                        listenUp();
                        drawWait();
                        inStep = true;
                        speaker = name;
                        if (what instanceof Terminated stopped) {
                            arrow(names.getOrDefault(stopped.ref(), name), "->>", name, "has stopped");
                        } else if (what == null || what instanceof Signal) {
                            String text =
                                    what == null ? "begins" : what.getClass().getSimpleName();
                            lines.add("Note over " + alias(name) + ": " + step + " " + text);
                        } else {
                            received(self, what);
                        }
                    }

                    @Override
                    public void ends(ActorRef<?> self) {
                        listenUp();
                        speaker = null;
                    }
                },
                behavior);
    }

    @Override
    void spawned(LiveStream stream) {
        names.put(stream.producer, stream.producerName);
        names.put(stream.consumer, stream.consumerName);
        streams.add(stream);
        alias(stream.producerName);
        alias(stream.consumerName);
    }

    private void received(ActorRef<?> self, Object message) {
        boolean control = message instanceof ControlMessage;
        List<Told> box = boxes.get(new Box(self, control));
        int index = (int) Overheard.taken(self, control) - 1;
        Told told = index < box.size() ? box.get(index) : new Told("", step);
        String name = names.get(self);
        String late = step - told.step > 1 ? " (told in " + told.step + ")" : "";
        arrow(told.who.isEmpty() ? name : told.who, "->>", name, text(message) + late);
    }

    private static String text(Object message) {
        if (message instanceof GetSink || message instanceof GetSource) {
            return message.getClass().getSimpleName();
        } else if (message instanceof Subscribe<?> subscribe) {
            return "Subscribe(demand " + subscribe.demand() + ")";
        } else if (message instanceof StreamElement<?> element) {
            return "StreamElement(" + LiveStream.shown((Integer) element.element()) + ")";
        } else if (message instanceof Push<?> push) {
            return "Push(" + LiveStream.shown((Integer) push.element()) + ")";
        } else if (message instanceof StreamFailed<?> failed) {
            return "StreamFailed(" + failed.cause().getClass().getSimpleName() + ")";
        }
        return message.toString().replace('[', '(').replace(']', ')');
    }

    private void arrow(String from, String head, String to, String text) {
        lines.add(alias(from) + head + alias(to) + ": " + step + " " + plain(text));
    }

    private String alias(String name) {
        return aliases.computeIfAbsent(name, each -> {
            order.add(each);
            return "p" + order.size();
        });
    }

    /** Without the characters that mean something to Mermaid. */
    private static String plain(String text) {
        return text.replaceAll("[;#\\n\\r]", ",");
    }

    @Override
    void end() {
        drawWait();
        drawn = List.copyOf(lines);
    }

    /** The diagram, with what went wrong at its end. */
    String mermaid(String end) {
        StringBuilder text = new StringBuilder("sequenceDiagram\n");
        if (order.isEmpty()) {
            alias(owner);
        }
        for (String name : order) {
            text.append(threads.contains(name) ? "    actor " : "    participant ")
                    .append(alias(name))
                    .append(" as ")
                    .append(name)
                    .append('\n');
        }
        for (String line : drawn) {
            text.append("    ").append(line).append('\n');
        }
        return text.append("    Note over p1,p")
                .append(order.size())
                .append(": ")
                .append(plain(end))
                .append('\n')
                .toString();
    }
}
