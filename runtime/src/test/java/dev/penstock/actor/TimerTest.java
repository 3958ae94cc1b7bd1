package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Logs.class)
class TimerTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<Object> heard = new ArrayList<>();

    /** Runs what it is told if it can be run, and writes everything else down. */
    private Behavior<Object> puppet() {
        return Behaviors.receive((context, message) -> {
            if (message instanceof Action action) {
                action.what().accept(context);
            } else {
                heard.add(message);
            }
            return Behaviors.same();
        });
    }

    private record Action(Consumer<ActorContext<Object>> what) {}

    private static Action act(Consumer<ActorContext<Object>> what) {
        return new Action(what);
    }

    @Test
    void aTimerFiresOnceAtItsTime() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> context.startTimer("key", "tick", SECOND)));
            stepped.advance(SECOND.minusNanos(1));
            assertEquals(List.of(), heard);
            stepped.advance(Duration.ofNanos(1));
            assertEquals(List.of("tick"), heard);
            stepped.advance(SECOND.multipliedBy(10));
            assertEquals(List.of("tick"), heard);
            assertEquals(0, stepped.clock.scheduled());
        }
    }

    @Test
    void aTimerWithoutDelayFiresAsAMessageOfItsOwn() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> {
                context.startTimer("now", "now", Duration.ZERO);
                context.startTimer("past", "past", Duration.ofSeconds(-1));
                assertEquals(List.of(), heard);
            }));
            stepped.advance(Duration.ZERO);
            assertEquals(List.of("now", "past"), heard);
        }
    }

    @Test
    void aPeriodicTimerFiresAfterEachPeriod() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> context.startPeriodicTimer("key", "tick", SECOND)));
            assertEquals(List.of(), heard);
            for (int i = 1; i <= 5; i++) {
                stepped.advance(SECOND);
                assertEquals(i, heard.size());
            }
            stepped.advance(SECOND.multipliedBy(5));
            assertEquals(10, heard.size());
        }
    }

    @Test
    void aPeriodMustBePositive() {
        try (var stepped = new SteppedSystem()) {
            List<Throwable> refusals = new ArrayList<>();
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(
                    actor,
                    act(context -> refusals.add(assertThrows(
                            IllegalArgumentException.class,
                            () -> context.startPeriodicTimer("key", "tick", Duration.ZERO)))));
            assertEquals(1, refusals.size());
        }
    }

    @Test
    void timersWithDifferentKeysAreDifferentTimers() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> {
                context.startTimer(1, "second", SECOND.multipliedBy(2));
                context.startTimer(2, "first", SECOND);
            }));
            stepped.advance(SECOND.multipliedBy(2));
            assertEquals(List.of("first", "second"), heard);
        }
    }

    @Test
    void aTimerWithTheSameKeyIsReplaced() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> {
                context.startPeriodicTimer("key", "old", SECOND);
                context.startTimer("key", "new", SECOND.multipliedBy(3));
            }));
            assertEquals(1, stepped.clock.scheduled());
            stepped.advance(SECOND.multipliedBy(9));
            assertEquals(List.of("new"), heard);
        }
    }

    @Test
    void aMessageOfAReplacedTimerThatWaitsInTheMailboxIsDropped() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> context.startTimer("key", "old", SECOND)));
            actor.tell(act(context -> context.startTimer("key", "new", SECOND)));
            stepped.clock.advance(SECOND); // "old" waits behind the action
            stepped.run();
            assertEquals(List.of(), heard);
            stepped.advance(SECOND);
            assertEquals(List.of("new"), heard);
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void aMessageOfACancelledTimerThatWaitsInTheMailboxIsDropped() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> {
                context.startTimer("single", "single", SECOND);
                context.startPeriodicTimer("periodic", "periodic", SECOND);
            }));
            actor.tell(act(context -> {
                context.cancelTimer("single");
                context.cancelTimer("periodic");
                context.cancelTimer("never started");
            }));
            stepped.clock.advance(SECOND);
            stepped.run();
            stepped.advance(SECOND.multipliedBy(5));
            assertEquals(List.of(), heard);
            assertEquals(0, stepped.clock.scheduled());
        }
    }

    @Test
    void aTimerMayBeStartedAgainByItsOwnMessage() {
        try (var stepped = new SteppedSystem()) {
            stepped.spawn(
                    Behaviors.<String>setup(outer -> {
                        outer.startTimer("key", "tick", SECOND);
                        return Behaviors.receive((context, message) -> {
                            heard.add(message);
                            context.startTimer("key", message + "+", SECOND);
                            return Behaviors.same();
                        });
                    }),
                    "actor");
            stepped.advance(SECOND.multipliedBy(3));
            assertEquals(List.of("tick", "tick+", "tick++"), heard);
        }
    }

    @Test
    void timersEndWhenTheActorStops() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> {
                context.startTimer("single", "single", SECOND);
                context.startPeriodicTimer("periodic", "periodic", SECOND);
            }));
            assertEquals(2, stepped.clock.scheduled());
            stepped.stop(actor);
            assertEquals(0, stepped.clock.scheduled());
            stepped.advance(SECOND.multipliedBy(3));
            assertEquals(List.of(), heard);
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void timersEndWhenTheActorRestarts() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor =
                    stepped.spawn(Behaviors.supervise(puppet(), SupervisorStrategy.restart()), "actor");
            stepped.tell(actor, act(context -> {
                context.startTimer("single", "single", SECOND);
                context.startPeriodicTimer("periodic", "periodic", SECOND);
            }));
            actor.tell(act(context -> {
                throw new Boom("restart");
            }));
            stepped.clock.advance(SECOND); // both wait behind the failure
            stepped.run();
            assertEquals(0, stepped.clock.scheduled());
            stepped.advance(SECOND.multipliedBy(3));
            assertEquals(List.of(), heard);
        }
    }

    @Test
    void aTimerStartedInPostStopDoesNotFire() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                        context.startPeriodicTimer("key", "tick", SECOND);
                        heard.add(signal);
                        return Behaviors.same();
                    }),
                    "actor");
            stepped.stop(actor);
            assertEquals(List.of(new PostStop()), heard);
            assertEquals(0, stepped.clock.scheduled());
        }
    }

    @Test
    void aTimersMessageForAFullMailboxIsADeadLetter() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor =
                    stepped.spawn(puppet(), "actor", SpawnOptions.defaults().boundedMailbox(1));
            stepped.tell(actor, act(context -> context.startPeriodicTimer("key", "tick", SECOND)));
            assertTrue(actor.tell("full"));
            stepped.clock.advance(SECOND);
            assertEquals(List.of(new DeadLetter("tick", "/test/actor", DeadLetter.Reason.FULL)), stepped.letters);
            stepped.run();
            stepped.advance(SECOND);
            assertEquals(List.of("full", "tick"), heard);
        }
    }

    @Test
    void aTimerMayBeAsLongAsALongDuration() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(puppet(), "actor");
            stepped.tell(actor, act(context -> context.startTimer("key", "never", Duration.ofSeconds(Long.MAX_VALUE))));
            assertTrue(stepped.isAlive(actor));
        }
    }

    @Test
    void theFailureOfATimersMessageIsSupervised() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.startTimer("key", "fail", SECOND);
                        return recorder.fragile();
                    }),
                    "actor");
            stepped.advance(SECOND);
            assertEquals(List.of("fail", new PostStop()), recorder.heard);
            assertFalse(stepped.isAlive(actor));
        }
    }

    @OnEveryDispatcher
    void aTimerFiresInRealTime(RealDispatcher dispatcher) throws Exception {
        CountDownLatch ticks = new CountDownLatch(3);
        try (ActorSystem system = dispatcher.system()) {
            system.spawn(
                    Behaviors.<String>setup(outer -> {
                        outer.startPeriodicTimer("key", "tick", Duration.ofMillis(1));
                        return Behaviors.receive((context, message) -> {
                            ticks.countDown();
                            return Behaviors.same();
                        });
                    }),
                    "actor");
            Await.on(ticks);
        }
    }
}
