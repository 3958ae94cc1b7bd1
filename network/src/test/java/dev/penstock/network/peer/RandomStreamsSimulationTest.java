package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/**
 * What {@link NetworkSimulationTest} does with one sink, one reader and small elements, with several sinks, publishers and
 * pushes, each kind of taker, a producer that is restarted, elements that fill a buffer, and streams that a member passes on
 * to a client.
 */
class RandomStreamsSimulationTest {

    private static final int SEEDS = Boolean.getBoolean("penstock.full") ? 60_000 : 1_000;

    private static final String LARGE = "x".repeat(16 * 1024); // as long as a string may be

    /** The number in pushed elements, where others have that of their sink. */
    private static final int PUSHED = 9;

    private enum Ending {
        COMPLETE,
        FAIL,
        CANCEL,
        CUT,
        STOP_PRODUCER,
        STOP_CONSUMER,
        RESTART_PRODUCER
    }

    private enum Taker {
        READER,
        SUBSCRIBER, // to the source, as a publisher
        ACTOR // which subscribes and requests by messages
    }

    private record Kind(Ending ending, Taker taker, boolean relayed) {}

    @Test
    void everyStreamEndsAndNothingIsLostInSilence() {
        Set<Kind> tried = new HashSet<>();
        Simulation.explore(SEEDS, simulation -> {
            Run run = new Run(simulation);
            tried.add(run.kind);
            run.run();
        });
        if (Long.getLong(Simulation.SEED_PROPERTY) == null) {
            assertEquals(Ending.values().length * Taker.values().length * 2, tried.size());
        }
    }

    private static final class Run {
        private final Simulation simulation;
        private final ActorSystem system;
        private final Random random;
        private final SteppedNodes nodes;
        private final Kind kind;
        private final int endsAfter;
        private final int demand;
        private final boolean exactDemand; // an actor's is, in the end, for no more than there is
        private final int[] counts; // what each sink is to have
        private final int[] accepted; // what each has
        private final int pushes;

        private final List<String> taken = new ArrayList<>();
        private final List<String> undeliveredAtProducer = new ArrayList<>();
        private final List<String> undeliveredAtConsumer = new ArrayList<>();
        private int steps;
        private boolean subscribed; // has the subscription come to the producer's node
        private boolean actorSubscribed;
        private long actorsDemand;
        private Object actorsEnd; // what it was told at last

        private ActorRef<ProducerMessage<String>> producer;
        private ActorRef<ProducerMessage<String>> there; // the same, as the consumer's node knows it
        private ActorRef<ConsumerMessage<String>> consumer;
        private SinkRef<String> sink; // the first
        private SourceRef<String> source; // null if an actor takes

        Run(Simulation simulation) throws IOException {
            this.simulation = simulation;
            system = simulation.system();
            random = new Random(simulation.seed() * 31 + 7);
            kind = new Kind(
                    Ending.values()[random.nextInt(Ending.values().length)],
                    Taker.values()[random.nextInt(Taker.values().length)],
                    random.nextInt(3) == 0);
            endsAfter = random.nextInt(60);
            demand = 1 + random.nextInt(random.nextInt(3) == 0 ? 30 : 4);
            exactDemand = random.nextBoolean();
            counts = new int[1 + random.nextInt(3)];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = random.nextInt(random.nextInt(5) == 0 ? 50 : 6);
            }
            accepted = new int[counts.length];
            pushes = kind.ending != Ending.RESTART_PRODUCER && random.nextInt(3) == 0 ? random.nextInt(5) : 0;
            nodes = new SteppedNodes(simulation);
        }

