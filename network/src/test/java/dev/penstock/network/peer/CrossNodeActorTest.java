package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorStoppedException;
import dev.penstock.actor.AskTimeoutException;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.Terminated;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.hostile.LogLines;
import dev.penstock.stream.PeerLostException;
import java.lang.invoke.MethodHandles;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tell, ask and watch between two nodes. */
public class CrossNodeActorTest {

    record Question(String text, ActorRef<String> replyTo) {}

    static final Codecs CODECS =
            Codecs.builder().record(100, Question.class, MethodHandles.lookup()).build();

    /** What the messages travel over; another module has another. */
    protected NodeLinks links() {
        return Links.PLAINTEXT;
    }

    private TwoNodes nodes() {
        return new TwoNodes(links(), CODECS);
    }

    private static Behavior<Question> echo() {
        return Behaviors.receive((context, question) -> {
            if (question.text().equals("stop")) {
                return Behaviors.stopped();
            }
            if (question.text().equals("fail")) {
                throw new IllegalStateException("as told");
            }
            question.replyTo().tell("re: " + question.text());
            return Behaviors.same();
        });
    }

    @Test
    void anAskIsAnsweredAcrossNodes() {
        try (TwoNodes nodes = nodes()) {
            ActorRef<Question> echo = nodes.b.refTo(nodes.a, nodes.a.system.spawn(echo(), "echo"));
            for (int i = 0; i < 100; i++) {
                String text = "hello " + i;
                assertEquals(
                        "re: " + text,
                        nodes.b
                                .system
                                .ask(echo, (ActorRef<String> me) -> new Question(text, me), TwoNodes.WAIT)
                                .join());
            }
        }
    }

