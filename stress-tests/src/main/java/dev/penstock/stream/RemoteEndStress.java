package dev.penstock.stream;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Watcher;
import dev.penstock.stress.Rig;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

/** The end of a stream to another node: what its link says, on a thread of its own, against the producer's turns. */
public final class RemoteEndStress {

    private RemoteEndStress() {}

    /** A producer, and a link that has fetched three elements; more are buffered. */
    abstract static class Linked implements RemoteSubscriber<Integer> {
        final Rig rig = new Rig(2);
        final ActorRef<ProducerMessage<Integer>> producer;
        final SinkRef<Integer> sink;
        final Queue<Integer> fetched = new ArrayDeque<>(); // the link's thread
        private final Queue<Integer> undelivered = new ConcurrentLinkedQueue<>();
        private final AtomicInteger decided = new AtomicInteger();
        Upstream<Integer> upstream;

        Linked(int elements) {
            producer = rig.system()
                    .spawn(
                            StreamProducer.create(ProducerOptions.defaults()
                                    .bufferSize(8)
                                    .onUndelivered((Integer element, Object reason) -> undelivered.add(element))),
                            "producer");
            Rig.Reply<SinkRef<Integer>> reply = new Rig.Reply<>();
            producer.tell(new GetSink<>(reply));
            rig.settle();
            sink = reply.poll();
            sink.outcome().whenComplete((outcome, e) -> decided.incrementAndGet());
            producer.tell(new Subscribe<>(this, 3));
            for (int i = 0; i < elements; i++) {
                sink.tryPut(i);
            }
            rig.settle();
            upstream.fetch(fetched::add);
        }

        /** The link's thread gives back all but the first, and is lost. */
        final void giveBack() {
            fetched.poll();
            while (!fetched.isEmpty()) {
                upstream.undelivered(fetched.poll());
            }
        }

        final void report(LLL_Result r) {
            rig.settle();
            StreamOutcome outcome = sink.outcome().getNow(null);
            StreamLedger ledger = sink.ledger();
            r.r1 = outcome == null ? "open" : outcome.getClass().getSimpleName().toLowerCase(Locale.ROOT);
            r.r2 = decided.get()
                    + (rig.system().lookup(producer.path()).isPresent() ? ", and lives on" : ", and has stopped");
            boolean balanced = ledger.offered() == ledger.delivered() + ledger.undelivered()
                    && ledger.undelivered() == undelivered.size();
            String back = undelivered.stream().sorted().map(String::valueOf).collect(Collectors.joining(" "));
            r.r3 = balanced ? (back.isEmpty() ? "none" : back) + " back" : undelivered + " " + ledger;
        }

        @Override
        public void subscribed(Upstream<Integer> given) {
            upstream = given;
        }

        @Override
        public boolean wake() {
            return false; // it has what it wants
        }

        @Override
        public boolean isLost() {
            return true;
        }

        @Override
        public boolean tell(ConsumerMessage<Integer> message) {
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

    /** The link has the end confirmed while it is cancelled as lost. */
    @JCStressTest
    @Outcome(id = "completed, 1, and has stopped, none back", expect = ACCEPTABLE, desc = "The confirmation was first.")
    @Outcome(id = "peerlost, 1, and has stopped, none back", expect = ACCEPTABLE, desc = "The cancellation was first.")
    @State
    public static class ConfirmVsCancel extends Linked {
        public ConfirmVsCancel() {
            super(3);
            sink.complete();
            rig.settle();
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
            upstream.confirmed();
            upstream.confirmed();
            rig.runTurns();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }

    /** The link's thread gives elements back while the producer is cancelled, gives up what is buffered, and stops. */
    @JCStressTest
    @Outcome(
            id = "peerlost, 1, and has stopped, 1 2 3 4 back",
            expect = ACCEPTABLE,
            desc = "Each was handed over once, before the end or after it.")
    @State
    public static class GiveBackVsCancel extends Linked {
        public GiveBackVsCancel() {
            super(5);
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
            giveBack();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            report(r);
        }
    }
}
