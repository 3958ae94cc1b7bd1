package dev.penstock.actor;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.stress.Rig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LII_Result;
import org.openjdk.jcstress.infra.results.LI_Result;

/** The end of actors, of asks and of systems, against those who use them: each message, watch and question has one answer. */
public final class ActorEndStress {

    private ActorEndStress() {}

    /** Processed and dead letters, counted. */
    abstract static class Ending {
        final Rig rig = new Rig(2);
        final AtomicInteger processed = new AtomicInteger();
        final AtomicInteger deadLetters = new AtomicInteger();
        final ActorRef<Object> ref;

        Ending() {
            rig.system().subscribeDeadLetters(letter -> deadLetters.incrementAndGet());
            ref = rig.system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                if (message.equals("stop")) {
                                    return Behaviors.stopped();
                                }
                                processed.incrementAndGet();
                                return Behaviors.same();
                            }),
                            "ending");
            rig.settle();
        }
    }

    /** A message comes to an actor that stops. */
    @JCStressTest
    @Outcome(id = "true, 0, 1", expect = ACCEPTABLE, desc = "Accepted before the end, then a dead letter.")
    @Outcome(id = "false, 0, 1", expect = ACCEPTABLE, desc = "Refused after the end: a dead letter.")
    @State
    public static class StopVsTell extends Ending {
        private boolean accepted;

        public StopVsTell() {
            ref.tell("stop");
        }

        @Actor
        public void turn() {
            rig.runTurn();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            accepted = ref.tell("message");
        }

        @Arbiter
        public void arbiter(LII_Result r) {
            rig.settle();
            r.r1 = accepted;
            r.r2 = processed.get();
            r.r3 = deadLetters.get();
        }
    }

    /** Tellers come to an actor that stops: they and its own end sweep the mailbox, which has one reader at a time. */
    @JCStressTest
    @Outcome(id = "0, 24", expect = ACCEPTABLE, desc = "Each message is a dead letter, once.")
    @State
    public static class StopVsTwoTellers extends Ending {
        public StopVsTwoTellers() {
            ref.tell("stop");
            for (int i = 0; i < 16; i++) { // to sweep them takes a while
                ref.tell(i);
            }
        }

        @Actor
        public void turn() {
            rig.meet();
            rig.runTurn();
            tellFour();
        }

        @Actor
        public void one() {
            rig.meet();
            Rig.stagger();
            tellFour();
        }

        private void tellFour() {
            for (int i = 0; i < 4; i++) {
                ref.tell(i);
            }
        }

        @Arbiter
        public void arbiter(II_Result r) {
            rig.settle();
            r.r1 = processed.get();
            r.r2 = deadLetters.get();
        }
    }

    /** One actor begins to watch another, which ends. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The watcher hears of the end, once.")
    @State
    public static class WatchVsEnd extends Ending {
        private final AtomicInteger heard = new AtomicInteger();

        public WatchVsEnd() {
            ActorRef<String> watcher = rig.system()
                    .spawn(
                            Behaviors.receive(
                                    (context, message) -> {
                                        context.watch(ref);
                                        return Behaviors.same();
                                    },
                                    (context, signal) -> {
                                        if (signal instanceof Terminated) {
                                            heard.incrementAndGet();
                                        }
                                        return Behaviors.same();
                                    }),
                            "watcher",
                            SpawnOptions.defaults().dispatcher(rig.otherDispatcher()));
            rig.settle();
            watcher.tell("watch");
            ref.tell("stop");
        }

        @Actor
        public void end() {
            rig.runTurn();
        }

        @Actor
        public void watch() {
            rig.runOtherTurns();
        }

        @Arbiter
        public void arbiter(I_Result r) {
            rig.settle();
            r.r1 = heard.get();
        }
    }

    /** A watch of an actor elsewhere: the test is the link. */
    abstract static class Watching {
        final Rig rig = new Rig(2);
        final ActorRef<String> watching;
        private final AtomicInteger heard = new AtomicInteger();
        private final AtomicInteger takenBack = new AtomicInteger();
        private Watcher watcher;

        Watching() {
            RemoteRef<String> distant = new RemoteRef<>() {
                @Override
                public boolean tell(String message) {
                    return false;
                }

                @Override
                public void watchedBy(Watcher given) {
                    watcher = given;
                }

                @Override
                public void unwatchedBy(Watcher given) {
                    takenBack.incrementAndGet();
                }

                @Override
                public String path() {
                    return "/elsewhere";
                }
            };
            watching = rig.system()
                    .spawn(
                            Behaviors.<String>setup(outer -> {
                                outer.watch(distant);
                                return Behaviors.receive(
                                        (context, message) -> {
                                            if (message.equals("stop")) {
                                                return Behaviors.stopped();
                                            }
                                            context.unwatch(distant);
                                            return Behaviors.same();
                                        },
                                        (context, signal) -> {
                                            if (signal instanceof Terminated) {
                                                heard.incrementAndGet();
                                            }
                                            return Behaviors.same();
                                        });
                            }),
                            "watching");
            rig.settle();
        }

        /** The link says that the actor has ended, twice: once too often. */
        final void end() {
            watcher.ended(Optional.empty());
            watcher.ended(Optional.empty());
        }

        final void report(II_Result r) {
            rig.settle();
            r.r1 = heard.get();
            r.r2 = takenBack.get();
        }
    }

    /** The end of an actor elsewhere is told while the watch is taken back. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Heard, once: nothing was left to take back.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Taken back, and not heard any more.")
    @State
    public static class RemoteEndVsUnwatch extends Watching {
        @Actor
        public void turn() {
            rig.meet();
            Rig.stagger();
            watching.tell("unwatch");
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            end();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            report(r);
        }
    }

    /** The end of an actor elsewhere is told while the watcher stops: the last look may be before it, or its own. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Heard, once, before the watcher came to stop.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The watcher stopped, and took its watch back.")
    @State
    public static class RemoteEndVsStop extends Watching {
        @Actor
        public void turn() {
            rig.meet();
            Rig.stagger();
            watching.tell("stop");
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            end();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            report(r);
        }
    }

    /** An answer and the timeout race. */
    @JCStressTest
    @Outcome(id = "answered, 0", expect = ACCEPTABLE, desc = "The answer was first.")
    @Outcome(id = "timed out, 1", expect = ACCEPTABLE, desc = "The timeout was first; the answer is a dead letter.")
    @State
    public static class AnswerVsTimeout {
        private final Rig rig = new Rig(2);
        private final AtomicInteger deadLetters = new AtomicInteger();
        private final CompletableFuture<String> answer;
        private ActorRef<String> replyTo;

        public AnswerVsTimeout() {
            rig.system().subscribeDeadLetters(letter -> deadLetters.incrementAndGet());
            ActorRef<ActorRef<String>> asked = rig.system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                replyTo = message;
                                return Behaviors.same();
                            }),
                            "asked");
            answer = rig.system().ask(asked, (ActorRef<String> reply) -> reply, Duration.ofSeconds(1));
            rig.settle();
        }

        @Actor
        public void answers() {
            Rig.stagger();
            replyTo.tell("answer");
        }

        @Actor
        public void time() {
            Rig.stagger();
            rig.fireTimer();
        }

        @Arbiter
        public void arbiter(LI_Result r) {
            rig.settle();
            try {
                r.r1 = answer.getNow(null) != null ? "answered" : "open";
            } catch (CompletionException e) {
                r.r1 = e.getCause() instanceof AskTimeoutException ? "timed out" : e.toString();
            }
            r.r2 = deadLetters.get();
        }
    }

    /** A system closes while a message comes. */
    @JCStressTest
    @Outcome(id = "true, 1, 0", expect = ACCEPTABLE, desc = "Processed before the end.")
    @Outcome(id = "true, 0, 1", expect = ACCEPTABLE, desc = "Accepted, then a dead letter.")
    @Outcome(id = "false, 0, 1", expect = ACCEPTABLE, desc = "Refused: a dead letter.")
    @State
    public static class CloseVsTell extends Ending {
        private boolean accepted;
        private boolean clean;

        @Actor
        public void closer() {
            clean = rig.system().close(Duration.ofHours(1)).clean();
            rig.done();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            accepted = ref.tell("message");
            rig.done();
        }

        @Arbiter
        public void arbiter(LII_Result r) {
            rig.settle();
            r.r1 = clean ? accepted : "actors left over";
            r.r2 = processed.get();
            r.r3 = deadLetters.get();
        }
    }

    /** A system closes while an actor is spawned. */
    @JCStressTest
    @Outcome(id = "refused, 0", expect = ACCEPTABLE, desc = "The system was closed already.")
    @Outcome(id = "spawned, 0", expect = ACCEPTABLE, desc = "It was spawned, and has ended.")
    @State
    public static class CloseVsSpawn extends Ending {
        private String spawned;
        private boolean clean;

        @Actor
        public void closer() {
            clean = rig.system().close(Duration.ofHours(1)).clean();
            rig.done();
        }

        @Actor
        public void spawner() {
            Rig.stagger();
            try {
                rig.system().spawn(Behaviors.<String>ignore(), "late");
                spawned = "spawned";
            } catch (IllegalStateException e) {
                spawned = "refused";
            }
            rig.done();
        }

        @Arbiter
        public void arbiter(LI_Result r) {
            rig.settle();
            r.r1 = clean ? spawned : "actors left over";
            r.r2 = rig.system().lookup("late").isPresent() ? 1 : 0;
        }
    }
}
