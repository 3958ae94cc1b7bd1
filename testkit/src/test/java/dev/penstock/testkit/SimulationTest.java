package dev.penstock.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorStoppedException;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SimulationTest {

    /** A question that is answered with itself. */
    record Echo(String text, ActorRef<String> replyTo) {}

    private static Behavior<Echo> echo() {
        return Behaviors.receive((context, message) -> {
            message.replyTo().tell(message.text());
            return Behaviors.same();
        });
    }

    private static <M> Behavior<M> into(List<? super M> list) {
        return Behaviors.receive((context, message) -> {
            list.add(message);
            return Behaviors.same();
        });
    }

    /** Three actors write their names into one list, as often as they are told. */
    private static List<String> race(Simulation simulation) {
        List<String> order = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            simulation.system().spawn(into(order), name).tell(name);
        }
        simulation.runUntilIdle();
        return order;
    }

    @Test
    void turnsRunOnlyWhenStepped() {
        try (Simulation simulation = Simulation.seeded(1)) {
            List<String> order = new ArrayList<>();
            simulation.system().spawn(into(order), "a").tell("hello");
            assertEquals(List.of(), order);
            assertTrue(simulation.step());
            assertEquals(List.of("hello"), order);
            assertFalse(simulation.step());
            assertEquals(List.of("/simulation/a"), simulation.trace());
        }
    }

    @Test
    void oneSeedGivesOneRun() {
        for (long seed = 0; seed < 50; seed++) {
            try (Simulation first = Simulation.seeded(seed);
                    Simulation second = Simulation.seeded(seed)) {
                assertEquals(crowd(first), crowd(second));
                assertEquals(first.trace(), second.trace());
                assertEquals(first.fingerprint(), second.fingerprint());
                assertEquals(first.elapsed(), second.elapsed());
            }
        }
    }

    @Test
    void picksGiveTheRunAgain() {
        for (long seed = 0; seed < 50; seed++) {
            try (Simulation first = Simulation.seeded(seed)) {
                List<Object> events = crowd(first);
                try (Simulation second = Simulation.replaying(seed, first.picks())) {
                    assertEquals(events, crowd(second));
                    assertEquals(first.fingerprint(), second.fingerprint());
                    assertArrayEquals(first.picks(), second.picks());
                }
            }
        }
    }

    @Test
    void whereThePicksEndTheFirstIsPicked() {
        try (Simulation simulation = Simulation.replaying(1)) {
            assertEquals(List.of("a", "b", "c"), race(simulation));
            assertArrayEquals(new int[] {0, 0}, simulation.picks());
        }
        try (Simulation simulation = Simulation.replaying(1, 2, 1)) {
            assertEquals(List.of("c", "b", "a"), race(simulation));
        }
    }

    @Test
    void aPickThatIsTooLargeIsTakenModulo() {
        try (Simulation simulation = Simulation.replaying(1, 4, -1)) {
            assertEquals(List.of("b", "c", "a"), race(simulation));
            assertArrayEquals(new int[] {1, 1}, simulation.picks());
        }
    }

    @Test
    void anObserverLooksAfterEach() {
        try (Simulation simulation = Simulation.seeded(1)) {
            List<String> looked = new ArrayList<>();
            simulation.afterEach(looked::add).loop("script", () -> Progress.FINISHED);
            race(simulation);
            simulation.system().clock().schedule(() -> {}, 1_000);
            simulation.advance(Duration.ofMillis(1));
            assertEquals(simulation.trace(), looked);
            assertEquals(5, looked.size());
        }
    }

    @Test
    void anObserverThatThrowsFailsTheSimulation() {
        try (Simulation simulation = Simulation.seeded(1)) {
            simulation.system().spawn(echo(), "echo");
            AssertionError cause = new AssertionError("seen");
            simulation.afterEach(name -> {
                throw cause;
            });
            AssertionError e = assertThrows(AssertionError.class, simulation::step);
            assertSame(cause, e.getCause());
            simulation.afterEach(name -> {});
        }
    }

    @Test
    void differentSeedsGiveAllOrders() {
        Set<List<String>> orders = new HashSet<>();
        Set<Long> fingerprints = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            try (Simulation simulation = Simulation.seeded(seed)) {
                orders.add(race(simulation));
                fingerprints.add(simulation.fingerprint());
            }
        }
        assertEquals(6, orders.size());
        assertEquals(6, fingerprints.size());
    }

    /** Timers, scripts, asks, a blocked thread, and many watchers of one actor, whose order of news is by hash code. */
    private static List<Object> crowd(Simulation simulation) {
        List<Object> events =
                race(simulation).stream().map(Object.class::cast).collect(ArrayList::new, List::add, List::addAll);
        ActorRef<Echo> echo = simulation.system().spawn(echo(), "echo");
        for (int i = 0; i < 8; i++) {
            String name = "watcher-" + i;
            simulation.system().spawn(watcher(echo, events, name), name);
        }
        for (int i = 0; i < 3; i++) {
            String name = "script-" + i;
            AtomicInteger count = new AtomicInteger();
            simulation.loop(name, () -> {
                events.add(name);
                return count.incrementAndGet() == 4 ? Progress.FINISHED : Progress.DONE;
            });
        }
        events.add(simulation.<Echo, String>ask(echo, replyTo -> new Echo("hi", replyTo)));
        for (int i = 0; i < 4; i++) {
            int timer = i;
            simulation.system().clock().schedule(() -> events.add(timer), 1_000 * (1 + i % 2));
        }
        simulation.run();
        simulation.system().stop(echo);
        simulation.advance(Duration.ofMillis(1));
        events.add(simulation.system().random().nextInt());
        return events;
    }

    private static Behavior<String> watcher(ActorRef<?> ref, List<Object> events, String name) {
        return Behaviors.setup(context -> {
            context.watch(ref);
            return Behaviors.receive((same, message) -> Behaviors.same(), (same, signal) -> {
                events.add(name + " " + signal);
                return Behaviors.same();
            });
        });
    }

    @Test
    void askAnswersAtOnce() {
        try (Simulation simulation = Simulation.seeded(2)) {
            ActorRef<Echo> echo = simulation.system().spawn(echo(), "echo");
            assertEquals("hi", simulation.<Echo, String>ask(echo, replyTo -> new Echo("hi", replyTo)));
            assertEquals(Duration.ZERO, simulation.elapsed());
        }
    }

    @Test
    void askWithoutAnswerFailsWithTheSeed() {
        try (Simulation simulation = Simulation.seeded(3)) {
            ActorRef<Echo> deaf = simulation.system().spawn(Behaviors.ignore(), "deaf");
            AssertionError e = assertThrows(
                    AssertionError.class, () -> simulation.<Echo, String>ask(deaf, replyTo -> new Echo("hi", replyTo)));
            assertTrue(e.getMessage().startsWith("seed 3: /simulation/deaf did not answer"), e.getMessage());
            simulation.system().stop(deaf);
            simulation.runUntilIdle();
            CompletionException refused = assertThrows(
                    CompletionException.class,
                    () -> simulation.<Echo, String>ask(deaf, replyTo -> new Echo("hi", replyTo)));
            assertInstanceOf(ActorStoppedException.class, refused.getCause());
        }
    }

    @Test
    void aFutureThatNobodyCompletesFails() {
        try (Simulation simulation = Simulation.seeded(4)) {
            AssertionError e = assertThrows(AssertionError.class, () -> simulation.await(new CompletableFuture<>()));
            assertTrue(e.getMessage().startsWith("seed 4: the future will never be done"), e.getMessage());
        }
    }

    @Test
    void timersFireInTheOrderOfTime() {
        try (Simulation simulation = Simulation.seeded(5)) {
            List<String> events = new ArrayList<>();
            simulation
                    .system()
                    .spawn(
                            Behaviors.<String>setup(context -> {
                                context.startTimer("late", "late", Duration.ofSeconds(3));
                                context.startTimer("early", "early", Duration.ofSeconds(1));
                                context.startTimer("never", "never", Duration.ofSeconds(2));
                                context.cancelTimer("never");
                                context.startPeriodicTimer("tick", "tick", Duration.ofMillis(1200));
                                return into(events);
                            }),
                            "timers");
            long begin = simulation.system().clock().nanoTime();
            simulation.runUntilIdle();
            assertEquals(List.of(), events);
            simulation.advance(Duration.ofMillis(2999));
            assertEquals(List.of("early", "tick", "tick"), events);
            simulation.advance(Duration.ofMillis(1));
            assertEquals(List.of("early", "tick", "tick", "late"), events);
            assertEquals(Duration.ofSeconds(3), simulation.elapsed());
            assertEquals(3_000_000_000L, simulation.system().clock().nanoTime() - begin);
        }
    }

    @Test
    void timersOfOneMomentFireInAnyOrderAndCompeteWithWhatWasReady() {
        Set<List<String>> orders = new HashSet<>();
        Simulation.explore(100, simulation -> {
            List<String> events = new ArrayList<>();
            ActorRef<String> actor = simulation.system().spawn(into(events), "actor");
            simulation.runUntilIdle();
            simulation.system().clock().schedule(() -> events.add("first"), 10);
            simulation.system().clock().schedule(() -> events.add("second"), 10);
            actor.tell("message");
            simulation.skip(Duration.ofNanos(10));
            assertEquals(List.of(), events);
            simulation.runUntilIdle();
            orders.add(List.copyOf(events));
        });
        assertEquals(6, orders.size());
    }

    @Test
    void scriptsInterleave() {
        Set<String> interleavings = new HashSet<>();
        Simulation.explore(200, simulation -> {
            StringBuilder text = new StringBuilder();
            for (String name : List.of("x", "y")) {
                Simulation.Step step = () -> {
                    text.append(name);
                    return Progress.DONE;
                };
                simulation.script(name, step, step);
            }
            simulation.run();
            interleavings.add(text.toString());
        });
        assertEquals(Set.of("xxyy", "xyxy", "xyyx", "yxxy", "yxyx", "yyxx"), interleavings);
    }

    @Test
    void aScriptThatWaitsIsTriedAgainWhenSomethingHappened() {
        Simulation.explore(100, simulation -> {
            AtomicInteger room = new AtomicInteger();
            AtomicInteger attempts = new AtomicInteger();
            simulation.loop("putter", () -> {
                attempts.incrementAndGet();
                return room.get() == 0 ? Progress.AGAIN : Progress.FINISHED;
            });
            simulation.runUntilIdle();
            assertEquals(2, attempts.get());
            simulation
                    .system()
                    .clock()
                    .schedule(() -> room.set(1), Duration.ofHours(1).toNanos());
            simulation.run();
            assertEquals(Duration.ofHours(1), simulation.elapsed());
            assertTrue(attempts.get() <= 5, attempts::toString);
        });
    }

    @Test
    void scriptsThatWaitForEachOtherAreADeadlock() {
        try (Simulation simulation = Simulation.seeded(6)) {
            simulation.loop("hen", () -> Progress.AGAIN).loop("egg", () -> Progress.AGAIN);
            AssertionError e = assertThrows(AssertionError.class, simulation::run);
            assertEquals(
                    "seed 6: deadlock: nothing is ready, no timer is left, and these wait: [hen, egg]", e.getMessage());
        }
    }

    @Test
    void aFailingScriptFailsTheSimulationOnce() {
        try (Simulation simulation = Simulation.seeded(7)) {
            simulation.loop("bad", () -> {
                throw new java.io.IOException("broken");
            });
            AssertionError e = assertThrows(AssertionError.class, simulation::run);
            assertEquals("seed 7: bad failed: java.io.IOException: broken", e.getMessage());
            assertInstanceOf(java.io.IOException.class, e.getCause());
            simulation.run();
        }
    }

    @Test
    void theTestsOwnThreadMayBlock() {
        Simulation.explore(100, simulation -> {
            AtomicInteger room = new AtomicInteger();
            Thread me = Thread.currentThread();
            ActorRef<String> maker = simulation
                    .system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                room.set(1);
                                context.system().parker().unpark(me);
                                return Behaviors.same();
                            }),
                            "maker");
            maker.tell("make room");
            while (room.get() == 0) {
                simulation.system().parker().park(this, Long.MAX_VALUE);
            }
            assertEquals(Duration.ZERO, simulation.elapsed());
        });
    }

    @Test
    void aBlockedThreadIsWokenByTheDeadlineInVirtualTime() {
        try (Simulation simulation = Simulation.seeded(8)) {
            long begin = simulation.system().clock().nanoTime();
            long left;
            while ((left = begin + 5_000 - simulation.system().clock().nanoTime()) > 0) {
                simulation.system().parker().park(this, left);
            }
            assertEquals(Duration.ofNanos(5_000), simulation.elapsed());
        }
    }

    @Test
    void anUnparkThatCameFirstIsKept() {
        try (Simulation simulation = Simulation.seeded(9)) {
            simulation.system().parker().unpark(Thread.currentThread());
            simulation.system().parker().park(this, Long.MAX_VALUE);
            assertThrows(AssertionError.class, () -> {
                for (int i = 0; i < 100; i++) {
                    simulation.system().parker().park(this, Long.MAX_VALUE);
                }
            });
        }
    }

    @Test
    void aThreadThatNobodyWillWakeFails() {
        try (Simulation simulation = Simulation.seeded(10)) {
            AssertionError e = assertThrows(AssertionError.class, () -> {
                while (true) {
                    simulation.system().parker().park("the ring", Long.MAX_VALUE);
                }
            });
            assertTrue(
                    e.getMessage().startsWith("seed 10: nobody will wake the thread that waits in the ring"),
                    e.getMessage());
        }
    }

    @Test
    void anInterruptEndsABlockedWait() {
        try (Simulation simulation = Simulation.seeded(11)) {
            Thread me = Thread.currentThread();
            simulation.script("interrupter", () -> {
                me.interrupt();
                return Progress.DONE;
            });
            while (!Thread.interrupted()) {
                simulation.system().parker().park(this, Long.MAX_VALUE);
            }
        }
    }

    /** The thread that waits is interrupted; turns and scripts, which run on it meanwhile, are not. */
    @Test
    void anInterruptIsOfTheOneThatWaits() {
        try (Simulation simulation = Simulation.seeded(11)) {
            Thread me = Thread.currentThread();
            List<Boolean> seen = new ArrayList<>();
            simulation.script("interrupter", () -> {
                me.interrupt();
                return Progress.FINISHED;
            });
            simulation.script("other", () -> {
                seen.add(me.isInterrupted());
                return Progress.FINISHED;
            });
            simulation.system().parker().park(this, Long.MAX_VALUE);
            simulation.run();
            assertTrue(Thread.interrupted());
            assertEquals(List.of(false), seen);
        }
    }

    @Test
    void aScriptMustNotBlock() {
        try (Simulation simulation = Simulation.seeded(12)) {
            simulation.loop("sleeper", () -> {
                simulation.system().parker().park(this, Long.MAX_VALUE);
                return Progress.FINISHED;
            });
            IllegalStateException e = assertThrows(IllegalStateException.class, simulation::run);
            assertTrue(e.getMessage().startsWith("seed 12: sleeper blocks"), e.getMessage());
        }
    }

    @Test
    void anActorMustNotBlock() {
        try (Simulation simulation = Simulation.seeded(13)) {
            simulation
                    .system()
                    .spawn(
                            Behaviors.<String>receive((context, message) -> {
                                context.system().parker().park(this, 1);
                                return Behaviors.same();
                            }),
                            "sleeper")
                    .tell("go");
            IllegalStateException e = assertThrows(IllegalStateException.class, simulation::runUntilIdle);
            assertTrue(e.getMessage().startsWith("seed 13: /simulation/sleeper blocks"), e.getMessage());
        }
    }

    @Test
    void onlyItsOwnThreadRunsIt() throws InterruptedException {
        try (Simulation simulation = Simulation.seeded(14)) {
            List<Throwable> thrown = new ArrayList<>();
            Thread other = new Thread(() -> thrown.add(assertThrows(IllegalStateException.class, simulation::step)));
            other.start();
            other.join();
            assertEquals(1, thrown.size());
        }
    }

    @Test
    void exploreTellsTheSeedAndHowToRunItAgain() {
        IllegalArgumentException cause = new IllegalArgumentException("unlucky");
        List<Long> seeds = new ArrayList<>();
        AssertionError e = assertThrows(
                AssertionError.class,
                () -> Simulation.explore(10, simulation -> {
                    seeds.add(simulation.seed());
                    race(simulation);
                    if (simulation.seed() == 4) {
                        throw cause;
                    }
                }));
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L), seeds);
        assertSame(cause, e.getCause());
        assertTrue(e.getMessage().startsWith("seed 4: java.lang.IllegalArgumentException: unlucky\n"), e.getMessage());
        assertTrue(e.getMessage().contains("-Dpenstock.seed=4\n"), e.getMessage());
        assertTrue(e.getMessage().contains("/simulation/a"), e.getMessage());
    }

    @Test
    void exploreRunsOneSeedOnRequest() {
        System.setProperty(Simulation.SEED_PROPERTY, "4711");
        try {
            List<Long> seeds = new ArrayList<>();
            Simulation.explore(10, simulation -> seeds.add(simulation.seed()));
            assertEquals(List.of(4711L), seeds);
        } finally {
            System.clearProperty(Simulation.SEED_PROPERTY);
        }
    }

    @Test
    void closingStopsEveryActor() {
        Simulation.explore(50, simulation -> {
            List<String> stopped = new ArrayList<>();
            simulation
                    .system()
                    .subscribeLifecycle(event ->
                            stopped.add(event.kind() + " " + event.ref().path()));
            simulation
                    .system()
                    .spawn(
                            Behaviors.setup(context -> {
                                context.spawn(Behaviors.ignore(), "child");
                                return Behaviors.ignore();
                            }),
                            "parent");
            simulation.close();
            assertTrue(stopped.containsAll(List.of("STOPPED /simulation/parent", "STOPPED /simulation/parent/child")));
            assertThrows(IllegalStateException.class, () -> simulation.system().spawn(Behaviors.ignore(), "late"));
        });
    }

    @Test
    void closingFailsIfAnActorIsLeft() {
        Simulation simulation = Simulation.seeded(15);
        simulation
                .system()
                .spawn(
                        Behaviors.ignore(),
                        "stuck",
                        dev.penstock.actor.SpawnOptions.defaults().dispatcher(turn -> {}));
        AssertionError e = assertThrows(AssertionError.class, simulation::close);
        assertEquals("seed 15: these actors did not stop: [/simulation/stuck]", e.getMessage());
    }

    @Test
    void theSystemMayBeClosedByTheTestAScriptOrAnActor() {
        Simulation.explore(50, simulation -> {
            simulation.system().spawn(Behaviors.ignore(), "idle");
            simulation.system().close();
            assertEquals(List.of(), simulation.system().actors());
        });
        Simulation.explore(50, simulation -> {
            simulation.system().spawn(Behaviors.ignore(), "idle");
            simulation.script("closer", () -> {
                simulation.system().close();
                return Progress.DONE;
            });
            simulation.run();
            assertEquals(List.of(), simulation.system().actors());
        });
        Simulation.explore(50, simulation -> {
            simulation.system().spawn(Behaviors.ignore(), "idle");
            simulation
                    .system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                context.system().close();
                                return Behaviors.same();
                            }),
                            "closer")
                    .tell("close");
            simulation.runUntilIdle();
        });
    }

    @Test
    void aScriptThatFailsWhileTheSystemClosesDoesNotLeaveItHalfClosed() {
        int seen = 0;
        for (long seed = 0; seed < 50; seed++) {
            Simulation simulation = Simulation.seeded(seed);
            simulation.system().spawn(Behaviors.ignore(), "idle");
            simulation.system().spawn(Behaviors.ignore(), "idle-too");
            simulation.loop("bad", () -> {
                throw new IllegalArgumentException("broken");
            });
            simulation.system().close();
            try {
                simulation.close();
            } catch (AssertionError e) {
                assertTrue(e.getMessage().contains("bad failed"), e.getMessage());
                seen++;
            }
        }
        assertTrue(seen > 5, "seen " + seen);
    }

    @Test
    void actorsThatKeepEachOtherBusyAreGivenTime() {
        try (Simulation simulation = Simulation.seeded(16)) {
            List<String> order = new ArrayList<>();
            ActorRef<String> busy = simulation
                    .system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                context.self().tell(message);
                                return Behaviors.same();
                            }),
                            "busy");
            busy.tell("on");
            simulation.system().spawn(into(order), "other").tell("x");
            for (int i = 0; order.isEmpty(); i++) {
                assertTrue(i < 100);
                assertTrue(simulation.step());
            }
            assertNotEquals(0, simulation.fingerprint());
        }
    }
}
