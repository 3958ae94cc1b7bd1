package dev.penstock.stream;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * {@link StreamEnd}: two ends that are decided by anyone, and become one at some time. What is decided once stays; both agree
 * unless each was decided before they met; everyone who listens is told once.
 */
public final class EndLincheck {

    private EndLincheck() {}

    /** How a thread ends a stream. */
    public enum Way {
        COMPLETED(new StreamOutcome.Completed()),
        CANCELLED(new StreamOutcome.Cancelled());

        private final StreamOutcome outcome;

        Way(StreamOutcome outcome) {
            this.outcome = outcome;
        }

        static Way of(StreamOutcome outcome) {
            return outcome == null ? null : outcome instanceof StreamOutcome.Completed ? COMPLETED : CANCELLED;
        }
    }

    /** The producer's end, which joins, and the consumer's. */
    public static final class Ends {
        private final StreamEnd mine = new StreamEnd();
        private final StreamEnd other = new StreamEnd();
        private final AtomicInteger mineTold = new AtomicInteger();
        private final AtomicInteger otherTold = new AtomicInteger();
        private final AtomicInteger late = new AtomicInteger();

        public Ends() {
            mine.whenDecided(mineTold::incrementAndGet);
            other.whenDecided(otherTold::incrementAndGet);
        }

        @Operation
        public boolean decideMine(Way way) {
            return mine.decide(way.outcome);
        }

        @Operation
        public boolean decideOther(Way way) {
            return other.decide(way.outcome);
        }

        @Operation(runOnce = true)
        public void join() {
            mine.join(other);
        }

        @Operation
        public Way mine() {
            return Way.of(mine.outcome());
        }

        @Operation
        public Way other() {
            return Way.of(other.outcome());
        }

        @Operation
        public boolean isMineDecided() {
            return mine.isDecided();
        }

        /** One more who listens: not to be missed if the end is decided just now. */
        @Operation(runOnce = true)
        public void listen() {
            late.set(1);
            mine.whenDecided(late::decrementAndGet);
        }

        @Validate
        public void everyoneWasTold() {
            told(mine, mineTold.get());
            told(other, otherTold.get());
            if (mine.isDecided() && late.get() != 0) {
                throw new AssertionError("a late listener was told " + (1 - late.get()) + " times");
            }
        }

        private static void told(StreamEnd end, int times) {
            Way decided = Way.of(end.outcome());
            Way promised = Way.of(end.future().getNow(null));
            if (times != (decided == null ? 0 : 1) || promised != decided) {
                throw new AssertionError(
                        "decided " + decided + ", the future says " + promised + ", the listener was told " + times);
            }
        }

        /** What they should do, for one thread. */
        public static final class Expected {
            private Way mine;
            private Way other;
            private boolean joined;

            public boolean decideMine(Way way) {
                if (joined) {
                    return decideOther(way);
                }
                boolean first = mine == null;
                mine = first ? way : mine;
                return first;
            }

            public boolean decideOther(Way way) {
                boolean first = other == null;
                other = first ? way : other;
                return first;
            }

            public void join() {
                if (mine == null) {
                    joined = true;
                } else {
                    decideOther(mine);
                }
            }

            public Way mine() {
                return joined ? other : mine;
            }

            public Way other() {
                return other;
            }

            public boolean isMineDecided() {
                return mine() != null;
            }

            public void listen() {}
        }
    }
}
