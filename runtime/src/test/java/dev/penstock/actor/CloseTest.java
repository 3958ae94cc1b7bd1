package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Logs.class)
class CloseTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    /** Blocks on a latch, whatever interrupts it. */
    private static Behavior<CountDownLatch> blocking(CountDownLatch entered) {
        return Behaviors.receive((context, latch) -> {
            entered.countDown();
            Await.uninterruptibly(latch);
            return Behaviors.same();
        });
    }

    /** Real threads, but a closing thread that sleeps lets virtual time pass instead. */
    private static ActorSystem virtualTime(Dispatcher dispatcher) {
        VirtualClock clock = new VirtualClock();
        return ActorSystem.builder("test")
                .dispatcher(dispatcher)
                .clock(clock)
                .parker(new ScriptedParker(nanos -> clock.advance(nanos, () -> {})))
                .build();
    }

    @OnEveryDispatcher
    void closeStopsEveryActor(RealDispatcher dispatcher) {
        AtomicInteger stopped = new AtomicInteger();
        ActorSystem system = dispatcher.system();
        for (int i = 0; i < 20; i++) {
            system.spawn(
                    Behaviors.<String>setup(outer -> {
                        outer.spawn(Behaviors.<String>ignore(), "child");
                        return Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                            stopped.incrementAndGet();
                            return Behaviors.same();
                        });
                    }),
                    "actor-" + i);
        }
        ShutdownReport report = system.close(TEN_SECONDS);
        assertTrue(report.clean(), report::toString);
        assertEquals(20, stopped.get());
        assertEquals(List.of(), system.actors());
    }

    @Test
    void closeRunsASteppedDispatcherItself() {
        var stepped = new SteppedSystem();
        Recorder recorder = new Recorder();
        stepped.spawn(recorder.behavior(), "actor");
        stepped.system.spawn(Behaviors.ignore(), "not even started");
        ShutdownReport report = stepped.system.close(TEN_SECONDS);
        assertEquals(new ShutdownReport(Duration.ZERO, List.of(), 0), report);
        assertEquals(List.of(new PostStop()), recorder.heard);
        assertTrue(stepped.dispatcher.isClosed());
    }

    @Test
    void theReportCountsTheDeadLettersOfTheClose() {
        var stepped = new SteppedSystem();
        ActorRef<String> actor = stepped.spawn(
                Behaviors.ignore(), "actor", SpawnOptions.defaults().boundedMailbox(3));
        for (int i = 0; i < 4; i++) {
            actor.tell("message");
        }
        assertEquals(1, stepped.letters.size()); // before the close: not counted
        assertEquals(3, stepped.system.close(TEN_SECONDS).deadLetters());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#withThreads")
    void anActorThatBlocksIsReportedAtTheDeadline(RealDispatcher dispatcher) throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ActorSystem system = virtualTime(dispatcher.make());
        try {
            ActorRef<CountDownLatch> actor = system.spawn(blocking(entered), "stuck");
            actor.tell(release);
            Await.on(entered);
            ShutdownReport report = system.close(Duration.ofSeconds(3));
            assertFalse(report.clean());
            assertEquals(List.of("/test/stuck"), report.unfinished());
            assertEquals(Duration.ofSeconds(3), report.took());
        } finally {
            release.countDown();
        }
        Await.until(() -> system.actors().isEmpty(), "it stops when it can");
    }

    @Test
    void aCloseWithoutTimeDoesNotWait() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        VirtualClock clock = new VirtualClock();
        AtomicInteger parks = new AtomicInteger();
        ActorSystem system = ActorSystem.builder("test")
                .dispatcher(Dispatcher.pool(1))
                .clock(clock)
                .parker(new ScriptedParker(nanos -> parks.incrementAndGet()))
                .build();
        try {
            system.spawn(blocking(entered), "stuck").tell(release);
            Await.on(entered);
            ShutdownReport report = system.close(Duration.ZERO);
            assertEquals(List.of("/test/stuck"), report.unfinished());
            assertEquals(0, parks.get());
        } finally {
            release.countDown();
        }
    }

    @Test
    void thatAnActorDidNotStopIsLogged() throws Exception {
        assumeTrue(Logs.available());
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try {
            try (ActorSystem system = virtualTime(Dispatcher.pool(1))) {
                system.spawn(blocking(entered), "stuck").tell(release);
                Await.on(entered);
            }
            assertEquals(1, Logs.lines("[/test/stuck]").size());
        } finally {
            release.countDown();
        }
    }

    @Test
    void theOthersStopThoughOneBlocks() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(10);
        ActorSystem system = virtualTime(Dispatcher.pool(1));
        try {
            for (int i = 0; i < 10; i++) {
                system.spawn(
                        Behaviors.<String>receive((context, message) -> Behaviors.same(), (context, signal) -> {
                            stopped.countDown();
                            return Behaviors.same();
                        }),
                        "actor-" + i);
            }
            system.spawn(blocking(entered), "stuck").tell(release);
            Await.on(entered);
            ShutdownReport report = system.close(TEN_SECONDS); // the one thread of the pool is not there for them
            assertEquals(List.of("/test/stuck"), report.unfinished());
            Await.on(stopped);
        } finally {
            release.countDown();
        }
    }

    @Test
    void actorsOfAnExecutorThatRunsNothingStopAtTheDeadline() {
        ActorSystem system = virtualTime(Dispatcher.from(task -> {}));
        List<String> heard = new ArrayList<>();
        system.spawn(
                Behaviors.<String>setup(outer -> {
                    outer.spawn(Behaviors.<String>ignore(), "child");
                    return Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                        heard.add("stopped");
                        return Behaviors.same();
                    });
                }),
                "actor");
        ShutdownReport report = system.close(Duration.ofSeconds(3));
        assertTrue(report.clean(), report::toString);
        assertEquals(Duration.ofSeconds(3), report.took());
        assertEquals(List.of("stopped"), heard);
    }

    private static Behavior<String> chain(int levels, List<String> stopped) {
        return Behaviors.setup(outer -> {
            if (levels > 1) {
                outer.spawn(chain(levels - 1, stopped), "child");
            }
            return Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                stopped.add(context.self().path());
                return Behaviors.same();
            });
        });
    }

    @Test
    void aTreeWhoseExecutorHasGoneStopsAtTheDeadline() {
        AtomicBoolean gone = new AtomicBoolean();
        ActorSystem system = virtualTime(Dispatcher.from(task -> {
            if (!gone.get()) {
                task.run();
            }
        }));
        List<String> stopped = new ArrayList<>();
        system.spawn(chain(6, stopped), "actor");
        assertEquals(6, system.actors().size());
        gone.set(true);
        ShutdownReport report = system.close(Duration.ofSeconds(3));
        assertTrue(report.clean(), report::toString);
        assertEquals(6, stopped.size());
        assertEquals("/test/actor", stopped.get(5));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#withOwnThreads")
    void anActorThatBlocksIsInterruptedAfterTheDeadline(RealDispatcher dispatcher) throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        ActorSystem system = virtualTime(dispatcher.make());
        ActorRef<String> actor = system.spawn(
                Behaviors.receive((context, message) -> {
                    entered.countDown();
                    try {
                        never.await();
                        interrupted.complete(false);
                    } catch (InterruptedException e) {
                        interrupted.complete(true);
                    }
                    return Behaviors.same();
                }),
                "stuck");
        actor.tell("block");
        Await.on(entered);
        assertEquals(List.of("/test/stuck"), system.close(Duration.ofSeconds(3)).unfinished());
        try {
            assertTrue(Await.get(interrupted));
        } finally {
            never.countDown();
        }
        Await.until(() -> system.actors().isEmpty(), "it stops then");
    }

    @Test
    void aSecondCloseGivesTheSameReport() {
        var stepped = new SteppedSystem();
        stepped.spawn(Behaviors.ignore(), "actor");
        ShutdownReport first = stepped.system.close(TEN_SECONDS);
        assertSame(first, stepped.system.close(Duration.ZERO));
        stepped.close();
    }

    @Test
    void aSecondCloseWaitsForTheFirst() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        try {
            system.spawn(blocking(entered), "actor").tell(release);
            Await.on(entered);
            Await.Running<ShutdownReport> first = Await.async(() -> system.close(Duration.ofMinutes(10)));
            Await.parked(first.thread());
            Await.Running<ShutdownReport> second = Await.async(() -> system.close(Duration.ofMinutes(10)));
            Await.parked(second.thread());
            release.countDown();
            assertSame(first.get(), second.get());
            assertTrue(first.get().clean());
        } finally {
            release.countDown();
        }
    }

    @OnEveryDispatcher
    void aCloseFromWithinAnActorDoesNotWaitForItself(RealDispatcher dispatcher) throws Exception {
        CompletableFuture<ShutdownReport> inside = new CompletableFuture<>();
        CompletableFuture<ShutdownReport> again = new CompletableFuture<>();
        ActorSystem system = dispatcher.system();
        ActorRef<String> actor = system.spawn(
                Behaviors.receive((context, message) -> {
                    inside.complete(context.system().close(TEN_SECONDS));
                    again.complete(context.system().close(TEN_SECONDS));
                    return Behaviors.same();
                }),
                "actor");
        actor.tell("close");
        assertEquals(List.of("/test/actor"), Await.get(inside).unfinished());
        assertFalse(Await.get(again).clean());
        assertTrue(Await.async(() -> system.close(TEN_SECONDS)).get().clean());
        assertEquals(List.of(), system.actors());
    }

    @Test
    void nothingIsSpawnedAfterClose() {
        var stepped = new SteppedSystem();
        stepped.close();
        var refusal = assertThrows(IllegalStateException.class, () -> stepped.system.spawn(Behaviors.ignore(), "late"));
        assertTrue(refusal.getMessage().contains("closed"), refusal::getMessage);
        assertEquals(List.of(), stepped.system.actors());
    }

    @OnEveryDispatcher
    void aTellAfterCloseIsADeadLetter(RealDispatcher dispatcher) throws Exception {
        List<DeadLetter> letters = Collections.synchronizedList(new ArrayList<>());
        ActorSystem system = dispatcher.system();
        system.subscribeDeadLetters(letters::add);
        ActorRef<Object> actor = system.spawn(
                Behaviors.ignore(), "actor", SpawnOptions.defaults().boundedMailbox(1));
        assertTrue(system.close(TEN_SECONDS).clean());
        assertFalse(actor.tell("late"));
        assertFalse(actor.tell("later", TEN_SECONDS));
        Urgent urgent = new Urgent("latest");
        assertFalse(actor.tell(urgent));
        assertEquals(
                List.of(
                        new DeadLetter("late", "/test/actor", DeadLetter.Reason.STOPPED),
                        new DeadLetter("later", "/test/actor", DeadLetter.Reason.STOPPED),
                        new DeadLetter(urgent, "/test/actor", DeadLetter.Reason.STOPPED)),
                letters);
    }

    @Test
    void anInterruptDoesNotCutTheCloseShortAndIsKept() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        try {
            system.spawn(blocking(entered), "busy").tell(release);
            Await.on(entered);
            AtomicBoolean kept = new AtomicBoolean();
            Await.Running<ShutdownReport> closing = Await.async(() -> {
                ShutdownReport report = system.close(Duration.ofMinutes(10));
                kept.set(Thread.interrupted());
                return report;
            });
            Await.parked(closing.thread());
            closing.thread().interrupt();
            Await.until(() -> !closing.thread().isInterrupted(), "the interrupt is noticed");
            Await.parked(closing.thread());
            assertFalse(closing.result().isDone());
            release.countDown();
            assertTrue(closing.get().clean());
            assertTrue(kept.get());
        } finally {
            release.countDown();
        }
    }

    @Test
    void aCloseThatMayTakeForEverCloses() throws Exception {
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        system.spawn(Behaviors.ignore(), "actor");
        assertTrue(Await.async(() -> system.close(Duration.ofSeconds(Long.MAX_VALUE)))
                .get()
                .clean());
    }

    @Test
    void closeWakesATellThatWaitsForRoom() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        try {
            ActorRef<CountDownLatch> actor = system.spawn(
                    blocking(entered), "actor", SpawnOptions.defaults().boundedMailbox(1));
            actor.tell(release);
            Await.on(entered);
            assertTrue(actor.tell(release));
            Await.Running<Boolean> waiting = Await.async(() -> actor.tell(release, Duration.ofMinutes(10)));
            Await.parked(waiting.thread());
            Await.Running<ShutdownReport> closing = Await.async(() -> system.close(TEN_SECONDS));
            Await.parked(closing.thread());
            release.countDown();
            assertFalse(waiting.get());
            assertTrue(closing.get().clean());
        } finally {
            release.countDown();
        }
    }

    @Test
    void anActorThatBacksOffStopsAtOnce() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            recorder.fragile(),
                            SupervisorStrategy.restart().withBackoff(Duration.ofHours(1), Duration.ofHours(1))),
                    "actor");
            stepped.tell(actor, "fail");
            ShutdownReport report = stepped.system.close(TEN_SECONDS);
            assertEquals(new ShutdownReport(Duration.ZERO, List.of(), 0), report);
            assertEquals(List.of("fail", "PreRestart", new PostStop()), recorder.heard);
        }
    }

    @Test
    void anActorThatKeepsFailingInItsSetupStops() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        system.spawn(
                Behaviors.supervise(
                        Behaviors.<String>setup(context -> {
                            attempts.incrementAndGet();
                            throw new Boom("setup");
                        }),
                        SupervisorStrategy.restart()),
                "hopeless");
        Await.until(() -> attempts.get() > 100, "a hundred attempts");
        assertTrue(Await.async(() -> system.close(TEN_SECONDS)).get().clean());
    }

    @Test
    void anActorThatTellsItselfForEverStops() throws Exception {
        for (Object message : List.of("data", new Urgent("control"))) {
            CountDownLatch busy = new CountDownLatch(1_000);
            ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
            ActorRef<Object> actor = system.spawn(
                    Behaviors.receive((context, told) -> {
                        busy.countDown();
                        context.self().tell(told);
                        return Behaviors.same();
                    }),
                    "busy");
            actor.tell(message);
            Await.on(busy);
            assertTrue(Await.async(() -> system.close(TEN_SECONDS)).get().clean());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#all")
    void whatIsSpawnedWhileTheSystemClosesStopsToo(RealDispatcher dispatcher) throws Exception {
        int rounds = 50;
        for (int round = 0; round < rounds; round++) {
            AtomicInteger started = new AtomicInteger();
            AtomicInteger stopped = new AtomicInteger();
            AtomicInteger spawned = new AtomicInteger();
            ActorSystem system = dispatcher.system();
            CountDownLatch some = new CountDownLatch(5);
            Await.Running<Object> spawner = Await.async(() -> {
                try {
                    while (spawned.get() < 10_000) {
                        system.spawn(
                                Behaviors.<String>setup(outer -> {
                                    started.incrementAndGet();
                                    return Behaviors.receive(
                                            (context, message) -> Behaviors.same(), (context, signal) -> {
                                                stopped.incrementAndGet();
                                                return Behaviors.same();
                                            });
                                }),
                                "actor-" + spawned.incrementAndGet());
                        some.countDown();
                    }
                } catch (IllegalStateException closed) {
                    return null;
                }
                return null;
            });
            Await.on(some);
            Await.async(() -> system.close(TEN_SECONDS)).get();
            spawner.get();
            Await.until(() -> system.actors().isEmpty(), "all have stopped");
            Await.until(() -> started.get() == stopped.get(), "all that started have stopped");
        }
    }

    @Test
    void aWakeUpOfTheClosingThreadForNothingDoesNotEndTheClose() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        try {
            system.spawn(blocking(entered), "actor").tell(release);
            Await.on(entered);
            Await.Running<ShutdownReport> closing = Await.async(() -> system.close(Duration.ofMinutes(10)));
            Await.parked(closing.thread());
            LockSupport.unpark(closing.thread());
            Await.parked(closing.thread());
            assertFalse(closing.result().isDone());
            release.countDown();
            assertTrue(closing.get().clean());
        } finally {
            release.countDown();
        }
    }
}