    @Test
    void refsArePassedOn() throws Exception {
        try (TwoNodes nodes = nodes()) {
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            ActorRef<String> listener = nodes.b.system.spawn(
                    Behaviors.receive((context, text) -> {
                        heard.add(text);
                        return Behaviors.same();
                    }),
                    "listener");
            ActorRef<Question> echo = nodes.b.refTo(nodes.a, nodes.a.system.spawn(echo(), "echo"));
            assertTrue(echo.tell(new Question("x", listener)));
            assertEquals("re: x", heard.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void anAskFailsWhenTheConnectionIsLost() {
        try (TwoNodes nodes = nodes()) {
            CountDownLatch asked = new CountDownLatch(1);
            ActorRef<Question> silent = nodes.b.refTo(
                    nodes.a,
                    nodes.a.system.<Question>spawn(
                            Behaviors.receive((context, question) -> {
                                asked.countDown();
                                return Behaviors.same();
                            }),
                            "silent"));
            CompletableFuture<String> answer =
                    nodes.b.system.ask(silent, (ActorRef<String> me) -> new Question("x", me), TwoNodes.WAIT);
            assertTrue(await(asked));
            nodes.b.node.members(List.of(nodes.b.member));
            CompletionException failed = assertThrows(CompletionException.class, answer::join);
            assertInstanceOf(ActorStoppedException.class, failed.getCause());
            assertFalse(silent.tell(new Question("y", null)));
            assertEquals(
                    DeadLetter.Reason.UNREACHABLE,
                    nodes.b.deadLetters.get(nodes.b.deadLetters.size() - 1).reason());
        }
    }

    @Test
    void aQuestionThatTimedOutIsNotHeldAndOneThatWaitsFailsWithTheConnection() {
        try (TwoNodes nodes = nodes()) {
            CountDownLatch asked = new CountDownLatch(2);
            ActorRef<Question> silent = nodes.b.refTo(
                    nodes.a,
                    nodes.a.system.<Question>spawn(
                            Behaviors.receive((context, question) -> {
                                asked.countDown();
                                return Behaviors.same();
                            }),
                            "silent"));
            WeakReference<Object> timedOut = new WeakReference<>(askInVain(nodes.b, silent));
            CompletableFuture<String> waiting =
                    nodes.b.system.ask(silent, (ActorRef<String> me) -> new Question("waits", me), TwoNodes.WAIT);
            assertTrue(await(asked));
            while (timedOut.get() != null) {
                System.gc();
            }
            assertFalse(waiting.isDone());
            nodes.b.node.breakConnections();
            CompletionException failed = assertThrows(CompletionException.class, waiting::join);
            assertInstanceOf(ActorStoppedException.class, failed.getCause());
            nodes.b.awaitEvent("down a");
            nodes.b.awaitUp(nodes.a); // all that hung on the connection has been told by then
            assertEquals(
                    List.of("waits"),
                    nodes.b.deadLetters.stream()
                            .map(letter -> ((Question) letter.message()).text())
                            .toList());
        }
    }

    /** Asks, and waits until that has timed out; answers the question. */
    private static Question askInVain(TwoNodes.Side side, ActorRef<Question> silent) {
        Question[] made = new Question[1];
        CompletableFuture<String> answer = side.system.ask(
                silent, (ActorRef<String> me) -> made[0] = new Question("in vain", me), Duration.ofMillis(50));
        CompletionException failed = assertThrows(CompletionException.class, answer::join);
        assertInstanceOf(AskTimeoutException.class, failed.getCause());
        return made[0];
    }

    @Test
    void aWatcherHearsOfTheEndAfterWhatWasTold() throws Exception {
        try (TwoNodes nodes = nodes()) {
            List<String> heard = new ArrayList<>();
            CompletableFuture<List<String>> all = new CompletableFuture<>();
            ActorRef<Question> echo = nodes.b.refTo(nodes.a, nodes.a.system.spawn(echo(), "echo"));
            CountDownLatch watching = new CountDownLatch(1);
            ActorRef<String> watcher = nodes.b.system.spawn(
                    Behaviors.setup(context -> {
                        context.watch(echo);
                        watching.countDown();
                        return Behaviors.receive(
                                (same, text) -> {
                                    heard.add(text);
                                    return Behaviors.same();
                                },
                                (same, signal) -> {
                                    if (signal instanceof Terminated end) {
                                        heard.add("end of " + end.ref().equals(echo) + " "
                                                + end.failure().isPresent());
                                        all.complete(heard);
                                    }
                                    return Behaviors.same();
                                });
                    }),
                    "watcher");
            assertTrue(await(watching));
            for (int i = 0; i < 1000; i++) {
                echo.tell(new Question(Integer.toString(i), watcher));
            }
            echo.tell(new Question("fail", watcher));
            List<String> got = all.get(20, TimeUnit.SECONDS);
            assertEquals(1001, got.size());
            assertEquals("re: 999", got.get(999));
            assertEquals("end of true true", got.get(1000));
        }
    }

    @Test
    void aWatcherHearsOfALostNode() throws Exception {
        try (TwoNodes nodes = nodes()) {
            ActorRef<Question> echo = nodes.b.refTo(nodes.a, nodes.a.system.spawn(echo(), "echo"));
            CompletableFuture<Throwable> lost = new CompletableFuture<>();
            CountDownLatch watching = new CountDownLatch(1);
            nodes.b.system.<String>spawn(
                    Behaviors.setup(context -> {
                        context.watch(echo);
                        watching.countDown();
                        return Behaviors.receive((same, text) -> Behaviors.same(), (same, signal) -> {
                            if (signal instanceof Terminated end) {
                                lost.complete(end.failure().orElse(null));
                            }
                            return Behaviors.same();
                        });
                    }),
                    "watcher");
            assertTrue(await(watching));
            nodes.a.node.close();
            assertInstanceOf(PeerLostException.class, lost.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void anUnregisteredTypeIsADeadLetterAtOnce() {
        try (TwoNodes nodes = nodes()) {
            ActorRef<Object> any = nodes.b.refTo(
                    nodes.a, nodes.a.system.spawn(Behaviors.<Object>receive((c, m) -> Behaviors.same()), "any"));
            assertFalse(any.tell(new StringBuilder("no codec")));
            assertEquals(DeadLetter.Reason.UNHANDLED, nodes.b.deadLetters.get(0).reason());
        }
    }

    @Test
    void aConnectionThatBreaksIsMadeAnewAndRefsWorkAgain() throws Exception {
        try (TwoNodes nodes = nodes()) {
            ActorRef<Question> echo = nodes.b.refTo(nodes.a, nodes.a.system.spawn(echo(), "echo"));
            nodes.b.node.breakConnections();
            nodes.b.awaitEvent("down a");
            nodes.b.awaitUp(nodes.a);
            assertEquals(
                    "re: again",
                    nodes.b
                            .system
                            .ask(echo, (ActorRef<String> me) -> new Question("again", me), TwoNodes.WAIT)
                            .join());
        }
    }

    @Test
    void aNodeThatLeavesIsNoLoss() {
        try (LogLines log = new LogLines("dev.penstock.network");
                TwoNodes nodes = nodes()) {
            nodes.a.node.close();
            nodes.b.awaitEvent("down a");
            nodes.b.node.members(List.of(nodes.b.member));
            nodes.b.node.close();
            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void aMemberThatIsNoneAnyMoreIsNoLossOnEitherSide() {
        try (LogLines log = new LogLines("dev.penstock.network");
                TwoNodes nodes = nodes()) {
            nodes.b.node.members(List.of(nodes.b.member));
            nodes.b.awaitEvent("down a");
            nodes.a.awaitEvent("down b");
            assertEquals(List.of(), log.lines());
        }
    }

    @Test
    void aConnectionThatBreaksIsALoss() {
        try (LogLines log = new LogLines("dev.penstock.network");
                TwoNodes nodes = nodes()) {
            nodes.b.node.breakConnections();
            nodes.b.awaitEvent("down a");
            nodes.a.awaitEvent("down b");
            assertEquals(
                    List.of("a has lost b", "b has lost a"),
                    log.lines().stream()
                            .map(line -> line.substring(0, line.indexOf(':')))
                            .sorted()
                            .toList());
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
