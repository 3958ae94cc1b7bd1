package dev.penstock.stream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;

/** {@link SourceRing}, whose writer and reader are one thread each, against a queue with a window. */
public final class SourceLincheck {

    /** How many elements may be in flight. */
    private static final int WINDOW = 2;

    private SourceLincheck() {}

    /**
     * Demand: the writer requests anew what the reader has taken, and sends no more than was requested. The ring asserts that
     * it holds no more than the window.
     */
    public static final class Demand {
        private final SourceRing<Integer> ring = new SourceRing<>(WINDOW);
        private long requested = WINDOW;
        private long demand = WINDOW;

        /** As {@link StreamConsumer} does before each visit. */
        @Operation(nonParallelGroup = "writer")
        public long request() {
            long more = ring.taken() + ring.window() - requested;
            requested += more;
            demand += more;
            return more;
        }

        @Operation(nonParallelGroup = "writer")
        public boolean send(int element) {
            if (demand == 0) {
                return false;
            }
            demand--;
            ring.offer(element);
            return true;
        }

        @Operation(nonParallelGroup = "reader")
        public Integer take() {
            return ring.hold() ? ring.take() : null;
        }

        @Operation(nonParallelGroup = "reader")
        public Integer takeNext() {
            return ring.takeNext();
        }

        @Operation
        public long taken() {
            return ring.taken();
        }

        /** What it should do, for one thread. */
        public static final class Expected {
            private final Queue<Integer> inFlight = new ArrayDeque<>();
            private long sent;
            private long taken;
            private long requested = WINDOW;

            public long request() {
                long more = taken + WINDOW - requested;
                requested += more;
                return more;
            }

            public boolean send(int element) {
                if (sent == requested) {
                    return false;
                }
                sent++;
                inFlight.add(element);
                return true;
            }

            public Integer take() {
                taken += inFlight.isEmpty() ? 0 : 1;
                return inFlight.poll();
            }

            public Integer takeNext() {
                return take();
            }

            public long taken() {
                return taken;
            }
        }
    }

    /** The writer clears up while the reader takes: each element goes to one of them, in order. */
    public static final class Clear {
        private final SourceRing<Integer> ring = new SourceRing<>(WINDOW);
        private boolean cleared; // the writer only

        @Operation(nonParallelGroup = "writer")
        public boolean send(int element) {
            if (cleared || ring.sent() - ring.taken() == WINDOW) {
                return false;
            }
            ring.offer(element);
            return true;
        }

        @Operation(nonParallelGroup = "writer", runOnce = true)
        public List<Integer> clear() {
            cleared = true;
            List<Integer> undelivered = new ArrayList<>();
            ring.clear(undelivered::add);
            return undelivered;
        }

        @Operation(nonParallelGroup = "reader")
        public boolean isReady() {
            return ring.isReady();
        }

        @Operation(nonParallelGroup = "reader")
        public boolean hold() {
            return ring.isHeld() || ring.hold();
        }

        @Operation(nonParallelGroup = "reader")
        public Integer take() {
            return ring.isHeld() ? ring.take() : null;
        }

        @Operation(nonParallelGroup = "reader")
        public Integer takeNext() {
            return ring.isHeld() ? ring.take() : ring.takeNext();
        }

        /** By the reader: for others, one that is cleared away at that moment counts as taken in between. */
        @Operation(nonParallelGroup = "reader")
        public long taken() {
            return ring.taken();
        }

        /** What it should do, for one thread. */
        public static final class Expected {
            private final Queue<Integer> inFlight = new ArrayDeque<>();
            private boolean cleared;
            private Integer held;
            private long taken;

            public boolean send(int element) {
                return !cleared && inFlight.size() + (held == null ? 0 : 1) < WINDOW && inFlight.add(element);
            }

            public List<Integer> clear() {
                cleared = true;
                List<Integer> undelivered = new ArrayList<>(inFlight);
                inFlight.clear();
                return undelivered;
            }

            public boolean isReady() {
                return held == null && !inFlight.isEmpty();
            }

            public boolean hold() {
                held = held == null ? inFlight.poll() : held;
                return held != null;
            }

            public Integer take() {
                Integer element = held;
                taken += element == null ? 0 : 1;
                held = null;
                return element;
            }

            public Integer takeNext() {
                hold();
                return take();
            }

            public long taken() {
                return taken;
            }
        }
    }
}
