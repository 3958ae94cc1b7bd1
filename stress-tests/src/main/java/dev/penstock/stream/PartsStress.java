package dev.penstock.stream;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.stress.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.LLI_Result;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** The lock-free parts of a stream, each alone: {@link SinkBuffer}, {@link SourceRing}, {@link StreamEnd}. */
public final class PartsStress {

    private PartsStress() {}

    /** An element with a field that is written before it is put. */
    static final class Element {
        int field;

        Element(int value) {
            field = value;
        }
    }

    /** What a putter wrote into an element is seen by whoever takes it out of the sink's ring. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Not there yet.")
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "There, and whole.")
    @State
    public static class SinkBufferPublishes {
        private final SinkBuffer<Element> buffer = SinkBuffer.create(2);

        @Actor
        public void putter() {
            buffer.offer(new Element(7));
        }

        @Actor
        public void taker(I_Result r) {
            Element element = buffer.poll();
            r.r1 = element == null ? 0 : element.field == 0 ? -1 : element.field;
        }
    }

    /** The same for the ring between the actors and the reader. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Not there yet.")
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "There, and whole.")
    @State
    public static class SourceRingPublishes {
        private final SourceRing<Element> ring = new SourceRing<>(2);

        @Actor
        public void writer() {
            ring.offer(new Element(7));
        }

        @Actor
        public void reader(I_Result r) {
            Element element = ring.hold() ? ring.take() : null;
            r.r1 = element == null ? 0 : element.field == 0 ? -1 : element.field;
        }
    }

    /** A full ring of one: room that is seen is room, and the slot is empty by then. */
    @JCStressTest
    @Outcome(id = "1, FULL, 0", expect = ACCEPTABLE, desc = "The offer came before the poll.")
    @Outcome(id = "1, ACCEPTED, 2", expect = ACCEPTABLE, desc = "The offer found the room that the poll had made.")
    @State
    public static class SinkBufferReusesSlot {
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(1);
        private PutResult offered;
        private Integer polled;

        public SinkBufferReusesSlot() {
            buffer.offer(1);
        }

        @Actor
        public void putter() {
            offered = buffer.offer(2);
        }

        @Actor
        public void taker() {
            polled = buffer.poll();
        }

        @Arbiter
        public void arbiter(LLI_Result r) {
            Integer left = buffer.poll();
            r.r1 = polled;
            r.r2 = offered;
            r.r3 = left == null ? 0 : left;
        }
    }

    /** Two threads offer to a ring with one place left, against the contract: its bound holds, and what it accepted is there. */
    @JCStressTest
    @Outcome(id = "1, 3", expect = ACCEPTABLE, desc = "One was accepted, and three are there.")
    @State
    public static class SinkBufferBound {
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(3);
        private final AtomicInteger accepted = new AtomicInteger();

        public SinkBufferBound() {
            buffer.offer(-1);
            buffer.offer(0);
        }

        @Actor
        public void one() {
            offer(1);
        }

        @Actor
        public void two() {
            offer(2);
        }

        private void offer(int element) {
            if (buffer.offer(element) == PutResult.ACCEPTED) {
                accepted.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = accepted.get();
            int there = 0;
            while (buffer.poll() != null) {
                there++;
            }
            r.r2 = there;
        }
    }

    /** A ring is closed while an element comes: at the closing it is settled whether it was accepted. */
    @JCStressTest
    @Outcome(id = "ACCEPTED, 1, 1", expect = ACCEPTABLE, desc = "It was first: counted, and there.")
    @Outcome(id = "CLOSED, 0, 0", expect = ACCEPTABLE, desc = "The closing was first.")
    @State
    public static class SinkBufferCloseVsOffer {
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(2);
        private PutResult offered;
        private long counted;

        @Actor
        public void putter() {
            offered = buffer.offer(1);
        }

        @Actor
        public void closer() {
            buffer.close();
            counted = buffer.accepted();
        }

        @Arbiter
        public void arbiter(LLI_Result r) {
            r.r1 = offered;
            r.r2 = counted;
            r.r3 = !buffer.isClosed() ? -1 : buffer.poll() == null ? 0 : 1;
        }
    }

    /** The unbounded buffer, closed while an element comes. */
    @JCStressTest
    @Outcome(id = "ACCEPTED, 1, 1", expect = ACCEPTABLE, desc = "It was first: counted, and there.")
    @Outcome(id = "CLOSED, 0, 0", expect = ACCEPTABLE, desc = "The closing was first.")
    @State
    public static class UnboundedCloseVsOffer {
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(0);
        private PutResult offered;
        private long counted;

