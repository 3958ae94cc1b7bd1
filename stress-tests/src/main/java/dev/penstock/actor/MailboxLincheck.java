package dev.penstock.actor;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;

/** {@link Mailbox} against two queues, one with a bound. Any thread offers; one takes. */
public final class MailboxLincheck {

    private MailboxLincheck() {}

    /** The operations; each check says how many messages there is room for. */
    public abstract static class Operations {
        private final Mailbox mailbox;

        Operations(int capacity) {
            mailbox = new Mailbox(capacity, 0);
        }

        @Operation
        public final boolean offerData(int message) {
            return mailbox.offerData(message);
        }

        @Operation
        public final void offerControl(int message) {
            mailbox.offerControl(message);
        }

        /** An offer may be half done: the taker looks again, as a turn does. */
        @Operation(nonParallelGroup = "taker")
        public final Object takeData() {
            while (mailbox.hasData()) {
                Object message = mailbox.pollData();
                if (message != null) {
                    return message;
                }
                Thread.yield();
            }
            return null;
        }

        @Operation(nonParallelGroup = "taker")
        public final Object takeControl() {
            while (mailbox.hasControl()) {
                Object message = mailbox.pollControl();
                if (message != null) {
                    return message;
                }
                Thread.yield();
            }
            return null;
        }
    }

    /** What they should do, for one thread. */
    public abstract static class Specification {
        private final int room;
        private final Queue<Object> data = new ArrayDeque<>();
        private final Queue<Object> control = new ArrayDeque<>();

        Specification(int room) {
            this.room = room;
        }

        public final boolean offerData(int message) {
            return data.size() < room && data.add(message);
        }

        public final void offerControl(int message) {
            control.add(message);
        }

        public final Object takeData() {
            return data.poll();
        }

        public final Object takeControl() {
            return control.poll();
        }
    }

    /** A mailbox of one, on a queue of two slots. */
    public static final class BoundOfOne extends Operations {
        public BoundOfOne() {
            super(1);
        }

        public static final class Expected extends Specification {
            public Expected() {
                super(1);
            }
        }
    }

    /** A mailbox of three, on a queue of four slots. */
    public static final class BoundOfThree extends Operations {
        public BoundOfThree() {
            super(3);
        }

        public static final class Expected extends Specification {
            public Expected() {
                super(3);
            }
        }
    }

    /** A mailbox without a bound. */
    public static final class Unbounded extends Operations {
        public Unbounded() {
            super(0);
        }

        public static final class Expected extends Specification {
            public Expected() {
                super(Integer.MAX_VALUE);
            }
        }
    }
}
