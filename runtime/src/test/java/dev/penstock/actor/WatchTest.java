package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Logs.class)
class WatchTest {

    private final List<Object> heard = new ArrayList<>();

    /** An actor that does with its context what it is told, and writes down the signals. */
    private Behavior<BiConsumer<ActorContext<?>, List<Object>>> puppet() {
        return Behaviors.receive(
                (context, action) -> {
                    action.accept(context, heard);
                    return Behaviors.same();
                },
                (context, signal) -> {
                    if (signal instanceof Terminated) {
                        heard.add(signal);
                    }
                    return Behaviors.same();
                });
    }

    /** An actor that tells the ref of an adapter of its own. */
    private static Behavior<String> withAdapter(List<ActorRef<?>> refs) {
        return Behaviors.setup(context -> {
            refs.add(context.adapter((Integer number) -> "" + number));
            return Behaviors.ignore();
        });
    }

    private static Terminated terminated(ActorRef<?> ref) {
        return new Terminated(ref, Optional.empty());
    }

    @Test
    void aWatcherHearsOfTheEnd() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            assertEquals(List.of(), heard);
            stepped.stop(target);
            assertEquals(List.of(terminated(target)), heard);
        }
    }

    @Test
    void aWatcherHearsWhatTheActorDiedOf() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            Boom boom = new Boom("the cause");
            ActorRef<String> target = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        throw boom;
                    }),
                    "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            stepped.tell(target, "go");
            assertEquals(List.of(new Terminated(target, Optional.of(boom))), heard);
        }
    }

    @Test
    void aWatcherHearsWhatTheActorDiedOfThoughItWasToldToStopMeanwhile() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            Boom boom = new Boom("the cause");
            ActorRef<String> target = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.spawn(Behaviors.ignore(), "child"); // for it the end must wait
                        return Behaviors.receive((inner, message) -> {
                            throw boom;
                        });
                    }),
                    "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            target.tell("go");
            assertTrue(stepped.dispatcher.runOne());
            assertTrue(stepped.isAlive(target));
            stepped.stop(target);
            assertEquals(List.of(new Terminated(target, Optional.of(boom))), heard);
        }
    }

    @Test
    void watchingAStoppedActorIsAnsweredAtOnce() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            Boom boom = new Boom("the cause");
            ActorRef<String> failed = stepped.spawn(
                    Behaviors.setup(context -> {
                        throw boom;
                    }),
                    "failed");
            ActorRef<String> stopped = stepped.spawn(Behaviors.setup(context -> Behaviors.stopped()), "stopped");
            stepped.tell(watcher, (context, list) -> {
                context.watch(failed);
                context.watch(stopped);
            });
            assertEquals(List.of(new Terminated(failed, Optional.of(boom)), terminated(stopped)), heard);
        }
    }

    @Test
    void terminatedComesAfterAllThatTheStoppedActorSent() {
        try (var stepped = new SteppedSystem(builder -> builder.throughput(2))) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<Integer> target = stepped.spawn(
                    Behaviors.receive((context, count) -> {
                        for (int i = 0; i < count; i++) {
                            int number = i;
                            watcher.tell((ignored, list) -> list.add(number));
                        }
                        return Behaviors.stopped();
                    }),
                    "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            watcher.tell((context, list) -> list.add("before"));
            target.tell(9);
            stepped.run();
            assertEquals(List.of("before", 0, 1, 2, 3, 4, 5, 6, 7, 8, terminated(target)), heard);
        }
    }

    @Test
    void terminatedDoesNotWaitForWhatOthersSendLater() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            stepped.system.stop(target);
            assertTrue(stepped.dispatcher.runOne()); // the target: its end is told
            watcher.tell((context, list) -> list.add("later"));
            stepped.run();
            assertEquals(List.of(terminated(target), "later"), heard);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 255, 256, 257, 512})
    void theEndsOfManyAreHeardWithoutAnotherMessage(int targets) {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            List<ActorRef<String>> watched = new ArrayList<>();
            for (int i = 0; i < targets; i++) {
                watched.add(stepped.spawn(Behaviors.ignore(), "target-" + i));
            }
            stepped.tell(watcher, (context, list) -> watched.forEach(context::watch));
            Lane lane = ((LocalRef<?>) watcher).cell.lane();
            assertTrue(lane.tryEnter()); // all the ends come before the watcher's turn
            watched.forEach(stepped.system::stop);
            stepped.run();
            assertEquals(List.of(), heard);
            lane.leave();
            stepped.run();
            assertEquals(targets, heard.size());
        }
    }

    @Test
    void twoActorsMayWatchEachOther() {
        try (var stepped = new SteppedSystem()) {
            var a = stepped.spawn(puppet(), "a");
            var b = stepped.spawn(puppet(), "b");
            stepped.tell(a, (context, list) -> context.watch(b));
            stepped.tell(b, (context, list) -> context.watch(a));
            stepped.stop(a);
            assertEquals(List.of(terminated(a)), heard);
            stepped.stop(b);
            assertEquals(List.of(terminated(a)), heard);
            assertEquals(List.of(), stepped.system.actors());
        }
    }

    @Test
    void twoActorsThatWatchEachOtherMayStopAtOnce() {
        try (var stepped = new SteppedSystem()) {
            var a = stepped.spawn(puppet(), "a");
            var b = stepped.spawn(puppet(), "b");
            stepped.tell(a, (context, list) -> context.watch(b));
            stepped.tell(b, (context, list) -> context.watch(a));
            stepped.system.stop(a);
            stepped.system.stop(b);
            stepped.run();
            assertEquals(List.of(), stepped.system.actors());
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void watchingTwiceIsWatchingOnce() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> {
                context.watch(target);
                context.watch(target);
            });
            stepped.stop(target);
            assertEquals(List.of(terminated(target)), heard);
        }
    }

    /** An actor that is known by its ref and by an adapter's; each ref that was watched is heard of. */
    @Test
    void anAdapterIsWatchedLikeTheActorBehindIt() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            List<ActorRef<?>> refs = new ArrayList<>();
            ActorRef<String> target = stepped.spawn(withAdapter(refs), "target");
            refs.add(target);
            stepped.tell(watcher, (context, list) -> refs.forEach(context::watch));
            stepped.stop(target);
            assertEquals(List.of(terminated(refs.get(0)), terminated(target)), heard);
            stepped.tell(watcher, (context, list) -> refs.forEach(context::watch)); // it has stopped
            assertEquals(4, heard.size());
        }
    }

    @Test
    void anUnwatchOfOneRefLeavesTheOther() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            List<ActorRef<?>> refs = new ArrayList<>();
            ActorRef<String> target = stepped.spawn(withAdapter(refs), "target");
            stepped.tell(watcher, (context, list) -> {
                context.watch(refs.get(0));
                context.watch(target);
                context.unwatch(target);
            });
            stepped.stop(target);
            assertEquals(List.of(terminated(refs.get(0))), heard);
        }
    }

    @Test
    void anUnwatchWithinTheFirstOfTwoEndsIsObeyed() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<?>> refs = new ArrayList<>();
            ActorRef<String> target = stepped.spawn(
                    Behaviors.setup(context -> {
                        refs.add(context.self());
                        refs.add(context.adapter((Integer number) -> "" + number));
                        return Behaviors.ignore();
                    }),
                    "target");
            stepped.spawn(
                    Behaviors.<String>setup(watcher -> {
                        refs.forEach(watcher::watch);
                        return Behaviors.receive((context, message) -> Behaviors.same(), (context, signal) -> {
                            heard.add(signal);
                            refs.forEach(context::unwatch);
                            return Behaviors.same();
                        });
                    }),
                    "watcher");
            stepped.run();
            stepped.stop(target);
            assertEquals(List.of(terminated(target)), heard);
        }
    }

    @Test
    void oneUnwatchTakesTwoWatchesBack() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> {
                context.watch(target);
                context.watch(target);
                context.unwatch(target);
            });
            stepped.stop(target);
            assertEquals(List.of(), heard);
        }
    }

    @Test
    void nothingIsHeardAfterAnUnwatchEvenIfTheEndWasOnItsWay() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            watcher.tell((context, list) -> context.unwatch(target)); // Terminated comes after this message
            stepped.system.stop(target);
            stepped.run();
            assertFalse(stepped.isAlive(target));
            assertEquals(List.of(), heard);
        }
    }

    @Test
    void anUnwatchOfWhatWasNotWatchedDoesNothing() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> context.unwatch(target));
            stepped.stop(target);
            assertTrue(stepped.isAlive(watcher));
            assertEquals(List.of(), heard);
        }
    }

    @Test
    void watchingAgainAfterAnUnwatchIsHeardOnce() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            stepped.system.stop(target);
            watcher.tell((context, list) -> {
                context.unwatch(target);
                context.watch(target);
            });
            stepped.run();
            assertEquals(List.of(terminated(target)), heard);
        }
    }

    @Test
    void anActorThatWatchesItselfHearsNothing() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(context.self()));
            stepped.stop(watcher);
            assertEquals(List.of(), heard);
            assertEquals(List.of(), stepped.system.actors());
        }
    }

    /** Watches when told "watch", and in its setup if so wanted; fails on everything else. */
    private Behavior<String> failingWatcher(ActorRef<?> target, boolean fromTheStart) {
        return Behaviors.setup(outer -> {
            if (fromTheStart) {
                outer.watch(target);
            }
            return Behaviors.receive(
                    (context, message) -> {
                        if (!message.equals("watch")) {
                            throw new Boom(message);
                        }
                        context.watch(target);
                        return Behaviors.same();
                    },
                    (context, signal) -> {
                        if (signal instanceof Terminated) {
                            heard.add(signal);
                        }
                        return Behaviors.same();
                    });
        });
    }

    @Test
    void aRestartTakesAllWatchesBack() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            ActorRef<String> watcher = stepped.spawn(
                    Behaviors.supervise(failingWatcher(target, false), SupervisorStrategy.restart()), "watcher");
            stepped.tell(watcher, "watch");
            stepped.tell(watcher, "fail");
            stepped.stop(target);
            assertTrue(stepped.isAlive(watcher));
            assertEquals(List.of(), heard);
        }
    }

    @Test
    void aSetupThatWatchesAgainAtARestartHearsOfTheEndOnce() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            ActorRef<String> watcher = stepped.spawn(
                    Behaviors.supervise(failingWatcher(target, true), SupervisorStrategy.restart()), "watcher");
            stepped.tell(watcher, "fail");
            stepped.stop(target);
            assertEquals(List.of(terminated(target)), heard);
        }
    }

    @Test
    void anEndThatComesWhileTheWatcherBacksOffIsHeardOnceItWatchesAgain() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            SupervisorStrategy later =
                    SupervisorStrategy.restart().withBackoff(Duration.ofSeconds(1), Duration.ofSeconds(1));
            ActorRef<String> watcher =
                    stepped.spawn(Behaviors.supervise(failingWatcher(target, true), later), "watcher");
            stepped.tell(watcher, "fail");
            stepped.stop(target);
            assertEquals(List.of(), heard);
            stepped.advance(Duration.ofSeconds(2));
            assertEquals(List.of(terminated(target)), heard);
        }
    }

    @Test
    void aWatchThatArrivesInTheLastTurnIsAnswered() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            ActorRef<String> target = stepped.spawn(Behaviors.ignore(), "target");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            stepped.tell(watcher, (context, list) -> context.unwatch(target));
            ActorCell<?> targetCell = ((LocalRef<?>) target).cell;
            ActorCell<?> watcherCell = ((LocalRef<?>) watcher).cell;
            // As if the watcher's thread had made its offer, and were about to look whether the target has terminated.
            stepped.system.subscribeLifecycle(event -> {
                if (event.ref() == target && event.kind() == LifecycleEvent.Kind.STOPPED) {
                    targetCell.inbox().mailbox().offerControl(new SystemMessage.Watch(watcherCell));
                }
            });
            watcher.tell((context, list) -> {
                stepped.system.stop(target);
                stepped.dispatcher.runOne(); // the whole last turn of the target
                context.watch(target);
            });
            stepped.run();
            assertEquals(List.of(terminated(target)), heard);
            assertTrue(targetCell.inbox().mailbox().isEmpty());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#inParallel")
    void everyWatchThatRacesWithTheEndIsAnsweredOnce(RealDispatcher dispatcher) throws Exception {
        int rounds = dispatcher == RealDispatcher.PINNED ? 2_000 : 10_000;
        CountDownLatch answers = new CountDownLatch(rounds);
        AtomicInteger tooMany = new AtomicInteger();
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<ActorRef<String>> watcher = system.spawn(
                    Behaviors.receive(
                            (context, target) -> {
                                context.watch(target);
                                target.tell("stop");
                                return Behaviors.same();
                            },
                            (context, signal) -> {
                                if (signal instanceof Terminated) {
                                    if (answers.getCount() == 0) {
                                        tooMany.incrementAndGet();
                                    }
                                    answers.countDown();
                                }
                                return Behaviors.same();
                            }),
                    "watcher");
            for (int round = 0; round < rounds; round++) {
                ActorRef<String> target =
                        system.spawn(Behaviors.receive((context, message) -> Behaviors.stopped()), "target-" + round);
                watcher.tell(target);
                if (round % 2 == 0) {
                    system.stop(target);
                } else {
                    target.tell("stop");
                }
            }
            Await.on(answers);
            system.close(Duration.ofSeconds(10));
            assertEquals(0, tooMany.get());
        }
    }
}
