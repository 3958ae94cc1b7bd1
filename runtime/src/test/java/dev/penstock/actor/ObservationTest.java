package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What can be seen of a system from outside: dead letters, lifecycle events, paths, mailboxes. */
@ExtendWith(Logs.class)
class ObservationTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private static ActorRef<String> gone(SteppedSystem stepped) {
        return stepped.spawn(Behaviors.setup(context -> Behaviors.stopped()), "gone");
    }

    @Test
    void everySubscriberHearsOfEveryDeadLetterUntilItsSubscriptionEnds() {
        try (var stepped = new SteppedSystem()) {
            List<DeadLetter> first = new ArrayList<>();
            List<DeadLetter> second = new ArrayList<>();
            ActorRef<String> gone = gone(stepped);
            Subscription subscription = stepped.system.subscribeDeadLetters(first::add);
            stepped.system.subscribeDeadLetters(second::add);
            gone.tell("one");
            subscription.close();
            gone.tell("two");
            assertEquals(List.of("one"), first.stream().map(DeadLetter::message).toList());
            assertEquals(
                    List.of("one", "two"),
                    second.stream().map(DeadLetter::message).toList());
        }
    }

    @Test
    void endingASubscriptionTwiceLeavesAnotherOfTheSameSubscriberAlone() {
        try (var stepped = new SteppedSystem()) {
            List<Object> heard = new ArrayList<>();
            Consumer<Object> subscriber = heard::add;
            ActorRef<String> gone = gone(stepped);
            Subscription letters = stepped.system.subscribeDeadLetters(subscriber);
            stepped.system.subscribeDeadLetters(subscriber);
            letters.close();
            letters.close();
            gone.tell("message");
            assertEquals(1, heard.size(), "dead letters");
            Subscription lifecycle = stepped.system.subscribeLifecycle(subscriber);
            stepped.system.subscribeLifecycle(subscriber);
            lifecycle.close();
            lifecycle.close();
            stepped.spawn(Behaviors.<String>ignore(), "new");
            assertEquals(2, heard.size(), "lifecycle events");
        }
    }

    @Test
    void aSubscriberThatThrowsDisturbsNobody() {
        try (var stepped = new SteppedSystem()) {
            List<DeadLetter> heard = new ArrayList<>();
            stepped.system.subscribeDeadLetters(letter -> {
                throw new Boom("subscriber");
            });
            stepped.system.subscribeDeadLetters(heard::add);
            stepped.system.subscribeLifecycle(event -> {
                throw new Boom("subscriber");
            });
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor");
            assertTrue(stepped.isAlive(actor));
            stepped.stop(actor);
            assertFalse(actor.tell("message"));
            assertEquals(1, heard.size());
        }
    }

    @Test
    void theLogTakesFiveDeadLettersASecondAndSaysHowManyItLeftOut() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> gone = gone(stepped);
            for (int i = 0; i < 20; i++) {
                gone.tell("message");
            }
            assertEquals(5, Logs.lines("dead letter").size());
            assertEquals(20, stepped.letters.size());
            stepped.clock.advance(SECOND);
            gone.tell("message");
            List<String> lines = Logs.lines("dead letter");
            assertEquals(6, lines.size());
            assertEquals(
                    "dead letter (STOPPED) to /test/gone: java.lang.String; 15 more before this one", lines.get(5));
        }
    }

    @Test
    void aSystemThatClosesSaysHowManyDeadLettersTheLogLeftOut() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> gone = gone(stepped);
            for (int i = 0; i < 8; i++) {
                gone.tell("message");
            }
            stepped.system.close(SECOND);
            assertEquals(List.of("3 more dead letters"), Logs.lines("more dead letters"));
        }
    }

    private record Expendable() implements ControlMessage {
        @Override
        public boolean expendable() {
            return true;
        }
    }

    @Test
    void anExpendableDeadLetterIsPublishedAndNotLogged() {
        assumeTrue(Logs.available());
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> gone = stepped.spawn(Behaviors.setup(context -> Behaviors.stopped()), "gone");
            gone.tell(new Expendable());
            assertEquals(1, stepped.letters.size());
            assertEquals(List.of(), Logs.lines("/test/gone"));
            gone.tell(new Urgent("not expendable"));
            assertEquals(1, Logs.lines("/test/gone").size());
        }
    }

    @Test
    void lifecycleEventsTellALifeInOrder() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            new Recorder().<String>fragile(),
                            SupervisorStrategy.restart().withLimit(1, Duration.ZERO)),
                    "actor");
            stepped.tell(actor, "fail");
            stepped.tell(actor, "fail");
            assertEquals(
                    List.of(
                            LifecycleEvent.Kind.STARTED,
                            LifecycleEvent.Kind.RESTARTED,
                            LifecycleEvent.Kind.FAILED,
                            LifecycleEvent.Kind.STOPPED),
                    stepped.events(actor));
            assertEquals(Optional.empty(), stepped.events.get(0).failure());
            for (LifecycleEvent event : stepped.events.subList(1, 4)) {
                assertEquals("told to fail", event.failure().orElseThrow().getMessage());
            }
        }
    }

    @Test
    void aLifecycleSubscriptionEnds() {
        try (var stepped = new SteppedSystem()) {
            List<LifecycleEvent> heard = new ArrayList<>();
            Subscription subscription = stepped.system.subscribeLifecycle(heard::add);
            stepped.spawn(Behaviors.ignore(), "one");
            subscription.close();
            stepped.spawn(Behaviors.ignore(), "two");
            assertEquals(1, heard.size());
        }
    }

    @Test
    void anActorIsFoundByItsPath() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<String>> child = new ArrayList<>();
            ActorRef<String> parent = stepped.spawn(
                    Behaviors.setup(context -> {
                        child.add(context.spawn(Behaviors.ignore(), "child"));
                        return Behaviors.ignore();
                    }),
                    "parent");
            for (String path : List.of("/test/parent", "parent", "/parent")) {
                assertEquals(Optional.of(parent), stepped.system.lookup(path), path);
            }
            for (String path : List.of("/test/parent/child", "parent/child", "/parent/child")) {
                assertEquals(Optional.of(child.get(0)), stepped.system.lookup(path), path);
            }
            for (String path : List.of("", "/", "child", "/test", "/test/", "test", "/test/parent/", "/other/parent")) {
                assertEquals(Optional.empty(), stepped.system.lookup(path), path);
            }
            stepped.stop(parent);
            assertEquals(Optional.empty(), stepped.system.lookup("parent"));
            assertEquals(Optional.empty(), stepped.system.lookup("parent/child"));
        }
    }

    @Test
    void anActorNamedLikeItsSystemIsFoundByItsShortPath() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<String>> child = new ArrayList<>();
            ActorRef<String> namesake = stepped.spawn(
                    Behaviors.setup(context -> {
                        child.add(context.spawn(Behaviors.ignore(), "child"));
                        return Behaviors.ignore();
                    }),
                    "test");
            assertEquals(Optional.of(namesake), stepped.system.lookup("test"));
            assertEquals(Optional.of(namesake), stepped.system.lookup("/test/test"));
            assertEquals(Optional.of(child.get(0)), stepped.system.lookup("test/child"));
            assertEquals(Optional.of(child.get(0)), stepped.system.lookup("/test/test/child"));
        }
    }

    @Test
    void allLivingActorsAreListed() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> parent = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.spawn(Behaviors.ignore(), "child");
                        return Behaviors.ignore();
                    }),
                    "parent");
            stepped.spawn(Behaviors.ignore(), "other");
            assertEquals(
                    Set.of("/test/parent", "/test/parent/child", "/test/other"), Set.copyOf(stepped.system.actors()));
            stepped.stop(parent);
            assertEquals(List.of("/test/other"), stepped.system.actors());
        }
    }

    @Test
    void inspectShowsTheDepth() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Object> actor = stepped.spawn(Behaviors.ignore(), "actor");
            assertEquals(0, stepped.system.inspect(actor).orElseThrow().depth());
            for (int i = 0; i < 200; i++) {
                actor.tell("message");
            }
            actor.tell(new Urgent("control"));
            assertEquals(201, stepped.system.inspect(actor).orElseThrow().depth());
            stepped.run();
            assertEquals(
                    new MailboxStatus(0, Duration.ZERO),
                    stepped.system.inspect(actor).orElseThrow());
        }
    }

    @Test
    void theAgeOfTheFirstMessageAfterAnIdleTimeIsExact() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(Behaviors.ignore(), "actor");
            stepped.advance(SECOND.multipliedBy(100));
            actor.tell("first");
            assertEquals(
                    Duration.ZERO, stepped.system.inspect(actor).orElseThrow().oldestAge());
            stepped.clock.advance(SECOND.multipliedBy(3));
            actor.tell("second");
            stepped.clock.advance(SECOND);
            assertEquals(
                    SECOND.multipliedBy(4),
                    stepped.system.inspect(actor).orElseThrow().oldestAge());
        }
    }

    @Test
    void theAgeIsAnUpperBoundOfTheTrueOneAndFollowsIt() {
        try (var stepped = new SteppedSystem(builder -> builder.throughput(1))) {
            ActorRef<Integer> actor = stepped.spawn(Behaviors.ignore(), "actor");
            for (int i = 0; i < 20; i++) {
                actor.tell(i);
                stepped.clock.advance(SECOND);
            }
            Duration trueAge = SECOND.multipliedBy(19); // of the oldest: one a second came, and one a second goes
            for (int turn = 1; turn < 20; turn++) {
                stepped.dispatcher.runOne();
                Duration age = stepped.system.inspect(actor).orElseThrow().oldestAge();
                assertTrue(age.compareTo(trueAge) >= 0, "after turn " + turn + ": " + age);
                stepped.clock.advance(SECOND);
            }
            stepped.run();
            assertEquals(
                    Duration.ZERO, stepped.system.inspect(actor).orElseThrow().oldestAge());
            stepped.clock.advance(SECOND.multipliedBy(5));
            actor.tell(0);
            stepped.clock.advance(SECOND);
            assertEquals(SECOND, stepped.system.inspect(actor).orElseThrow().oldestAge());
        }
    }

    @Test
    void theAgeOfWhatWaitsForTheEndOfABackoffIsNotForgottenForAControlMessage() {
        try (var stepped = new SteppedSystem()) {
            Duration minute = Duration.ofMinutes(1);
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.supervise(
                            new Recorder().fragile(),
                            SupervisorStrategy.restart().withBackoff(minute, minute)),
                    "actor");
            stepped.tell(actor, "fail");
            stepped.tell(actor, "waits");
            stepped.advance(SECOND.multipliedBy(5));
            stepped.tell(actor, new Urgent("control"));
            Duration age = stepped.system.inspect(actor).orElseThrow().oldestAge();
            assertTrue(age.compareTo(SECOND.multipliedBy(5)) >= 0, age::toString);
        }
    }

    @Test
    void thereIsNothingToInspectOfAStoppedActorOrOfSomethingElse() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> gone = gone(stepped);
            assertEquals(Optional.empty(), stepped.system.inspect(gone));
            ActorRef<String> foreign = new ActorRef<>() {
                @Override
                public boolean tell(String message) {
                    return false;
                }

                @Override
                public String path() {
                    return "/elsewhere/actor";
                }
            };
            assertEquals(Optional.empty(), stepped.system.inspect(foreign));
        }
    }

    @Test
    void anActorOfAnotherSystemIsNotInspected() {
        try (var one = new SteppedSystem();
                var other = new SteppedSystem()) {
            ActorRef<String> actor = one.spawn(Behaviors.ignore(), "actor");
            assertEquals(Optional.empty(), other.system.inspect(actor));
        }
    }

    @Test
    void aSystemHasANameAndItsParts() {
        try (var stepped = new SteppedSystem()) {
            assertEquals("test", stepped.system.name());
            assertEquals(stepped.clock, stepped.system.clock());
            assertEquals(stepped.parker, stepped.system.parker());
            assertEquals(WaitStrategy.backoff(), stepped.system.waitStrategy());
        }
    }
}
