package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@ExtendWith(Logs.class)
class DispatcherTest {

    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private static ActorSystem system(Dispatcher dispatcher) {
        return ActorSystem.builder("test").dispatcher(dispatcher).build();
    }

    /** Completes what it is told with its thread. */
    private static Behavior<CompletableFuture<Thread>> whereAmI() {
        return Behaviors.receive((context, answer) -> {
            answer.complete(Thread.currentThread());
            return Behaviors.same();
        });
    }

    private static Thread threadOf(ActorRef<CompletableFuture<Thread>> actor) throws Exception {
        CompletableFuture<Thread> answer = new CompletableFuture<>();
        assertTrue(actor.tell(answer));
        return Await.get(answer);
    }

    // ---- direct

    @Test
    void aDirectActorRunsBeforeTellReturns() {
        try (ActorSystem system = system(Dispatcher.direct())) {
            List<Object> heard = new ArrayList<>();
            ActorRef<String> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        heard.add(Thread.currentThread());
                        return Behaviors.same();
                    }),
                    "actor");
            actor.tell("message");
            assertEquals(List.of(Thread.currentThread()), heard);
        }
    }

    @Test
    void aTellInADirectTurnIsRunAfterThatTurn() {
        try (ActorSystem system = system(Dispatcher.direct())) {
            List<String> heard = new ArrayList<>();
            ActorRef<String> second = system.spawn(
                    Behaviors.receive((context, message) -> {
                        heard.add("second");
                        return Behaviors.same();
                    }),
                    "second");
            ActorRef<String> first = system.spawn(
                    Behaviors.receive((context, message) -> {
                        heard.add("first begins");
                        second.tell(message);
                        heard.add("first ends");
                        return Behaviors.same();
                    }),
                    "first");
            first.tell("go");
            assertEquals(List.of("first begins", "first ends", "second"), heard);
        }
    }

    @Test
    void aMillionSelfTellsDoNotOverflowTheStackOfADirectDispatcher() {
        int[] received = new int[1];
        try (ActorSystem system = system(Dispatcher.direct())) {
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, left) -> {
                        received[0]++;
                        if (left > 1) {
                            context.self().tell(left - 1);
                        }
                        return Behaviors.same();
                    }),
                    "actor");
            actor.tell(1_000_000);
            assertEquals(1_000_000, received[0]);
        }
    }

    @Test
    void aLongRallyOfTwoDirectActorsDoesNotOverflowTheStack() {
        int[] received = new int[1];
        try (ActorSystem system = system(Dispatcher.direct())) {
            List<ActorRef<Integer>> players = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int other = 1 - i;
                players.add(system.spawn(
                        Behaviors.receive((context, left) -> {
                            received[0]++;
                            if (left > 1) {
                                players.get(other).tell(left - 1);
                            }
                            return Behaviors.same();
                        }),
                        "player-" + i));
            }
            players.get(0).tell(200_000);
            assertEquals(200_000, received[0]);
        }
    }

    // ---- pools

    static Stream<WaitStrategy> waitStrategies() {
        return Stream.of(
                WaitStrategy.parking(), WaitStrategy.backoff(), WaitStrategy.yielding(), WaitStrategy.busySpin());
    }

    private static void rally(ActorSystem system, int tells) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<ActorRef<Integer>> players = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int other = 1 - i;
            players.add(system.spawn(
                    Behaviors.receive((context, left) -> {
                        if (left > 1) {
                            players.get(other).tell(left - 1);
                        } else {
                            end.countDown();
                        }
                        return Behaviors.same();
                    }),
                    "player-" + i));
        }
        players.get(0).tell(tells);
        Await.on(end);
    }

    @Test
    void aParkingPoolWakesItsSleepersAHundredThousandTimes() throws Exception {
        try (ActorSystem system = system(Dispatcher.pool(2, WaitStrategy.parking()))) {
            rally(system, 100_000);
        }
    }

    @Test
    void aParkingPoolIsWokenByAThreadFromOutsideEachTime() throws Exception {
        AtomicInteger received = new AtomicInteger();
        try (ActorSystem system = system(Dispatcher.pool(2, WaitStrategy.parking()))) {
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        received.set(message);
                        return Behaviors.same();
                    }),
                    "actor");
            for (int i = 1; i <= 5_000; i++) {
                int last = i;
                actor.tell(last);
                Await.until(() -> received.get() == last, "message " + last);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("waitStrategies")
    void aPoolRunsWithEveryWaitStrategy(WaitStrategy strategy) throws Exception {
        try (ActorSystem system = system(Dispatcher.pool(1, strategy))) {
            rally(system, 5_000);
        }
    }

    @ParameterizedTest
    @MethodSource("waitStrategies")
    void pinnedThreadsRunWithEveryWaitStrategy(WaitStrategy strategy) throws Exception {
        try (ActorSystem system = system(Dispatcher.pinned(strategy))) {
            rally(system, 1_000);
        }
    }

    @Test
    void aPoolOfTwoRunsTwoActorsAtTheSameTime() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        CountDownLatch met = new CountDownLatch(2);
        try (ActorSystem system = system(Dispatcher.pool(2))) {
            for (int i = 0; i < 2; i++) {
                system.spawn(
                        Behaviors.setup(context -> {
                            Await.uninterrupted(together);
                            met.countDown();
                            return Behaviors.ignore();
                        }),
                        "actor-" + i);
            }
            Await.on(met);
        }
    }

    @Test
    void aPoolOfNoThreadsIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> Dispatcher.pool(0));
    }

    @Test
    void aPoolThatIsBlockedDoesNotStopAnother() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        try (ActorSystem system = system(Dispatcher.pool(1))) {
            ActorRef<String> blocking = system.spawn(
                    Behaviors.receive((context, message) -> {
                        blocked.countDown();
                        Await.uninterruptibly(release);
                        return Behaviors.same();
                    }),
                    "blocking",
                    SpawnOptions.defaults().dispatcher(Dispatcher.pool(1)));
            blocking.tell("block");
            Await.on(blocked);
            ActorRef<CompletableFuture<Thread>> free = system.spawn(whereAmI(), "free");
            threadOf(free);
            release.countDown();
        }
    }

    @Test
    void moreActorsAreReadyThanThePoolsQueueHolds() throws Exception {
        int actors = 6_000; // the queue holds 4,096 turns; the rest spills
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(actors);
        try (ActorSystem system = system(Dispatcher.pool(1))) {
            system.spawn(
                    Behaviors.setup(context -> {
                        blocked.countDown();
                        Await.uninterruptibly(release);
                        return Behaviors.ignore();
                    }),
                    "blocking");
            Await.on(blocked);
            for (int i = 0; i < actors; i++) {
                system.spawn(
                        Behaviors.setup(context -> {
                            started.countDown();
                            return Behaviors.ignore();
                        }),
                        "actor-" + i);
            }
            release.countDown();
            Await.on(started);
        }
    }

    @Test
    void anInterruptThatAnActorLeavesBehindIsNotSeenByTheNext() throws Exception {
        CompletableFuture<Boolean> seen = new CompletableFuture<>();
        try (ActorSystem system = system(Dispatcher.pool(1))) {
            ActorRef<String> next = system.spawn(
                    Behaviors.receive((context, message) -> {
                        seen.complete(Thread.currentThread().isInterrupted());
                        return Behaviors.same();
                    }),
                    "next");
            ActorRef<String> rude = system.spawn(
                    Behaviors.receive((context, message) -> {
                        next.tell("go");
                        Thread.currentThread().interrupt();
                        return Behaviors.same();
                    }),
                    "rude");
            rude.tell("go");
            assertFalse(Await.get(seen));
        }
    }

    // ---- threads and their end

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#withOwnThreads")
    void theThreadsEndWithTheSystem(RealDispatcher dispatcher) throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        CyclicBarrier together = new CyclicBarrier(dispatcher == RealDispatcher.POOL_OF_ONE ? 1 : 2);
        CountDownLatch ran = new CountDownLatch(2);
        try (ActorSystem system = dispatcher.system()) {
            for (int i = 0; i < 2; i++) {
                system.spawn(
                        Behaviors.setup(context -> {
                            threads.add(Thread.currentThread());
                            Await.uninterrupted(together);
                            ran.countDown();
                            return Behaviors.ignore();
                        }),
                        "actor-" + i);
            }
            Await.on(ran);
        }
        assertEquals(together.getParties(), threads.size());
        for (Thread thread : threads) {
            Await.end(thread);
        }
    }

    @Test
    void theTimersThreadEndsWithTheSystem() throws Exception {
        String name = "timer-test-timer";
        ActorSystem system = ActorSystem.builder("timer-test")
                .dispatcher(Dispatcher.direct())
                .build();
        CompletableFuture<Thread> timer = new CompletableFuture<>();
        system.clock().schedule(() -> timer.complete(Thread.currentThread()), 0);
        assertEquals(name, Await.get(timer).getName());
        system.close(TEN_SECONDS);
        Await.end(timer.get());
    }

    @Test
    void anUnusedSystemStartsNoThread() {
        Set<Thread> before = new HashSet<>(Thread.getAllStackTraces().keySet());
        try (ActorSystem system = ActorSystem.create("unused")) {
            assertEquals(List.of(), system.actors());
            assertTrue(
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !before.contains(thread))
                            .noneMatch(thread -> thread.getName().startsWith("penstock")
                                    || thread.getName().startsWith("unused")),
                    "a thread was started");
        }
    }

    static Stream<Supplier<Dispatcher>> onePerLane() {
        return Runtime.version().feature() >= 21
                ? Stream.of(Dispatcher::pinned, Dispatcher::virtualThreads)
                : Stream.of(Dispatcher::pinned);
    }

    @ParameterizedTest
    @MethodSource("onePerLane")
    void eachLaneHasAThreadOfItsOwnThatEndsWithTheLane(Supplier<Dispatcher> dispatcher) throws Exception {
        try (ActorSystem system = system(dispatcher.get())) {
            ActorRef<CompletableFuture<Thread>> a = system.spawn(whereAmI(), "a");
            ActorRef<CompletableFuture<Thread>> b = system.spawn(whereAmI(), "b");
            ActorRef<CompletableFuture<Thread>> mate = system.spawn(Behaviors.alongside(a, whereAmI()), "mate");
            Thread first = threadOf(a);
            assertSame(first, threadOf(a));
            assertSame(first, threadOf(mate));
            assertNotSame(first, threadOf(b));
            assertEquals("/test/a", first.getName());
            assertNotEquals(first.getName(), threadOf(b).getName());
            system.stop(a);
            Await.until(() -> system.lookup("a").isEmpty(), "a has stopped");
            assertSame(first, threadOf(mate)); // the lane lives on
            system.stop(mate);
            Await.end(first);
            assertTrue(threadOf(b).isAlive());
        }
    }

    @Test
    void aPinnedNameThatIsTakenLeavesNoThreadBehind() throws Exception {
        try (ActorSystem system = system(Dispatcher.pinned())) {
            ActorRef<CompletableFuture<Thread>> actor = system.spawn(whereAmI(), "pinned-once");
            Thread thread = threadOf(actor);
            assertThrows(IllegalArgumentException.class, () -> system.spawn(whereAmI(), "pinned-once"));
            Await.until(
                    () -> Thread.getAllStackTraces().keySet().stream()
                                    .filter(each -> each.getName().equals(thread.getName()))
                                    .count()
                            == 1,
                    "one thread of that name");
        }
    }

    @Test
    @EnabledForJreRange(maxVersion = 20)
    void virtualThreadsAreRefusedClearlyBeforeJdk21() {
        var refusal = assertThrows(UnsupportedOperationException.class, Dispatcher::virtualThreads);
        assertTrue(refusal.getMessage().contains("21"), refusal::getMessage);
    }

    @Test
    @EnabledForJreRange(minVersion = 21)
    void virtualThreadsAreVirtual() throws Exception {
        try (ActorSystem system = system(Dispatcher.virtualThreads())) {
            Thread thread = threadOf(system.spawn(whereAmI(), "actor"));
            assertEquals(true, Thread.class.getMethod("isVirtual").invoke(thread));
        }
    }

    @Test
    @EnabledForJreRange(minVersion = 21)
    void thousandsOfVirtualThreadsRunThousandsOfActors() throws Exception {
        int actors = 2_000;
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(actors);
        try (ActorSystem system = system(Dispatcher.virtualThreads(WaitStrategy.parking()))) {
            for (int i = 0; i < actors; i++) {
                ActorRef<String> actor = system.spawn(
                        Behaviors.receive((context, message) -> {
                            Await.uninterruptibly(release); // all of them block, and no carrier does
                            done.countDown();
                            return Behaviors.same();
                        }),
                        "actor-" + i);
                actor.tell("go");
            }
            release.countDown();
            Await.on(done);
        }
    }

    // ---- executors

    @Test
    void anExecutorIsNotClosedWithTheSystem() throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Thread thread;
            try (ActorSystem system = system(Dispatcher.from(executor))) {
                thread = threadOf(system.spawn(whereAmI(), "actor"));
            }
            assertFalse(executor.isShutdown());
            assertSame(thread, Await.get(executor.submit(Thread::currentThread)));
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void whatAnExecutorRejectsIsRunByTheTeller() throws Exception {
        assertTheTellerRuns(task -> {
            throw new RejectedExecutionException("no");
        });
    }

    /** It may be unable to start a thread. */
    @Test
    void whatAnExecutorFailsToRunIsRunByTheTeller() throws Exception {
        assertTheTellerRuns(task -> {
            throw new OutOfMemoryError("unable to create native thread; played");
        });
    }

    private static void assertTheTellerRuns(Executor failing) throws Exception {
        try (ActorSystem system = system(Dispatcher.from(failing))) {
            assertSame(Thread.currentThread(), threadOf(system.spawn(whereAmI(), "actor")));
            assertTrue(system.close(TEN_SECONDS).clean());
        }
    }

    /** Here there is no memory even to say so in the log. */
    @Test
    void aTurnThatCouldNotBeHandedInIsHandedInByTheNextTell() throws Exception {
        AtomicBoolean failing = new AtomicBoolean();
        Dispatcher dispatcher = Dispatcher.from(task -> {
            if (failing.get()) {
                throw new Unspeakable();
            }
            task.run();
        });
        try (ActorSystem system = system(dispatcher)) {
            List<Integer> received = new ArrayList<>();
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        received.add(message);
                        return Behaviors.same();
                    }),
                    "actor");
            failing.set(true);
            assertThrows(Unspeakable.class, () -> actor.tell(1));
            failing.set(false);
            actor.tell(2);
            assertEquals(List.of(1, 2), received);
        }
    }

    private static final class Unspeakable extends Error {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            throw this;
        }
    }

    @Test
    void anExecutorThatRejectsNowAndThenLosesNothing() throws Exception {
        AtomicInteger offers = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            Dispatcher fickle = Dispatcher.from(task -> {
                if (offers.incrementAndGet() % 3 == 0) {
                    throw new RejectedExecutionException("now and then");
                }
                executor.execute(task);
            });
            CountDownLatch received = new CountDownLatch(40_000);
            int[] plain = new int[1];
            try (ActorSystem system = system(fickle)) {
                ActorRef<Integer> actor = system.spawn(
                        Behaviors.receive((context, message) -> {
                            plain[0]++;
                            received.countDown();
                            return Behaviors.same();
                        }),
                        "actor");
                List<Await.Running<Object>> tellers = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    tellers.add(Await.async(() -> {
                        for (int n = 0; n < 20_000; n++) {
                            actor.tell(n);
                        }
                        return null;
                    }));
                }
                for (Await.Running<Object> teller : tellers) {
                    teller.get();
                }
                Await.on(received);
                assertTrue(system.close(TEN_SECONDS).clean());
                assertEquals(40_000, plain[0]);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void anExecutorThatRunsTasksOnTheCallersThreadWillDo() {
        List<Integer> heard = new ArrayList<>();
        try (ActorSystem system = system(Dispatcher.from(Runnable::run))) {
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        heard.add(message);
                        if (message > 0) {
                            context.self().tell(message - 1);
                        }
                        return Behaviors.same();
                    }),
                    "actor");
            actor.tell(3);
            assertEquals(List.of(3, 2, 1, 0), heard);
        }
    }

    @Test
    void aDispatcherHasAtMostOneTurnOfALane() throws Exception {
        ConcurrentLinkedQueue<Runnable> turns = new ConcurrentLinkedQueue<>();
        AtomicInteger outstanding = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Dispatcher counting = turn -> {
            most.accumulateAndGet(outstanding.incrementAndGet(), Math::max);
            turns.add(turn);
        };
        AtomicInteger received = new AtomicInteger();
        ActorSystem system = system(counting);
        ActorRef<Integer> actor = system.spawn(
                Behaviors.receive((context, message) -> {
                    received.incrementAndGet();
                    return Behaviors.same();
                }),
                "actor");
        List<Await.Running<Object>> tellers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            tellers.add(Await.async(() -> {
                for (int n = 0; n < 20_000; n++) {
                    actor.tell(n);
                }
                return null;
            }));
        }
        Await.until(
                () -> {
                    Runnable turn = turns.poll();
                    if (turn != null) {
                        outstanding.decrementAndGet();
                        turn.run();
                    }
                    return received.get() == 40_000;
                },
                "all messages are received");
        for (Await.Running<Object> teller : tellers) {
            teller.get();
        }
        assertEquals(1, most.get());
    }

    @Test
    void theWaitStrategiesParkOrDoNot() {
        for (int attempt : new int[] {0, 1, 100, 1_000, Integer.MAX_VALUE}) {
            assertFalse(WaitStrategy.busySpin().idle(attempt));
            assertFalse(WaitStrategy.yielding().idle(attempt));
            assertTrue(WaitStrategy.parking().idle(attempt));
        }
        assertFalse(WaitStrategy.backoff().idle(0));
        assertTrue(WaitStrategy.backoff().idle(1_000));
        assertTrue(WaitStrategy.backoff().idle(Integer.MAX_VALUE));
        assertEquals(1, WaitStrategy.next(0));
        assertEquals(Integer.MAX_VALUE, WaitStrategy.next(Integer.MAX_VALUE));
    }
}
