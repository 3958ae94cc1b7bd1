package dev.penstock.stream;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.actor.Watcher;
import dev.penstock.stress.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A link's thread that comes for elements, against those who put, and against the producer's turns. */
public final class RemoteFetchStress {

    private static final Logger LOG = Logger.getLogger("dev.penstock");

    private RemoteFetchStress() {}

    /** What a link does for one stream. It comes when it was woken, and else only when a test has it come. */
    private static final class Link implements RemoteSubscriber<Integer> {
        final List<Integer> fetched = new ArrayList<>(); // the link's thread, then the arbiter
        private final AtomicBoolean woken = new AtomicBoolean();
        private final AtomicInteger ends = new AtomicInteger();
        private volatile int fetchedAtTheEnd;
        private volatile Thread inFetch;
        private volatile String where = "";
        private Upstream<Integer> upstream;

        /** Comes, until the producer has no more: with room for two at a time. */
        void fetch() {
            woken.set(false); // before it looks
            inFetch = Thread.currentThread();
            while (upstream.fetch(element -> {
                fetched.add(element);
                return fetched.size() % 2 != 0;
            })) {
                // the others' turn
            }
            inFetch = null;
        }

        /** Comes if it was woken since it came last; whether it was. */
        boolean fetchIfWoken() {
            if (!woken.get()) {
                return false;
            }
            fetch();
            return true;
        }

        @Override
        public void subscribed(Upstream<Integer> given) {
            upstream = given;
        }

        @Override
        public boolean wake() {
            woken.set(true);
            return true;
        }

        @Override
        public boolean isLost() {
            return false;
        }

