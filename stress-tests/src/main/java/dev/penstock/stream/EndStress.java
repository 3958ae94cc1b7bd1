package dev.penstock.stream;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.stress.Rig;
import dev.penstock.stress.StreamRig;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.Z_Result;

/** The ends of a stream against each other, and against the reader: one outcome for both ends, and no element twice. */
public final class EndStress {

    private EndStress() {}

    /** An empty stream, and a reader that waits for its first element. */
    abstract static class WaitingReader {
        final StreamRig stream = StreamRig.of(2, 1, 1);
        private String take;

        final void waitAndTake() {
            take = stream.take();
            stream.rig().done();
        }

        final void report(LLL_Result r) {
            stream.rig().settle();
            r.r1 = take;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** An element in flight. */
    abstract static class InFlight {
        final StreamRig stream = StreamRig.of(2, 1, 1);
        String take;

        InFlight() {
            stream.tryPut(stream.sink(), 1);
            stream.rig().settle();
        }

        final void report(LLL_Result r) {
            stream.rig().settle();
            r.r1 = take;
            r.r2 = stream.deliveredCount() + " " + stream.undeliveredCount();
            r.r3 = stream.balance();
        }
    }

    /** The reader waits; the last elements come, more than the window holds, and the completion. */
    @JCStressTest
    @Outcome(id = "taken taken end, completed, balanced", expect = ACCEPTABLE, desc = "The elements, then the end.")
    @State
    public static class LastElementVsComplete {
        private final StreamRig stream = StreamRig.of(2, 1, 1);
        private String read;

        @Actor
        public void putter() {
            stream.put(stream.sink(), 1);
            stream.put(stream.sink(), 2);
            stream.complete(stream.sink());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            read = stream.take();
            read += " " + stream.take();
            read += " " + stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = read;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** The same with the consumer on a lane of its own: the end comes as a message, after theirs. */
    @JCStressTest
    @Outcome(id = "taken taken end, completed, balanced", expect = ACCEPTABLE, desc = "The elements, then the end.")
    @State
    public static class LastElementVsCompleteApart {
        private final StreamRig stream = StreamRig.apart(2, 1, 1);
        private String read;

        @Actor
        public void putter() {
            stream.put(stream.sink(), 1);
            stream.rig().settle();
            stream.put(stream.sink(), 2);
            stream.complete(stream.sink());
            stream.rig().settle();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            read = stream.take();
            read += " " + stream.take();
            read += " " + stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = read;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** A put and a completion by another thread: nothing comes after the end, nothing that was accepted is missing. */
    @JCStressTest
    @Outcome(
            id = "accepted 1, completed, balanced",
            expect = ACCEPTABLE,
            desc = "The put was first: delivered before the end.")
    @Outcome(id = "closed 0, completed, balanced", expect = ACCEPTABLE, desc = "The completion was first: refused.")
    @State
    public static class PutVsComplete {
        private final StreamRig stream = StreamRig.of(2, 2, 2);
        private String put;

        @Actor
        public void putter() {
            put = stream.tryPut(stream.sink(), 1);
        }

        @Actor
        public void completer() {
            Rig.stagger();
            stream.complete(stream.sink());
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = put + " " + stream.deliveredCount();
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** A put and a failure by another thread. */
    @JCStressTest
    @Outcome(
            id = "accepted 1, failed, balanced",
            expect = ACCEPTABLE,
            desc = "The put was first: delivered before the failure.")
    @Outcome(id = "closed 0, failed, balanced", expect = ACCEPTABLE, desc = "The failure was first: refused.")
    @State
    public static class PutVsFail {
        private final StreamRig stream = StreamRig.of(2, 2, 2);
        private String put;

        @Actor
        public void putter() {
            put = stream.tryPut(stream.sink(), 1);
        }

        @Actor
        public void failer() {
            Rig.stagger();
            stream.sink().fail(new IllegalStateException("no more"));
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = put + " " + stream.deliveredCount();
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** The writer completes while the reader leaves. */
    @JCStressTest
    @Outcome(id = "completed, completed, balanced", expect = ACCEPTABLE, desc = "The completion was first.")
    @Outcome(
            id = "completed, cancelled, balanced",
            expect = ACCEPTABLE,
            desc = "The reader left before the completion was sent.")
    @Outcome(id = "closed, cancelled, balanced", expect = ACCEPTABLE, desc = "The reader had left.")
    @State
    public static class CompleteVsCancel {
        private final StreamRig stream = StreamRig.of(2, 2, 2);
        private String complete;

        @Actor
        public void completer() {
            Rig.stagger();
            complete = stream.complete(stream.sink());
            stream.rig().runTurns();
        }

        @Actor
        public void reader() {
            stream.source().close();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = complete;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** Two threads end one sink, each its own way: whoever hears that it was the one, was. */
    @JCStressTest
    @Outcome(id = "completed, completed, balanced", expect = ACCEPTABLE, desc = "The completion was first.")
    @Outcome(
            id = "closed, failed, balanced",
            expect = ACCEPTABLE,
            desc = "The failure was first, and the completer was told.")
    @State
    public static class CompleteVsFail {
        private final StreamRig stream = StreamRig.of(2, 2, 2);
        private String complete;

        @Actor
        public void completer() {
            complete = stream.complete(stream.sink());
        }

        @Actor
        public void failer() {
            stream.sink().fail(new IllegalStateException("no more"));
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = complete;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** The reader waits, and the completion comes without an element before it. */
    @JCStressTest
    @Outcome(id = "end, completed, balanced", expect = ACCEPTABLE, desc = "The iteration ended.")
    @State
    public static class CompleteVsWaitingReader extends WaitingReader {
        @Actor
        public void completer() {
            Rig.stagger();
            stream.complete(stream.sink());
            stream.rig().done();
        }

        @Actor
        public void reader() {
            waitAndTake();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The writer fails while the reader leaves. */
    @JCStressTest
    @Outcome(id = "true, failed, balanced", expect = ACCEPTABLE, desc = "The failure was first.")
    @Outcome(id = "true, cancelled, balanced", expect = ACCEPTABLE, desc = "The reader had left.")
    @State
    public static class FailVsCancel {
        private final StreamRig stream = StreamRig.of(2, 2, 2);

        @Actor
        public void failer() {
            Rig.stagger();
            stream.sink().fail(new IllegalStateException("no more"));
            stream.rig().runTurns();
        }

        @Actor
        public void reader() {
            stream.source().close();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = stream.sink().outcome().isDone();
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** The reader waits and the writer fails: the iteration throws, it does not end as if complete. */
    @JCStressTest
    @Outcome(id = "thrown, failed, balanced", expect = ACCEPTABLE, desc = "The reader was told the failure.")
    @State
    public static class FailVsWaitingReader extends WaitingReader {
        @Actor
        public void failer() {
            Rig.stagger();
            stream.sink().fail(new IllegalStateException("no more"));
            stream.rig().done();
        }

        @Actor
        public void reader() {
            waitAndTake();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The reader waits and the producer is stopped. */
    @JCStressTest
    @Outcome(id = "thrown, peerlost, balanced", expect = ACCEPTABLE, desc = "The reader was told of the loss.")
    @State
    public static class ProducerStopsVsWaitingReader extends WaitingReader {
        @Actor
        public void stopper() {
            Rig.stagger();
            stream.rig().system().stop(stream.producer());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            waitAndTake();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The reader waits and the consumer is stopped. */
    @JCStressTest
    @Outcome(id = "thrown, cancelled, balanced", expect = ACCEPTABLE, desc = "The reader was told.")
    @State
    public static class ConsumerStopsVsWaitingReader extends WaitingReader {
        @Actor
        public void stopper() {
            Rig.stagger();
            stream.rig().system().stop(stream.consumer());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            waitAndTake();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The reader waits and the system closes. */
    @JCStressTest
    @Outcome(id = "thrown, true, balanced", expect = ACCEPTABLE, desc = "The reader was told, and no actor is left.")
    @State
    public static class SystemClosesVsWaitingReader {
        private final StreamRig stream = StreamRig.of(2, 1, 1);
        private String take;
        private boolean clean;

        @Actor
        public void closer() {
            Rig.stagger();
            clean = stream.rig().system().close(Duration.ofHours(1)).clean();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            take = stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = take;
            r.r2 = clean;
            r.r3 = stream.balance();
        }
    }

    /** The reader waits and another thread closes its source. */
    @JCStressTest
    @Outcome(id = "end, cancelled, balanced", expect = ACCEPTABLE, desc = "The iteration ended.")
    @State
    public static class CloseVsWaitingReader extends WaitingReader {
        @Actor
        public void closer() {
            Rig.stagger();
            stream.source().close();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            waitAndTake();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The reader takes an element while the consumer clears up. */
    @JCStressTest
    @Outcome(id = "taken, 1 0, balanced", expect = ACCEPTABLE, desc = "Delivered.")
    @Outcome(id = "thrown, 0 1, balanced", expect = ACCEPTABLE, desc = "Undelivered.")
    @State
    public static class TakeVsClearUp extends InFlight {
        public TakeVsClearUp() {
            stream.consumer().tell(new StreamCancel<>());
        }

        @Actor
        public void reader() {
            take = stream.take();
        }

        @Actor
        public void turns() {
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A reader finds an element and takes it, while another thread closes the source and has the consumer clear up. */
    @JCStressTest
    @Outcome(id = "taken, 1 0, balanced", expect = ACCEPTABLE, desc = "Found first: the reader's, whoever closes.")
    @Outcome(id = "end, 0 1, balanced", expect = ACCEPTABLE, desc = "Closed first: undelivered.")
    @State
    public static class HeldVsClose extends InFlight {
        @Actor
        public void reader() {
            stream.rig().meet();
            Rig.stagger();
            if (stream.find()) {
                Rig.stagger();
                take = stream.takeFound();
            } else {
                take = "end";
            }
        }

        @Actor
        public void closer() {
            stream.rig().meet();
            Rig.stagger();
            stream.source().close();
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A reader finds an element and hands the source on; it closes it after all, while the other takes the element. */
    @JCStressTest
    @Outcome(id = "taken, 1 0, balanced", expect = ACCEPTABLE, desc = "Taken first.")
    @Outcome(id = "gone, 0 1, balanced", expect = ACCEPTABLE, desc = "Closed first: undelivered.")
    @State
    public static class HandedOnVsClose extends InFlight {
        private volatile boolean found;

        @Actor
        public void reader() {
            while (!found) {
                Thread.onSpinWait();
            }
            Rig.stagger();
            take = stream.takeFound();
        }

        @Actor
        public void finderWhoCloses() {
            found = stream.find();
            Rig.stagger();
            stream.source().close();
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** Elements arrive in a turn while the reader visits for them: each goes over once, in order. */
    @JCStressTest
    @Outcome(id = "3, true, balanced", expect = ACCEPTABLE, desc = "All three, in order.")
    @State
    public static class VisitVsTurn {
        private final StreamRig stream = StreamRig.of(2, 4, 2);

        public VisitVsTurn() {
            for (int i = 1; i <= 3; i++) {
                stream.tryPut(stream.sink(), i);
            }
            stream.producer().tell(new InputReady<>());
        }

        @Actor
        public void reader() {
            stream.poll();
            stream.poll();
        }

        @Actor
        public void turn() {
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = stream.deliveredCount();
            r.r2 = stream.isInOrder();
            r.r3 = stream.balance();
        }
    }

    /** A cancellation and a bad demand, by messages, meet the reader's own leaving: one end. */
    @JCStressTest
    @Outcome(id = "true, cancelled, balanced", expect = ACCEPTABLE, desc = "Cancelled, whoever was first.")
    @Outcome(id = "true, failed, balanced", expect = ACCEPTABLE, desc = "The failure was first.")
    @State
    public static class ThreeEnds {
        private final StreamRig stream = StreamRig.of(2, 2, 2);

        public ThreeEnds() {
            stream.tryPut(stream.sink(), 1);
            stream.tryPut(stream.sink(), 2);
            stream.rig().settle();
            stream.tryPut(stream.sink(), 3);
        }

        @Actor
        public void closer() {
            Rig.stagger();
            stream.source().close();
        }

        @Actor
        public void canceller() {
            Rig.stagger();
            stream.consumer().tell(new StreamCancel<>());
            stream.producer().tell(new StreamDemand<>(-1));
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = stream.sink().outcome().isDone();
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** Demand by message crosses the cancellation: a cancelled stream stays so. */
    @JCStressTest
    @Outcome(id = "0, cancelled, balanced", expect = ACCEPTABLE, desc = "Nothing is delivered after the cancellation.")
    @State
    public static class DemandVsCancel {
        private final StreamRig stream = StreamRig.of(2, 2, 1);

        public DemandVsCancel() {
            stream.tryPut(stream.sink(), 1);
            stream.rig().settle();
            stream.tryPut(stream.sink(), 2);
        }

        @Actor
        public void demander() {
            Rig.stagger();
            stream.producer().tell(new StreamDemand<>(5));
            stream.rig().runTurns();
        }

        @Actor
        public void reader() {
            stream.source().close();
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = stream.deliveredCount();
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** Elements are on their way to a consumer that is restarted: they are of the stream before. */
    @JCStressTest
    @Outcome(id = "balanced", expect = ACCEPTABLE, desc = "Each was undelivered, once.")
    @State
    public static class ElementsVsRestart {
        private final StreamRig stream = StreamRig.supervised(2, 4, 4);

        public ElementsVsRestart() {
            stream.tryPut(stream.sink(), 1);
            stream.tryPut(stream.sink(), 2);
        }

        @Actor
        public void producer() {
            stream.rig().runTurns();
        }

        @Actor
        public void consumer() {
            stream.crashConsumer();
            stream.rig().runOtherTurns();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            stream.rig().settle();
            r.r1 = stream.balance();
        }
    }

    /** A source is closed by another thread than its reader's, which has taken one and may not come back. */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "The collector has nothing left to see to.")
    @State
    public static class CloseVsReaderThatStaysAway {
        private static final VarHandle DISARMED = field();

        private final StreamRig stream = StreamRig.of(2, 4, 4);

        public CloseVsReaderThatStaysAway() {
            stream.tryPut(stream.sink(), 1);
            stream.rig().settle();
        }

        private static VarHandle field() {
            try {
                return MethodHandles.privateLookupIn(SourceRef.Dropped.class, MethodHandles.lookup())
                        .findVarHandle(SourceRef.Dropped.class, "disarmed", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("SourceRef.Dropped has changed", e);
            }
        }

        @Actor
        public void reader() {
            stream.take();
        }

        @Actor
        public void closer() {
            stream.source().close();
        }

        @Arbiter
        public void arbiter(Z_Result r) {
            stream.rig().settle();
            r.r1 = (boolean) DISARMED.getVolatile(stream.source().registration());
        }
    }
}
