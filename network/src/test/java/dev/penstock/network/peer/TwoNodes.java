package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.DeadLetter;
import dev.penstock.network.Keytool;
import dev.penstock.network.Member;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** Two nodes in this process that are told of each other, without a membership. */
final class TwoNodes implements AutoCloseable {

    static final Duration WAIT = Duration.ofSeconds(20);

    final Side a;
    final Side b;

    TwoNodes(NodeLinks links) {
        this(links, Codecs.none());
    }

    TwoNodes(NodeLinks links, Codecs codecs) {
        this(links, codecs, Duration.ofSeconds(5));
    }

    TwoNodes(NodeLinks links, Codecs codecs, Duration detection) {
        Function<String, LinkProvider> opened = links.open();
        a = new Side("a", opened.apply("a"), codecs, detection);
        b = new Side("b", opened.apply("b"), codecs, detection);
        List<Member> members = List.of(a.member, b.member);
        a.node.members(members);
        b.node.members(members);
        a.awaitUp(b);
        b.awaitUp(a);
    }

    @Override
    public void close() {
        a.close();
        b.close();
    }

    /** One of them. */
    static final class Side implements AutoCloseable {
        private static final AtomicInteger INCARNATIONS = new AtomicInteger();

        final ActorSystem system;
        final Member member;
        final Node node;
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        final List<DeadLetter> deadLetters = new CopyOnWriteArrayList<>();
        private final AtomicInteger names = new AtomicInteger();

        Side(String name, LinkProvider links, Codecs codecs, Duration detection) {
            system = ActorSystem.create(name);
            system.subscribeDeadLetters(deadLetters::add);
            Node[] made = new Node[1];
            InetSocketAddress address;
            try {
                address = links.listen(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> made[0].accept());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            member = new Member(name, INCARNATIONS.incrementAndGet(), address);
            node = made[0] =
                    new Node(system, Keytool.CLUSTER, member, codecs, links, detection.toNanos(), new Node.Listener() {
                        @Override
                        public void up(Member member) {
                            events.add("up " + member.name());
                        }

                        @Override
                        public void down(Member member, String why) {
                            events.add("down " + member.name());
                        }
                    });
        }

        void awaitUp(Side other) {
            awaitEvent("up " + other.member.name());
        }

        void awaitEvent(String event) {
            try {
                String next = events.poll(WAIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
                if (!event.equals(next)) {
                    throw new AssertionError(event + " was expected, not " + next);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        /** A ref of the other side's actor, as a registry would make it. */
        <M> ActorRef<M> refTo(Side other, ActorRef<M> theirs) {
            return node.remote(other.member, other.node.export(theirs), theirs.path());
        }

        <E> ActorRef<ProducerMessage<E>> producer(ProducerOptions options) {
            return system.spawn(StreamProducer.<E>create(options), "producer-" + names.incrementAndGet());
        }

        <E> ActorRef<ConsumerMessage<E>> consumer(ActorRef<ProducerMessage<E>> of, ConsumerOptions options) {
            return system.spawn(StreamConsumer.create(of, options), "consumer-" + names.incrementAndGet());
        }

        <E> SinkRef<E> sink(ActorRef<ProducerMessage<E>> producer) {
            return system.ask(producer, GetSink<E>::new, WAIT).join();
        }

        <E> SourceRef<E> source(ActorRef<ConsumerMessage<E>> consumer) {
            return system.ask(consumer, GetSource<E>::new, WAIT).join();
        }

        @Override
        public void close() {
            system.close();
            node.close();
        }
    }
}
