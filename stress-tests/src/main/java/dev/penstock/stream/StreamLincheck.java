package dev.penstock.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Clock;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.Parker;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stress.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * The smallest whole stream, a putting thread and an iterating one: every element arrives or is reported undelivered, once, and
 * nobody sleeps for ever. Turns run on the thread that makes them ready. A thread that parks waits on a monitor: Lincheck lets
 * a real park end for no reason, but it knows a deadlock of monitors.
 */
public final class StreamLincheck {

    private StreamLincheck() {}

    /** A putter's part and a reader's, each once, at the same time; the stream is made anew for each interleaving. */
    public abstract static class Operations {
        final Stream stream = new Stream();

        @Operation(nonParallelGroup = "putter", runOnce = true)
        public abstract void putter() throws InterruptedException;

        @Operation(nonParallelGroup = "reader", runOnce = true)
        public abstract void reader();

        @Validate
        public final void eachElementWentOneWay() {
            stream.source.close();
            stream.judge();
        }
    }

    /** Neither part fails. */
    public static final class Expected {
        public void putter() {}

        public void reader() {}
    }

    /** A stream of the numbers from 1, with room for one in the sink and one in flight; and where they went. */
    private static final class Stream {
        final SinkRef<Integer> sink;
        final SourceRef<Integer> source;
        private int accepted; // by the putter
        private final List<Integer> delivered = new ArrayList<>(); // by the reader
        private final List<Integer> undelivered = new ArrayList<>(); // by the holder of the lane

        Stream() {
            ActorSystem system = ActorSystem.builder("lincheck")
                    .dispatcher(Dispatcher.direct())
                    .clock(new StoppedClock())
                    .parker(new MonitorParker())
                    .waitStrategy(WaitStrategy.parking())
                    .build();
            ActorRef<ProducerMessage<Integer>> producer = system.spawn(
                    StreamProducer.create(ProducerOptions.defaults()
                            .bufferSize(1)
                            .onUndelivered((Integer element, Object reason) -> undelivered.add(element))),
                    "producer");
            ActorRef<ConsumerMessage<Integer>> consumer = system.spawn(
                    StreamConsumer.create(
                            producer,
                            ConsumerOptions.defaults().initialDemand(1).inactivityTimeout(Duration.ZERO)),
                    "consumer");
            Rig.Reply<SinkRef<Integer>> sinks = new Rig.Reply<>();
            producer.tell(new GetSink<>(sinks));
            sink = sinks.poll();
            Rig.Reply<SourceRef<Integer>> sources = new Rig.Reply<>();
            consumer.tell(new GetSource<>(sources));
            source = sources.poll();
        }

        /** Puts as many, unless the stream ends before. */
        void put(int count) throws InterruptedException {
            try {
                for (int i = 0; i < count; i++) {
                    sink.put(accepted + 1);
                    accepted++;
                }
            } catch (StreamClosedException e) {
                // the rest came too late
            }
        }

        void take(int count) {
            Iterator<Integer> elements = source.iterator();
            for (int i = 0; i < count; i++) {
                delivered.add(elements.next());
            }
        }

        /** After the stream: each element that was accepted went one way, and the delivered ones in order. */
        void judge() {
            undelivered.sort(null);
            List<Integer> all = new ArrayList<>(delivered);
            all.addAll(undelivered);
            boolean right = all.size() == accepted;
            for (int i = 0; right && i < accepted; i++) {
                right = all.get(i) == i + 1;
            }
            StreamLedger ledger = source.ledger();
            if (!right
                    || ledger.offered() != accepted
                    || ledger.delivered() != delivered.size()
                    || ledger.undelivered() != undelivered.size()) {
                throw new AssertionError(accepted + " accepted, delivered " + delivered + ", undelivered " + undelivered
                        + ", " + ledger);
            }
        }
    }

    /** Three elements pass, one at a time. */
    public static final class Pass extends Operations {
        @Override
        public void putter() throws InterruptedException {
            stream.put(3);
        }

        @Override
        public void reader() {
            stream.take(3);
        }
    }

    /** The reader takes one element and leaves, while the putter brings as many as there is room for, and more. */
    public static final class Leave extends Operations {
        @Override
        public void putter() throws InterruptedException {
            stream.put(4);
        }

        @Override
        public void reader() {
            stream.take(1);
            stream.source.close();
        }
    }

    /** The putter completes; the reader takes what was put, and sees the end after it. */
    public static final class Complete extends Operations {
        @Override
        public void putter() throws InterruptedException {
            stream.put(2);
            stream.sink.complete();
        }

        @Override
        public void reader() {
            stream.take(2);
            if (stream.source.iterator().hasNext()
                    || !(stream.source.outcome().getNow(null) instanceof StreamOutcome.Completed)) {
                throw new AssertionError("after the last element: " + stream.source.outcome());
            }
        }
    }

    /** Time stands still: nothing in these streams waits for it. */
    static final class StoppedClock implements Clock {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Task schedule(Runnable task, long delayNanos) {
            return () -> {};
        }
    }

    /** Permits as {@link java.util.concurrent.locks.LockSupport} has them. */
    private static final class MonitorParker implements Parker {
        private final List<Thread> permits = new ArrayList<>(2); // guarded by this object's monitor

        @Override
        public synchronized void park(Object blocker, long timeoutNanos) {
            while (!permits.remove(Thread.currentThread())) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }

        @Override
        public synchronized void unpark(Thread thread) {
            if (!permits.contains(thread)) {
                permits.add(thread);
                notifyAll();
            }
        }
    }
}