        void run() throws IOException {
            Behavior<ProducerMessage<String>> behavior = StreamProducer.create(ProducerOptions.defaults()
                    .bufferSize(1 + random.nextInt(4))
                    .onUndelivered((String element, Object why) -> undeliveredAtProducer.add(id(element))));
            producer = system.spawn(Behaviors.supervise(behavior, SupervisorStrategy.restart()), "producer");
            if (kind.relayed) {
                SteppedNodes.Side client = nodes.clientOf(nodes.b);
                there = nodes.lookUp(client, nodes.b, nodes.a, producer);
                simulation.loop("loop of the client", () -> step(client));
            } else {
                there = nodes.b.refTo(nodes.a, producer);
            }
            simulation.loop("loop a", () -> step(nodes.a));
            simulation.loop("loop b", () -> step(nodes.b));
            simulation.afterEach(ran -> subscribed |= nodes.a.node.hasStreams());
            for (int i = 0; i < counts.length; i++) {
                int number = i;
                SinkRef<String> into = simulation.ask(producer, GetSink<String>::new);
                if (i == 0) {
                    sink = into;
                }
                if (i > 0 && random.nextInt(4) == 0) {
                    Feed feed = new Feed(number, into);
                    simulation.loop("publisher " + i, feed::step);
                } else {
                    simulation.loop("putter " + i, () -> put(number, into));
                }
            }
            push();
            switch (kind.taker) {
                case READER -> {
                    consume();
                    simulation.loop("reader", this::take);
                }
                case SUBSCRIBER -> {
                    consume();
                    source.asPublisher().subscribe(new Subscriber());
                }
                case ACTOR -> {
                    actorsDemand = exactDemand ? 0 : demand;
                    consumer = system.spawn(actor(), "actor");
                    simulation.loop("requester", this::request);
                }
            }
            simulation.runUntilIdle();
            if (!sink.outcome().isDone() || !hasEndedHere()) { // the step at which it was to end did not come
                end();
                simulation.runUntilIdle();
            }
            if (!sink.outcome().isDone() && !subscribed) { // it waits for another one
                system.stop(producer);
                simulation.runUntilIdle();
            }
            check();
        }

        private boolean hasEndedHere() {
            return source == null ? actorsEnd != null : source.outcome().isDone();
        }

        private Progress step(SteppedNodes.Side side) {
            if (!side.loop.step()) {
                return Progress.AGAIN;
            }
            if (++steps == endsAfter) {
                end();
            }
            return Progress.DONE;
        }

        private void end() {
            switch (kind.ending) {
                case CANCEL -> {
                    switch (kind.taker) {
                        case READER -> source.close();
                        case SUBSCRIBER -> consumer.tell(new StreamCancel<>());
                        case ACTOR -> system.stop(consumer);
                    }
                }
                case CUT -> {
                    List<MemoryLinks.Cable> cables = nodes.network.cables();
                    cables.get(random.nextInt(cables.size())).cut();
                }
                case STOP_PRODUCER -> system.stop(producer);
                case STOP_CONSUMER -> system.stop(consumer);
                case RESTART_PRODUCER -> producer.tell(new GetSink<>(throwing()));
                case COMPLETE, FAIL -> {}
            }
        }

        // ---- elements, and who brings them

        private String element(int sink, int number) {
            String head = sink + ":" + number + ":";
            int length = switch (random.nextInt(4)) {
                case 0 -> LARGE.length();
                case 1 -> 5000;
                default -> 20;
            };
            return head + LARGE.substring(head.length(), length);
        }

        /** An element without what makes it long. */
        private static String id(String element) {
            return element.substring(0, element.lastIndexOf(':'));
        }

        private Progress put(int number, SinkRef<String> into) {
            if (accepted[number] < counts[number]) {
                PutResult result = into.tryPut(element(number, accepted[number]));
                if (result == PutResult.ACCEPTED) {
                    accepted[number]++;
                    return Progress.DONE;
                }
                return result == PutResult.FULL ? Progress.AGAIN : Progress.FINISHED;
            }
            if (kind.ending == Ending.FAIL && number == 0) {
                into.fail(new IllegalStateException("as planned"));
            } else if (!into.outcome().isDone()) {
                try {
                    into.complete();
                } catch (StreamClosedException e) {
                    return Progress.FINISHED;
                }
            }
            return Progress.FINISHED;
        }