        @Override
        public boolean tell(ConsumerMessage<Integer> message) {
            if (message instanceof StreamCompleted) {
                fetchedAtTheEnd = fetched.size();
                ends.incrementAndGet();
                if (inFetch == Thread.currentThread()) { // where no user's code may run
                    where = " within a fetch";
                }
            }
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

    /** A producer with a sink, and a link that has subscribed. */
    abstract static class Subscribed {
        final Rig rig = new Rig(2);
        final ActorRef<ProducerMessage<Integer>> producer;
        final SinkRef<Integer> sink;
        final Link link = new Link();
        final List<Integer> put = new ArrayList<>(); // one thread, then the arbiter
        private final Queue<Integer> undelivered = new ConcurrentLinkedQueue<>();
        private final AtomicInteger decided = new AtomicInteger();

        Subscribed(int buffer, int demand) {
            this(buffer, demand, UnaryOperator.identity());
        }

        Subscribed(int buffer, int demand, UnaryOperator<Behavior<ProducerMessage<Integer>>> around) {
            producer = rig.system()
                    .spawn(
                            around.apply(StreamProducer.create(ProducerOptions.defaults()
                                    .bufferSize(buffer)
                                    .onUndelivered((Integer element, Object reason) -> undelivered.add(element)))),
                            "producer");
            sink = sink();
            sink.outcome().whenComplete((outcome, e) -> decided.incrementAndGet());
            producer.tell(new Subscribe<>(link, demand));
            rig.settle();
        }

        final SinkRef<Integer> sink() {
            Rig.Reply<SinkRef<Integer>> reply = new Rig.Reply<>();
            producer.tell(new GetSink<>(reply));
            rig.settle();
            return reply.poll();
        }

        final void put(int element) {
            if (sink.tryPut(element) == PutResult.ACCEPTED) {
                put.add(element);
            }
        }

        final void puts(int count) {
            for (int i = 1; i <= count; i++) {
                put(i);
            }
        }

        /** The link goes on, until nobody wakes it any more. */
        final void goOn() {
            do {
                rig.settle();
            } while (link.fetchIfWoken());
        }

        final String fetched() {
            return link.fetched.stream().map(String::valueOf).collect(Collectors.joining(" "));
        }

        final String outcome() {
            StreamOutcome outcome = sink.outcome().getNow(null);
            return decided.get() + " "
                    + (outcome == null
                            ? "open"
                            : outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        }

        /** Each element was fetched, is buffered, or was handed over: once, and in order. */
        final String balance() {
            StreamLedger ledger = sink.ledger();
            List<Integer> all = new ArrayList<>(link.fetched);
            all.addAll(undelivered);
            boolean balanced = all.equals(put.subList(0, Math.min(put.size(), all.size())))
                    && ledger.offered() == put.size()
                    && ledger.delivered() == link.fetched.size()
                    && ledger.undelivered() == undelivered.size()
                    && ledger.buffered() == put.size() - all.size();
            return balanced
                    ? "balanced"
                    : "of " + put + " fetched " + link.fetched + ", back " + undelivered + ", " + ledger;
        }
    }

    /** The link finds nothing, and arms the bell, while an element is put. */
    @JCStressTest
    @Outcome(id = "1, balanced", expect = ACCEPTABLE, desc = "It found the element, or was woken for it.")
    @State
    public static class FetchVsPut extends Subscribed {
        public FetchVsPut() {
            super(4, 2);
            link.woken.set(false);
        }

        @Actor
        public void putter() {
            rig.meet();
            Rig.stagger();
            put(1);
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.fetch();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            goOn();
            r.r1 = fetched();
            r.r2 = balance();
        }
    }

    /** The link comes while a turn pushes an element; with the demand used up, a put wakes nobody. */
    @JCStressTest
    @Outcome(id = "9, true, false", expect = ACCEPTABLE, desc = "It got the element, and is left alone from then on.")
    @State
    public static class FetchVsPush extends Subscribed {
        public FetchVsPush() {
            super(4, 1);
            goOn();
        }

        @Actor
        public void pusher() {
            rig.meet();
            Rig.stagger();
            producer.tell(new Push<>(9));
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.fetch();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            goOn();
            r.r1 = fetched();
            r.r2 = sink.tryPut(1) == PutResult.ACCEPTED;
            r.r3 = link.woken.get();
        }
    }

    /** Demand comes by the link and by messages, and in a turn and with a fetch. */
    @JCStressTest
    @Outcome(id = "1 2 3, balanced", expect = ACCEPTABLE, desc = "So many as were requested.")
    @State
    public static class FetchVsRequest extends Subscribed {
        public FetchVsRequest() {
            super(8, 0);
            puts(5);
        }

        @Actor
        public void turns() {
            rig.meet();
            Rig.stagger();
            producer.tell(new InputReady<>());
            producer.tell(new StreamDemand<>(1));
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.upstream.request(1);
            link.upstream.request(1);
            link.fetch();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            goOn();
            r.r1 = fetched();
            r.r2 = balance();
        }
    }

    /** A putter waits for room, and the link makes it. */
    @JCStressTest
    @Outcome(id = "true, 1 2, balanced", expect = ACCEPTABLE, desc = "It found room, or was woken for it.")
    @State
    public static class BlockedPutVsFetch extends Subscribed {
        private boolean accepted;

        public BlockedPutVsFetch() {
            super(1, 3);
            put(1);
        }

        @Actor
        public void putter() {
            rig.meet();
            Rig.stagger();
            try {
                sink.put(2);
                put.add(2);
                accepted = true;
            } catch (Rig.Stuck | InterruptedException e) {
                accepted = false; // asleep for ever
            }
            rig.done();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.fetch();
            rig.done();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            goOn();
            r.r1 = accepted;
            r.r2 = fetched();
            r.r3 = balance();
        }
    }

    /** The link fetches while the stream is cancelled, and what waits given up. */
    @JCStressTest
    @Outcome(id = "1 cancelled, balanced", expect = ACCEPTABLE, desc = "Each was fetched or handed over, once.")
    @State
    public static class FetchVsCancel extends Subscribed {
        public FetchVsCancel() {
            super(8, 4);
            puts(5);
        }

        @Actor
        public void canceller() {
            rig.meet();
            Rig.stagger();
            producer.tell(new StreamCancel<>());
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.fetch();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            goOn();
            link.fetch();
            r.r1 = outcome();
            r.r2 = balance();
        }
    }

    /** The link fetches the last elements while the sink completes. */
    @JCStressTest
    @Outcome(id = "1 after 2, 1 completed, balanced", expect = ACCEPTABLE, desc = "The end once, after the elements.")
    @State
    public static class FetchVsComplete extends Subscribed {
        public FetchVsComplete() {
            super(4, 2);
            puts(2);
            link.woken.set(false);
        }

        @Actor
        public void putter() {
            rig.meet();
            Rig.stagger();
            sink.complete();
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.fetch();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            goOn();
            r.r1 = link.ends.get() + " after " + link.fetchedAtTheEnd + link.where;
            link.upstream.confirmed();
            rig.settle();
            r.r2 = outcome();
            r.r3 = balance();
        }
    }

    /** The link fetches while the producer is stopped. */
    @JCStressTest
    @Outcome(id = "1 peerlost, balanced", expect = ACCEPTABLE, desc = "Each was fetched or handed over, once.")
    @State
    public static class FetchVsStop extends Subscribed {
        public FetchVsStop() {
            super(8, 4);
            puts(3);
        }

        @Actor
        public void stopper() {
            rig.meet();
            Rig.stagger();
            rig.system().stop(producer);
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.fetch();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            goOn();
            r.r1 = outcome();
            r.r2 = balance();
        }
    }

    /** The link requests and fetches while the producer is restarted, and goes on when that has another stream. */
    @JCStressTest
    @Outcome(
            id = "1 failed, balanced, 11",
            expect = ACCEPTABLE,
            desc = "The next stream's elements are the next link's.")
    @State
    public static class FetchVsRestart extends Subscribed {
        private final Link next = new Link();

        public FetchVsRestart() {
            super(8, 1, producer -> {
                LOG.setLevel(Level.OFF);
                return Behaviors.supervise(producer, SupervisorStrategy.restart());
            });
            puts(3);
        }

        @Actor
        public void turns() {
            rig.meet();
            Rig.stagger();
            producer.tell(new GetSink<>(new ActorRef<>() {
                @Override
                public boolean tell(SinkRef<Integer> reply) {
                    throw new IllegalStateException("played");
                }

                @Override
                public String path() {
                    return "/nobody";
                }
            }));
            rig.runTurns();
        }

        @Actor
        public void link() {
            rig.meet();
            Rig.stagger();
            link.upstream.request(1);
            link.fetch();
            link.fetch();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            goOn();
            r.r1 = outcome();
            r.r2 = balance();
            producer.tell(new Push<>(11));
            producer.tell(new Subscribe<>(next, 1));
            link.upstream.cancel();
            rig.settle();
            link.upstream.request(1);
            link.fetch();
            next.fetchIfWoken();
            r.r3 = next.fetched.stream().map(String::valueOf).collect(Collectors.joining(" "));
        }
    }
}
