package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Logs.class)
class BehaviorTest {

    private final List<Object> heard = new ArrayList<>();

    private Behavior<String> noting(String prefix, Behavior<String> next) {
        return Behaviors.receive((context, message) -> {
            heard.add(prefix + message);
            return next;
        });
    }

    @Test
    void aBehaviorSwitchesToTheOneItReturns() {
        try (var stepped = new SteppedSystem()) {
            Behavior<String> last = noting("last ", Behaviors.same());
            ActorRef<String> actor = stepped.spawn(noting("first ", noting("second ", last)), "actor");
            for (int i = 1; i <= 4; i++) {
                actor.tell("" + i);
            }
            stepped.run();
            assertEquals(List.of("first 1", "second 2", "last 3", "last 4"), heard);
        }
    }

    @Test
    void aBehaviorMaySwitchToASetup() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    noting("first ", Behaviors.setup(context -> {
                        heard.add("setup of " + context.self().path());
                        return Behaviors.setup(again -> noting("second ", Behaviors.same()));
                    })),
                    "actor");
            stepped.tell(actor, "1");
            stepped.tell(actor, "2");
            assertEquals(List.of("first 1", "setup of /test/actor", "second 2"), heard);
        }
    }

    @Test
    void theSetupRunsOnceInTheFirstTurn() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.system.spawn(
                    Behaviors.setup(context -> {
                        heard.add("setup");
                        return noting("", Behaviors.same());
                    }),
                    "actor");
            assertEquals(List.of(), heard);
            stepped.run();
            stepped.tell(actor, "message");
            assertEquals(List.of("setup", "message"), heard);
        }
    }

    @Test
    void stoppedStopsTheActorAfterTheMessageInHand() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(recorder.fragile(), "actor");
            actor.tell("one");
            actor.tell("stop");
            actor.tell("left");
            stepped.run();
            assertEquals(List.of("one", "stop", new PostStop()), recorder.heard);
            assertFalse(stepped.isAlive(actor));
            assertEquals(List.of(new DeadLetter("left", "/test/actor", DeadLetter.Reason.STOPPED)), stepped.letters);
        }
    }

    @Test
    void aSetupMayStopTheActor() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.setup(context -> Behaviors.stopped()), "actor");
            assertFalse(stepped.isAlive(actor));
            assertFalse(actor.tell("message"));
            assertEquals(List.of(LifecycleEvent.Kind.STOPPED), stepped.events(actor));
        }
    }

    @Test
    void anUnhandledMessageIsADeadLetterAndTheBehaviorStays() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        heard.add(message);
                        return message.startsWith("odd") ? Behaviors.unhandled() : Behaviors.same();
                    }),
                    "actor");
            assertTrue(actor.tell("odd"));
            stepped.tell(actor, "even");
            assertEquals(List.of("odd", "even"), heard);
            assertEquals(List.of(new DeadLetter("odd", "/test/actor", DeadLetter.Reason.UNHANDLED)), stepped.letters);
        }
    }

    @Test
    void anUnhandledSignalIsNoDeadLetter() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.watch(target);
                        return noting("", Behaviors.same());
                    }),
                    "actor");
            stepped.stop(target);
            stepped.tell(actor, "still here");
            assertEquals(List.of("still here"), heard);
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void ignoreAcceptsEverythingAndDoesNothing() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(noting("", Behaviors.ignore()), "actor");
            stepped.tell(actor, "first");
            assertTrue(actor.tell("second"));
            stepped.run();
            assertEquals(List.of("first"), heard);
            assertEquals(List.of(), stepped.letters);
            assertTrue(stepped.isAlive(actor));
        }
    }

    @Test
    void returningNullIsAClearFailure() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(noting("", null), "forgetful");
            stepped.tell(actor, "message");
            assertFalse(stepped.isAlive(actor));
            Throwable failure = stepped.events.stream()
                    .filter(event -> event.kind() == LifecycleEvent.Kind.FAILED)
                    .findFirst()
                    .orElseThrow()
                    .failure()
                    .orElseThrow();
            assertInstanceOf(NullPointerException.class, failure);
            assertTrue(failure.getMessage().contains("same()"), failure::getMessage);
            assertEquals(1, Logs.lines("/test/forgetful failed").size());
        }
    }

    @Test
    void aSetupThatReturnsNullIsAClearFailure() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.setup(context -> null), "actor");
            assertFalse(stepped.isAlive(actor));
            LifecycleEvent failed = stepped.events.get(0);
            assertEquals(LifecycleEvent.Kind.FAILED, failed.kind());
            assertEquals("setup made null", failed.failure().orElseThrow().getMessage());
        }
    }

    @Test
    void aBehaviorIsAValueThatManyActorsShare() {
        try (var stepped = new SteppedSystem()) {
            Behavior<String> shared = noting("", Behaviors.same());
            ActorRef<String> a = stepped.spawn(shared, "a");
            ActorRef<String> b = stepped.spawn(shared, "b");
            stepped.stop(a);
            stepped.tell(b, "alive");
            assertEquals(List.of("alive"), heard);
        }
    }

    @Test
    void nothingIsNoBehavior() {
        try (var stepped = new SteppedSystem()) {
            assertThrows(NullPointerException.class, () -> stepped.system.spawn(null, "actor"));
            assertThrows(NullPointerException.class, () -> Behaviors.receive(null));
            assertThrows(NullPointerException.class, () -> Behaviors.setup(null));
            assertThrows(NullPointerException.class, () -> Behaviors.supervise(null, SupervisorStrategy.stop()));
            assertThrows(NullPointerException.class, () -> Behaviors.supervise(Behaviors.ignore(), null));
        }
    }

    @Test
    void postStopIsTheLastThingHeardAndWhatItReturnsIsIgnored() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive(
                            (context, message) -> {
                                heard.add(message);
                                return Behaviors.same();
                            },
                            (context, signal) -> {
                                heard.add(signal);
                                heard.add(context.self().tell("too late"));
                                return null;
                            }),
                    "actor");
            stepped.stop(actor);
            assertEquals(List.of(new PostStop(), false), heard);
            assertEquals(List.of(LifecycleEvent.Kind.STARTED, LifecycleEvent.Kind.STOPPED), stepped.events(actor));
        }
    }

    @Test
    void aFailingPostStopIsReportedAndTheOthersGoOn() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            AtomicReference<ActorRef<String>> child = new AtomicReference<>();
            ActorRef<String> parent = stepped.spawn(
                    Behaviors.setup(context -> {
                        child.set(context.spawn(
                                Behaviors.<String>receive((inner, message) -> Behaviors.same(), (inner, signal) -> {
                                    throw new Boom("in PostStop");
                                }),
                                "child"));
                        return recorder.behavior();
                    }),
                    "parent");
            stepped.stop(parent);
            assertEquals(List.of(new PostStop()), recorder.heard);
            assertEquals(List.of(), stepped.system.actors());
            assertEquals(
                    List.of(LifecycleEvent.Kind.STARTED, LifecycleEvent.Kind.STOPPED), stepped.events(child.get()));
            assertEquals(1, Logs.lines("in PostStop").size());
        }
    }

    @Test
    void aSignalHandlerMaySwitchTheBehavior() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.watch(target);
                        return Behaviors.receive(
                                (inner, message) -> Behaviors.unhandled(),
                                (inner, signal) -> noting("orphaned ", Behaviors.stopped()));
                    }),
                    "actor");
            stepped.stop(target);
            stepped.tell(actor, "message");
            assertEquals(List.of("orphaned message"), heard);
            assertFalse(stepped.isAlive(actor));
        }
    }

    @Test
    void theMarkersAreShared() {
        assertSame(Behaviors.same(), Behaviors.<String>same());
    }
}