        private void push() {
            int[] pushed = new int[1];
            simulation.loop("pusher", () -> {
                if (pushed[0] == pushes) {
                    return Progress.FINISHED;
                }
                producer.tell(new Push<>(element(PUSHED, pushed[0]++)));
                return Progress.DONE;
            });
        }

        /** A publisher that feeds a sink. */
        private final class Feed implements Flow.Subscription {
            private final int number;
            private final SinkRef<String> into;
            private final Flow.Subscriber<String> subscriber;
            private long requested;
            private boolean cancelled;

            Feed(int number, SinkRef<String> into) {
                this.number = number;
                this.into = into;
                subscriber = into.asSubscriber();
                subscriber.onSubscribe(this);
            }

            @Override
            public void request(long n) {
                assertFalse(nodes.a.loop.inLoop(), "a publisher is called by the link's thread");
                requested += n;
            }

            @Override
            public void cancel() {
                assertFalse(nodes.a.loop.inLoop(), "a publisher is called by the link's thread");
                cancelled = true;
            }

            Progress step() {
                if (cancelled || into.outcome().isDone()) {
                    return Progress.FINISHED;
                }
                if (accepted[number] == counts[number]) {
                    subscriber.onComplete();
                    return Progress.FINISHED;
                }
                if (requested == 0) {
                    return Progress.AGAIN;
                }
                requested--;
                long before = into.ledger().offered();
                subscriber.onNext(element(number, accepted[number]));
                if (into.ledger().offered() == before) { // not accepted any more
                    return Progress.FINISHED;
                }
                accepted[number]++;
                return Progress.DONE;
            }
        }

        // ---- who takes them

        private void consume() {
            consumer = system.spawn(
                    StreamConsumer.create(
                            there,
                            ConsumerOptions.defaults()
                                    .initialDemand(demand)
                                    .onUndelivered(
                                            (String element, Object why) -> undeliveredAtConsumer.add(id(element)))),
                    "consumer");
            source = simulation.ask(consumer, GetSource<String>::new);
        }

        private Progress take() {
            boolean over = source.outcome().isDone();
            try {
                int took = source.drain(element -> taken.add(id(element)), 1 + random.nextInt(3));
                return took > 0 ? Progress.DONE : over ? Progress.FINISHED : Progress.AGAIN;
            } catch (StreamClosedException e) {
                return Progress.FINISHED;
            }
        }

        /** Requests a few, and when they have come, some more. */
        private final class Subscriber implements Flow.Subscriber<String> {
            private Flow.Subscription subscription;
            private int left;

            @Override
            public void onSubscribe(Flow.Subscription to) {
                subscription = to;
                requestSome();
            }

            @Override
            public void onNext(String element) {
                taken.add(id(element));
                if (--left == 0) {
                    requestSome();
                }
            }

            private void requestSome() {
                left = 1 + random.nextInt(4);
                subscription.request(left);
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onComplete() {}
        }

        private Behavior<ConsumerMessage<String>> actor() {
            return Behaviors.setup(context -> {
                there.tell(new Subscribe<>(context.self(), actorsDemand));
                actorSubscribed = true;
                return Behaviors.receive((same, message) -> {
                    if (message instanceof StreamElement<String> element) {
                        taken.add(id(element.element()));
                    } else {
                        actorsEnd = message;
                    }
                    return Behaviors.same();
                });
            });
        }

        private Progress request() {
            if (actorsEnd != null) {
                return Progress.FINISHED;
            }
            if (!actorSubscribed || taken.size() < actorsDemand) {
                return Progress.AGAIN;
            }
            long more = 1 + random.nextInt(demand);
            if (exactDemand) {
                more = Math.min(more, Arrays.stream(counts).sum() + pushes - actorsDemand);
            }
            if (more == 0) {
                return Progress.FINISHED;
            }
            actorsDemand += more;
            there.tell(new StreamDemand<>(more));
            return Progress.DONE;
        }

