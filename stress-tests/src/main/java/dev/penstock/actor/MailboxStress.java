package dev.penstock.actor;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.stress.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LII_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/**
 * Tellers against the turn: {@link Mailbox}, {@link Inbox} and the state word of {@link Lane}. No message waits without a turn
 * to come, and a lane never has two turns or two holders.
 */
public final class MailboxStress {

    private MailboxStress() {}

    /** A message that travels in the control lane. */
    record Control(int number) implements ControlMessage {}

    /** An actor that keeps what it received, in order; looked at by the arbiter. */
    abstract static class Receiver {
        final Rig rig;
        final List<Object> received = new ArrayList<>();
        final AtomicInteger deadLetters = new AtomicInteger();
        final ActorRef<Object> ref;

        // In a turn, or held by a visitor: plain, for the lane orders its holders.
        private int holders;
        private int collisions;

        Receiver(int participants, int throughput, SpawnOptions options) {
            rig = new Rig(participants, throughput);
            rig.system().subscribeDeadLetters(letter -> deadLetters.incrementAndGet());
            ref = rig.system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                enter();
                                received.add(message);
                                exit();
                                return message.equals("stop") ? Behaviors.stopped() : Behaviors.same();
                            }),
                            "receiver",
                            options);
            rig.settle();
        }

        Receiver() {
            this(2, 64, SpawnOptions.defaults());
        }

        final Lane lane() {
            return ((LocalRef<?>) ref).cell.lane();
        }

        final void enter() {
            if (++holders != 1) {
                collisions++;
            }
        }

        final void exit() {
            if (--holders != 0) {
                collisions++;
            }
        }

        final String order() {
            return received.stream()
                    .map(message -> message instanceof Control ? "c" : message.toString())
                    .collect(Collectors.joining(" "));
        }

        final int collisions() {
            return collisions;
        }
    }

    /** A turn is about to end; a message arrives. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "Both messages were processed.")
    @State
    public static class IdleVsTell extends Receiver {
        public IdleVsTell() {
            ref.tell("first");
        }

        @Actor
        public void turn() {
            rig.meet();
            rig.runTurn();
        }

        @Actor
        public void teller() {
            rig.meet();
            Rig.stagger();
            ref.tell("second");
        }

        @Arbiter
        public void arbiter(I_Result r) {
            rig.settle();
            r.r1 = received.size();
        }
    }

    /** The same, in the control lane. */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "Both messages were processed.")
    @State
    public static class IdleVsControl extends Receiver {
        public IdleVsControl() {
            ref.tell("first");
        }

        @Actor
        public void turn() {
            rig.meet();
            rig.runTurn();
        }

        @Actor
        public void teller() {
            rig.meet();
            Rig.stagger();
            ref.tell(new Control(2));
        }

        @Arbiter
        public void arbiter(I_Result r) {
            rig.settle();
            r.r1 = received.size();
        }
    }

    /** Two tellers find the lane idle. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "One turn was handed in, and it processed both.")
    @State
    public static class TwoTellers extends Receiver {
        @Actor
        public void one() {
            Rig.stagger();
            ref.tell("a");
        }

        @Actor
        public void two() {
            Rig.stagger();
            ref.tell("b");
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = rig.readyTurns();
            rig.settle();
            r.r2 = received.size();
        }
    }

    /** A turn of one message has reached its limit while two wait; a third arrives. */
    @JCStressTest
    @Outcome(id = "3", expect = ACCEPTABLE, desc = "All were processed.")
    @State
    public static class TurnLimitVsTell extends Receiver {
        public TurnLimitVsTell() {
            super(2, 1, SpawnOptions.defaults());
            ref.tell("first");
            ref.tell("second");
        }

        @Actor
        public void turn() {
            rig.meet();
            rig.runTurn();
        }

        @Actor
        public void teller() {
            rig.meet();
            Rig.stagger();
            ref.tell("third");
        }

        @Arbiter
        public void arbiter(I_Result r) {
            rig.settle();
            r.r1 = received.size();
        }
    }

    /** Two tellers fill a chunk of the mailbox and begin the next, while a turn empties it. */
    @JCStressTest
    @Outcome(id = "in order, 70", expect = ACCEPTABLE, desc = "All were processed, each teller's in its order.")
    @State
    public static class ResizeVsTurn extends Receiver {
        public ResizeVsTurn() {
            super(2, 64, SpawnOptions.defaults());
            for (int i = 0; i < 60; i++) {
                ref.tell(0);
            }
        }

        @Actor
        public void one() {
            Rig.stagger();
            for (int i = 1; i <= 5; i++) {
                ref.tell(i);
            }
        }

        @Actor
        public void two() {
            Rig.stagger();
            for (int i = 1; i <= 5; i++) {
                ref.tell(-i);
            }
            rig.runTurn();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            rig.settle();
            int up = 0;
            int down = 0;
            String order = "in order";
            for (Object message : received) {
                int number = (Integer) message;
                if ((number > 0 && number != ++up) || (number < 0 && number != --down)) {
                    order = "out of order";
                }
            }
            r.r1 = order;
            r.r2 = received.size();
        }
    }

    /** A control message overtakes data that waits, and nothing is lost or reordered besides. */
    @JCStressTest
    @Outcome(id = "c a b", expect = ACCEPTABLE, desc = "It was there when the turn looked first.")
    @Outcome(id = "a c b", expect = ACCEPTABLE, desc = "It came after the first message was taken.")
    @Outcome(id = "a b c", expect = ACCEPTABLE, desc = "It came after both were taken.")
    @State
    public static class ControlVsData extends Receiver {
        public ControlVsData() {
            ref.tell("a");
            ref.tell("b");
        }

        @Actor
        public void turn() {
            rig.runTurn();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            ref.tell(new Control(0));
        }

        @Arbiter
        public void arbiter(L_Result r) {
            rig.settle();
            r.r1 = order();
        }
    }

    /** A control message waits beside data when the turn begins; more data comes. */
    @JCStressTest
    @Outcome(id = "c a b", expect = ACCEPTABLE, desc = "Control first, then the data in its order.")
    @State
    public static class ControlFirst extends Receiver {
        public ControlFirst() {
            ref.tell("a");
            ref.tell(new Control(0));
        }

        @Actor
        public void turn() {
            rig.runTurn();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            ref.tell("b");
        }

        @Arbiter
        public void arbiter(L_Result r) {
            rig.settle();
            r.r1 = order();
        }
    }

    /** A bounded mailbox is full; a turn makes room while a teller asks for it. */
    @JCStressTest
    @Outcome(id = "true, 2, 0", expect = ACCEPTABLE, desc = "Accepted and processed.")
    @Outcome(id = "false, 1, 1", expect = ACCEPTABLE, desc = "Refused, and a dead letter.")
    @State
    public static class BoundedRefusal extends Receiver {
        private boolean accepted;

        public BoundedRefusal() {
            super(2, 64, SpawnOptions.defaults().boundedMailbox(1));
            ref.tell("first");
        }

        @Actor
        public void turn() {
            rig.runTurn();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            accepted = ref.tell("second");
        }

        @Arbiter
        public void arbiter(LII_Result r) {
            rig.settle();
            r.r1 = accepted;
            r.r2 = received.size();
            r.r3 = deadLetters.get();
        }
    }

    /** Two tellers want the one free place of a bounded mailbox. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "One was accepted, the other is a dead letter.")
    @State
    public static class BoundedTwoTellers extends Receiver {
        public BoundedTwoTellers() {
            super(2, 64, SpawnOptions.defaults().boundedMailbox(1));
        }

        @Actor
        public void one() {
            Rig.stagger();
            ref.tell("a");
        }

        @Actor
        public void two() {
            Rig.stagger();
            ref.tell("b");
        }

        @Arbiter
        public void arbiter(II_Result r) {
            rig.settle();
            r.r1 = received.size();
            r.r2 = deadLetters.get();
        }
    }

    /** A bounded mailbox is full; a teller waits for room, and a turn makes it. */
    @JCStressTest
    @Outcome(
            id = "accepted, false, 2",
            expect = ACCEPTABLE,
            desc = "The waiting teller was woken, or needed no waking.")
    @State
    public static class BoundedWaitVsTurn extends Receiver {
        private String told;

        public BoundedWaitVsTurn() {
            super(2, 64, SpawnOptions.defaults().boundedMailbox(1));
            ref.tell("first");
        }

        @Actor
        public void turn() {
            rig.meet();
            rig.runTurn();
            rig.done();
        }

        @Actor
        public void teller() {
            rig.meet();
            Rig.stagger();
            told = waitAndTell(ref, "second");
            rig.done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            rig.settle();
            r.r1 = told;
            r.r2 = rig.hasTimePassed();
            r.r3 = received.size();
        }
    }

    /** A teller waits for room in the mailbox of an actor that ends. */
    @JCStressTest
    @Outcome(id = "refused, false, 2", expect = ACCEPTABLE, desc = "Refused, since the actor has ended: a dead letter.")
    @Outcome(id = "accepted, false, 2", expect = ACCEPTABLE, desc = "Accepted at the end, and then a dead letter.")
    @State
    public static class BoundedWaitVsEnd extends Receiver {
        private String told;

        public BoundedWaitVsEnd() {
            super(2, 64, SpawnOptions.defaults().boundedMailbox(1));
            ref.tell("first");
        }

        @Actor
        public void turn() {
            Rig.stagger();
            rig.system().stop(ref);
            rig.runTurns();
            rig.done();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            told = waitAndTell(ref, "late");
            rig.done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            rig.settle();
            r.r1 = told;
            r.r2 = rig.hasTimePassed();
            r.r3 = deadLetters.get();
        }
    }

    private static String waitAndTell(ActorRef<Object> ref, Object message) {
        try {
            return ref.tell(message, Duration.ofHours(1)) ? "accepted" : "refused";
        } catch (InterruptedException e) {
            return "interrupted";
        }
    }

    /** A thread takes the lane for itself while a message arrives. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "The message was processed.")
    @State
    public static class VisitVsTell extends Receiver {
        @Actor
        public void visitor() {
            Rig.stagger();
            if (lane().tryEnter()) {
                lane().leave();
            }
        }

        @Actor
        public void teller() {
            Rig.stagger();
            ref.tell("message");
        }

        @Arbiter
        public void arbiter(I_Result r) {
            rig.settle();
            r.r1 = received.size();
        }
    }

    /** A thread takes the lane for itself while a turn begins: one of them has it, and the turn's message is not lost. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Processed; never two in the lane.")
    @State
    public static class VisitVsTurn extends Receiver {
        public VisitVsTurn() {
            ref.tell("message");
        }

        @Actor
        public void visitor() {
            Rig.stagger();
            if (lane().tryEnter()) {
                enter();
                exit();
                lane().leave();
            }
        }

        @Actor
        public void turn() {
            rig.runTurn();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            rig.settle();
            r.r1 = received.size();
            r.r2 = collisions();
        }
    }

    /** Two threads try to take the lane for themselves; a message is told, and its turn comes. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Processed; never two in the lane.")
    @State
    public static class TwoVisitorsVsTell extends Receiver {
        @Actor
        public void one() {
            Rig.stagger();
            visit();
        }

        @Actor
        public void teller() {
            Rig.stagger();
            ref.tell("message");
            visit();
            rig.runTurn();
        }

        private void visit() {
            if (lane().tryEnter()) {
                enter();
                exit();
                lane().leave();
            }
        }

        @Arbiter
        public void arbiter(II_Result r) {
            rig.settle();
            r.r1 = received.size();
            r.r2 = collisions();
        }
    }

    /** What a visitor wrote in the lane is seen by the turn that it left to the dispatcher. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "The turn came first.")
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "The turn saw what the visitor had written.")
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "The visitor found the lane taken.")
    @State
    public static class VisitorPublishes {
        private final Rig rig = new Rig(2);
        private int first; // by the holder of the lane
        private int second;
        private int seen = -2;
        private boolean visited;
        private final ActorRef<String> ref = rig.system()
                .spawn(
                        Behaviors.<String>receive((context, message) -> {
                            int a = second;
                            int b = first;
                            seen = a == b ? a : -3;
                            return Behaviors.same();
                        }),
                        "receiver");
        private final Lane lane;

        public VisitorPublishes() {
            rig.settle();
            lane = ((LocalRef<?>) ref).cell.lane();
            ref.tell("look");
        }

        @Actor
        public void visitor() {
            Rig.stagger();
            if (lane.tryEnter()) {
                visited = true;
                first = 7;
                second = 7;
                lane.leave();
            }
        }

        @Actor
        public void turn() {
            rig.runTurn();
        }

        @Arbiter
        public void arbiter(I_Result r) {
            rig.settle();
            r.r1 = visited || seen < -1 ? seen : -1;
        }
    }
}
