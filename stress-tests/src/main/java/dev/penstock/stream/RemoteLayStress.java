package dev.penstock.stream;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.RemoteRef;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.actor.Watcher;
import dev.penstock.stress.Rig;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A link's thread that lays elements where the reader takes them, against the reader, and against whoever ends the stream. */
public final class RemoteLayStress {

    private static final Logger LOG = Logger.getLogger("dev.penstock");

    private RemoteLayStress() {}

    /** The producer there: what is requested of it is counted. */
    private static final class There
            implements RemoteRef<ProducerMessage<Integer>>, RemoteProducer, RemoteProducer.Subscription {
        final AtomicLong requested = new AtomicLong();
        final AtomicInteger cancels = new AtomicInteger();
        Downstream<Integer> downstream; // the first subscription's

        @Override
        @SuppressWarnings("unchecked") // it is one of numbers
        public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> given) {
            if (downstream == null) {
                downstream = (Downstream<Integer>) given;
                requested.set(subscribe.demand());
            }
            return Optional.of(this);
        }

        @Override
        public void request(long n) {
            requested.getAndAdd(n);
        }

        @Override
        public void cancel() {
            cancels.incrementAndGet();
        }

        @Override
        public boolean tell(ProducerMessage<Integer> message) {
            return true;
        }

        @Override
        public void watchedBy(Watcher watcher) {
            // its end is none of these tests'
        }

        @Override
        public void unwatchedBy(Watcher watcher) {
            // nothing was to come
        }

