package dev.penstock.network.hostile;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Dispatcher;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.Loop;
import dev.penstock.network.link.MemoryLinks;
import dev.penstock.network.link.SteppedLoop;
import dev.penstock.network.peer.Directory;
import dev.penstock.network.peer.Node;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Node m, all on one thread, with actors that run within the loop; and an honest node h, with which it has a stream each way.
 * It knows two more members, b which dials it and z which it dials: they are attackers.
 */
final class Target implements AutoCloseable {

    static final Duration WAIT = Duration.ofSeconds(20);

    /** What may travel. */
    record Reading(int sensor, long value, String text, ActorRef<Object> from, Object any) {
        Reading {
            if (sensor < 0) {
                throw new IllegalArgumentException("sensor " + sensor);
            }
        }
    }

    record Question(ActorRef<String> replyTo) {}

    final Codecs codecs = Codecs.builder()
            .record(100, Reading.class, MethodHandles.lookup())
            .record(101, Question.class, MethodHandles.lookup())
            .build();

    final byte[] filled = new byte[64 * 1024];
    private final SteppedLoop steps = new SteppedLoop();
    private final CountingLoop loop = new CountingLoop();
    private final MemoryLinks.Network network = new MemoryLinks.Network();

    final ActorSystem system;
    final Member member;
    final Node node;
    final Member b = new Member("b", 7, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
    final Member z = new Member("z", 9, new InetSocketAddress(InetAddress.getLoopbackAddress(), 2));

    /** Handlers with which the node has dialed z. */
    final Queue<LinkHandler> dialed = new ArrayDeque<>();

    /** A client of the same cluster and system, which dials whom it takes for its contact. */
    final Node client;

    private final Queue<LinkHandler> contacted = new ArrayDeque<>();
    /** What an actor that all may know was told, and what one was told that was never shown to anybody. */
    final List<Object> told = new ArrayList<>();

    final List<Object> secrets = new ArrayList<>();
    final ActorRef<Object> probe;
    final long probeUid;
    final long secretUid;

    private final Member honestMember;
    private final List<ActorRef<Object>> unused = new ArrayList<>();
    private final List<HonestStream> honest = new ArrayList<>();
    private int names;

    Target() throws IOException {
        system = ActorSystem.builder("m").dispatcher(Dispatcher.direct()).build();
        ActorSystem far =
                ActorSystem.builder("h").dispatcher(Dispatcher.direct()).build();
        MemoryLinks links = new MemoryLinks(network, steps);
        Node[] made = new Node[2];
        member = new Member("m", 1, links.listen(anyPort(), () -> made[0].accept()));
        MemoryLinks farLinks = new MemoryLinks(network, steps);
        Member h = new Member("h", 1, farLinks.listen(anyPort(), () -> made[1].accept()));
        honestMember = h;
        node = made[0] = node(system, member, new HalfHostileLinks(links, dialed));
        Node farNode = made[1] = node(far, h, farLinks);
        probe = spawn(told);
        probeUid = node.export(probe);
        secretUid = node.export(spawn(secrets));
        while (unused.size() < 1000) { // a few flipped bits do not lead to honest actors
            unused.add(spawn(new ArrayList<>()));
            node.export(unused.get(unused.size() - 1));
        }
        farNode.members(List.of(h, member));
        node.members(List.of(h, member, b, z));
        settle();
        Member clientMember = new Member("client/of-z", 3, z.address());
        client = node(system, clientMember, new HalfHostileLinks(new MemoryLinks(network, steps), contacted));
        honest.add(new HonestStream(system, node, member, far, farNode));
        honest.add(new HonestStream(far, farNode, h, system, node));
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private Node node(ActorSystem of, Member self, LinkProvider links) {
        return new Node(of, "test", self, codecs, links, 5_000_000_000L, new Node.Listener() {
            @Override
            public void up(Member member) {}

            @Override
            public void down(Member member, String why) {}
        });
    }

    /** The membership says that they are no members any more. */
    void excludeAttackers() {
        node.members(List.of(honestMember, member));
        settle();
    }

    ActorRef<Object> spawn(List<Object> messages) {
        return system.spawn(
                Behaviors.receive((context, message) -> {
                    messages.add(message);
                    return Behaviors.same();
                }),
                name());
    }

    String name() {
        return "actor-" + names++;
    }

    Loop loop() {
        return loop;
    }

    /** Runs all that is to run now. */
    void settle() {
        steps.run();
    }

    /** Lets time pass on the loop. */
    void advance(Duration time) {
        steps.advance(time);
    }

    /** How many tasks are to run later. */
    int timers() {
        return loop.pending;
    }

    void directory(Directory directory) {
        node.directory(directory);
    }

    // ---- attackers

    /** One that has connected, and said nothing yet. */
    Attacker connect(String name, long incarnation, Set<String> names) {
        return new Attacker(this, name, incarnation, node.accept(), names);
    }

    Attacker member() {
        Attacker attacker = connect(b.name(), b.incarnation(), Set.of());
        if (!attacker.greet(false)) {
            throw new AssertionError("b was not accepted");
        }
        return attacker;
    }

    Attacker client(String name) {
        Attacker attacker = connect("client/" + name, 1 + names++, Set.of());
        if (!attacker.greet(true)) {
            throw new AssertionError("the client was not accepted");
        }
        return attacker;
    }

    /** One that the node has dialed; it has greeted, and waits for the answer. */
    Attacker dialed() {
        while (dialed.isEmpty()) {
            advance(Duration.ofMillis(100));
        }
        return new Attacker(this, z.name(), z.incarnation(), dialed.remove(), Set.of());
    }

    /** One that the client takes for its contact, and has greeted. */
    Attacker contact() {
        client.connect(z.address(), why -> {});
        settle();
        return new Attacker(this, z.name(), z.incarnation(), contacted.remove(), Set.of());
    }

    // ---- those who go on

    /** One more element through each honest stream. */
    void honestStreamsGoOn() {
        honest.forEach(HonestStream::step);
    }

    private final class HonestStream {
        private final SinkRef<Long> sink;
        private final SourceRef<Long> source;
        private long put;
        private long taken;

        HonestStream(ActorSystem from, Node fromNode, Member fromMember, ActorSystem to, Node toNode) {
            ActorRef<ProducerMessage<Long>> producer = from.spawn(
                    StreamProducer.<Long>create(ProducerOptions.defaults().bufferSize(8)), "producer");
            sink = from.ask(producer, GetSink<Long>::new, WAIT).join();
            ActorRef<ProducerMessage<Long>> there = toNode.remote(fromMember, fromNode.export(producer), "/producer");
            source = to.ask(
                            to.spawn(
                                    StreamConsumer.create(
                                            there, ConsumerOptions.defaults().initialDemand(4)),
                                    "consumer"),
                            GetSource<Long>::new,
                            WAIT)
                    .join();
            settle();
        }

        void step() {
            if (sink.tryPut(put) != PutResult.ACCEPTED) {
                throw new AssertionError("the honest stream is stuck at " + put + ": " + sink.outcome());
            }
            put++;
            settle();
            source.drain(
                    element -> {
                        if (element != taken++) {
                            throw new AssertionError(element + " came instead of " + (taken - 1));
                        }
                    },
                    8);
            settle();
            if (taken != put) {
                throw new AssertionError("of the honest stream " + taken + " of " + put + " elements have come");
            }
        }
    }

    /** Attackers are dialed by hand, the honest node over its memory. */
    private final class HalfHostileLinks implements LinkProvider {
        private final MemoryLinks links;
        private final Queue<LinkHandler> byHand;

        HalfHostileLinks(MemoryLinks links, Queue<LinkHandler> byHand) {
            this.links = links;
            this.byHand = byHand;
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public InetSocketAddress listen(InetSocketAddress bind, Supplier<LinkHandler> accepted) throws IOException {
            return links.listen(bind, accepted);
        }

        @Override
        public void dial(InetSocketAddress peer, LinkHandler handler) {
            if (peer.getPort() == z.address().getPort()) {
                byHand.add(handler);
            } else {
                links.dial(peer, handler);
            }
        }

        @Override
        public void close() {
            links.close();
        }
    }

    /** Knows how many timers are pending. */
    private final class CountingLoop implements Loop {
        private int pending;

        @Override
        public void execute(Runnable task) {
            steps.execute(task);
        }

        @Override
        public boolean inLoop() {
            return steps.inLoop();
        }

        @Override
        public Timer schedule(long nanos, Runnable task) {
            pending++;
            boolean[] over = new boolean[1];
            Timer timer = steps.schedule(nanos, () -> {
                over[0] = true;
                pending--;
                task.run();
            });
            return () -> {
                if (!over[0]) {
                    over[0] = true;
                    pending--;
                    timer.cancel();
                }
            };
        }
    }

    @Override
    public void close() {
        steps.end(); // a node that is closed waits for a loop that runs
        system.close();
    }
}
