package dev.penstock.stream;

import dev.penstock.stress.Rig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** {@link Doorbell} with a sink: elements that wait have a call on its way. */
public final class BellLincheck {

    private BellLincheck() {}

    /** Putters, and a producer that takes what is there and then goes to wait. */
    public static final class Bell {
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(0);

        public Bell() {
            bell.arm(buffer::isEmpty);
        }

        @Operation
        public void put(int element) {
            buffer.offer(element);
            bell.afterPut();
        }

        /** A turn that answers all calls up to now; the last of them may have been made for an element it takes. */
        @Operation(nonParallelGroup = "producer")
        public List<Integer> turn() {
            while (producer.poll() != null) {}
            bell.call().heard();
            List<Integer> taken = new ArrayList<>();
            do {
                for (Integer element = buffer.poll(); element != null; element = buffer.poll()) {
                    taken.add(element);
                }
            } while (!bell.arm(buffer::isEmpty));
            return taken;
        }

        @Validate
        public void whoeverWaitsIsCalledFor() {
            if (!buffer.isEmpty() && producer.poll() == null) {
                throw new AssertionError("an element waits, and nobody was called");
            }
        }

        /** What they should do, for one thread. */
        public static final class Expected {
            private final Queue<Integer> elements = new ArrayDeque<>();

            public void put(int element) {
                elements.add(element);
            }

            public List<Integer> turn() {
                List<Integer> taken = new ArrayList<>(elements);
                elements.clear();
                return taken;
            }
        }
    }
}
