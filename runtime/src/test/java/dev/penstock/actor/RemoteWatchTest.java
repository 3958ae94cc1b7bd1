package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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

/** Watches of actors that no system here runs: the tests play the link that made the refs. */
@ExtendWith(Logs.class)
class RemoteWatchTest {

    private static final Optional<Throwable> QUIETLY = Optional.empty();

    /** What an actor heard and a link was told, in order. */
    private final List<Object> heard = new ArrayList<>();

    private final List<Watcher> watchers = new ArrayList<>();
    private final Distant target = new Distant("target");

    /** The ref of an actor elsewhere; equal to any other of its name. */
    private class Distant implements RemoteRef<String> {
        private final String name;

        Distant(String name) {
            this.name = name;
        }

        @Override
        public boolean tell(String message) {
            throw new AssertionError("nobody tells it anything");
        }

        @Override
        public void watchedBy(Watcher watcher) {
            heard.add("watched " + name);
            watchers.add(watcher);
        }

        @Override
        public void unwatchedBy(Watcher watcher) {
            heard.add("unwatched " + name);
            assertTrue(watchers.contains(watcher), "the watch is known by any of its watchers");
        }

        @Override
        public String path() {
            return "/elsewhere/" + name;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Distant distant && distant.name.equals(name);
        }

        @Override
        public int hashCode() {
            return name.hashCode();
        }

        @Override
        public String toString() {
            return path();
        }
    }

    /** One whose link fails when a watch is taken back. */
    private final class Failing extends Distant {
        Failing(String name) {
            super(name);
        }

        @Override
        public void unwatchedBy(Watcher watcher) {
            super.unwatchedBy(watcher);
            throw new Boom("no link");
        }
    }

    /** An actor that does with its context what it is told, and writes down the ends that it hears of. */
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

    /** One that watches from its set-up, and fails at every message. */
    private Behavior<String> failing(RemoteRef<?>... refs) {
        return Behaviors.setup(outer -> {
            for (RemoteRef<?> ref : refs) {
                outer.watch(ref);
            }
            return Behaviors.receive(
                    (context, message) -> {
                        throw new Boom(message);
                    },
                    (context, signal) -> {
                        if (signal instanceof Terminated) {
                            heard.add(signal);
                        }
                        return Behaviors.same();
                    });
        });
    }

    private static Terminated terminated(ActorRef<?> ref) {
        return new Terminated(ref, QUIETLY);
    }

