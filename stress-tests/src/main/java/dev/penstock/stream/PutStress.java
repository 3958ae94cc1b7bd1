package dev.penstock.stream;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.stress.Rig;
import dev.penstock.stress.StreamRig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/**
 * A putter against everything that may happen to its sink: {@link SinkRef}, {@link SinkBuffer}, {@link Doorbell} and the
 * producer's side of the stream. In each test a stream is closed at the end, and every element that was accepted must have
 * been delivered or reported undelivered, once ("balanced").
 */
public final class PutStress {

    private PutStress() {}

    /** A full stream, and a putter that waits for room in it. */
    abstract static class BlockedPut {
        final StreamRig stream = StreamRig.of(2, 1, 1).full();
        private String put;

        final void blockedPut() {
            put = stream.put(stream.sink(), 1);
            stream.rig().done();
        }

        final void report(LLL_Result r) {
            stream.rig().settle();
            r.r1 = put;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** A putter and a reader, who may both sleep. */
    abstract static class PutAndTake {
        final StreamRig stream;
        String put;
        String take;

        PutAndTake(StreamRig stream) {
            this.stream = stream;
        }

        final void put(int element) {
            put = stream.put(stream.sink(), element);
            stream.rig().done();
        }

        final void take() {
            take = stream.take();
            stream.rig().done();
        }

        final void report(LLL_Result r) {
            r.r1 = put;
            r.r2 = take;
            r.r3 = stream.balance();
        }
    }

    /** Five elements for a stream that holds two. */
    abstract static class FivePuts extends PutAndTake {
        FivePuts(StreamRig stream) {
            super(stream);
            put = "accepted";
            take = "taken";
        }

        final void putFive(Runnable afterEach) {
            for (int i = 1; i <= 5 && put.equals("accepted"); i++) {
                put = stream.put(stream.sink(), i);
                afterEach.run();
            }
            stream.rig().done();
        }

        final void takeFive() {
            for (int i = 1; i <= 5 && take.equals("taken"); i++) {
                take = stream.take();
            }
            stream.rig().done();
        }

        final void reportFive(LLL_Result r) {
            report(r);
            if (!stream.isInOrder() || stream.deliveredCount() != 5) {
                r.r3 = "out of order";
            }
        }
    }

    /** A putter, and a turn that is ready. No thread iterates: what was put is sent, or it never will be. */
    abstract static class PutAndTurn {
        final StreamRig stream = StreamRig.of(2, 2, 2);
        private String put;

        final void tryPut() {
            Rig.stagger();
            put = stream.tryPut(stream.sink(), 1);
        }

        final void runTurn() {
            stream.rig().runTurn();
        }

        final void report(LLL_Result r) {
            stream.rig().settle();
            r.r1 = put;
            r.r2 = stream.source().ledger().inFlight();
            stream.drain();
            r.r3 = stream.balance();
        }
    }

    /** A full stream, and a reader that takes one element and goes. */
    abstract static class FullSink {
        final StreamRig stream;
        private String take;

        FullSink(StreamRig empty) {
            stream = empty.full();
        }

        final void runTurn() {
            stream.rig().meet();
            stream.rig().runTurn();
        }

        final void takeOne() {
            stream.rig().meet();
            Rig.stagger();
            take = stream.poll();
        }

        final void report(LLL_Result r) {
            stream.rig().settle();
            r.r1 = take;
            r.r2 = stream.tryPut(stream.sink(), 1);
            r.r3 = stream.balance();
        }
    }

    /** An element comes while the producer's turn finds the sink empty and goes to wait. No thread iterates. */
    @JCStressTest
    @Outcome(
            id = "accepted, 1, balanced",
            expect = ACCEPTABLE,
            desc = "Sent, by this turn or by one that the put called.")
    @State
    public static class PutVsProducerGoesToWait extends PutAndTurn {
        public PutVsProducerGoesToWait() {
            stream.producer().tell(new InputReady<>());
        }

        @Actor
        public void putter() {
            tryPut();
        }

        @Actor
        public void turn() {
            runTurn();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The same, and the turn is the one that an earlier put called: a call for this element is not on its way. */
    @JCStressTest
    @Outcome(id = "accepted, 2, balanced", expect = ACCEPTABLE, desc = "Both sent, by this turn or another.")
    @State
    public static class PutVsTurnThatAnotherCalled extends PutAndTurn {
        public PutVsTurnThatAnotherCalled() {
            stream.tryPut(stream.sink(), -1);
        }

        @Actor
        public void putter() {
            tryPut();
        }

        @Actor
        public void turn() {
            runTurn();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** An element comes while the reader goes to sleep. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "The reader found it, or was woken for it.")
    @State
    public static class PutVsReaderSleeps extends PutAndTake {
        public PutVsReaderSleeps() {
            super(StreamRig.of(2, 2, 2));
        }

        @Actor
        public void putter() {
            Rig.stagger();
            put(1);
        }

        @Actor
        public void reader() {
            take();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The same with the consumer on a lane of its own: the element comes by two turns. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "The reader was woken for it.")
    @State
    public static class PutVsReaderSleepsApart extends PutAndTake {
        public PutVsReaderSleepsApart() {
            super(StreamRig.apart(2, 2, 2));
        }

        @Actor
        public void putter() {
            put = stream.put(stream.sink(), 1);
            stream.rig().runTurns();
            stream.rig().runOtherTurns();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            take();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A turn of the dispatcher has the lane while the reader goes to sleep; then an element comes. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "The reader found it, or was woken for it.")
    @State
    public static class PutVsReaderSleepsVsTurn extends PutAndTake {
        public PutVsReaderSleepsVsTurn() {
            super(StreamRig.of(2, 2, 2));
            stream.producer().tell(new InputReady<>());
        }

        @Actor
        public void putter() {
            stream.rig().runTurns();
            put = stream.put(stream.sink(), 1);
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            take();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** An element comes to a consumer on a lane of its own, as a message, while the reader goes to sleep. */
    @JCStressTest
    @Outcome(id = "taken, balanced", expect = ACCEPTABLE, desc = "The reader found it, or was woken for it.")
    @State
    public static class ElementMessageVsReaderSleeps {
        private final StreamRig stream = StreamRig.apart(2, 2, 2);
        private String take;

        public ElementMessageVsReaderSleeps() {
            stream.tryPut(stream.sink(), 1);
            stream.rig().runTurns(); // the producer's: the message is in the consumer's mailbox
        }

        @Actor
        public void consumer() {
            stream.rig().meet();
            Rig.stagger();
            stream.rig().runOtherTurns();
            stream.rig().done();
        }

        @Actor
        public void reader() {
            stream.rig().meet();
            Rig.stagger();
            take = stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = take;
            r.r2 = stream.balance();
        }
    }

    /** The reader takes the last element of its window and goes to sleep, while a turn has the lane that saw no demand. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "What was taken was requested anew.")
    @State
    public static class LastOfWindowVsTurn extends PutAndTake {
        public LastOfWindowVsTurn() {
            super(StreamRig.of(2, 2, 1));
            stream.tryPut(stream.sink(), 1);
            stream.rig().settle();
            stream.producer().tell(new InputReady<>());
        }

        @Actor
        public void putter() {
            stream.rig().runTurns();
            put(2);
        }

        @Actor
        public void reader() {
            Rig.stagger();
            stream.take();
            take();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits for room, and the reader makes it. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "The putter was woken, or found room.")
    @State
    public static class BlockedPutVsTake extends PutAndTake {
        public BlockedPutVsTake() {
            super(StreamRig.of(2, 1, 1).full());
        }

        @Actor
        public void putter() {
            put(1);
        }

        @Actor
        public void reader() {
            take = stream.take();
            stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** Putter and reader take turns through the smallest stream there is: each sleeps and is woken, several times over. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "All five passed, in order.")
    @State
    public static class FivePutsVsFiveTakes extends FivePuts {
        public FivePutsVsFiveTakes() {
            super(StreamRig.of(2, 1, 1));
        }

        @Actor
        public void putter() {
            putFive(() -> {});
        }

        @Actor
        public void reader() {
            takeFive();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            reportFive(r);
        }
    }

    /** The same with the consumer on a lane of its own: elements and demand are messages, and each counts. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "All five passed, in order.")
    @State
    public static class FivePutsVsFiveTakesApart extends FivePuts {
        public FivePutsVsFiveTakesApart() {
            super(StreamRig.apart(2, 1, 1));
        }

        @Actor
        public void putter() {
            putFive(stream.rig()::settle);
        }

        @Actor
        public void reader() {
            takeFive();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            reportFive(r);
        }
    }

    /** The reader came once, found nothing and does not come again; a put waits in the full sink, though there is demand. */
    @JCStressTest
    @Outcome(id = "accepted accepted, balanced", expect = ACCEPTABLE, desc = "A turn, or the reader, made room.")
    @State
    public static class BlockedPutVsReaderThatWent {
        private final StreamRig stream = StreamRig.of(2, 1, 1);
        private String put;

        @Actor
        public void putter() {
            put = stream.put(stream.sink(), 1);
            put += " " + stream.put(stream.sink(), 2);
            stream.rig().done();
        }

        @Actor
        public void reader() {
            stream.poll();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = put;
            stream.drain();
            r.r2 = stream.balance();
        }
    }

    /** The reader waits, takes the first element and stays away; the stream has room for the others, and for one more. */
    @JCStressTest
    @Outcome(
            id = "accepted accepted accepted accepted, taken, balanced",
            expect = ACCEPTABLE,
            desc = "No put needed the reader.")
    @State
    public static class PutsVsReaderThatTakesOne {
        private final StreamRig stream = StreamRig.of(2, 1, 2);
        private final List<String> puts = new ArrayList<>();
        private String take;

        @Actor
        public void putter() {
            for (int i = 1; i <= 4; i++) {
                puts.add(stream.put(stream.sink(), i));
            }
            stream.rig().done();
        }

        @Actor
        public void reader() {
            take = stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r1 = String.join(" ", puts);
            r.r2 = take;
            stream.drain();
            r.r3 = stream.balance();
        }
    }

    /** A putter waits for room, and the reader takes one element of several: it will take no other. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "The one that was taken made room.")
    @State
    public static class BlockedPutVsOneTake extends PutAndTake {
        public BlockedPutVsOneTake() {
            super(StreamRig.of(2, 1, 2).full());
        }

        @Actor
        public void putter() {
            put(1);
        }

        @Actor
        public void reader() {
            take = stream.poll();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            report(r);
        }
    }

    /** The producer is told that its sink is full and finds no demand, while the reader takes one element of several. */
    @JCStressTest
    @Outcome(id = "taken, accepted, balanced", expect = ACCEPTABLE, desc = "The one that was taken made room.")
    @State
    public static class FullSinkVsOneTake extends FullSink {
        public FullSinkVsOneTake() {
            super(StreamRig.of(2, 1, 2));
        }

        @Actor
        public void turn() {
            runTurn();
        }

        @Actor
        public void reader() {
            takeOne();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The same, with the consumer on another dispatcher: the demand comes by a message. */
    @JCStressTest
    @Outcome(id = "taken, accepted, balanced", expect = ACCEPTABLE, desc = "The one that was taken made room.")
    @State
    public static class FullSinkVsOneTakeApart extends FullSink {
        public FullSinkVsOneTakeApart() {
            super(StreamRig.apart(2, 1, 4));
        }

        @Actor
        public void turn() {
            runTurn();
        }

        @Actor
        public void reader() {
            takeOne();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The same, and the turn is the one that an earlier take called, whose demand the reader has since requested itself. */
    @JCStressTest
    @Outcome(id = "taken, accepted, balanced", expect = ACCEPTABLE, desc = "The one that was taken made room.")
    @State
    public static class FullSinkVsOneTakeCalled extends FullSink {
        public FullSinkVsOneTakeCalled() {
            super(StreamRig.of(2, 1, 1));
            stream.rig().settle(); // there is no demand: the next take calls
            stream.poll();
            stream.find(); // by a visit; the turn is still to come
            stream.tryPut(stream.sink(), -1);
        }

        @Actor
        public void turn() {
            runTurn();
        }

        @Actor
        public void reader() {
            takeOne();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits in the second of two full sinks, and the reader makes room. */
    @JCStressTest
    @Outcome(id = "accepted, taken, balanced", expect = ACCEPTABLE, desc = "The putter was woken, or found room.")
    @State
    public static class BlockedPutInSecondSink extends PutAndTake {
        private final SinkRef<Integer> other = stream.anotherSink();

        public BlockedPutInSecondSink() {
            super(StreamRig.of(2, 1, 1).full());
            stream.tryPut(other, 1);
        }

        @Actor
        public void putter() {
            put = stream.put(other, 2);
            stream.rig().done();
        }

        @Actor
        public void reader() {
            for (int i = 0; i < 3; i++) {
                take = stream.take();
            }
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            report(r);
        }
    }

    /** An element comes while the reader leaves. */
    @JCStressTest
    @Outcome(
            id = "accepted, cancelled, balanced",
            expect = ACCEPTABLE,
            desc = "Accepted first, and reported undelivered.")
    @Outcome(id = "closed, cancelled, balanced", expect = ACCEPTABLE, desc = "Too late: refused.")
    @State
    public static class PutVsCancel {
        private final StreamRig stream = StreamRig.of(2, 2, 2);
        private String put;

        @Actor
        public void putter() {
            Rig.stagger();
            put = stream.put(stream.sink(), 1);
            stream.rig().done();
        }

        @Actor
        public void reader() {
            stream.source().close();
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = put;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** A putter waits for room, and the reader leaves instead. */
    @JCStressTest
    @Outcome(id = "closed, cancelled, balanced", expect = ACCEPTABLE, desc = "The putter was told.")
    @State
    public static class BlockedPutVsCancel extends BlockedPut {
        @Actor
        public void putter() {
            blockedPut();
        }

        @Actor
        public void reader() {
            stream.source().close();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits for room; the consumer is told to cancel, by anyone. */
    @JCStressTest
    @Outcome(id = "closed, cancelled, balanced", expect = ACCEPTABLE, desc = "The putter was told.")
    @State
    public static class BlockedPutVsCancelMessage extends BlockedPut {
        @Actor
        public void putter() {
            blockedPut();
        }

        @Actor
        public void canceller() {
            Rig.stagger();
            stream.consumer().tell(new StreamCancel<>());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits for room; the producer is told to cancel, as by a subscriber of the user's own. */
    @JCStressTest
    @Outcome(id = "closed, cancelled, balanced", expect = ACCEPTABLE, desc = "The putter was told.")
    @State
    public static class BlockedPutVsCancelOfProducer extends BlockedPut {
        @Actor
        public void putter() {
            blockedPut();
        }

        @Actor
        public void canceller() {
            Rig.stagger();
            stream.producer().tell(new StreamCancel<>());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits for room, and the producer is told that the input is complete. */
    @JCStressTest
    @Outcome(
            id = "closed, completed, balanced",
            expect = ACCEPTABLE,
            desc = "The putter was told; what was accepted came.")
    @State
    public static class BlockedPutVsCompleteMessage extends BlockedPut {
        @Actor
        public void putter() {
            blockedPut();
        }

        @Actor
        public void completer() {
            Rig.stagger();
            stream.producer().tell(new CompleteStream<>());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            report(r);
        }
    }

    /** A putter waits for room, and the producer is stopped. */
    @JCStressTest
    @Outcome(id = "closed, peerlost, balanced", expect = ACCEPTABLE, desc = "The putter was told.")
    @State
    public static class BlockedPutVsProducerStops extends BlockedPut {
        @Actor
        public void putter() {
            blockedPut();
        }

        @Actor
        public void stopper() {
            Rig.stagger();
            stream.rig().system().stop(stream.producer());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits for room, and the consumer is stopped. */
    @JCStressTest
    @Outcome(id = "closed, cancelled, balanced", expect = ACCEPTABLE, desc = "The putter was told.")
    @State
    public static class BlockedPutVsConsumerStops extends BlockedPut {
        @Actor
        public void putter() {
            blockedPut();
        }

        @Actor
        public void stopper() {
            Rig.stagger();
            stream.rig().system().stop(stream.consumer());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** A putter waits for room, and the system closes. */
    @JCStressTest
    @Outcome(id = "closed, true, balanced", expect = ACCEPTABLE, desc = "The putter was told, and no actor is left.")
    @State
    public static class BlockedPutVsSystemCloses {
        private final StreamRig stream = StreamRig.of(2, 1, 1).full();
        private String put;
        private boolean clean;

        @Actor
        public void putter() {
            put = stream.put(stream.sink(), 1);
            stream.rig().done();
        }

        @Actor
        public void closer() {
            Rig.stagger();
            clean = stream.rig().system().close(Duration.ofHours(1)).clean();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.rig().settle();
            r.r1 = put;
            r.r2 = clean;
            r.r3 = stream.balance();
        }
    }

    /** A putter waits for room; it is interrupted while the reader makes room. */
    @JCStressTest
    @Outcome(id = "accepted, 3, balanced", expect = ACCEPTABLE, desc = "The room was first.")
    @Outcome(
            id = "interrupted, 2, balanced",
            expect = ACCEPTABLE,
            desc = "The interrupt was first; it was not accepted.")
    @State
    public static class BlockedPutVsInterruptVsTake {
        private final StreamRig stream = StreamRig.of(2, 1, 1).full();
        private volatile Thread putter;
        private volatile boolean interrupted;
        private String put;

        @Actor
        public void putter() {
            putter = Thread.currentThread();
            put = stream.put(stream.sink(), 1);
            stream.rig().done();
            while (!interrupted) { // the interrupt must not reach the next test that this thread runs
                Thread.onSpinWait();
            }
            Thread.interrupted();
        }

        @Actor
        public void readerWhoInterrupts() {
            while (putter == null) {
                Thread.onSpinWait();
            }
            boolean first = ThreadLocalRandom.current().nextBoolean();
            if (first) {
                putter.interrupt();
            }
            stream.take();
            if (!first) {
                putter.interrupt();
            }
            interrupted = true;
            stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = put;
            r.r2 = stream.deliveredCount();
            r.r3 = stream.balance();
        }
    }

    /** Two threads put into one sink that has room for one more, against the contract. */
    @JCStressTest
    @Outcome(id = "accepted, full, balanced", expect = ACCEPTABLE, desc = "One of them was first.")
    @Outcome(id = "full, accepted, balanced", expect = ACCEPTABLE, desc = "One of them was first.")
    @State
    public static class TwoWriters {
        private final StreamRig stream = StreamRig.of(2, 1, 1);
        private String one;
        private String two;

        @Actor
        public void one() {
            one = stream.tryPut(stream.sink(), 1);
        }

        @Actor
        public void two() {
            two = stream.tryPut(stream.sink(), 2);
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r1 = one;
            r.r2 = two;
            stream.drain();
            r.r3 = stream.balance();
        }
    }

    /** Two threads wait in one sink, against the contract; one of them is the reader, who then makes room. */
    @JCStressTest
    @Outcome(id = "accepted, two writers, balanced", expect = ACCEPTABLE, desc = "The reader was told the remedy.")
    @Outcome(
            id = "two writers, full, balanced",
            expect = ACCEPTABLE,
            desc = "The other was; the reader's time was over.")
    @State
    public static class TwoBlockedWriters {
        private final StreamRig stream = StreamRig.of(2, 1, 1).full();
        private String one;
        private String two;

        @Actor
        public void one() {
            one = stream.put(stream.sink(), 1);
            stream.rig().done();
        }

        @Actor
        public void twoWhoReads() {
            two = stream.tryPutInAnHour(stream.sink(), 2);
            stream.take();
            stream.take();
            stream.take();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = one;
            r.r2 = two;
            r.r3 = stream.balance();
        }
    }

    /** Two sinks of one stream get an element each, and complete. */
    @JCStressTest
    @Outcome(id = "2, completed, balanced", expect = ACCEPTABLE, desc = "Both came, and then the end.")
    @State
    public static class TwoSinksComplete {
        private final StreamRig stream = StreamRig.of(2, 1, 4);
        private final SinkRef<Integer> other = stream.anotherSink();

        @Actor
        public void one() {
            stream.put(stream.sink(), 1);
            stream.complete(stream.sink());
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Actor
        public void two() {
            stream.put(other, 1_000);
            stream.complete(other);
            stream.rig().runTurns();
            stream.rig().done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = stream.deliveredCount();
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** Two sinks complete while turns look at them: the first to complete may be let go of before the second has. */
    @JCStressTest
    @Outcome(id = "2, completed, balanced", expect = ACCEPTABLE, desc = "Both came, and then the end.")
    @State
    public static class TwoSinksCompleteVsTurns {
        private final StreamRig stream = StreamRig.of(2, 1, 4);
        private final SinkRef<Integer> other = stream.anotherSink();

        public TwoSinksCompleteVsTurns() {
            stream.put(stream.sink(), 1);
            stream.put(other, 1_000);
        }

        @Actor
        public void completer() {
            stream.complete(stream.sink());
            Rig.stagger();
            stream.complete(other);
        }

        @Actor
        public void turns() {
            stream.rig().runTurns();
            stream.producer().tell(new InputReady<>());
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

    /** One sink fails while the other gets an element and completes. */
    @JCStressTest
    @Outcome(
            id = "accepted, failed, balanced",
            expect = ACCEPTABLE,
            desc = "The element was accepted; then the stream failed.")
    @Outcome(id = "closed, failed, balanced", expect = ACCEPTABLE, desc = "The failure was first.")
    @State
    public static class OneSinkFails {
        private final StreamRig stream = StreamRig.of(2, 1, 4);
        private final SinkRef<Integer> other = stream.anotherSink();
        private String put;

        @Actor
        public void one() {
            put = stream.put(stream.sink(), 1);
            stream.complete(stream.sink());
        }

        @Actor
        public void two() {
            other.fail(new IllegalStateException("no more"));
            stream.rig().runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            stream.drain();
            r.r1 = put;
            r.r2 = stream.outcome();
            r.r3 = stream.balance();
        }
    }

    /** A new sink is asked for while the stream is cancelled: it must not stay open. */
    @JCStressTest
    @Outcome(id = "closed, cancelled", expect = ACCEPTABLE, desc = "The new sink is closed, or there is none.")
    @State
    public static class GetSinkVsCancel {
        private final StreamRig stream = StreamRig.of(2, 1, 1);
        private final Rig.Reply<SinkRef<Integer>> reply = new Rig.Reply<>();

        public GetSinkVsCancel() {
            stream.producer().tell(new GetSink<>(reply));
        }

        @Actor
        public void turn() {
            stream.rig().runTurn();
        }

        @Actor
        public void reader() {
            stream.source().close();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            SinkRef<Integer> late = reply.poll(); // before the producer has heard of the cancellation
            r.r1 = late == null ? "closed" : stream.tryPut(late, 1);
            stream.rig().settle();
            r.r2 = stream.outcome();
        }
    }
}
