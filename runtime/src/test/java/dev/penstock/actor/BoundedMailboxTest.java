package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Logs.class)
class BoundedMailboxTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final SpawnOptions ONE = SpawnOptions.defaults().boundedMailbox(1);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void theBoundIsExact(int capacity) {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<Integer> actor = stepped.spawn(
                    recorder.behavior(), "actor", SpawnOptions.defaults().boundedMailbox(capacity));
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < capacity; i++) {
                    assertTrue(actor.tell(i));
                }
                assertFalse(actor.tell(99));
                assertFalse(actor.tell(99));
                stepped.run();
                assertEquals(capacity, recorder.take().size());
            }
            assertEquals(6, stepped.letters.size());
        }
    }

    @Test
    void aRefusedMessageIsADeadLetter() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "full", ONE);
            assertTrue(actor.tell("room"));
            assertFalse(actor.tell("no room"));
            assertEquals(List.of(new DeadLetter("no room", "/test/full", DeadLetter.Reason.FULL)), stepped.letters);
        }
    }

    @Test
    void roomIsMadeMessageByMessage() {
        try (var stepped = new SteppedSystem()) {
            List<Boolean> accepted = new ArrayList<>();
            ActorRef<Integer> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        if (message > 0) {
                            accepted.add(context.self().tell(0)); // takes the room of this message
                            accepted.add(context.self().tell(0)); // there is only the one
                        }
                        return Behaviors.same();
                    }),
                    "actor",
                    SpawnOptions.defaults().boundedMailbox(2));
            actor.tell(1);
            actor.tell(0);
            stepped.run();
            assertEquals(List.of(true, false), accepted);
        }
    }

    @Test
    void aBoundBelowOneIsRefused() {
        assertThrows(
                IllegalArgumentException.class, () -> SpawnOptions.defaults().boundedMailbox(0));
    }

    @Test
    void anUnboundedMailboxCanBeHadBack() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Integer> actor = stepped.spawn(Behaviors.ignore(), "actor", ONE.unboundedMailbox());
            for (int i = 0; i < 1_000; i++) {
                assertTrue(actor.tell(i));
            }
        }
    }

    @Test
    void aTellThatWaitsIsAcceptedWhenRoomIsMade() throws Exception {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(recorder.behavior(), "actor", ONE);
            actor.tell("first");
            stepped.parker.then(stepped::run);
            assertTrue(actor.tell("second", SECOND));
            assertTrue(stepped.parker.isDone(), "it did not wait");
            assertEquals(List.of(Thread.currentThread()), stepped.parker.unparked);
            stepped.run();
            assertEquals(List.of("first", "second"), recorder.heard);
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void aTellThatWaitsIsWokenBeforeTheNextMessageIsProcessedNotAfterTheTurn() throws Exception {
        try (var stepped = new SteppedSystem()) {
            List<Integer> wokenBefore = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        wokenBefore.add(stepped.parker.unparked.size());
                        if (message.equals("first")) {
                            context.self().tell("second");
                        }
                        return Behaviors.same();
                    }),
                    "actor",
                    ONE);
            actor.tell("first");
            stepped.parker.then(stepped::run);
            assertTrue(actor.tell("third", SECOND));
            assertEquals(2, wokenBefore.size());
            assertTrue(wokenBefore.get(1) > 0, "there was room while the second was processed, yet the teller slept");
        }
    }

    @Test
    void aTellWithATimeoutDoesNotWaitWhereThereIsRoom() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> bounded = stepped.spawn(Behaviors.ignore(), "bounded", ONE);
            ActorRef<Object> unbounded = stepped.spawn(Behaviors.ignore(), "unbounded");
            long before = stepped.clock.nanoTime();
            assertTrue(bounded.tell("message", SECOND));
            assertTrue(bounded.tell(new Urgent("control"), SECOND));
            assertTrue(unbounded.tell("message", SECOND));
            assertEquals(before, stepped.clock.nanoTime());
        }
    }

    @Test
    void aTellThatWaitsTimesOut() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor", ONE);
            actor.tell("first");
            long before = stepped.clock.nanoTime();
            assertFalse(actor.tell("second", SECOND));
            assertEquals(SECOND.toNanos(), stepped.clock.nanoTime() - before);
            assertEquals(List.of(new DeadLetter("second", "/test/actor", DeadLetter.Reason.FULL)), stepped.letters);
        }
    }

    @Test
    void aTellThatIsWokenForNothingWaitsForTheRest() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor", ONE);
            actor.tell("first");
            long before = stepped.clock.nanoTime();
            stepped.parker.then(() -> stepped.clock.advance(Duration.ofMillis(300)));
            assertFalse(actor.tell("second", SECOND));
            assertEquals(SECOND.toNanos(), stepped.clock.nanoTime() - before);
        }
    }

    @Test
    void aTimeoutOfNothingDoesNotWait() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor", ONE);
            actor.tell("first");
            long before = stepped.clock.nanoTime();
            assertFalse(actor.tell("second", Duration.ZERO));
            assertFalse(actor.tell("third", Duration.ofSeconds(-1)));
            assertEquals(before, stepped.clock.nanoTime());
        }
    }

    @Test
    void aTellMayWaitForEver() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor", ONE);
            actor.tell("first");
            stepped.parker.then(stepped::run);
            assertTrue(actor.tell("second", Duration.ofSeconds(Long.MAX_VALUE)));
        }
    }

    @Test
    void aTellThatWaitsIsInterruptible() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(recorder.behavior(), "actor", ONE);
            actor.tell("first");
            stepped.parker.then(() -> Thread.currentThread().interrupt());
            assertThrows(InterruptedException.class, () -> actor.tell("second", SECOND));
            assertFalse(Thread.interrupted());
            stepped.run();
            assertEquals(List.of("first"), recorder.heard);
        }
    }

    @Test
    void aTellWithATimeoutInATurnIsAnIllegalState() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> full = stepped.spawn(Behaviors.ignore(), "full", ONE);
            CompletableFuture<Boolean> result = new CompletableFuture<>();
            ActorRef<String> teller = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        try {
                            result.complete(full.tell("message", SECOND));
                        } catch (Exception e) {
                            result.completeExceptionally(e);
                        }
                        return Behaviors.same();
                    }),
                    "teller");
            stepped.tell(teller, "go");
            String message = assertInstanceOf(IllegalStateException.class, Await.failure(result))
                    .getMessage();
            assertTrue(message.contains("turn"), message);
        }
    }

    @OnEveryDispatcher
    void aTellWithATimeoutInATurnIsAnIllegalStateOnEveryDispatcher(RealDispatcher dispatcher) throws Exception {
        try (ActorSystem system = dispatcher.system()) {
            CompletableFuture<Boolean> result = new CompletableFuture<>();
            ActorRef<String> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        try {
                            result.complete(context.self().tell("again", SECOND));
                        } catch (Exception e) {
                            result.completeExceptionally(e);
                        }
                        return Behaviors.same();
                    }),
                    "actor",
                    ONE);
            actor.tell("go");
            assertInstanceOf(IllegalStateException.class, Await.failure(result));
        }
    }

    @Test
    void aTellThatWaitsIsWokenWhenTheActorStops() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor", ONE);
            actor.tell("first");
            long before = stepped.clock.nanoTime();
            stepped.parker.then(() -> stepped.stop(actor));
            assertFalse(actor.tell("second", SECOND));
            assertEquals(before, stepped.clock.nanoTime());
            assertEquals(List.of(Thread.currentThread()), stepped.parker.unparked);
            assertEquals(
                    List.of(
                            new DeadLetter("first", "/test/actor", DeadLetter.Reason.STOPPED),
                            new DeadLetter("second", "/test/actor", DeadLetter.Reason.STOPPED)),
                    stepped.letters);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#withThreads")
    void aParkedTellerIsWokenByRoomAndByTheEnd(RealDispatcher dispatcher) throws Exception {
        CyclicBarrier entered = new CyclicBarrier(2);
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch last = new CountDownLatch(1);
        CountDownLatch filler = new CountDownLatch(0);
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<CountDownLatch> actor = system.spawn(
                    Behaviors.receive((context, latch) -> {
                        if (latch != filler) {
                            Await.uninterrupted(entered);
                            Await.uninterruptibly(latch);
                        }
                        return latch == last ? Behaviors.stopped() : Behaviors.same();
                    }),
                    "actor",
                    ONE);
            actor.tell(first);
            Await.on(entered);
            assertTrue(actor.tell(filler));
            Await.Running<Boolean> room = Await.async(() -> actor.tell(last, LONG));
            Await.parked(room.thread());
            first.countDown();
            assertTrue(room.get());

            Await.on(entered);
            assertTrue(actor.tell(filler));
            Await.Running<Boolean> end = Await.async(() -> actor.tell(filler, LONG));
            Await.parked(end.thread());
            last.countDown();
            assertFalse(end.get());
        }
    }

    @OnEveryDispatcher
    void tellersThatWaitLoseNothingAndKeepTheBound(RealDispatcher dispatcher) throws Exception {
        int tellers = 3;
        int each = 2_000;
        AtomicInteger received = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(tellers * each);
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        int depth = context.system()
                                .inspect(context.self())
                                .orElseThrow()
                                .depth();
                        deepest.accumulateAndGet(depth, Math::max);
                        received.incrementAndGet();
                        all.countDown();
                        return Behaviors.same();
                    }),
                    "actor",
                    SpawnOptions.defaults().boundedMailbox(3));
            List<Await.Running<Integer>> running = new ArrayList<>();
            for (int i = 0; i < tellers; i++) {
                running.add(Await.async(() -> {
                    int accepted = 0;
                    for (int n = 0; n < each; n++) {
                        accepted += actor.tell(n, LONG) ? 1 : 0;
                    }
                    return accepted;
                }));
            }
            for (Await.Running<Integer> teller : running) {
                assertEquals(each, teller.get());
            }
            Await.on(all);
            assertEquals(tellers * each, received.get());
            assertTrue(deepest.get() <= 3, () -> deepest + " waited");
        }
    }

    @Test
    void aTellWithATimeoutToAnAdapterWaitsForRoomToo() throws Exception {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<Integer>> adapter = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        adapter.add(context.adapter(String::valueOf));
                        return Behaviors.receive((inner, message) -> Behaviors.same());
                    }),
                    "actor",
                    ONE);
            actor.tell("first");
            stepped.parker.then(stepped::run);
            assertTrue(adapter.get(0).tell(2, SECOND));
        }
    }
}