        // ---- the end

        private void check() {
            String what = kind + " after " + endsAfter + " steps, demand " + demand + (exactDemand ? ", exact" : "")
                    + ", counts " + Arrays.toString(counts) + ", accepted " + Arrays.toString(accepted) + ", pushes "
                    + pushes + ", taken " + taken + ", undelivered there " + undeliveredAtProducer + ", here "
                    + undeliveredAtConsumer + ", the actor requested " + actorsDemand + " and was told " + actorsEnd;
            boolean actorGone =
                    kind.taker == Taker.ACTOR && (kind.ending == Ending.STOP_CONSUMER || kind.ending == Ending.CANCEL);
            assertTrue(sink.outcome().isDone(), () -> "the producer's side did not end: " + what);
            assertTrue(hasEndedHere() || actorGone, () -> "the consumer's side did not end: " + what);
            StreamOutcome there = sink.outcome().join();
            StreamOutcome here = source != null
                    ? source.outcome().join()
                    : actorsEnd instanceof StreamCompleted ? new StreamOutcome.Completed() : null;
            String both = what + "; there " + there + ", here " + here;

            checkOrder(both);
            Set<String> known = new HashSet<>();
            for (List<String> place : List.of(taken, undeliveredAtProducer, undeliveredAtConsumer)) {
                for (String element : place) {
                    assertTrue(known.add(element), () -> element + " is in two places: " + both);
                }
            }
            StreamLedger producers = sink.ledger();
            long all = producers.offered();
            int ofSinks = Arrays.stream(accepted).sum();
            assertTrue(all >= ofSinks && all <= ofSinks + pushes, () -> all + " were accepted: " + both);
            long inDoubt = all - known.size(); // sent, and lost with a connection, or with an actor
            assertTrue(
                    inDoubt >= 0 && (actorGone || inDoubt <= (source == null ? actorsDemand : demand)),
                    () -> inDoubt + " in doubt: " + both);
            if (there instanceof StreamOutcome.Completed && source != null) { // so the other node has all of it
                assertEquals(0, undeliveredAtProducer.size(), both);
                assertEquals(all, taken.size() + undeliveredAtConsumer.size(), both);
            }
            if (here instanceof StreamOutcome.Completed) {
                assertEquals(all, taken.size(), both);
            }
            if (here instanceof StreamOutcome.PeerLost lost) {
                assertTrue(kind.ending == Ending.CUT || kind.ending == Ending.STOP_PRODUCER, both);
                assertEquals(taken.size() + undeliveredAtConsumer.size(), lost.lastSequence(), both);
            }
            assertEquals(0, producers.buffered(), both);
            assertEquals(0, producers.inFlight(), both);
            assertEquals(undeliveredAtProducer.size(), producers.undelivered(), both);
            if (source != null) {
                StreamLedger consumers = source.ledger();
                assertEquals(taken.size(), consumers.delivered(), both);
                assertEquals(undeliveredAtConsumer.size(), consumers.undelivered(), both);
                assertEquals(0, consumers.inFlight(), both);
            }
        }

        /** What each sink had comes in order and without gaps; pushes in order: those after the end are dropped. */
        private void checkOrder(String what) {
            int[] next = new int[PUSHED + 1];
            for (String element : taken) {
                int sink = element.charAt(0) - '0';
                int number = Integer.parseInt(element.substring(2));
                assertTrue(
                        sink == PUSHED ? number >= next[sink] : number == next[sink],
                        () -> element + " is out of order, or behind a gap: " + what);
                next[sink] = number + 1;
            }
        }
    }

    private static final ActorRef<Object> THROWS = new ActorRef<>() {
        @Override
        public boolean tell(Object message) {
            throw new IllegalStateException("as planned");
        }

        @Override
        public String path() {
            return "/throws";
        }
    };

    /** Whoever tells it something fails: to have an actor restarted. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <T> ActorRef<T> throwing() {
        return (ActorRef<T>) (ActorRef) THROWS;
    }
}
