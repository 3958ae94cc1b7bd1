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

    /** How many elements the one sink has room for. */
    private static final int ROOM = 2;

    private InputsLincheck() {}

    /** Sinks without a stream: nobody waits in them. */
    private static final class Sinks {
        final StreamBooks books = StreamBooks.ofProducer(null);
        final Inputs<Integer> inputs = new Inputs<>(0, books);
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);
        private final StreamEnd end = new StreamEnd();

        SinkRef<Integer> add(int bufferSize) {
            SinkRef<Integer> sink = new SinkRef<>(
                    SinkBuffer.create(bufferSize), bell, end, books, producer, null, WaitStrategy.parking());
            inputs.add(sink);
            return sink;
        }

        /** The next element, also if it is on its way; null if none was accepted. */
        Integer take() {
            while (!inputs.isEmpty()) {
                Integer element = inputs.next().poll();
                if (element != null) {
                    return element;
                }
            }
            return null;
        }
    }

    /** The stream is cancelled: what the sink had accepted is given up, and nothing else. */
    public static final class Abandon {
        private final Sinks sinks = new Sinks();
        private final SinkRef<Integer> sink = sinks.add(ROOM);

        @Operation(nonParallelGroup = "writer")
        public PutResult put(int element) {
            return sink.tryPut(element);
        }

        @Operation(nonParallelGroup = "writer", runOnce = true)
        public boolean complete() {
            return sink.close(new StreamOutcome.Completed());
        }

        @Operation(nonParallelGroup = "holder")
        public Integer take() {
            return sinks.take();
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

            public Integer take() {
                return elements.poll();
            }

            public List<Integer> abandon() {
                closed = true;
                List<Integer> undelivered = new ArrayList<>(elements);
                elements.clear();
                return undelivered;
            }
        }
    }

    /** Two sinks complete: the stream does when both have, and the one that is emptied first may be let go of. */
    public static final class TwoSinks {
        private final Sinks sinks = new Sinks();
        private final SinkRef<Integer> first = sinks.add(0);
        private final SinkRef<Integer> second = sinks.add(0);
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
            List<Integer> taken = new ArrayList<>();
            for (Integer element = sinks.take(); element != null; element = sinks.take()) {
                taken.add(element);
            }
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
                waitInFirst += firstCompleted ? 0 : 1;
                return firstCompleted ? PutResult.CLOSED : PutResult.ACCEPTED;
            }

            public PutResult putSecond() {
                waitInSecond += secondCompleted ? 0 : 1;
                return secondCompleted ? PutResult.CLOSED : PutResult.ACCEPTED;
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