        @Override
        public String path() {
            return "/elsewhere";
        }
    }

    /** A consumer with its source, and a link. */
    abstract static class Subscribed {
        final Rig rig = new Rig(2);
        final There there = new There();
        final ActorRef<ConsumerMessage<Integer>> consumer;
        final SourceRef<Integer> source;
        private final Iterator<Integer> elements;
        private final List<Integer> taken = new ArrayList<>(); // the reader, then the arbiter
        private final Queue<Integer> undelivered = new ConcurrentLinkedQueue<>();
        private int laid; // the link's thread, then the arbiter
        String read = "";

        Subscribed(int window) {
            this(window, UnaryOperator.identity());
        }

        Subscribed(int window, UnaryOperator<Behavior<ConsumerMessage<Integer>>> around) {
            consumer = rig.system()
                    .spawn(
                            around.apply(StreamConsumer.create(
                                    there,
                                    ConsumerOptions.defaults()
                                            .initialDemand(window)
                                            .onUndelivered((Integer element, Object reason) -> handOver(element)))),
                            "consumer");
            Rig.Reply<SourceRef<Integer>> reply = new Rig.Reply<>();
            consumer.tell(new GetSource<>(reply));
            rig.settle();
            source = reply.poll();
            elements = source.iterator();
        }

        private void handOver(int element) {
            undelivered.add(element);
            Rig.stagger(); // others go on while something is cleared away
        }

        /** The link's thread lays one more. */
        final void accept() {
            there.downstream.accept(++laid);
        }

        final void lay(int count) {
            for (int i = 0; i < count; i++) {
                accept();
            }
            there.downstream.flush();
        }

        /** The reader takes one, waiting for it. */
        final void take() {
            String how;
            try {
                if (elements.hasNext()) {
                    taken.add(elements.next());
                    how = "taken";
                } else {
                    how = "end";
                }
            } catch (StreamClosedException e) {
                how = "thrown";
            } catch (Rig.Stuck e) {
                how = "asleep for ever";
            }
            read += read.isEmpty() ? how : " " + how;
        }

        /** Ends a stream that would go on: of sources that are dropped open more come than the collector has cancelled. */
        final void leave() {
            source.close();
            rig.settle();
        }

        /** The reader takes what is there, without waiting. */
        final void drain(int limit) {
            source.drain(taken::add, limit);
        }

        final String outcome() {
            StreamOutcome outcome = source.outcome().getNow(null);
            return outcome == null ? "open" : outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        }

        /** Each element was taken or handed over: once; and none is left. */
        final String balance() {
            rig.settle();
            List<Integer> all = new ArrayList<>(taken);
            undelivered.stream().sorted().forEach(all::add);
            List<Integer> expected = new ArrayList<>();
            for (int i = 1; i <= laid; i++) {
                expected.add(i);
            }
            StreamLedger ledger = source.ledger();
            boolean balanced = all.equals(expected)
                    && ledger.offered() == laid
                    && ledger.delivered() == taken.size()
                    && ledger.undelivered() == undelivered.size()
                    && ledger.inFlight() == 0;
            return balanced ? "balanced" : "of " + laid + " taken " + taken + ", back " + undelivered + ", " + ledger;
        }
    }

    /** The reader is about to sleep, and an element is laid. */
    @JCStressTest
    @Outcome(id = "taken, balanced", expect = ACCEPTABLE, desc = "The reader found it, or was woken for it.")
    @State
    public static class LayVsReaderSleeps extends Subscribed {
        public LayVsReaderSleeps() {
            super(2);
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            lay(1);
            rig.done();
        }

        @Actor
        public void reader() {
            rig.meet();
            Rig.stagger();
            take();
            rig.done();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = read;
            r.r2 = balance();
            leave();
        }
    }

    /** The reader waits for the last element and the end. */
    @JCStressTest
    @Outcome(id = "taken end, completed, balanced", expect = ACCEPTABLE, desc = "The element, then the end.")
    @State
    public static class LayAndCompleteVsReader extends Subscribed {
        public LayAndCompleteVsReader() {
            super(2);
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            lay(1);
            there.downstream.completed(() -> {});
            rig.runTurns();
            rig.done();
        }

        @Actor
        public void reader() {
            rig.meet();
            Rig.stagger();
            take();
            take();
            rig.done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            rig.settle();
            r.r1 = read;
            r.r2 = outcome();
            r.r3 = balance();
        }
    }

    /** Elements are laid while the source is closed, and cleared up. */
    @JCStressTest
    @Outcome(id = "cancelled, balanced", expect = ACCEPTABLE, desc = "Each was handed over, once.")
    @State
    public static class LayVsClose extends Subscribed {
        public LayVsClose() {
            super(4);
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            accept();
            accept();
            accept();
            there.downstream.flush();
        }

        @Actor
        public void closer() {
            rig.meet();
            Rig.stagger();
            source.close();
            rig.runTurns();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = outcome();
            r.r2 = balance();
        }
    }

    /** Elements are laid while a turn of the consumer ends the stream, and clears away what was laid before. */
    @JCStressTest
    @Outcome(id = "cancelled, balanced", expect = ACCEPTABLE, desc = "Each was handed over, once.")
    @State
    public static class LayVsCancel extends Subscribed {
        public LayVsCancel() {
            super(4);
            lay(1);
            consumer.tell(new StreamCancel<>());
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            lay(1);
            lay(1);
            lay(1);
        }

        @Actor
        public void turn() {
            rig.meet();
            Rig.stagger();
            rig.runTurns();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            rig.settle();
            r.r1 = outcome();
            r.r2 = balance();
        }
    }

    /** The reader takes what is laid and leaves, on a thread that clears up too. */
    @JCStressTest
    @Outcome(id = "cancelled, 1, balanced", expect = ACCEPTABLE, desc = "Each was taken or handed over, once.")
    @State
    public static class LayVsTakeAndLeave extends Subscribed {
        public LayVsTakeAndLeave() {
            super(4);
            lay(1);
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            lay(1);
            lay(2);
        }

        @Actor
        public void reader() {
            rig.meet();
            Rig.stagger();
            drain(3);
            source.close();
            rig.runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r1 = outcome();
            r.r2 = there.cancels.get();
            r.r3 = balance();
        }
    }

    /** The reader takes an element while the link clears up behind the end, and a turn does. */
    @JCStressTest
    @Outcome(id = "cancelled, balanced", expect = ACCEPTABLE, desc = "Each was taken or handed over, once.")
    @State
    public static class ClearByLinkVsClearByTurn extends Subscribed {
        public ClearByLinkVsClearByTurn() {
            super(4);
            accept();
            accept();
            accept();
            source.close(); // and its turn is ready
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            there.downstream.flush();
        }

        @Actor
        public void turn() {
            rig.meet();
            Rig.stagger();
            rig.runTurns();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = outcome();
            r.r2 = balance();
        }
    }

    /** The reader requests anew what it has taken, while a turn does. */
    @JCStressTest
    @Outcome(id = "taken taken, 4", expect = ACCEPTABLE, desc = "What was taken was requested, once.")
    @State
    public static class ReplenishVsTurn extends Subscribed {
        public ReplenishVsTurn() {
            super(2);
            lay(2);
        }

        @Actor
        public void turns() {
            rig.meet();
            Rig.stagger();
            consumer.tell(new StreamDemand<>(1));
            rig.runTurns();
        }

        @Actor
        public void reader() {
            rig.meet();
            Rig.stagger();
            take();
            take();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            rig.settle();
            r.r1 = read;
            r.r2 = there.requested.get();
            leave();
        }
    }

    /** Elements are laid for a consumer that is restarted: they are of the stream before. */
    @JCStressTest
    @Outcome(id = "failed, balanced", expect = ACCEPTABLE, desc = "Each was handed over, once.")
    @State
    public static class LayVsRestart extends Subscribed {
        public LayVsRestart() {
            super(4, consumer -> {
                LOG.setLevel(Level.OFF);
                return Behaviors.supervise(consumer, SupervisorStrategy.restart());
            });
            consumer.tell(new GetSource<>(new ActorRef<>() {
                @Override
                public boolean tell(SourceRef<Integer> reply) {
                    throw new IllegalStateException("played");
                }

                @Override
                public String path() {
                    return "/nobody";
                }
            }));
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            lay(1);
            lay(2);
        }

        @Actor
        public void turn() {
            rig.meet();
            Rig.stagger();
            rig.runTurns();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            rig.settle();
            r.r1 = outcome();
            r.r2 = balance();
        }
    }
}
