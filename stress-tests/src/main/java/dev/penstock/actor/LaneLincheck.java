package dev.penstock.actor;

import dev.penstock.stress.Rig;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * The state word of {@link Lane}, under a real actor: tells, turns of the dispatcher and visits in any mixture. There is never
 * a second holder, and never a second turn in the dispatcher's hands; no message is left without a turn to come.
 */
public final class LaneLincheck {

    private LaneLincheck() {}

    /** The operations. What they answer depends on who comes first; what matters is looked at inside, and at the end. */
    public abstract static class Operations {
        private final Rig rig;
        private final AtomicInteger told = new AtomicInteger();
        private final ActorRef<Object> ref;
        private final Lane lane;

        // By the holder of the lane.
        private int holders;
        private int collisions;
        private int received;

        Operations(int throughput) {
            rig = new Rig(2, throughput);
            ref = rig.system()
                    .spawn(
                            Behaviors.receive((context, message) -> {
                                hold();
                                received++;
                                return Behaviors.same();
                            }),
                            "receiver");
            rig.settle();
            lane = ((LocalRef<?>) ref).cell.lane();
        }

        @Operation
        public final boolean tell() {
            told.incrementAndGet();
            return ref.tell("message");
        }

        @Operation
        public final boolean tellControl() {
            told.incrementAndGet();
            return ref.tell(new MailboxStress.Control(0));
        }

        @Operation
        public final void turn() {
            rig.runTurn();
        }

        @Operation
        public final void visit() {
            if (lane.tryEnter()) {
                hold();
                lane.leave();
            }
        }

        /** The thread has the lane: nobody else has. */
        private void hold() {
            if (++holders != 1) {
                collisions++;
            }
            if (--holders != 0) {
                collisions++;
            }
        }

        @Validate
        public final void nothingIsForgotten() {
            if (rig.readyTurns() > 1) {
                throw new AssertionError(rig.readyTurns() + " turns of one lane are in the dispatcher's hands");
            }
            rig.settle();
            if (received != told.get() || collisions != 0) {
                throw new AssertionError(
                        told + " were told, " + received + " received, " + collisions + " times two held the lane");
            }
        }
    }

    /** Turns that handle what there is. */
    public static final class WholeTurns extends Operations {
        public WholeTurns() {
            super(64);
        }
    }

    /** Turns of one message: most end while messages wait. */
    public static final class ShortTurns extends Operations {
        public ShortTurns() {
            super(1);
        }
    }

    /** What they should do, for one thread. */
    public static final class Expected {
        public boolean tell() {
            return true;
        }

        public boolean tellControl() {
            return true;
        }

        public void turn() {}

        public void visit() {}
    }
}
