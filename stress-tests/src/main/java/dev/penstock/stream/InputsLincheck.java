package dev.penstock.stream;

import dev.penstock.actor.WaitStrategy;
import dev.penstock.stress.Rig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** {@link Inputs}: the sinks of a stream, each with its writer, against the holder of the producer's lane. */
public final class InputsLincheck {

    /** How many elements a sink has room for. */
    private static final int ROOM = 2;

    private InputsLincheck() {}

    /** Sinks without a stream: nobody waits in them. */
    private static final class Sinks {
        final StreamBooks books = StreamBooks.ofProducer(null);
        final Inputs<Integer> inputs = new Inputs<>(ROOM, books);
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);
        private final StreamEnd end = new StreamEnd();

        SinkRef<Integer> add() {
            SinkRef<Integer> sink =
                    new SinkRef<>(SinkBuffer.create(ROOM), bell, end, books, producer, null, WaitStrategy.parking());
            inputs.add(sink);
            return sink;
        }

        /** Takes what was accepted, also what is on its way. */
        List<Integer> drain() {
            List<Integer> taken = new ArrayList<>();
            while (!inputs.isEmpty()) {
                Integer element = inputs.next().poll();
                if (element != null) {
                    taken.add(element);
                }
            }
            return taken;
        }
    }

    /** The stream is cancelled: what the sink had accepted is given up, and nothing else. */
    public static final class Abandon {
        private final Sinks sinks = new Sinks();
        private final SinkRef<Integer> sink = sinks.add();

        @Operation(nonParallelGroup = "writer")
        public PutResult put(int element) {
            return sink.tryPut(element);
        }

        @Operation(nonParallelGroup = "writer", runOnce = true)
        public boolean complete() {
            return sink.close(new StreamOutcome.Completed());
        }

        @Operation(nonParallelGroup = "holder")
        public List<Integer> drain() {
            return sinks.drain();
        }

        @Operation(nonParallelGroup = "holder", runOnce = true)
        public List<Integer> abandon() {
            List<Integer> undelivered = new ArrayList<>();
            sinks.inputs.abandon(new StreamOutcome.Cancelled(), undelivered::add);
            return undelivered;
        }

        /** What it should do, for one thread. */
        public static final class Expected {
            private final Queue<Integer> elements = new ArrayDeque<>();
            private boolean closed;

            public PutResult put(int element) {
                if (closed) {
                    return PutResult.CLOSED;
                }
                return elements.size() < ROOM && elements.add(element) ? PutResult.ACCEPTED : PutResult.FULL;
            }

            public boolean complete() {
                boolean first = !closed;
                closed = true;
                return first;
            }

            public List<Integer> drain() {
                List<Integer> taken = new ArrayList<>(elements);
                elements.clear();
                return taken;
            }

            public List<Integer> abandon() {
                closed = true;
                return drain();
            }
        }
    }

    /** Two sinks complete: the stream does when both have, and the one that is emptied first may be let go of. */
    public static final class TwoSinks {
        private final Sinks sinks = new Sinks();
        private final SinkRef<Integer> first = sinks.add();
        private final SinkRef<Integer> second = sinks.add();
        private int acceptedByFirst; // its writer only
        private int acceptedBySecond; // its writer only

        @Operation(nonParallelGroup = "first")
        public PutResult putFirst() {
            PutResult result = first.tryPut(1);
            acceptedByFirst += result == PutResult.ACCEPTED ? 1 : 0;
            return result;
        }

        @Operation(nonParallelGroup = "second")
        public PutResult putSecond() {
            PutResult result = second.tryPut(2);
            acceptedBySecond += result == PutResult.ACCEPTED ? 1 : 0;
            return result;
        }

        @Operation(nonParallelGroup = "first")
        public boolean completeFirst() {
            return first.close(new StreamOutcome.Completed());
        }

        @Operation(nonParallelGroup = "second")
        public boolean completeSecond() {
            return second.close(new StreamOutcome.Completed());
        }

        /** How many of each were taken: their order is by turns. */
        @Operation(nonParallelGroup = "holder")
        public List<Integer> drain() {
            List<Integer> taken = sinks.drain();
            taken.sort(null);
            return taken;
        }

        /** As {@link StreamProducer} looks for it. */
        @Operation(nonParallelGroup = "holder")
        public boolean hasCompleted() {
            StreamOutcome how = sinks.inputs.lookForEnd();
            if (how != null) {
                sinks.inputs.end(how);
            }
            return sinks.inputs.end() != null;
        }

        @Validate
        public void eachElementIsCounted() {
            long offered = sinks.books.snapshot().offered();
            if (offered != acceptedByFirst + acceptedBySecond) {
                throw new AssertionError(
                        acceptedByFirst + " and " + acceptedBySecond + " were accepted, and the books say " + offered);
            }
        }

        /** What they should do, for one thread. */
        public static final class Expected {
            private int waitInFirst;
            private int waitInSecond;
            private boolean firstCompleted;
            private boolean secondCompleted;

            public PutResult putFirst() {
                PutResult result = result(firstCompleted, waitInFirst);
                waitInFirst += result == PutResult.ACCEPTED ? 1 : 0;
                return result;
            }

            public PutResult putSecond() {
                PutResult result = result(secondCompleted, waitInSecond);
                waitInSecond += result == PutResult.ACCEPTED ? 1 : 0;
                return result;
            }

            private static PutResult result(boolean completed, int waiting) {
                return completed ? PutResult.CLOSED : waiting < ROOM ? PutResult.ACCEPTED : PutResult.FULL;
            }

            public boolean completeFirst() {
                boolean now = !firstCompleted;
                firstCompleted = true;
                return now;
            }

            public boolean completeSecond() {
                boolean now = !secondCompleted;
                secondCompleted = true;
                return now;
            }

            public List<Integer> drain() {
                List<Integer> taken = new ArrayList<>();
                for (; waitInFirst > 0; waitInFirst--) {
                    taken.add(1);
                }
                for (; waitInSecond > 0; waitInSecond--) {
                    taken.add(2);
                }
                return taken;
            }

            public boolean hasCompleted() {
                return firstCompleted && secondCompleted;
            }
        }
    }
}