    @Test
    void theEndIsHeardOnceWithItsFailure() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            assertEquals(List.of("watched target"), heard);
            Boom boom = new Boom("the cause");
            watchers.get(0).ended(Optional.of(boom));
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            assertEquals(List.of("watched target", new Terminated(target, Optional.of(boom))), heard);
        }
    }

    @Test
    void nothingIsLeftToTakeBackOnceTheEndWasHeard() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            stepped.tell(watcher, (context, list) -> context.unwatch(target));
            stepped.stop(watcher);
            assertEquals(List.of("watched target", terminated(target)), heard);
        }
    }

    @Test
    void anEndWithoutAnOptionalIsTheCallersError() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            assertThrows(NullPointerException.class, () -> watchers.get(0).ended(null));
            stepped.run();
            assertTrue(stepped.isAlive(watcher));
        }
    }

    @Test
    void aLinkMayAnswerWithinTheWatch() {
        Distant gone = new Distant("gone") {
            @Override
            public void watchedBy(Watcher watcher) {
                watcher.ended(QUIETLY);
            }
        };
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> {
                context.watch(gone);
                list.add("the message goes on");
            });
            assertEquals(List.of("the message goes on", terminated(gone)), heard);
            stepped.tell(watcher, (context, list) -> context.watch(gone));
            assertEquals(3, heard.size(), "another watch is answered anew");
        }
    }

    @Test
    void watchingEqualRefsIsWatchingOnce() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> {
                context.watch(target);
                context.watch(new Distant("target"));
                context.watch(new Distant("other"));
            });
            assertEquals(List.of("watched target", "watched other"), heard);
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            assertEquals(List.of("watched target", "watched other", terminated(target)), heard);
            stepped.tell(watcher, (context, list) -> context.unwatch(new Distant("other")));
            assertEquals("unwatched other", heard.get(3));
        }
    }

    @Test
    void watchersAreEqualByTheWatchingActorAndTheRef() {
        try (var stepped = new SteppedSystem()) {
            var one = stepped.spawn(puppet(), "one");
            var two = stepped.spawn(puppet(), "two");
            stepped.tell(one, (context, list) -> context.watch(target));
            stepped.tell(one, (context, list) -> context.unwatch(target));
            stepped.tell(one, (context, list) -> context.watch(new Distant("target")));
            stepped.tell(one, (context, list) -> context.watch(new Distant("other")));
            stepped.tell(two, (context, list) -> context.watch(target));
            assertEquals(watchers.get(0), watchers.get(1));
            assertEquals(watchers.get(0).hashCode(), watchers.get(1).hashCode());
            assertNotEquals(watchers.get(1), watchers.get(2));
            assertNotEquals(watchers.get(1), watchers.get(3));
        }
    }

    @Test
    void theEndIsHeardAfterWhatWasToldBeforeItAndNotAfterWhatComesLater() {
        try (var stepped = new SteppedSystem(builder -> builder.throughput(2))) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            for (int i = 0; i < 5; i++) {
                int number = i;
                watcher.tell((context, list) -> list.add(number));
            }
            watchers.get(0).ended(QUIETLY);
            watcher.tell((context, list) -> list.add("later"));
            stepped.run();
            assertEquals(List.of("watched target", 0, 1, 2, 3, 4, terminated(target), "later"), heard);
        }
    }

    @Test
    void nothingIsHeardAfterAnUnwatchEvenIfTheEndWasOnItsWay() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            watcher.tell((context, list) -> context.unwatch(target)); // Terminated comes after this message
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            assertEquals(List.of("watched target", "unwatched target"), heard);
            assertEquals(List.of(), stepped.letters);
        }
    }

    @Test
    void anUnwatchOfWhatWasNotWatchedIsNotToldToTheLink() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.unwatch(target));
            stepped.tell(watcher, (context, list) -> context.watch(target));
            stepped.tell(watcher, (context, list) -> context.unwatch(target));
            stepped.tell(watcher, (context, list) -> context.unwatch(target));
            assertEquals(List.of("watched target", "unwatched target"), heard);
        }
    }

    @Test
    void watchingAgainAfterAnUnwatchIsHeardOnce() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            watcher.tell((context, list) -> {
                context.unwatch(target);
                context.watch(target);
            });
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            watchers.get(1).ended(QUIETLY);
            stepped.run();
            assertEquals(1, heard.stream().filter(terminated(target)::equals).count(), heard::toString);
        }
    }

    @Test
    void theEndOfTheWatcherTakesItsWatchesBack() {
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(target));
            stepped.stop(watcher);
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            assertEquals(List.of("watched target", "unwatched target"), heard);
            assertEquals(List.of(), stepped.letters);
            assertEquals(List.of(), stepped.system.actors());
        }
    }

    @Test
    void aRestartTakesAllWatchesBackBeforeTheSetupWatchesAgain() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> watcher =
                    stepped.spawn(Behaviors.supervise(failing(target), SupervisorStrategy.restart()), "watcher");
            watcher.tell("fail");
            watchers.get(0).ended(QUIETLY); // to be heard after that message: by then it is of no watch
            stepped.run();
            assertEquals(List.of("watched target", "unwatched target", "watched target"), heard);
            watchers.get(1).ended(QUIETLY);
            watchers.get(0).ended(QUIETLY);
            stepped.run();
            assertEquals(terminated(target), heard.get(3));
            assertEquals(4, heard.size());
            assertTrue(stepped.isAlive(watcher));
        }
    }

    /** The link's failure is no business of the actor's; the other watches are taken back all the same. */
    @Test
    void aLinkThatFailsWhenAWatchIsTakenBackBreaksNothing() {
        Failing bad = new Failing("bad");
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(bad));
            stepped.tell(watcher, (context, list) -> {
                context.unwatch(bad);
                list.add("the message goes on");
            });
            assertEquals(List.of("watched bad", "unwatched bad", "the message goes on"), heard);
            assertTrue(stepped.isAlive(watcher));
            assertLogged(1);

            heard.clear();
            stepped.tell(watcher, (context, list) -> {
                context.watch(bad);
                context.watch(target);
            });
            stepped.stop(watcher);
            assertEquals(List.of("watched bad", "watched target", "unwatched bad", "unwatched target"), heard);
            assertFalse(stepped.isAlive(watcher));
            assertEquals(List.of(LifecycleEvent.Kind.STARTED, LifecycleEvent.Kind.STOPPED), stepped.events(watcher));
            assertLogged(2);
        }
    }

    @Test
    void aLinkThatFailsWhenAWatchIsTakenBackDoesNotKeepAnActorFromItsRestart() {
        Failing bad = new Failing("bad");
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> watcher =
                    stepped.spawn(Behaviors.supervise(failing(bad, target), SupervisorStrategy.restart()), "watcher");
            stepped.tell(watcher, "fail");
            assertTrue(stepped.isAlive(watcher));
            assertEquals(
                    List.of(
                            "watched bad",
                            "watched target",
                            "unwatched bad",
                            "unwatched target",
                            "watched bad",
                            "watched target"),
                    heard);
            assertLogged(1);
        }
    }

    private static void assertLogged(int times) {
        if (Logs.available()) {
            List<String> lines = Logs.lines("/elsewhere/bad failed when a watch was taken back");
            assertEquals(times, lines.size(), lines::toString);
        }
    }

    /** It has the ref's watch in its list by then, and takes it back. */
    @Test
    void aLinkThatFailsWhenItIsWatchedFailsTheWatcher() {
        Distant bad = new Distant("bad") {
            @Override
            public void watchedBy(Watcher watcher) {
                super.watchedBy(watcher);
                throw new Boom("no link");
            }
        };
        try (var stepped = new SteppedSystem()) {
            var watcher = stepped.spawn(puppet(), "watcher");
            stepped.tell(watcher, (context, list) -> context.watch(bad));
            assertFalse(stepped.isAlive(watcher));
            assertEquals(List.of("watched bad", "unwatched bad"), heard);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.penstock.actor.RealDispatcher#inParallel")
    void everyEndIsHeardOnceWhoeverTellsItHowOften(RealDispatcher dispatcher) throws Exception {
        int rounds = 2_000;
        CountDownLatch ends = new CountDownLatch(rounds);
        AtomicInteger tooMany = new AtomicInteger();
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<RemoteRef<String>> watcher = system.spawn(
                    Behaviors.receive(
                            (context, ref) -> {
                                context.watch(ref);
                                return Behaviors.same();
                            },
                            (context, signal) -> {
                                if (signal instanceof Terminated) {
                                    if (ends.getCount() == 0) {
                                        tooMany.incrementAndGet();
                                    }
                                    ends.countDown();
                                }
                                return Behaviors.same();
                            }),
                    "watcher");
            for (int round = 0; round < rounds; round++) {
                CountDownLatch watched = new CountDownLatch(1);
                List<Watcher> given = new ArrayList<>();
                watcher.tell(new Distant("target-" + round) {
                    @Override
                    public void watchedBy(Watcher link) {
                        given.add(link);
                        watched.countDown();
                    }
                });
                Await.on(watched);
                given.get(0).ended(QUIETLY);
                given.get(0).ended(QUIETLY);
            }
            Await.on(ends);
            system.close(Duration.ofSeconds(10));
            assertEquals(0, tooMany.get());
        }
    }
}
