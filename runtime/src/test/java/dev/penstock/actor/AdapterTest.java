package dev.penstock.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Adapters, piped stages, attachments and the handler of unprocessed messages. */
@ExtendWith(Logs.class)
class AdapterTest {

    private final Recorder recorder = new Recorder();
    private final AtomicReference<ActorRef<Integer>> adapter = new AtomicReference<>();

    private Behavior<String> adapting(Function<Integer, String> translate) {
        return Behaviors.setup(context -> {
            adapter.set(context.adapter(translate));
            return recorder.fragile();
        });
    }

    private Behavior<String> piping(CompletableFuture<?> stage) {
        return Behaviors.setup(context -> {
            context.pipeToSelf(stage, (result, e) -> result + " or " + e);
            return recorder.fragile();
        });
    }

    @Test
    void anAdapterTranslates() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(adapting(number -> "number " + number), "actor");
            actor.tell("before");
            assertTrue(adapter.get().tell(7));
            actor.tell("after");
            stepped.run();
            assertEquals(List.of("before", "number 7", "after"), recorder.heard);
            assertTrue(
                    adapter.get().path().startsWith("/test/actor/"),
                    adapter.get().path());
        }
    }

    @Test
    void anAdapterTranslatesInTheTurnOfItsActor() {
        try (var stepped = new SteppedSystem()) {
            List<Boolean> inTurn = new ArrayList<>();
            stepped.spawn(
                    adapting(number -> {
                        inTurn.add(Lane.isInTurn());
                        return "text";
                    }),
                    "actor");
            adapter.get().tell(7);
            assertEquals(List.of(), inTurn);
            stepped.run();
            assertEquals(List.of(true), inTurn);
        }
    }

    @Test
    void twoAdaptersHaveDifferentPaths() {
        try (var stepped = new SteppedSystem()) {
            List<String> paths = new ArrayList<>();
            stepped.spawn(
                    Behaviors.<String>setup(context -> {
                        paths.add(context.adapter((Integer number) -> "a").path());
                        paths.add(context.adapter((Integer number) -> "b").path());
                        return Behaviors.ignore();
                    }),
                    "actor");
            assertNotEquals(paths.get(0), paths.get(1));
        }
    }

    @Test
    void anAdapterThatThrowsFailsItsActor() {
        try (var stepped = new SteppedSystem()) {
            Boom boom = new Boom("translate");
            ActorRef<String> actor = stepped.spawn(
                    adapting(number -> {
                        throw boom;
                    }),
                    "actor");
            assertTrue(adapter.get().tell(7));
            stepped.run();
            assertFalse(stepped.isAlive(actor));
            assertSame(boom, stepped.events.get(1).failure().orElseThrow());
        }
    }

    @Test
    void anAdapterThatThrowsIsSupervised() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.supervise(
                            adapting(number -> {
                                throw new Boom("translate");
                            }),
                            SupervisorStrategy.resume()),
                    "actor");
            adapter.get().tell(7);
            stepped.tell(actor, "next");
            assertEquals(List.of("next"), recorder.heard);
        }
    }

    @Test
    void anAdapterThatMakesNullFailsItsActor() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(adapting(number -> null), "actor");
            adapter.get().tell(7);
            stepped.run();
            assertFalse(stepped.isAlive(actor));
            assertInstanceOf(
                    NullPointerException.class, stepped.events.get(1).failure().orElseThrow());
            assertEquals(List.of(new PostStop()), recorder.heard);
        }
    }

    @Test
    void anAdapterIsGoneWithItsActor() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(adapting(String::valueOf), "actor");
            stepped.stop(actor);
            assertFalse(adapter.get().tell(7));
            assertEquals(List.of(new DeadLetter(7, "/test/actor", DeadLetter.Reason.STOPPED)), stepped.letters);
        }
    }

    @Test
    void whatWaitsInAnAdapterWhenItsActorStopsIsADeadLetterInItsOwnWords() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(adapting(String::valueOf), "actor");
            assertTrue(adapter.get().tell(7));
            stepped.stop(actor);
            assertEquals(List.of(new DeadLetter(7, "/test/actor", DeadLetter.Reason.STOPPED)), stepped.letters);
        }
    }

    @Test
    void anAdapterTakesRoomInABoundedMailbox() {
        try (var stepped = new SteppedSystem()) {
            stepped.spawn(
                    adapting(String::valueOf), "actor", SpawnOptions.defaults().boundedMailbox(2));
            assertTrue(adapter.get().tell(1));
            assertTrue(adapter.get().tell(2));
            assertFalse(adapter.get().tell(3));
            assertEquals(List.of(new DeadLetter(3, "/test/actor", DeadLetter.Reason.FULL)), stepped.letters);
        }
    }

    @Test
    void aControlMessageToldThroughAnAdapterOvertakesDataAndIsNotRefused() {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<Urgent>> urgent = new ArrayList<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        urgent.add(context.adapter(Urgent::text));
                        return recorder.behavior();
                    }),
                    "actor",
                    SpawnOptions.defaults().boundedMailbox(1));
            actor.tell("data");
            assertTrue(urgent.get(0).tell(new Urgent("now")));
            stepped.run();
            assertEquals(List.of("now", "data"), recorder.heard);
        }
    }

    @Test
    void aPipedResultArrives() {
        try (var stepped = new SteppedSystem()) {
            CompletableFuture<Object> stage = new CompletableFuture<>();
            stepped.spawn(piping(stage), "actor");
            stepped.run();
            assertEquals(List.of(), recorder.heard);
            stage.complete("result");
            stepped.run();
            assertEquals(List.of("result or null"), recorder.heard);
        }
    }

    @Test
    void aPipedFailureArrives() {
        try (var stepped = new SteppedSystem()) {
            CompletableFuture<Object> stage = new CompletableFuture<>();
            ActorRef<String> actor = stepped.spawn(piping(stage), "actor");
            Boom boom = new Boom("stage");
            stage.completeExceptionally(boom);
            stepped.run();
            assertEquals(List.of("null or " + boom), recorder.heard);
            assertTrue(stepped.isAlive(actor));
        }
    }

    @Test
    void aStageThatIsCompleteWithNothingArrives() {
        try (var stepped = new SteppedSystem()) {
            stepped.spawn(piping(CompletableFuture.completedFuture(null)), "actor");
            assertEquals(List.of("null or null"), recorder.heard);
        }
    }

    @Test
    void aPipedResultIsNotMadeText() {
        try (var stepped = new SteppedSystem()) {
            Object result = new Object() {
                @Override
                public String toString() {
                    throw new Boom("asked for its text");
                }
            };
            List<Object> results = new ArrayList<>();
            stepped.spawn(
                    Behaviors.<String>setup(context -> {
                        context.pipeToSelf(CompletableFuture.completedFuture(result), (value, e) -> {
                            results.add(value);
                            return "arrived";
                        });
                        return recorder.behavior();
                    }),
                    "actor");
            assertEquals(List.of("arrived"), recorder.heard);
            assertSame(result, results.get(0));
        }
    }

    @Test
    void aTranslationOfAStageThatThrowsFailsTheActor() {
        try (var stepped = new SteppedSystem()) {
            Boom boom = new Boom("translate");
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.pipeToSelf(CompletableFuture.completedFuture(1), (result, e) -> {
                            throw boom;
                        });
                        return recorder.behavior();
                    }),
                    "actor");
            assertFalse(stepped.isAlive(actor));
            assertEquals(List.of(new PostStop()), recorder.heard);
            assertTrue(stepped.events.stream()
                    .anyMatch(event -> event.kind() == LifecycleEvent.Kind.FAILED
                            && event.failure().orElseThrow() == boom));
        }
    }

    @Test
    void aResultThatComesAfterTheEndIsADeadLetter() {
        try (var stepped = new SteppedSystem()) {
            CompletableFuture<Object> late = new CompletableFuture<>();
            CompletableFuture<Object> waiting = new CompletableFuture<>();
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.pipeToSelf(late, (result, e) -> "late");
                        context.pipeToSelf(waiting, (result, e) -> "waiting");
                        return recorder.behavior();
                    }),
                    "actor");
            waiting.complete(1);
            stepped.stop(actor);
            late.complete(2);
            assertEquals(
                    List.of(
                            new DeadLetter(1, "/test/actor", DeadLetter.Reason.STOPPED),
                            new DeadLetter(2, "/test/actor", DeadLetter.Reason.STOPPED)),
                    stepped.letters);
        }
    }

    @Test
    void nothingThatComesAfterTheEndIsADeadLetterToo() {
        try (var stepped = new SteppedSystem()) {
            CompletableFuture<Void> stage = new CompletableFuture<>();
            ActorRef<String> actor = stepped.spawn(piping(stage), "actor");
            stepped.stop(actor);
            stage.complete(null);
            assertEquals(1, stepped.letters.size());
            assertEquals(DeadLetter.Reason.STOPPED, stepped.letters.get(0).reason());
            assertTrue(stepped.letters.get(0).message() != null, "a dead letter has a message");
        }
    }

    @Test
    void anAttachmentIsFoundByItsRefAndItsType() {
        try (var stepped = new SteppedSystem()) {
            List<Optional<?>> found = new ArrayList<>();
            List<Integer> attached = List.of(1);
            ActorRef<String> holder = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.attach("replaced");
                        context.attach(attached);
                        return Behaviors.ignore();
                    }),
                    "holder");
            ActorRef<String> seeker = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        found.add(context.attachment(holder, List.class));
                        found.add(context.attachment(holder, String.class));
                        found.add(context.attachment(context.self(), Object.class));
                        return Behaviors.same();
                    }),
                    "seeker");
            stepped.tell(seeker, "look");
            assertSame(attached, found.get(0).orElseThrow());
            assertEquals(Optional.empty(), found.get(1));
            assertEquals(Optional.empty(), found.get(2));
            stepped.stop(holder);
            stepped.tell(seeker, "look");
            assertEquals(Optional.empty(), found.get(3));
        }
    }

    @Test
    void anAttachmentIsNotFoundFromAnotherSystem() {
        try (var one = new SteppedSystem();
                var other = new SteppedSystem()) {
            List<Optional<?>> found = new ArrayList<>();
            ActorRef<String> holder = one.spawn(
                    Behaviors.setup(context -> {
                        context.attach("attached");
                        return Behaviors.ignore();
                    }),
                    "holder");
            other.spawn(
                    Behaviors.<String>setup(context -> {
                        found.add(context.attachment(holder, String.class));
                        return Behaviors.ignore();
                    }),
                    "seeker");
            assertEquals(List.of(Optional.empty()), found);
        }
    }

    @Test
    void aMessageThatWasNotProcessedGoesToTheHandlerAndIsNoDeadLetter() {
        try (var stepped = new SteppedSystem()) {
            List<Object> unprocessed = new ArrayList<>();
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.onUnprocessed(unprocessed::add);
                        return recorder.fragile();
                    }),
                    "actor");
            Urgent urgent = new Urgent("late");
            actor.tell("stop");
            actor.tell("one");
            actor.tell("two");
            stepped.run();
            assertEquals(List.of("one", "two"), unprocessed);
            assertEquals(List.of(), stepped.letters);
            assertFalse(actor.tell(urgent)); // was never accepted: a dead letter
            assertFalse(actor.tell("three"));
            assertEquals(List.of("one", "two"), unprocessed);
            assertEquals(2, stepped.letters.size());
        }
    }

    @Test
    void theHandlerOfUnprocessedMessagesIsGivenControlMessagesToo() {
        try (var stepped = new SteppedSystem()) {
            List<Object> unprocessed = new ArrayList<>();
            Urgent urgent = new Urgent("too late");
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.onUnprocessed(unprocessed::add);
                        return Behaviors.receive((inner, message) -> {
                            inner.self().tell(urgent);
                            return Behaviors.stopped();
                        });
                    }),
                    "actor");
            stepped.tell(actor, "go");
            assertEquals(List.of(urgent), unprocessed);
        }
    }

    @Test
    void aHandlerOfUnprocessedMessagesThatThrowsIsGivenTheOthersToo() {
        try (var stepped = new SteppedSystem()) {
            List<Object> unprocessed = new ArrayList<>();
            ActorRef<Object> actor = stepped.spawn(
                    Behaviors.setup(context -> {
                        context.onUnprocessed(message -> {
                            unprocessed.add(message);
                            throw new Boom("in the handler");
                        });
                        return Behaviors.ignore();
                    }),
                    "actor");
            actor.tell("one");
            actor.tell("two");
            stepped.stop(actor);
            assertEquals(List.of("one", "two"), unprocessed);
            assertFalse(stepped.isAlive(actor));
        }
    }

    @Test
    void theHandlerOfUnprocessedMessagesDoesNotRunBesidePostStop() throws Exception {
        CountDownLatch inPostStop = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        CountDownLatch handled = new CountDownLatch(1);
        boolean[] ended = new boolean[1]; // the actor's own
        AtomicReference<Boolean> endedWhenHandled = new AtomicReference<>();
        try (ActorSystem system = RealDispatcher.POOL_OF_TWO.system()) {
            ActorRef<String> actor = system.spawn(
                    Behaviors.setup(outer -> {
                        outer.onUnprocessed(message -> {
                            endedWhenHandled.set(ended[0]);
                            handled.countDown();
                        });
                        return Behaviors.receive((context, message) -> Behaviors.stopped(), (context, signal) -> {
                            inPostStop.countDown();
                            Await.uninterruptibly(mayEnd);
                            ended[0] = true;
                            return Behaviors.same();
                        });
                    }),
                    "actor");
            actor.tell("stop");
            Await.on(inPostStop);
            // As if a teller had looked before the actor's end, and made its offer and its second look after it.
            ActorCell<?> cell = ((LocalRef<?>) actor).cell;
            cell.inbox().mailbox().offerData("raced");
            cell.tellControl(SystemMessage.Stop.STOP);
            mayEnd.countDown();
            Await.on(handled);
            assertEquals(true, endedWhenHandled.get());
        }
    }

    @Test
    void anActorMayPublishADeadLetterItself() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<String> actor = stepped.spawn(
                    Behaviors.receive((context, message) -> {
                        context.deadLetter(message, DeadLetter.Reason.FULL);
                        return Behaviors.same();
                    }),
                    "actor");
            stepped.tell(actor, "message");
            assertEquals(List.of(new DeadLetter("message", "/test/actor", DeadLetter.Reason.FULL)), stepped.letters);
        }
    }

    @Test
    void theHandlersOfAdaptersAndStagesMustBeGiven() {
        try (var stepped = new SteppedSystem()) {
            List<Throwable> refusals = new ArrayList<>();
            stepped.spawn(
                    Behaviors.<String>setup(context -> {
                        refusals.add(assertThrows(NullPointerException.class, () -> context.adapter(null)));
                        refusals.add(assertThrows(
                                NullPointerException.class,
                                () -> context.pipeToSelf(CompletableFuture.completedFuture(1), null)));
                        return Behaviors.ignore();
                    }),
                    "actor");
            assertEquals(2, refusals.size());
        }
    }
}
