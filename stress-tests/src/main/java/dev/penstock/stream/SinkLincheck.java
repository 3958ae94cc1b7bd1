package dev.penstock.stream;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * {@link SinkBuffer} against a queue with a bound and a lid. Threads offer and close at will; one takes, for that is the
 * contract.
 */
public final class SinkLincheck {

    private SinkLincheck() {}

    /** The operations; each check says how many elements there is room for. */
    public abstract static class Operations {
        private final SinkBuffer<Integer> buffer;

        Operations(int bufferSize) {
            buffer = SinkBuffer.create(bufferSize);
        }

        @Operation
        public final PutResult offer(int element) {
            return buffer.offer(element);
        }

        /** An element that was accepted may be on its way: the taker waits for it, as one does that clears up. */
        @Operation(nonParallelGroup = "taker")
        public final Integer take() {
            while (!buffer.isEmpty()) {
                Integer element = buffer.poll();
                if (element != null) {
                    return element;
                }
                Thread.yield();
            }
            return null;
        }

        final boolean closeBuffer() {
            return buffer.close();
        }

        @Operation
        public final long accepted() {
            return buffer.accepted();
        }

        /** Whoever looks finds nothing but what was accepted. */
        @Validate
        public final void emptySlotsHoldNothing() {
            while (take() != null) {}
            if (buffer.poll() != null) {
                throw new AssertionError("an element that was taken is still there");
            }
        }
    }

    /** What they should do, for one thread. */
    public abstract static class Specification {
        private final int room;
        private final Queue<Integer> elements = new ArrayDeque<>();
        private long accepted;
        private boolean closed;

        Specification(int room) {
            this.room = room;
        }

        public final PutResult offer(int element) {
            if (closed) {
                return PutResult.CLOSED;
            }
            if (elements.size() == room) {
                return PutResult.FULL;
            }
            accepted++;
            elements.add(element);
            return PutResult.ACCEPTED;
        }

        public final Integer take() {
            return elements.poll();
        }

        public final boolean close() {
            boolean first = !closed;
            closed = true;
            return first;
        }

        public final long accepted() {
            return accepted;
        }
    }

    /** A ring of one, never closed: each slot is used again at once. */
    public static final class RingOfOne extends Operations {
        public RingOfOne() {
            super(1);
        }

        public static final class Expected extends Specification {
            public Expected() {
                super(1);
            }
        }
    }

    /** A ring of three, which has four slots. */
    public static final class RingOfThree extends Operations {
        public RingOfThree() {
            super(3);
        }

        @Operation
        public boolean close() {
            return closeBuffer();
        }

        public static final class Expected extends Specification {
            public Expected() {
                super(3);
            }
        }
    }

    /** The unbounded buffer. */
    public static final class Unbounded extends Operations {
        public Unbounded() {
            super(0);
        }

        @Operation
        public boolean close() {
            return closeBuffer();
        }

        public static final class Expected extends Specification {
            public Expected() {
                super(Integer.MAX_VALUE);
            }
        }
    }
}
