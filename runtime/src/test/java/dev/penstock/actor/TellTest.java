package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Logs.class)
class TellTest {

    private static final int TELLERS = 4;
    private static final int PER_TELLER = 250_000;

    @OnEveryDispatcher
    void aMillionMessagesFromFourTellersAllArriveInTheOrderOfEachTeller(RealDispatcher dispatcher) throws Exception {
        CompletableFuture<String> wrong = new CompletableFuture<>();
        CountDownLatch all = new CountDownLatch(1);
        int[] next = new int[TELLERS]; // unsynchronised on purpose: the actor alone uses it
        int[] received = new int[1];
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<Long> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        int teller = (int) (message >> 32);
                        int number = message.intValue();
                        if (number != next[teller]) {
                            wrong.complete("teller " + teller + ": " + number + " instead of " + next[teller]);
                        }
                        next[teller] = number + 1;
                        if (++received[0] == TELLERS * PER_TELLER) {
                            all.countDown();
                        }
                        return Behaviors.same();
                    }),
                    "counter");
            List<Await.Running<Integer>> tellers = new ArrayList<>();
            for (int i = 0; i < TELLERS; i++) {
                long teller = (long) i << 32;
                tellers.add(Await.async(() -> {
                    int accepted = 0;
                    for (int number = 0; number < PER_TELLER; number++) {
                        accepted += actor.tell(teller | number) ? 1 : 0;
                    }
                    return accepted;
                }));
            }
            for (Await.Running<Integer> teller : tellers) {
                assertEquals(PER_TELLER, teller.get());
            }
            Await.on(all);
            assertEquals("in order", wrong.getNow("in order"));
        }
    }

    @OnEveryDispatcher
    void anActorSeesWhatItWroteInItsLastTurn(RealDispatcher dispatcher) throws Exception {
        int rounds = 20_000;
        int[] plain = new int[1];
        CountDownLatch done = new CountDownLatch(1);
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<Integer> other = system.spawn(
                    Behaviors.setup(outer -> {
                        ActorRef<Integer> inner = outer.spawn(
                                Behaviors.receive((context, message) -> {
                                    plain[0]++; // handed over by the messages alone
                                    outer.self().tell(message + 1);
                                    return Behaviors.same();
                                }),
                                "inner");
                        return Behaviors.receive((context, message) -> {
                            plain[0]++;
                            if (message < rounds) {
                                inner.tell(message);
                            } else {
                                done.countDown();
                            }
                            return Behaviors.same();
                        });
                    }),
                    "outer");
            other.tell(0);
            Await.on(done);
            assertEquals(2 * rounds + 1, plain[0]);
        }
    }

    @Test
    void aBusyActorDoesNotStarveAnotherOnAPoolOfOne() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch served = new CountDownLatch(1);
        try (ActorSystem system = RealDispatcher.POOL_OF_ONE.system()) {
            ActorRef<String> greedy = system.spawn(
                    Behaviors.receive((context, message) -> {
                        busy.countDown();
                        if (!enough.get()) {
                            context.self().tell(message);
                        }
                        return Behaviors.same();
                    }),
                    "greedy");
            ActorRef<String> modest = system.spawn(
                    Behaviors.receive((context, message) -> {
                        served.countDown();
                        return Behaviors.same();
                    }),
                    "modest");
            greedy.tell("again");
            Await.on(busy);
            modest.tell("please");
            try {
                Await.on(served);
            } finally {
                enough.set(true);
            }
        }
    }

    @Test
    void aTurnProcessesNoMoreThanTheThroughput() {
        try (var stepped = new SteppedSystem(builder -> builder.throughput(10))) {
            Recorder first = new Recorder();
            Recorder second = new Recorder();
            ActorRef<Integer> a = stepped.spawn(first.behavior(), "a");
            ActorRef<Integer> b = stepped.spawn(second.behavior(), "b");
            for (int i = 0; i < 25; i++) {
                a.tell(i);
            }
            b.tell(0);

            stepped.dispatcher.runOne();
            assertEquals(10, first.heard.size());
            assertEquals(0, second.heard.size());
            stepped.dispatcher.runOne();
            assertEquals(10, first.heard.size());
            assertEquals(1, second.heard.size());
            assertEquals(2, stepped.dispatcher.runAll());
            assertEquals(25, first.heard.size());
        }
    }

    @Test
    void anActorThatTellsItselfControlMessagesDoesNotStarveAnother() {
        try (var stepped = new SteppedSystem()) {
            int[] left = {10_000};
            List<Integer> leftWhenServed = new ArrayList<>();
            ActorRef<Object> greedy = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        if (left[0]-- > 0) {
                            context.self().tell(message);
                        }
                        return Behaviors.same();
                    }),
                    "greedy");
            ActorRef<String> modest = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        leftWhenServed.add(left[0]);
                        return Behaviors.same();
                    }),
                    "modest");
            greedy.tell(new Urgent("again"));
            modest.tell("please");
            stepped.run();

            assertEquals(1, leftWhenServed.size());
            assertTrue(leftWhenServed.get(0) > 0, "the other actor was served only when this one had finished");
        }
    }

    @Test
    void aThroughputBelowOneIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> ActorSystem.builder("test").throughput(0));
    }

    @Test
    void controlMessagesOvertakeDataAndKeepTheirOrder() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<Object> actor = stepped.spawn(recorder.behavior(), "actor");
            actor.tell("data 1");
            actor.tell("data 2");
            Urgent first = new Urgent("first");
            Urgent second = new Urgent("second");
            actor.tell(first);
            actor.tell(second);
            stepped.run();
            assertEquals(List.of(first, second, "data 1", "data 2"), recorder.heard);
        }
    }

    @Test
    void aControlMessageToldInATurnOvertakesTheDataOfThatTurn() {
        try (var stepped = new SteppedSystem()) {
            List<Object> heard = new ArrayList<>();
            Urgent urgent = new Urgent("now");
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        heard.add(message);
                        if (message.equals("data 1")) {
                            context.self().tell(urgent);
                        }
                        return Behaviors.same();
                    }),
                    "actor");
            actor.tell("data 1");
            actor.tell("data 2");
            stepped.run();
            assertEquals(List.of("data 1", urgent, "data 2"), heard);
        }
    }

    @Test
    void aControlMessageIsNeverRefusedForWantOfRoom() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<Object> actor = stepped.spawn(
                    recorder.behavior(), "actor", SpawnOptions.defaults().boundedMailbox(1));
            assertTrue(actor.tell("data"));
            for (int i = 0; i < 1_000; i++) {
                assertTrue(actor.tell(new Urgent("control " + i)));
            }
            assertFalse(actor.tell("too much"));
            stepped.run();
            assertEquals(1_001, recorder.heard.size());
        }
    }

    @Test
    void controlMessagesOvertakeDataHoweverManyTheyAre() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<Object> actor = stepped.spawn(recorder.behavior(), "actor");
            actor.tell("data");
            for (int i = 0; i < 1_000; i++) {
                actor.tell(new Urgent("control " + i));
            }
            stepped.run();
            assertEquals(1_000, recorder.heard.indexOf("data"));
        }
    }

    @Test
    void whatAnActorTellsItselfInItsSetupIsItsFirstMessage() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            stepped.spawn(
                    Behaviors.<String>setup(context -> {
                        context.self().tell("first");
                        return recorder.behavior();
                    }),
                    "actor");
            assertEquals(List.of("first"), recorder.heard);
        }
    }

    @Test
    void messagesToldBeforeTheFirstTurnWaitForTheSetup() {
        try (var stepped = new SteppedSystem()) {
            List<Object> heard = new ArrayList<>();
            ActorRef<String> actor = stepped.system.spawn(
                    Behaviors.setup(context -> {
                        heard.add("setup");
                        return Behaviors.receive((inner, message) -> {
                            heard.add(message);
                            return Behaviors.same();
                        });
                    }),
                    "actor");
            assertTrue(actor.tell("early"));
            assertEquals(List.of(), heard);
            stepped.run();
            assertEquals(List.of("setup", "early"), heard);
        }
    }

    @Test
    void nullIsNoMessage() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor");
            assertThrows(NullPointerException.class, () -> actor.tell(null));
            assertThrows(NullPointerException.class, () -> actor.tell(null, Duration.ofSeconds(1)));
        }
    }

    @Test
    void manyTellsMakeOneTurn() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor");
            for (int i = 0; i < 50; i++) {
                actor.tell("message");
            }
            assertEquals(1, stepped.dispatcher.waiting());
        }
    }

    @Test
    void aRefIsItsPath() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor");
            assertEquals("/test/actor", actor.path());
            assertEquals("/test/actor", actor.toString());
        }
    }
}
