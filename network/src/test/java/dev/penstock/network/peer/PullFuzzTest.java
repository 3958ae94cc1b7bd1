package dev.penstock.network.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.network.link.SteppedLoop;
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
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamCompleted;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class PullFuzzTest {

    private static final int SEEDS = Integer.getInteger("seeds", 4000);

    private enum Ending {
        COMPLETE,
        FAIL,
        CANCEL,
        CUT,
        STOP_PRODUCER,
        STOP_CONSUMER,
        RESTART_PRODUCER,
        RESTART_CONSUMER
    }

    private enum By {
        CONSUMER,
        PUBLISHER,
        TOLD
    }

    @Test
    void fuzz() {
        int[] kinds = new int[64];
        Simulation.explore(SEEDS, simulation -> new Run(simulation, kinds).run());
        System.out.println("FZ " + java.util.Arrays.toString(kinds));
    }

    private static final ActorRef<Object> THROWS = new ActorRef<>() {
        @Override
        public boolean tell(Object message) {
            throw new IllegalStateException("restart");
        }

        @Override
        public String path() {
            return "/throws";
        }
    };

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static <T> ActorRef<T> throwing() {
        return (ActorRef<T>) (ActorRef) THROWS;
    }

    private static final String PAD = "x".repeat(17000);

    private static final class Run {
        private final Simulation simulation;
        private final Random random;
        private final MemoryLinks.Network network = new MemoryLinks.Network();
        private final Side a;
        private final Side b;
        private final int demand;
        private final int[] counts;
        private final int pushes;
        private final Ending ending;
        private final By by;
        private final int endsAfter;
        private final boolean exactDemand;
        private final List<String> taken = new ArrayList<>();
        private final List<String> undeliveredAtProducer = new ArrayList<>();
        private final List<String> undeliveredAtConsumer = new ArrayList<>();
        private final int[] accepted;
        private int acceptedPushes;
        private boolean feederCompleted;
        private Throwable thrown;
        private ConsumerMessage<?> toldEnd;
        private boolean setUp;
        private long toldDemand;
        private boolean subscribed;
        private final int[] kinds;
        private ActorRef<ConsumerMessage<String>> told;

        Run(Simulation simulation, int[] kinds) throws IOException {
            this.simulation = simulation;
            this.kinds = kinds;
            random = new Random(simulation.seed() * 31 + 7);
            demand = random.nextInt(3) == 0 ? 1 + random.nextInt(30) : 1 + random.nextInt(4);
            counts = new int[1 + random.nextInt(3)];
            for (int i = 0; i < counts.length; i++) {
                counts[i] = random.nextInt(random.nextInt(5) == 0 ? 50 : 6);
            }
            accepted = new int[counts.length];
            ending = Ending.values()[random.nextInt(7)];
            pushes = ending != Ending.RESTART_PRODUCER && random.nextInt(3) == 0 ? random.nextInt(5) : 0;
            by = By.values()[random.nextInt(By.values().length)];
            endsAfter = random.nextInt(60);
            exactDemand = random.nextBoolean();
            a = new Side("a", 1);
            b = new Side("b", 2);
        }

        private final class Side {
            final SteppedLoop loop = new SteppedLoop();
            final Member member;
            final Node node;

            Side(String name, long incarnation) throws IOException {
                MemoryLinks links = new MemoryLinks(network, loop);
                Node[] made = new Node[1];
                InetSocketAddress address = links.listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> made[0].accept());
                member = new Member(name, incarnation, address);
                node = made[0] = new Node(
                        simulation.system(), "test", member, Codecs.none(), links, 5_000_000_000L, new Node.Listener() {
                            @Override
                            public void up(Member member) {}

                            @Override
                            public void down(Member member, String why) {}
                        });
            }
        }

        private String element(int sink, int i) {
            int size = switch (random.nextInt(4)) {
                case 0 -> 16 * 1024;
                case 1 -> 5000;
                default -> 20;
            };
            String head = sink + ":" + i + ":";
            return head + PAD.substring(0, size - head.length());
        }

        private static String id(String element) {
            return element.substring(0, element.lastIndexOf(':'));
        }

        private ActorRef<ProducerMessage<String>> producer;
        private ActorRef<ConsumerMessage<String>> consumer;
        private SourceRef<String> source;
        private SinkRef<String> sink0;

        void run() throws Exception {
            a.node.members(List.of(a.member, b.member));
            b.node.members(List.of(a.member, b.member));
            while (a.loop.run() + b.loop.run() > 0) {
                // until they are connected
            }
            ActorSystem system = simulation.system();
            producer = system.spawn(
                    Behaviors.supervise(
                            StreamProducer.<String>create(ProducerOptions.defaults()
                                    .bufferSize(1 + random.nextInt(4))
                                    .onUndelivered(
                                            (String element, Object why) -> undeliveredAtProducer.add(id(element)))),
                            SupervisorStrategy.restart()),
                    "producer");
            ActorRef<ProducerMessage<String>> there = b.node.remote(a.member, a.node.export(producer), producer.path());
            List<SinkRef<String>> sinks = new ArrayList<>();
            for (int i = 0; i < counts.length; i++) {
                sinks.add(simulation.ask(producer, GetSink<String>::new));
            }
            sink0 = sinks.get(0);
            simulation.afterEach(ran -> subscribed |= a.node.hasStreams());
            if (by == By.TOLD) {
                told = system.spawn(
                        Behaviors.setup(context -> {
                            if (!there.tell(new Subscribe<>(context.self(), exactDemand ? 0 : demand))) {
                                toldEnd = new StreamFailed<>(new IllegalStateException());
                            }
                            toldDemand = exactDemand ? 0 : demand;
                            setUp = true;
                            return Behaviors.receive((same, message) -> {
                                if (message instanceof StreamElement<String> e) {
                                    taken.add(id(e.element()));
                                } else {
                                    toldEnd = message;
                                }
                                return Behaviors.same();
                            });
                        }),
                        "told");
                consumer = told;
            } else {
                consumer = system.spawn(
                        Behaviors.supervise(
                                StreamConsumer.create(
                                        there,
                                        ConsumerOptions.defaults()
                                                .initialDemand(demand)
                                                .onUndelivered((String element, Object why) ->
                                                        undeliveredAtConsumer.add(id(element)))),
                                SupervisorStrategy.restart()),
                        "consumer");
                source = simulation.ask(consumer, GetSource<String>::new);
                if (by == By.PUBLISHER) {
                    source.asPublisher().subscribe(new Flow.Subscriber<String>() {
                        Flow.Subscription s;
                        int left;

                        @Override
                        public void onSubscribe(Flow.Subscription subscription) {
                            s = subscription;
                            s.request(left = 1 + random.nextInt(4));
                        }

                        @Override
                        public void onNext(String element) {
                            taken.add(id(element));
                            if (--left == 0) {
                                s.request(left = 1 + random.nextInt(4));
                            }
                        }

                        @Override
                        public void onError(Throwable e) {
                            thrown = e;
                        }

                        @Override
                        public void onComplete() {}
                    });
                }
            }
            int[] steps = new int[1];
            simulation.loop("loop a", () -> step(a, steps, system));
            simulation.loop("loop b", () -> step(b, steps, system));
            for (int i = 0; i < counts.length; i++) {
                int n = i;
                SinkRef<String> sink = sinks.get(i);
                if (random.nextInt(4) == 0 && i > 0) {
                    feed(n, sink);
                } else {
                    simulation.loop("putter " + i, () -> put(n, sink));
                }
            }
            if (pushes > 0) {
                int[] pushed = new int[1];
                simulation.loop("pusher", () -> {
                    if (pushed[0] == pushes) {
                        return Progress.FINISHED;
                    }
                    producer.tell(new Push<>(element(9, pushed[0]++)));
                    return Progress.DONE;
                });
            }
            if (by == By.CONSUMER) {
                simulation.loop("reader", this::take);
            } else if (by == By.TOLD) {
                simulation.loop("requester", () -> {
                    if (!setUp) {
                        return Progress.AGAIN;
                    }
                    if (toldEnd != null || !b.node.toString().isEmpty() && taken.size() < toldDemand) {
                        return toldEnd != null ? Progress.FINISHED : Progress.AGAIN;
                    }
                    int all = 0;
                    for (int c : counts) {
                        all += c;
                    }
                    all += pushes;
                    int n = exactDemand
                            ? Math.min(1 + random.nextInt(demand), (int) (all - toldDemand))
                            : 1 + random.nextInt(demand);
                    if (n <= 0) {
                        return Progress.FINISHED;
                    }
                    toldDemand += n;
                    there.tell(new StreamDemand<>(n));
                    return Progress.DONE;
                });
            }
            simulation.runUntilIdle();
            if (!ended()) {
                end(system);
                simulation.runUntilIdle();
            }
            if (!sink0.outcome().isDone() && !subscribed) {
                system.stop(producer);
                simulation.runUntilIdle();
            }
            check(sinks);
        }

        private boolean ended() {
            return sink0.outcome().isDone()
                    && (source == null ? toldEnd != null : source.outcome().isDone());
        }

        private void feed(int n, SinkRef<String> sink) {
            Flow.Subscriber<String> subscriber = sink.asSubscriber();
            long[] requested = new long[1];
            boolean[] over = new boolean[1];
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long more) {
                    requested[0] += more;
                    if (a.loop.inLoop()) {
                        throw new AssertionError("request on the loop");
                    }
                }

                @Override
                public void cancel() {
                    over[0] = true;
                }
            });
            simulation.loop("feeder " + n, () -> {
                if (over[0]) {
                    return Progress.FINISHED;
                }
                if (accepted[n] == counts[n]) {
                    subscriber.onComplete();
                    return Progress.FINISHED;
                }
                if (requested[0] == 0) {
                    return Progress.AGAIN;
                }
                requested[0]--;
                if (sink.outcome().isDone()) {
                    return Progress.FINISHED;
                }
                int before = accepted[n];
                long offered = sink.ledger().offered();
                subscriber.onNext(element(n, before));
                if (sink.ledger().offered() > offered) {
                    accepted[n]++;
                } else {
                    over[0] = true;
                }
                return Progress.DONE;
            });
        }

        private Progress step(Side side, int[] steps, ActorSystem system) {
            if (!side.loop.step()) {
                return Progress.AGAIN;
            }
            if (++steps[0] == endsAfter) {
                end(system);
            }
            return Progress.DONE;
        }

        private void end(ActorSystem system) {
            switch (ending) {
                case CANCEL -> {
                    if (source != null && by == By.CONSUMER) {
                        source.close();
                    } else if (by == By.TOLD) {
                        system.stop(consumer);
                    } else {
                        consumer.tell(new dev.penstock.stream.StreamCancel<>());
                    }
                }
                case CUT -> network.cables().get(0).cut();
                case STOP_PRODUCER -> system.stop(producer);
                case STOP_CONSUMER -> system.stop(consumer);
                case RESTART_PRODUCER -> producer.tell(new GetSink<>(throwing()));
                case RESTART_CONSUMER -> {
                    if (by == By.TOLD) {
                        system.stop(consumer);
                    } else {
                        consumer.tell(new GetSource<>(throwing()));
                    }
                }
                default -> {}
            }
        }

        private Progress put(int n, SinkRef<String> sink) {
            if (accepted[n] < counts[n]) {
                PutResult result = sink.tryPut(element(n, accepted[n]));
                if (result == PutResult.ACCEPTED) {
                    accepted[n]++;
                    return Progress.DONE;
                }
                return result == PutResult.FULL ? Progress.AGAIN : Progress.FINISHED;
            }
            if (ending == Ending.FAIL && n == 0) {
                sink.fail(new IllegalStateException("as planned"));
            } else if (sink.outcome().isDone()) {
                return Progress.FINISHED;
            } else {
                try {
                    sink.complete();
                } catch (StreamClosedException e) {
                    return Progress.FINISHED;
                }
            }
            return Progress.FINISHED;
        }

        private Progress take() {
            boolean over = source.outcome().isDone();
            try {
                int took = source.drain(e -> taken.add(id(e)), 1 + random.nextInt(3));
                return took > 0 ? Progress.DONE : over ? Progress.FINISHED : Progress.AGAIN;
            } catch (StreamClosedException e) {
                thrown = e;
                return Progress.FINISHED;
            }
        }

        private void check(List<SinkRef<String>> sinks) {
            String what = by + " " + ending + " after " + endsAfter + " steps, demand " + demand
                    + (exactDemand ? " exact" : "") + ", counts "
                    + java.util.Arrays.toString(counts) + ", pushes " + pushes + ", accepted "
                    + java.util.Arrays.toString(accepted) + ", taken " + taken.size() + " " + taken
                    + ", undelivered there "
                    + undeliveredAtProducer + ", here " + undeliveredAtConsumer + ", thrown " + thrown + ", toldEnd "
                    + toldEnd
                    + " toldDemand " + toldDemand + " subscribed " + subscribed + " seed " + simulation.seed();
            boolean consumerGone = by == By.TOLD
                    && (ending == Ending.STOP_CONSUMER || ending == Ending.CANCEL || ending == Ending.RESTART_CONSUMER);
            assertTrue(sink0.outcome().isDone(), () -> "the producer's side did not end: " + what);
            StreamOutcome there = sink0.outcome().join();
            StreamOutcome here = null;
            if (source != null) {
                assertTrue(source.outcome().isDone(), () -> "the consumer's side did not end: " + what);
                here = source.outcome().join();
            } else {
                assertTrue(consumerGone || toldEnd != null, () -> "the subscriber was told no end: " + what);
                here = toldEnd instanceof StreamCompleted ? new StreamOutcome.Completed() : null;
            }
            kinds[by.ordinal() * 16 + ending.ordinal()]++;
            if (here instanceof StreamOutcome.Completed) {
                kinds[by.ordinal() * 16 + 8]++;
            }
            String both = what + ", there " + there + ", here " + here;
            // order per sink
            int[] next = new int[10];
            for (String t : taken) {
                int n = t.charAt(0) - '0';
                if (n == 9) {
                    assertTrue(next[9] <= Integer.parseInt(t.substring(2)), both);
                    next[9] = Integer.parseInt(t.substring(2)) + 1;
                    continue;
                }
                assertEquals(next[n]++, Integer.parseInt(t.substring(2)), () -> "out of order, or a gap: " + both);
            }
            Set<String> known = new HashSet<>(taken);
            assertEquals(taken.size(), known.size(), both);
            for (String e : undeliveredAtProducer) {
                assertTrue(known.add(e), () -> e + " is in two places: " + both);
            }
            for (String e : undeliveredAtConsumer) {
                assertTrue(known.add(e), () -> e + " is in two places: " + both);
            }
            StreamLedger producers = sink0.ledger();
            long all = producers.offered();
            int fromSinks = 0;
            for (int x : accepted) {
                fromSinks += x;
            }
            assertTrue(all >= fromSinks && all <= fromSinks + pushes, () -> "offered " + all + " " + both);
            long inDoubt = all - known.size();
            long most = by == By.TOLD ? toldDemand : demand;
            assertTrue(inDoubt >= 0 && (consumerGone || inDoubt <= most), () -> inDoubt + " in doubt: " + both);
            if (here instanceof StreamOutcome.Completed && ending != Ending.CUT) {
                assertEquals(0, inDoubt, both);
            }
            if (there instanceof StreamOutcome.Completed && source != null) {
                assertEquals(0, undeliveredAtProducer.size(), both);
                assertEquals(all, taken.size() + undeliveredAtConsumer.size(), both);
            }
            if (here instanceof StreamOutcome.Completed) {
                assertEquals(all, taken.size(), both);
            }
            if (here instanceof StreamOutcome.PeerLost lost) {
                assertTrue(ending == Ending.CUT || ending == Ending.STOP_PRODUCER, both);
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
    }
}
