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
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Logs.class)
class AskTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private record Question(ActorRef<String> replyTo) {}

    private static Behavior<Question> answering(String answer) {
        return Behaviors.receive((context, question) -> {
            question.replyTo().tell(answer);
            return Behaviors.same();
        });
    }

    @OnEveryDispatcher
    void anAskIsAnswered(RealDispatcher dispatcher) throws Exception {
        try (ActorSystem system = dispatcher.system()) {
            ActorRef<Question> actor = system.spawn(answering("yes"), "actor");
            for (int i = 0; i < 1_000; i++) {
                assertEquals("yes", Await.get(system.ask(actor, Question::new, Duration.ofSeconds(10))));
            }
        }
    }

    @Test
    void anAskLeavesNoTimerBehindWhenItIsAnswered() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "actor");
            CompletableFuture<String> answer = stepped.system.ask(actor, Question::new, SECOND);
            assertFalse(answer.isDone());
            assertEquals(1, stepped.clock.scheduled());
            stepped.run();
            assertEquals("yes", answer.join());
            assertEquals(0, stepped.clock.scheduled());
        }
    }

    @Test
    void aTimeoutNamesTheTargetTheQuestionAndTheDepth() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "slow");
            CompletableFuture<String> first = stepped.system.ask(actor, Question::new, SECOND);
            stepped.system.ask(actor, Question::new, Duration.ofSeconds(9));
            stepped.system.ask(actor, Question::new, Duration.ofSeconds(9));
            stepped.clock.advance(Duration.ofNanos(999_999_999));
            assertFalse(first.isDone());
            stepped.clock.advance(Duration.ofNanos(1));
            String message = assertInstanceOf(AskTimeoutException.class, Await.failure(first))
                    .getMessage();
            assertTrue(message.contains("/test/slow"), message);
            assertTrue(message.contains(Question.class.getName()), message);
            assertTrue(message.contains("3 messages"), message);
        }
    }

    @Test
    void aTimeoutOfAnAdapterDoesNotSayThatTheActorHasStopped() throws Exception {
        try (var stepped = new SteppedSystem()) {
            List<ActorRef<Question>> adapter = new ArrayList<>();
            stepped.spawn(
                    Behaviors.<String>setup(context -> {
                        adapter.add(context.adapter((Question question) -> "question"));
                        return Behaviors.receive((inner, message) -> Behaviors.same());
                    }),
                    "alive");
            CompletableFuture<String> answer = stepped.system.ask(adapter.get(0), Question::new, SECOND);
            stepped.advance(SECOND);
            String message = assertInstanceOf(AskTimeoutException.class, Await.failure(answer))
                    .getMessage();
            assertFalse(message.contains("has stopped"), message);
        }
    }

    @Test
    void aReplyAfterTheTimeoutIsADeadLetter() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("late"), "slow");
            CompletableFuture<String> answer = stepped.system.ask(actor, Question::new, SECOND);
            stepped.clock.advance(SECOND);
            stepped.run();
            assertTrue(answer.isCompletedExceptionally());
            assertEquals(1, stepped.letters.size());
            assertEquals("late", stepped.letters.get(0).message());
            assertEquals(DeadLetter.Reason.LATE_REPLY, stepped.letters.get(0).reason());
        }
    }

    @Test
    void aSecondReplyIsADeadLetter() {
        try (var stepped = new SteppedSystem()) {
            List<Boolean> accepted = new ArrayList<>();
            ActorRef<Question> actor = stepped.spawn(
                    Behaviors.receive((context, question) -> {
                        accepted.add(question.replyTo().tell("first"));
                        accepted.add(question.replyTo().tell("second"));
                        return Behaviors.same();
                    }),
                    "actor");
            CompletableFuture<String> answer = stepped.system.ask(actor, Question::new, SECOND);
            stepped.run();
            assertEquals("first", answer.join());
            assertEquals(List.of(true, false), accepted);
            assertEquals(1, stepped.letters.size());
            assertEquals("second", stepped.letters.get(0).message());
            assertEquals(DeadLetter.Reason.LATE_REPLY, stepped.letters.get(0).reason());
        }
    }

    @Test
    void anAskThatItsCallerGaveUpLeavesNoTimerBehind() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "actor");
            stepped.system.ask(actor, Question::new, SECOND).cancel(false);
            assertEquals(0, stepped.clock.scheduled());
            stepped.run();
            assertEquals(DeadLetter.Reason.LATE_REPLY, stepped.letters.get(0).reason());
        }
    }

    @Test
    void anAskWhoseTargetStopsBeforeItComesToItFailsThen() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "stopping");
            CompletableFuture<String> answer = stepped.system.ask(actor, Question::new, SECOND);
            stepped.system.stop(actor);
            assertFalse(answer.isDone());
            stepped.run();
            String message = assertInstanceOf(ActorStoppedException.class, Await.failure(answer))
                    .getMessage();
            assertTrue(message.contains("/test/stopping") && message.contains(Question.class.getName()), message);
            assertEquals(0, stepped.clock.scheduled());
        }
    }

    @Test
    void anAskThatIsNotHandledFailsAtOnce() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor =
                    stepped.spawn(Behaviors.receive((context, question) -> Behaviors.unhandled()), "deaf");
            CompletableFuture<String> answer = stepped.system.ask(actor, Question::new, SECOND);
            stepped.run();
            String message = assertInstanceOf(ActorStoppedException.class, Await.failure(answer))
                    .getMessage();
            assertTrue(message.contains("does not handle"), message);
        }
    }

    @Test
    void aQuestionThatIsPassedOnAfterARefusalIsAnswered() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> gone = stepped.spawn(answering("no"), "gone");
            stepped.stop(gone);
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "actor");
            ActorRef<Question> router = stepped.spawn(
                    Behaviors.receive((context, question) -> {
                        if (!gone.tell(question)) {
                            actor.tell(question);
                        }
                        return Behaviors.same();
                    }),
                    "router");
            CompletableFuture<String> answer = stepped.system.ask(router, Question::new, SECOND);
            stepped.run();
            assertEquals("yes", answer.join());
        }
    }

    @Test
    void aQuestionThatEqualsALostOneIsAnswered() throws Exception {
        record Same(List<ActorRef<String>> replyTo) {
            @Override
            public boolean equals(Object other) {
                return other instanceof Same;
            }

            @Override
            public int hashCode() {
                return 1;
            }
        }
        try (var stepped = new SteppedSystem()) {
            ActorRef<Same> deaf =
                    stepped.spawn(Behaviors.receive((context, question) -> Behaviors.unhandled()), "deaf");
            ActorRef<Same> actor = stepped.spawn(
                    Behaviors.receive((context, question) -> {
                        question.replyTo().get(0).tell("yes");
                        return Behaviors.same();
                    }),
                    "actor");
            CompletableFuture<String> lost =
                    stepped.system.ask(deaf, (ActorRef<String> replyTo) -> new Same(List.of(replyTo)), SECOND);
            CompletableFuture<String> answer =
                    stepped.system.ask(actor, (ActorRef<String> replyTo) -> new Same(List.of(replyTo)), SECOND);
            stepped.run();
            assertInstanceOf(ActorStoppedException.class, Await.failure(lost));
            assertEquals("yes", answer.join());
        }
    }

    @Test
    void anAskOfAStoppedActorFailsAtOnce() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "gone");
            stepped.stop(actor);
            CompletableFuture<String> answer = stepped.system.ask(actor, Question::new, SECOND);
            assertTrue(answer.isDone());
            String message = assertInstanceOf(ActorStoppedException.class, Await.failure(answer))
                    .getMessage();
            assertTrue(message.contains("/test/gone"), message);
            assertTrue(message.contains(Question.class.getName()), message);
            assertEquals(0, stepped.clock.scheduled());
        }
    }

    @Test
    void anAskOfAFullMailboxFailsAtOnce() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(
                    answering("yes"), "full", SpawnOptions.defaults().boundedMailbox(1));
            CompletableFuture<String> first = stepped.system.ask(actor, Question::new, SECOND);
            CompletableFuture<String> second = stepped.system.ask(actor, Question::new, SECOND);
            assertInstanceOf(ActorStoppedException.class, Await.failure(second));
            stepped.run();
            assertEquals("yes", first.join());
        }
    }

    @Test
    void anAskThatIsOutstandingWhenTheSystemClosesFails() throws Exception {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> silent = stepped.spawn(Behaviors.ignore(), "silent");
            CompletableFuture<String> answer = stepped.system.ask(silent, Question::new, SECOND);
            stepped.run();
            assertFalse(answer.isDone());
            stepped.system.close(SECOND);
            assertTrue(answer.isDone());
            assertInstanceOf(ActorStoppedException.class, Await.failure(answer));
        }
    }

    @OnEveryDispatcher
    void anAskThatRacesWithTheCloseFails(RealDispatcher dispatcher) throws Exception {
        for (int round = 0; round < 20; round++) {
            ActorSystem system = dispatcher.system();
            ActorRef<Question> silent = system.spawn(Behaviors.ignore(), "silent");
            CountDownLatch some = new CountDownLatch(5);
            Await.Running<List<CompletableFuture<String>>> asking = Await.async(() -> {
                List<CompletableFuture<String>> answers = new ArrayList<>();
                while (answers.size() < 200) {
                    answers.add(system.ask(silent, Question::new, Duration.ofMinutes(10)));
                    some.countDown();
                }
                return answers;
            });
            Await.on(some);
            system.close(Duration.ofSeconds(10));
            for (CompletableFuture<String> answer : asking.get()) {
                assertInstanceOf(ActorStoppedException.class, Await.failure(answer));
            }
        }
    }

    @Test
    void anAskAfterCloseFailsAtOnce() throws Exception {
        ActorSystem system = RealDispatcher.POOL_OF_ONE.system();
        ActorRef<Question> actor = system.spawn(answering("yes"), "actor");
        assertEquals("yes", Await.get(system.ask(actor, Question::new, SECOND)));
        system.close();
        CompletableFuture<String> answer = system.ask(actor, Question::new, SECOND);
        assertTrue(answer.isDone());
        assertInstanceOf(ActorStoppedException.class, Await.failure(answer));
    }

    @Test
    void anAskWithoutAPositiveTimeoutIsRefused() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "actor");
            assertThrows(IllegalArgumentException.class, () -> stepped.system.ask(actor, Question::new, Duration.ZERO));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> stepped.system.ask(actor, Question::new, Duration.ofNanos(-1)));
        }
    }

    @Test
    void anAskMayWaitForEver() {
        try (var stepped = new SteppedSystem()) {
            ActorRef<Question> actor = stepped.spawn(answering("yes"), "actor");
            CompletableFuture<String> answer =
                    stepped.system.ask(actor, Question::new, Duration.ofSeconds(Long.MAX_VALUE));
            stepped.run();
            assertEquals("yes", answer.join());
        }
    }

    @Test
    void aReplyIsTheAnswerThoughItsTellerIsInAnotherSystem() {
        try (var asking = new SteppedSystem();
                var answering = new SteppedSystem()) {
            ActorRef<Question> actor = answering.spawn(answering("from afar"), "actor");
            CompletableFuture<String> answer = asking.system.ask(actor, Question::new, SECOND);
            answering.run();
            assertEquals("from afar", answer.join());
        }
    }

    /** A ref whose link is down: what it is told is a dead letter. */
    private record Unreachable(ActorSystem system, boolean silent) implements RemoteRef<Question> {
        @Override
        public boolean tell(Question message) {
            if (!silent) {
                system.deadLetter(message, this, DeadLetter.Reason.UNREACHABLE);
            }
            return silent;
        }

        @Override
        public void watchedBy(Watcher watcher) {}

        @Override
        public void unwatchedBy(Watcher watcher) {}

        @Override
        public String path() {
            return "/elsewhere/actor";
        }
    }

    @Test
    void anAskOfAnUnreachableActorFailsAtOnceAndSaysSo() {
        try (var stepped = new SteppedSystem()) {
            CompletableFuture<String> answer =
                    stepped.system.ask(new Unreachable(stepped.system, false), Question::new, SECOND);
            CompletionException failed = assertThrows(CompletionException.class, answer::join);
            assertInstanceOf(ActorStoppedException.class, failed.getCause());
            assertEquals(
                    "/elsewhere/actor did not take " + Question.class.getName()
                            + ": its node is gone or cannot be reached",
                    failed.getCause().getMessage());
            assertEquals(1, stepped.letters.size());
        }
    }

    @Test
    void aTimeoutOfARemoteActorDoesNotSayThatItHasStopped() {
        try (var stepped = new SteppedSystem()) {
            CompletableFuture<String> answer =
                    stepped.system.ask(new Unreachable(stepped.system, true), Question::new, SECOND);
            stepped.advance(SECOND);
            CompletionException failed = assertThrows(CompletionException.class, answer::join);
            assertTrue(failed.getCause().getMessage().endsWith("; it is on another node"), failed::toString);
        }
    }
}
