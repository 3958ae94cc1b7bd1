package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Logs.class)
class LaneTest {

    private static Lane laneOf(ActorRef<?> ref) {
        return ((LocalRef<?>) ref).cell.lane();
    }

    private static <M> Behavior<M> alongside(ActorRef<?> mate) {
        return Behaviors.alongside(mate, Behaviors.ignore());
    }

    @Test
    void anActorHasALaneOfItsOwn() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> a = stepped.spawn(Behaviors.ignore(), "a");
            ActorRef<String> b = stepped.spawn(Behaviors.ignore(), "b");
            assertNotSame(laneOf(a), laneOf(b));
        }
    }

    @Test
    void theContextShowsTheLane() {
        try (var stepped = new SteppedSystem()) {
            List<Lane> lanes = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        lanes.add(context.lane());
                        return Behaviors.ignore();
                    }),
                    "actor");
            assertSame(laneOf(actor), lanes.get(0));
        }
    }

    @Test
    void anActorAlongsideAnotherSharesItsLane() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> mate = stepped.spawn(Behaviors.ignore(), "mate");
            assertSame(laneOf(mate), laneOf(stepped.spawn(alongside(mate), "plain")));
            assertSame(
                    laneOf(mate),
                    laneOf(stepped.spawn(
                            Behaviors.supervise(alongside(mate), SupervisorStrategy.restart()), "supervised")));
            assertSame(
                    laneOf(mate),
                    laneOf(stepped.spawn(
                            alongside(mate),
                            "same dispatcher",
                            SpawnOptions.defaults().dispatcher(stepped.dispatcher))));
        }
    }

    @Test
    void anActorAlongsideAnotherBehavesAsItsInnerBehavior() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> mate = stepped.spawn(Behaviors.ignore(), "mate");
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            Behaviors.alongside(mate, recorder.<String>fragile()), SupervisorStrategy.restart()),
                    "actor");
            stepped.tell(actor, "one");
            stepped.tell(actor, "fail");
            stepped.tell(actor, "two");
            assertEquals(List.of("one", "fail", "PreRestart", "two"), recorder.heard);
        }
    }

    @Test
    void anOwnLaneIsGivenToWhoeverWantsOne() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> mate = stepped.spawn(Behaviors.ignore(), "mate");
            ActorRef<String> actor = stepped.spawn(
                    alongside(mate), "actor", SpawnOptions.defaults().ownLane());
            assertNotSame(laneOf(mate), laneOf(actor));
        }
    }

    @Test
    void anotherDispatcherMeansAnotherLane() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> mate = stepped.spawn(Behaviors.ignore(), "mate");
            ActorRef<String> actor = stepped.spawn(
                    alongside(mate), "actor", SpawnOptions.defaults().dispatcher(Dispatcher.direct()));
            assertNotSame(laneOf(mate), laneOf(actor));
        }
    }

    @Test
    void aStoppedMateMeansAnotherLane() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> mate = stepped.spawn(Behaviors.ignore(), "mate");
            stepped.stop(mate);
            ActorRef<String> actor = stepped.spawn(Behaviors.alongside(mate, recorder.behavior()), "actor");
            assertNotSame(laneOf(mate), laneOf(actor));
            stepped.tell(actor, "alive");
            assertEquals(List.of("alive"), recorder.heard);
        }
    }

    @Test
    void aMateOfAnotherSystemMeansAnotherLane() {
        try (var one = new SteppedSystem();
                var other = new SteppedSystem()) {
            ActorRef<String> mate = one.spawn(Behaviors.ignore(), "mate");
            ActorRef<String> actor = other.spawn(alongside(mate), "actor");
            assertNotSame(laneOf(mate), laneOf(actor));
        }
    }

    @Test
    void aLaneOutlivesItsFirstActor() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> mate = stepped.spawn(Behaviors.ignore(), "mate");
            ActorRef<String> actor = stepped.spawn(Behaviors.alongside(mate, recorder.behavior()), "actor");
            stepped.stop(mate);
            stepped.tell(actor, "alive");
            ActorRef<String> third = stepped.spawn(Behaviors.alongside(actor, recorder.behavior()), "third");
            assertSame(laneOf(actor), laneOf(third));
            stepped.tell(third, "too");
            assertEquals(List.of("alive", "too"), recorder.heard);
        }
    }

    @Test
    void anActorMayStopAMateThatHasYetToRunInThisTurn() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            List<ActorRef<String>> child = new ArrayList<>();
            ActorRef<String> parent = stepped.spawn(
                    Behaviors.setup(outer -> {
                        child.add(outer.spawn(Behaviors.alongside(outer.self(), recorder.behavior()), "child"));
                        return Behaviors.receive((context, message) -> {
                            context.stop(child.get(0));
                            return Behaviors.same();
                        });
                    }),
                    "parent");
            assertSame(laneOf(parent), laneOf(child.get(0)));
            child.get(0).tell("waits");
            parent.tell("stop it");
            stepped.run();
            assertFalse(stepped.isAlive(child.get(0)));
            assertTrue(stepped.isAlive(parent));
            assertEquals(
                    1,
                    recorder.heard.stream().filter(PostStop.class::isInstance).count());
            assertEquals(2, recorder.heard.size() + stepped.letters.size());
        }
    }

    @OnEveryDispatcher
    void actorsOfOneLaneNeverRunAtTheSameTime(RealDispatcher dispatcher) throws Exception {
        int mates = 4;
        int each = 50_000;
        int[] plain = new int[1]; // unsynchronised on purpose
        CountDownLatch finished = new CountDownLatch(mates);
        try (ActorSystem system = dispatcher.system()) {
            List<ActorRef<Integer>> actors = new ArrayList<>();
            for (int i = 0; i < mates; i++) {
                Behavior<Integer> counting = Behaviors.receive((context, message) -> {
                    plain[0]++;
                    if (message == each) {
                        finished.countDown();
                    }
                    return Behaviors.same();
                });
                actors.add(
                        system.spawn(i == 0 ? counting : Behaviors.alongside(actors.get(0), counting), "actor-" + i));
            }
            List<Await.Running<Object>> tellers = new ArrayList<>();
            for (ActorRef<Integer> actor : actors) {
                tellers.add(Await.async(() -> {
                    for (int n = 1; n <= each; n++) {
                        actor.tell(n);
                    }
                    return null;
                }));
            }
            for (Await.Running<Object> teller : tellers) {
                teller.get();
            }
            Await.on(finished);
            system.close(Duration.ofSeconds(10));
            assertEquals(mates * each, plain[0]);
        }
    }

    @Test
    void aThreadThatEntersKeepsTurnsOutUntilItLeaves() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(recorder.behavior(), "actor");
            Lane lane = laneOf(actor);
            assertTrue(lane.tryEnter());
            assertFalse(lane.tryEnter());
            actor.tell("one");
            stepped.run();
            assertEquals(List.of(), recorder.heard);
            lane.leave();
            stepped.run();
            assertEquals(List.of("one"), recorder.heard);
            assertTrue(lane.tryEnter());
            lane.leave();
            assertEquals(0, stepped.dispatcher.waiting());
        }
    }

    @Test
    void aThreadMayEnterWhileATurnIsQueued() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(recorder.behavior(), "actor");
            Lane lane = laneOf(actor);
            actor.tell("one");
            assertEquals(1, stepped.dispatcher.waiting());
            assertTrue(lane.tryEnter());
            assertTrue(stepped.dispatcher.runOne()); // finds the lane taken
            assertEquals(List.of(), recorder.heard);
            lane.leave(); // so the turn is made up for
            stepped.run();
            assertEquals(List.of("one"), recorder.heard);
        }
    }

    @Test
    void aQueuedTurnIsNotQueuedAgainByAThreadThatLeaves() {
        try (var stepped = new SteppedSystem()) {
            Recorder recorder = new Recorder();
            ActorRef<String> actor = stepped.spawn(recorder.behavior(), "actor");
            actor.tell("one");
            Lane lane = laneOf(actor);
            assertTrue(lane.tryEnter());
            lane.leave();
            assertEquals(1, stepped.dispatcher.waiting());
            stepped.run();
            assertEquals(List.of("one"), recorder.heard);
        }
    }

    @Test
    void nobodyEntersDuringATurn() {
        try (var stepped = new SteppedSystem()) {
            List<Boolean> entered = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        entered.add(context.lane().tryEnter());
                        return Behaviors.same();
                    }),
                    "actor");
            stepped.tell(actor, "try");
            assertEquals(List.of(false), entered);
        }
    }

    @Test
    void aThreadThatEnteredIsNotInATurn() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor");
            assertTrue(laneOf(actor).tryEnter());
            assertFalse(Lane.isInTurn());
            laneOf(actor).leave();
        }
    }

    @OnEveryDispatcher
    void threadsThatEnterExcludeTurnsAndLoseNoWakeUp(RealDispatcher dispatcher) throws Exception {
        int tellers = 2;
        int each = 30_000;
        int[] plain = new int[1]; // unsynchronised on purpose
        AtomicInteger received = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        plain[0]++;
                        received.incrementAndGet();
                        return Behaviors.same();
                    }),
                    "actor");
            Lane lane = laneOf(actor);
            List<Await.Running<Integer>> entering = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                entering.add(Await.async(() -> {
                    int entered = 0;
                    while (!done.get()) {
                        if (lane.tryEnter()) {
                            plain[0]++;
                            entered++;
                            lane.leave();
                        }
                        Thread.yield();
                    }
                    return entered;
                }));
            }
            List<Await.Running<Object>> telling = new ArrayList<>();
            for (int i = 0; i < tellers; i++) {
                telling.add(Await.async(() -> {
                    for (int n = 0; n < each; n++) {
                        actor.tell(n);
                    }
                    return null;
                }));
            }
            int entered = 0;
            try {
                for (Await.Running<Object> teller : telling) {
                    teller.get();
                }
            } finally {
                done.set(true);
            }
            for (Await.Running<Integer> each1 : entering) {
                entered += each1.get();
            }
            Await.until(() -> received.get() == tellers * each, "all messages are received");
            system.close(Duration.ofSeconds(10));
            assertEquals(tellers * each + entered, plain[0]);
        }
    }

    @OnEveryDispatcher
    void theLastMessageIsReceivedThoughAThreadWasInTheLane(RealDispatcher dispatcher) throws Exception {
        int rounds = 2_000;
        AtomicInteger received = new AtomicInteger();
        AtomicBoolean done = new AtomicBoolean();
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<Integer> actor = system.spawn(
                    Behaviors.receive((context, message) -> {
                        received.set(message);
                        return Behaviors.same();
                    }),
                    "actor");
            Lane lane = laneOf(actor);
            Await.Running<Object> entering = Await.async(() -> {
                while (!done.get()) {
                    if (lane.tryEnter()) {
                        lane.leave();
                    }
                    Thread.yield();
                }
                return null;
            });
            try {
                for (int round = 1; round <= rounds; round++) {
                    int last = round;
                    actor.tell(last); // nothing comes after it to make up for a wake-up lost
                    Await.until(() -> received.get() == last, "message " + last + " is received");
                }
            } finally {
                done.set(true);
            }
            entering.get();
        }
    }

    @OnEveryDispatcher
    void anActorAlongsideAMateThatStopsMeanwhileRunsAllTheSame(RealDispatcher dispatcher) throws Exception {
        int rounds = dispatcher == RealDispatcher.PINNED ? 500 : 2_000;
        CountDownLatch received = new CountDownLatch(rounds);
        try (ActorSystem system = dispatcher.system()) {
            for (int round = 0; round < rounds; round++) {
                ActorRef<String> mate = system.spawn(Behaviors.ignore(), "mate-" + round);
                system.stop(mate);
                ActorRef<String> actor = system.spawn(
                        Behaviors.alongside(mate, Behaviors.receive((context, message) -> {
                            received.countDown();
                            return Behaviors.stopped();
                        })),
                        "actor-" + round);
                actor.tell("go");
            }
            Await.on(received);
            assertTrue(system.close(Duration.ofSeconds(10)).clean());
        }
    }

    @Test
    void anActorThatStopsInItsSetupAlongsideABusyMateIsGone() throws Exception {
        int rounds = 5_000;
        AtomicBoolean done = new AtomicBoolean();
        try (ActorSystem system = RealDispatcher.POOL_OF_TWO.system()) {
            ActorRef<String> busy = system.spawn(
                    Behaviors.receive((context, message) -> {
                        if (!done.get()) {
                            context.self().tell(message);
                        }
                        return Behaviors.same();
                    }),
                    "busy");
            busy.tell("again");
            for (int round = 0; round < rounds; round++) {
                system.spawn(
                        Behaviors.alongside(busy, Behaviors.<String>setup(context -> Behaviors.stopped())),
                        "short-" + round);
            }
            Await.until(() -> system.actors().size() == 1, "only the busy one lives");
            done.set(true);
        }
    }
}
