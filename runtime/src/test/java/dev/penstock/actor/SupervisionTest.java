package dev.penstock.actor;

import static dev.penstock.actor.LifecycleEvent.Kind.FAILED;
import static dev.penstock.actor.LifecycleEvent.Kind.RESTARTED;
import static dev.penstock.actor.LifecycleEvent.Kind.RESUMED;
import static dev.penstock.actor.LifecycleEvent.Kind.STARTED;
import static dev.penstock.actor.LifecycleEvent.Kind.STOPPED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Logs.class)
class SupervisionTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Recorder recorder = new Recorder();

    /** Writes "setup" down whenever it begins. */
    private Behavior<String> restartable(SupervisorStrategy strategy) {
        return Behaviors.supervise(
                Behaviors.setup(context -> {
                    recorder.heard.add("setup");
                    return recorder.fragile();
                }),
                strategy);
    }

    @Test
    void anActorThatFailsStops() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(recorder.fragile(), "actor");
            actor.tell("fail");
            actor.tell("left");
            stepped.run();
            assertEquals(List.of("fail", new PostStop()), recorder.heard);
            assertEquals(List.of(STARTED, FAILED, STOPPED), stepped.events(actor));
            assertEquals(List.of(new DeadLetter("left", "/test/actor", DeadLetter.Reason.STOPPED)), stepped.letters);
        }
    }

    @Test
    void aFailureIsReportedWithItsActorAndItsCause() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            stepped.tell(stepped.spawn(recorder.fragile(), "actor"), "fail");
            List<String> lines = Logs.lines("/test/actor failed");
            assertEquals(1, lines.size());
            assertTrue(lines.get(0).contains("told to fail"), () -> lines.get(0));
        }
    }

    @Test
    void stopStops() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(restartable(SupervisorStrategy.stop()), "actor");
            stepped.tell(actor, "fail");
            assertEquals(List.of("setup", "fail", new PostStop()), recorder.heard);
            assertFalse(stepped.isAlive(actor));
        }
    }

    @Test
    void resumeDropsTheMessageAndKeepsTheBehavior() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(restartable(SupervisorStrategy.resume()), "actor");
            for (String message : List.of("fail", "one", "fail", "two")) {
                stepped.tell(actor, message);
            }
            assertEquals(List.of("setup", "fail", "one", "fail", "two"), recorder.heard);
            assertEquals(List.of(STARTED, RESUMED, RESUMED), stepped.events(actor));
        }
    }

    @Test
    void restartBeginsAfreshAndKeepsTheMailbox() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(restartable(SupervisorStrategy.restart()), "actor");
            for (String message : List.of("one", "fail", "two", "three")) {
                actor.tell(message);
            }
            stepped.run();
            assertEquals(List.of("setup", "one", "fail", "PreRestart", "setup", "two", "three"), recorder.heard);
            assertEquals(List.of(STARTED, RESTARTED), stepped.events(actor));
            assertEquals(List.of(), stepped.letters);
            assertTrue(stepped.isAlive(actor));
        }
    }

    @Test
    void aRestartForgetsTheBehaviorSwitchedTo() {
        try (var stepped = new SteppedSystem()) {
            List<String> heard = new ArrayList<>();
            Behavior<String> second = Behaviors.receive((context, message) -> {
                heard.add("second " + message);
                throw new Boom(message);
            });
            Behavior<String> first = Behaviors.receive((context, message) -> {
                heard.add("first " + message);
                return second;
            });
            ActorRef<String> actor = stepped.spawn(Behaviors.supervise(first, SupervisorStrategy.restart()), "actor");
            for (int i = 1; i <= 3; i++) {
                stepped.tell(actor, "" + i);
            }
            assertEquals(List.of("first 1", "second 2", "first 3"), heard);
        }
    }

    @Test
    void preRestartCarriesTheFailure() {
        try (var stepped = new SteppedSystem()) {
            Boom boom = new Boom("the cause");
            List<Object> signals = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.receive(
                                    (context, message) -> {
                                        throw boom;
                                    },
                                    (context, signal) -> {
                                        signals.add(signal);
                                        return Behaviors.same();
                                    }),
                            SupervisorStrategy.restart()),
                    "actor");
            stepped.tell(actor, "go");
            assertEquals(List.of(new PreRestart(boom)), signals);
            assertSame(boom, stepped.events.get(1).failure().orElseThrow());
        }
    }

    @Test
    void aPreRestartThatFailsIsReportedAndTheRestartGoesOn() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            List<String> heard = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.setup(outer -> {
                                heard.add("setup");
                                return Behaviors.receive(
                                        (context, message) -> {
                                            throw new Boom(message);
                                        },
                                        (context, signal) -> {
                                            throw new Boom("in PreRestart");
                                        });
                            }),
                            SupervisorStrategy.restart()),
                    "actor");
            stepped.tell(actor, "go");
            assertEquals(List.of("setup", "setup"), heard);
            assertEquals(List.of(STARTED, RESTARTED), stepped.events(actor));
            assertEquals(1, Logs.lines("in PreRestart").size());
        }
    }

    @Test
    void theFailureAfterTheLastRestartStops() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor =
                    stepped.spawn(restartable(SupervisorStrategy.restart().withLimit(2, Duration.ZERO)), "actor");
            stepped.tell(actor, "fail");
            stepped.advance(Duration.ofDays(365));
            stepped.tell(actor, "fail");
            assertTrue(stepped.isAlive(actor));
            stepped.advance(Duration.ofDays(365));
            stepped.tell(actor, "fail");
            assertFalse(stepped.isAlive(actor));
            assertEquals(List.of(STARTED, RESTARTED, RESTARTED, FAILED, STOPPED), stepped.events(actor));
        }
    }

    @Test
    void restartsAreCountedWithinTheWindow() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor =
                    stepped.spawn(restartable(SupervisorStrategy.restart().withLimit(2, SECOND)), "actor");
            for (int i = 0; i < 5; i++) {
                stepped.tell(actor, "fail");
                stepped.tell(actor, "fail");
                stepped.advance(SECOND.plusNanos(1));
            }
            assertTrue(stepped.isAlive(actor));
            stepped.tell(actor, "fail");
            stepped.tell(actor, "fail");
            stepped.advance(SECOND);
            stepped.tell(actor, "fail");
            assertFalse(stepped.isAlive(actor));
        }
    }

    @Test
    void aLimitOfNoneStopsAtTheFirstFailure() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor =
                    stepped.spawn(restartable(SupervisorStrategy.restart().withLimit(0, SECOND)), "actor");
            stepped.tell(actor, "fail");
            assertFalse(stepped.isAlive(actor));
        }
    }

    @Test
    void aWindowMayLastForEver() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    restartable(SupervisorStrategy.restart().withLimit(3, Duration.ofSeconds(Long.MAX_VALUE))),
                    "actor");
            stepped.tell(actor, "fail");
            stepped.tell(actor, "one");
            assertEquals(List.of("setup", "fail", "PreRestart", "setup", "one"), recorder.heard);
        }
    }

    @Test
    void aLongestBackoffMayBeForEver() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    restartable(SupervisorStrategy.restart().withBackoff(SECOND, Duration.ofSeconds(Long.MAX_VALUE))),
                    "actor");
            stepped.tell(actor, "fail");
            stepped.advance(SECOND.multipliedBy(2));
            stepped.tell(actor, "one");
            assertEquals(List.of("setup", "fail", "PreRestart", "setup", "one"), recorder.heard);
        }
    }

    @Test
    void theBackoffDoublesUpToItsLongest() {
        long seed = 42;
        try (var stepped = new SteppedSystem(builder -> builder.random(new Random(seed)))) {
            Random random = new Random(seed);
            ActorRef<String> actor = stepped.spawn(
                    restartable(SupervisorStrategy.restart().withBackoff(SECOND, Duration.ofSeconds(5))), "actor");
            for (long seconds : new long[] {1, 2, 4, 5, 5}) {
                recorder.take();
                stepped.tell(actor, "fail");
                long pause = Duration.ofSeconds(seconds).toNanos();
                pause += (long) (pause * 0.2 * random.nextDouble());
                stepped.advance(Duration.ofNanos(pause - 1));
                assertEquals(List.of("fail", "PreRestart"), recorder.heard, seconds + " s: too early");
                stepped.advance(Duration.ofNanos(1));
                assertEquals(List.of("fail", "PreRestart", "setup"), recorder.heard, seconds + " s: too late");
            }
        }
    }

    @Test
    void theBackoffBeginsAnewInANewWindow() {
        try (var stepped = new SteppedSystem(builder -> builder.random(() -> 0))) {
            ActorRef<String> actor = stepped.spawn(
                    restartable(SupervisorStrategy.restart()
                            .withLimit(9, Duration.ofSeconds(10))
                            .withBackoff(SECOND, Duration.ofSeconds(60))),
                    "actor");
            stepped.tell(actor, "fail");
            stepped.advance(SECOND);
            stepped.tell(actor, "fail");
            stepped.advance(SECOND);
            assertEquals(List.of(STARTED, RESTARTED), stepped.events(actor));
            stepped.advance(Duration.ofSeconds(20));
            stepped.tell(actor, "fail");
            stepped.advance(SECOND);
            assertEquals(List.of(STARTED, RESTARTED, RESTARTED, RESTARTED), stepped.events(actor));
        }
    }

    @Test
    void messagesWaitWhileAnActorBacksOff() {
        try (var stepped = new SteppedSystem(builder -> builder.random(() -> 0))) {
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.supervise(
                            recorder.fragile(), SupervisorStrategy.restart().withBackoff(SECOND, SECOND)),
                    "actor");
            actor.tell("fail");
            actor.tell("one");
            stepped.run();
            Urgent urgent = new Urgent("urgent");
            assertTrue(actor.tell("two"));
            assertTrue(actor.tell(urgent));
            stepped.run();
            assertEquals(List.of("fail", "PreRestart"), recorder.heard);
            assertEquals(0, stepped.dispatcher.waiting());
            stepped.advance(SECOND);
            assertEquals(List.of("fail", "PreRestart", urgent, "one", "two"), recorder.heard);
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void anActorCanBeStoppedWhileItBacksOff() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.supervise(
                            recorder.fragile(), SupervisorStrategy.restart().withBackoff(SECOND, SECOND)),
                    "actor");
            Urgent urgent = new Urgent("urgent");
            actor.tell("fail");
            actor.tell("one");
            stepped.run();
            stepped.tell(actor, urgent);
            stepped.stop(actor);
            assertFalse(stepped.isAlive(actor));
            assertEquals(List.of("fail", "PreRestart", new PostStop()), recorder.heard);
            assertEquals(
                    List.of(urgent, "one"),
                    stepped.letters.stream().map(DeadLetter::message).toList());
            stepped.advance(SECOND.multipliedBy(2));
            assertEquals(List.of(STARTED, STOPPED), stepped.events(actor));
            assertEquals(2, stepped.letters.size());
        }
    }

    @Test
    void aSetupThatThrowsStopsTheActor() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        throw new Boom("setup");
                    }),
                    "actor");
            assertFalse(stepped.isAlive(actor));
            assertEquals(List.of(FAILED, STOPPED), stepped.events(actor));
            assertFalse(actor.tell("message"));
        }
    }

    @Test
    void aSetupThatThrowsCannotBeResumed() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.setup(context -> {
                                throw new Boom("setup");
                            }),
                            SupervisorStrategy.resume()),
                    "actor");
            assertFalse(stepped.isAlive(actor));
        }
    }

    private Behavior<String> laborious(int failures, AtomicInteger attempts) {
        return Behaviors.setup(context -> {
            if (attempts.incrementAndGet() <= failures) {
                throw new Boom("attempt " + attempts);
            }
            return recorder.behavior();
        });
    }

    @Test
    void aSetupThatThrowsIsTriedAgain() {
        try (var stepped = new SteppedSystem()) {
            AtomicInteger attempts = new AtomicInteger();
            ActorRef<String> actor =
                    stepped.spawn(Behaviors.supervise(laborious(3, attempts), SupervisorStrategy.restart()), "actor");
            stepped.tell(actor, "message");
            assertEquals(4, attempts.get());
            assertEquals(List.of("message"), recorder.heard);
            assertEquals(List.of(RESTARTED, RESTARTED, RESTARTED), stepped.events(actor));
        }
    }

    @Test
    void aSetupMayThrowManyTimesInARow() {
        try (var stepped = new SteppedSystem()) {
            AtomicInteger attempts = new AtomicInteger();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(laborious(20_000, attempts), SupervisorStrategy.restart()), "actor");
            stepped.tell(actor, "message");
            assertEquals(20_001, attempts.get());
            assertEquals(List.of("message"), recorder.heard);
        }
    }

    @Test
    void aSetupThatAlwaysThrowsDoesNotStarveAnother() {
        try (var stepped = new SteppedSystem()) {
            AtomicInteger attempts = new AtomicInteger();
            stepped.system.spawn(
                    Behaviors.supervise(laborious(1_000, attempts), SupervisorStrategy.restart()), "stubborn");
            List<Integer> attemptsWhenServed = new ArrayList<>();
            stepped.system.spawn(
                    Behaviors.setup(context -> {
                        attemptsWhenServed.add(attempts.get());
                        return Behaviors.ignore();
                    }),
                    "modest");
            stepped.run();
            assertTrue(attemptsWhenServed.get(0) < 1_000, "the other had to wait for all attempts");
        }
    }

    @Test
    void aSetupThatThrowsIsTriedAgainAfterTheBackoff() {
        try (var stepped = new SteppedSystem(builder -> builder.random(() -> 0))) {
            AtomicInteger attempts = new AtomicInteger();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            laborious(2, attempts), SupervisorStrategy.restart().withBackoff(SECOND, SECOND)),
                    "actor");
            assertEquals(1, attempts.get());
            stepped.advance(SECOND);
            assertEquals(2, attempts.get());
            stepped.tell(actor, "message");
            assertEquals(List.of(), recorder.heard);
            stepped.advance(SECOND);
            assertEquals(List.of("message"), recorder.heard);
        }
    }

    @Test
    void childrenAreStoppedBeforeTheRestart() {
        try (var stepped = new SteppedSystem()) {
            List<String> heard = new ArrayList<>();
            Behavior<String> child = Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                heard.add(context.self().path() + " stopped");
                return Behaviors.same();
            });
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.setup(outer -> {
                                heard.add("setup");
                                outer.spawn(child, "a"); // the name must be free again
                                outer.spawn(child, "b");
                                return Behaviors.receive(
                                        (context, message) -> {
                                            throw new Boom(message);
                                        },
                                        (context, signal) -> {
                                            heard.add("PreRestart, "
                                                    + context.children().size() + " children");
                                            return Behaviors.same();
                                        });
                            }),
                            SupervisorStrategy.restart()),
                    "actor");
            stepped.tell(actor, "go");
            assertEquals(
                    List.of(
                            "setup",
                            "/test/actor/a stopped",
                            "/test/actor/b stopped",
                            "PreRestart, 0 children",
                            "setup"),
                    heard);
            assertEquals(3, stepped.system.actors().size());
        }
    }

    @Test
    void anActorToldToStopWhileItsChildrenStopForARestartDoesNotRestart() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.setup(context -> {
                                context.spawn(Behaviors.ignore(), "child");
                                return recorder.fragile();
                            }),
                            SupervisorStrategy.restart()),
                    "actor");
            actor.tell("fail");
            assertTrue(stepped.dispatcher.runOne());
            Urgent urgent = new Urgent("urgent");
            actor.tell(urgent);
            stepped.stop(actor);
            assertEquals(List.of("fail", new PostStop()), recorder.heard);
            assertEquals(List.of(STARTED, STOPPED), stepped.events(actor));
            assertEquals(
                    List.of(urgent),
                    stepped.letters.stream().map(DeadLetter::message).toList());
        }
    }

    @Test
    void controlMessagesThatComeWhileChildrenStopAreReceivedAfterTheRestart() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.setup(context -> {
                                context.spawn(Behaviors.ignore(), "child");
                                return recorder.fragile();
                            }),
                            SupervisorStrategy.restart()),
                    "actor");
            actor.tell("fail");
            assertTrue(stepped.dispatcher.runOne());
            Urgent urgent = new Urgent("urgent");
            actor.tell("data");
            actor.tell(urgent);
            stepped.run();
            assertEquals(List.of("fail", "PreRestart", urgent, "data"), recorder.heard);
        }
    }

    @Test
    void theStrategyIsCheckedWhenItIsMade() {
        SupervisorStrategy restart = SupervisorStrategy.restart();
        assertThrows(IllegalArgumentException.class, () -> restart.withLimit(-1, SECOND));
        assertThrows(IllegalArgumentException.class, () -> restart.withLimit(1, Duration.ofNanos(-1)));
        assertThrows(IllegalArgumentException.class, () -> restart.withBackoff(SECOND, Duration.ofMillis(1)));
        assertThrows(IllegalArgumentException.class, () -> restart.withBackoff(Duration.ofNanos(-1), SECOND));
    }

    @OnEveryDispatcher
    void aHundredRestartsLoseNoMessage(RealDispatcher dispatcher) throws Exception {
        int messages = 10_000;
        CountDownLatch heard = new CountDownLatch(messages);
        CountDownLatch restarts = new CountDownLatch(100);
        try (ActorSystem system = dispatcher.system()) {
            system.subscribeLifecycle(event -> {
                if (event.kind() == RESTARTED) {
                    restarts.countDown();
                }
            });
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.supervise(
                            Behaviors.receive((context, message) -> {
                                heard.countDown();
                                if (message % 100 == 0) {
                                    throw new Boom("now and then");
                                }
                                return Behaviors.same();
                            }),
                            SupervisorStrategy.restart()),
                    "actor");
            for (int i = 0; i < messages; i++) {
                assertTrue(actor.tell(i));
            }
            Await.on(heard);
            Await.on(restarts);
        }
    }

    @OnEveryDispatcher
    void anErrorDoesNotKillTheDispatchersThread(RealDispatcher dispatcher) throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(3);
        try (ActorSystem system = dispatcher.system()) {
            system.subscribeLifecycle(event -> {
                if (event.kind() == RESTARTED) {
                    failed.countDown();
                }
            });
            ActorRef<Error> actor = system.spawn(
                    Behaviors.supervise(
                            Behaviors.receive((context, error) -> {
                                throw error;
                            }),
                            SupervisorStrategy.restart()),
                    "actor");
            actor.tell(new OutOfMemoryError("as if"));
            actor.tell(new StackOverflowError("as if"));
            actor.tell(new AssertionError("as if"));
            Await.on(failed);
            ActorRef<String> other = system.spawn(
                    Behaviors.receive((context, message) -> {
                        later.countDown();
                        return Behaviors.same();
                    }),
                    "other");
            other.tell("go");
            Await.on(later);
        }
    }

    @OnEveryDispatcher
    void aStackThatReallyOverflowsFailsTheActorAlone(RealDispatcher dispatcher) throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        CountDownLatch later = new CountDownLatch(1);
        try (ActorSystem system = dispatcher.system()) {
            system.subscribeLifecycle(event -> {
                if (event.kind() == FAILED && event.failure().orElseThrow() instanceof StackOverflowError) {
                    failed.countDown();
                }
            });
            ActorRef<Integer> deep = system.spawn(Behaviors.receive((context, depth) -> descend(depth)), "deep");
            deep.tell(0);
            Await.on(failed);
            ActorRef<String> other = system.spawn(
                    Behaviors.receive((context, message) -> {
                        later.countDown();
                        return Behaviors.same();
                    }),
                    "other");
            other.tell("go");
            Await.on(later);
        }
    }

    private static Behavior<Integer> descend(int depth) {
        Behavior<Integer> bottom = depth < 0 ? Behaviors.same() : descend(depth + 1);
        return depth < -1 ? Behaviors.ignore() : bottom;
    }
}