        @Actor
        public void putter() {
            offered = buffer.offer(1);
        }

        @Actor
        public void closer() {
            buffer.close();
            counted = buffer.accepted();
        }

        @Arbiter
        public void arbiter(LLI_Result r) {
            r.r1 = offered;
            r.r2 = counted;
            r.r3 = !buffer.isClosed() ? -1 : buffer.poll() == null ? 0 : 1;
        }
    }

    /** An element waits, there is no memory for another one, and somebody looks what waits. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "The one that waits.")
    @Outcome(id = "2, 1, 1", expect = ACCEPTABLE, desc = "The other one was about to be stored.")
    @State
    public static class UnboundedStoreFailsVsLook {
        private final SinkBuffer<Integer> buffer = SinkBuffer.unbounded(new MpscUnboundedVarHandleArrayQueue<>(2) {
            @Override
            public boolean offer(Integer element) {
                if (element == 2) {
                    throw new OutOfMemoryError("played");
                }
                return super.offer(element);
            }
        });
        private long seen;

        public UnboundedStoreFailsVsLook() {
            buffer.offer(1);
        }

        @Actor
        public void putter() {
            try {
                buffer.offer(2);
                throw new AssertionError("accepted");
            } catch (OutOfMemoryError expected) {
                // its claim is written off
            }
        }

        @Actor
        public void watcher() {
            seen = buffer.size();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r1 = seen;
            r.r2 = buffer.size();
            r.r3 = buffer.poll();
        }
    }

    /** Two threads close: one of them was first. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "One of them.")
    @State
    public static class SinkBufferTwoClosers {
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(2);
        private final AtomicInteger first = new AtomicInteger();

        @Actor
        public void one() {
            if (buffer.close()) {
                first.incrementAndGet();
            }
        }

        @Actor
        public void two() {
            if (buffer.close()) {
                first.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = first.get();
        }
    }

    /** The reader takes while the writer clears up: each element goes to one of them. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The reader got the first, the writer the second.")
    @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "The writer got both.")
    @State
    public static class SourceRingTakeVsClear {
        private final SourceRing<Integer> ring = new SourceRing<>(2);
        private final List<Integer> cleared = new ArrayList<>();
        private int held;

        public SourceRingTakeVsClear() {
            ring.offer(1);
            ring.offer(2);
        }

        @Actor
        public void reader() {
            if (ring.hold()) {
                held = 1;
                ring.take();
            }
        }

        @Actor
        public void writer() {
            ring.clear(cleared::add);
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = held;
            r.r2 = cleared.size();
        }
    }

    /** The reader takes the element in its hand while another thread lets go of it: it goes to one of them, and counts if taken. */
    @JCStressTest
    @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "Taken.")
    @Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "Let go of.")
    @State
    public static class SourceRingTakeVsLetGo {
        private final SourceRing<Integer> ring = new SourceRing<>(2);
        private Integer taken;
        private Integer letGo;

        public SourceRingTakeVsLetGo() {
            ring.offer(1);
            ring.hold();
        }

        @Actor
        public void reader() {
            taken = ring.take();
        }

        @Actor
        public void closer() {
            letGo = ring.letGo();
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r1 = taken == null ? 0 : 1;
            r.r2 = letGo == null ? 0 : 1;
            r.r3 = (int) ring.taken();
        }
    }

    /** The reader takes an element while the producer, who had no demand, goes to wait for one that is taken. */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "Seen by the producer, who was called too.")
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "Seen by the producer.")
    @Outcome(id = "false, true", expect = ACCEPTABLE, desc = "The producer was called.")
    @State
    public static class BellVsTake {
        private final Doorbell<Integer> bell = new Doorbell<>(new Rig.Reply<>());
        private final SourceRing<Integer> ring = new SourceRing<>(2);
        private boolean seen;
        private boolean called;

        public BellVsTake() {
            ring.offer(1);
            ring.hold();
        }

        @Actor
        public void reader() {
            ring.take();
            called = bell.afterTake();
        }

        @Actor
        public void producer() {
            bell.ringOnTake();
            seen = ring.taken() == 1;
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = seen;
            r.r2 = called;
        }
    }

    /** Two threads end a stream, each its own way, and one of them begins to listen just before. */
    @JCStressTest
    @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "One decided; the listener and the future were told once.")
    @State
    public static class EndDecidedTwice {
        private final StreamEnd end = new StreamEnd();
        private final AtomicInteger deciders = new AtomicInteger();
        private final AtomicInteger told = new AtomicInteger();

        @Actor
        public void completer() {
            if (end.decide(new StreamOutcome.Completed())) {
                deciders.incrementAndGet();
            }
        }

        @Actor
        public void canceller() {
            end.whenDecided(told::incrementAndGet);
            if (end.decide(new StreamOutcome.Cancelled())) {
                deciders.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(III_Result r) {
            r.r1 = deciders.get();
            r.r2 = told.get();
            r.r3 = end.outcome().equals(end.future().getNow(null)) ? 1 : 0;
        }
    }

    /** Two ends become one while each is being decided. */
    @JCStressTest
    @Outcome(id = "completed, completed", expect = ACCEPTABLE, desc = "One outcome for both.")
    @Outcome(id = "cancelled, cancelled", expect = ACCEPTABLE, desc = "One outcome for both.")
    @State
    public static class EndsJoin {
        private final StreamEnd mine = new StreamEnd();
        private final StreamEnd other = new StreamEnd();

        @Actor
        public void joiner() {
            mine.join(other);
        }

        @Actor
        public void completer() {
            mine.decide(new StreamOutcome.Completed());
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            other.decide(new StreamOutcome.Cancelled());
            r.r1 = name(mine);
            r.r2 = name(other);
        }

        private static String name(StreamEnd end) {
            StreamOutcome outcome = end.future().getNow(null);
            return outcome == null ? "open" : outcome instanceof StreamOutcome.Completed ? "completed" : "cancelled";
        }
    }

    /** A producer finds its sink empty, arms the bell and goes to wait; an element comes. Nobody else will look. */
    @JCStressTest
    @Outcome(id = "taken", expect = ACCEPTABLE, desc = "The producer found it after all.")
    @Outcome(id = "rung", expect = ACCEPTABLE, desc = "The producer was called.")
    @State
    public static class BellVsPut {
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(2);
        private boolean taken;

        @Actor
        public void putter() {
            buffer.offer(1);
            bell.afterPut();
        }

        @Actor
        public void producer() {
            while (!taken) {
                taken = buffer.poll() != null;
                if (!taken && bell.arm(buffer::isEmpty)) {
                    return;
                }
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = taken ? "taken" : producer.poll() != null ? "rung" : "slept through";
        }
    }

    /** The producer leaves its empty sink to a reader that looks, and that stays away; the sink fills, and its putter rings. */
    @JCStressTest
    @Outcome(id = "taken", expect = ACCEPTABLE, desc = "The producer found the element after all.")
    @Outcome(id = "rung", expect = ACCEPTABLE, desc = "The producer was called for room.")
    @State
    public static class BellLeftVsPut {
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(1);
        private boolean taken;

        @Actor
        public void putter() {
            buffer.offer(1);
            bell.afterPut();
            bell.whenFull();
        }

        @Actor
        public void producer() {
            while (!taken) {
                taken = buffer.poll() != null;
                if (!taken && bell.leave(buffer::isEmpty)) {
                    return;
                }
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = taken ? "taken" : producer.poll() != null ? "rung" : "waits for ever";
        }
    }

    /** The same, and the reader is the one to wake. */
    @JCStressTest
    @Outcome(id = "taken", expect = ACCEPTABLE, desc = "The reader found it after all.")
    @Outcome(id = "woken", expect = ACCEPTABLE, desc = "The reader was woken.")
    @State
    public static class BellVsPutWithVisitor {
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);
        private final SinkBuffer<Integer> buffer = SinkBuffer.create(2);
        private volatile boolean woken;
        private boolean taken;

        public BellVsPutWithVisitor() {
            bell.visitor(
                    () -> {
                        woken = true;
                        return true;
                    },
                    () -> false);
        }

        @Actor
        public void putter() {
            buffer.offer(1);
            bell.afterPut();
        }

        @Actor
        public void reader() {
            while (!taken) {
                taken = buffer.poll() != null;
                if (!taken && bell.arm(buffer::isEmpty)) {
                    return;
                }
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = taken ? "taken" : woken ? "woken" : "slept through";
        }
    }

    /** Two puts meet an armed bell: one of them rings it. */
    @JCStressTest
    @Outcome(id = "true, false", expect = ACCEPTABLE, desc = "One call.")
    @State
    public static class BellVsTwoPuts {
        private final Rig.Reply<ProducerMessage<Integer>> producer = new Rig.Reply<>();
        private final Doorbell<Integer> bell = new Doorbell<>(producer);

        public BellVsTwoPuts() {
            bell.arm(() -> true);
        }

        @Actor
        public void one() {
            bell.afterPut();
        }

        @Actor
        public void two() {
            bell.whenFull();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = producer.poll() != null;
            r.r2 = producer.poll() != null;
        }
    }
}
