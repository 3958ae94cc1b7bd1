package dev.penstock.actor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A system that does nothing by itself: turns are run by hand on the testing thread, time is virtual, and a thread that
 * would sleep lets the time pass instead.
 */
final class SteppedSystem implements AutoCloseable {

    final SteppedDispatcher dispatcher = new SteppedDispatcher();
    final VirtualClock clock = new VirtualClock();
    final ScriptedParker parker = new ScriptedParker(nanos -> clock.advance(nanos, () -> {}));
    final List<DeadLetter> letters = new ArrayList<>();
    final List<LifecycleEvent> events = new ArrayList<>();
    final ActorSystem system;

    SteppedSystem() {
        this(UnaryOperator.identity());
    }

    SteppedSystem(UnaryOperator<ActorSystem.Builder> parts) {
        system = parts.apply(ActorSystem.builder("test")
                        .dispatcher(dispatcher)
                        .clock(clock)
                        .parker(parker))
                .build();
        system.subscribeDeadLetters(letters::add);
        system.subscribeLifecycle(events::add);
    }

    <M> ActorRef<M> spawn(Behavior<M> behavior, String name) {
        return spawn(behavior, name, SpawnOptions.defaults());
    }

    /** Spawns, and runs the first turn. */
    <M> ActorRef<M> spawn(Behavior<M> behavior, String name, SpawnOptions options) {
        ActorRef<M> ref = system.spawn(behavior, name, options);
        run();
        return ref;
    }

    /** Tells, and runs until nobody has anything to do. */
    <M> void tell(ActorRef<M> ref, M message) {
        ref.tell(message);
        run();
    }

    void stop(ActorRef<?> ref) {
        system.stop(ref);
        run();
    }

    void run() {
        dispatcher.runAll();
    }

    /** Lets time pass; the actors keep up with it. */
    void advance(Duration time) {
        run();
        clock.advance(time.toNanos(), this::run);
    }

    /** The lifecycle events of one actor, in order. */
    List<LifecycleEvent.Kind> events(ActorRef<?> ref) {
        return events.stream()
                .filter(event -> event.ref() == ref)
                .map(LifecycleEvent::kind)
                .toList();
    }

    boolean isAlive(ActorRef<?> ref) {
        return system.lookup(ref.path()).filter(found -> found == ref).isPresent();
    }

    @Override
    public void close() {
        system.close();
    }
}
