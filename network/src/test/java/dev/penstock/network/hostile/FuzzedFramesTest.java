package dev.penstock.network.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Terminated;
import dev.penstock.network.Member;
import dev.penstock.network.hostile.Target.Question;
import dev.penstock.network.hostile.Target.Reading;
import dev.penstock.network.peer.Directory;
import dev.penstock.network.peer.Node;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Connections that send good frames and, among them, frames that were mutated, until they are closed: whatever the bytes are,
 * the connection alone ends, everybody who depended on it is told, and nothing of it is kept.
 */
@Timeout(300)
class FuzzedFramesTest {

    /** How many frames are mutated. */
    private static final int CASES = Integer.getInteger("penstock.fuzz", 100_000);

    private static final long SEED = Long.getLong("penstock.seed", 1);

    /** What a case may allocate: a frame is 64 KiB at most, an answer to a greeting and its tables a little more. */
    private static final long MOST_ALLOCATED = 1 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final Set<Class<?>> MAY_BE_TOLD = Set.of(
            Boolean.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            Float.class,
            Double.class,
            Character.class,
            String.class,
            byte[].class,
            Reading.class,
            Question.class,
            // those that travel like any message
            Push.class,
            CompleteStream.class,
            FailStream.class,
            StreamCancel.class,
            StreamDemand.class,
            Subscribe.class);

    private enum Role {
        /** Says something else than HELLO. */
        STRANGER,
        /** Sends a greeting that is mutated. */
        GREETING,
        /** Member b, which dials. */
        MEMBER,
        CLIENT,
        /** Member z, which is dialed. */
        DIALED,
        /** Whom a client has dialed. */
        CONTACT;

        static Role of(Random random) {
            int draw = random.nextInt(20);
            return draw == 0
                    ? STRANGER
                    : draw < 3 ? GREETING : draw < 10 ? MEMBER : draw < 16 ? CLIENT : draw < 19 ? DIALED : CONTACT;
        }
    }

    private Target target;
    private int cases;
    private long mostAllocated;
    private long mostNanos;
    private int connections;
    private final int[] violated = new int[Role.values().length];
    private final List<WeakReference<Attacker>> gone = new ArrayList<>(); // some of them

    @Test
    void aMutatedFrameEndsNoMoreThanItsConnection() throws Exception {
        long began = System.nanoTime();
        try (LogLines log = new LogLines("dev.penstock");
                Target made = new Target()) {
            target = made;
            Tables tables = Tables.of(target.node);
            Tables clientTables = Tables.of(target.client);
            int timers = target.timers();
            long heapBefore = 0;
            for (long seed = SEED; cases < CASES; seed++) {
                try {
                    run(new Random(seed * 0x9E3779B97F4A7C15L));
                    assertEquals(tables, Tables.of(target.node));
                    assertEquals(clientTables, Tables.of(target.client));
                    assertEquals(timers + (target.dialed.isEmpty() ? 1 : 0), target.timers());
                } catch (Throwable e) {
                    throw new AssertionError("seed " + seed + ", case " + cases, e);
                }
                if (heapBefore == 0 && cases > CASES / 2) {
                    heapBefore = heapUsed();
                }
            }
            long heapAfter = heapUsed();
            long kept = gone.stream().filter(link -> link.get() != null).count();
            System.out.printf(
                    "%d mutated frames on %d connections in %d ms; violations by role %s; a case allocated at most %d "
                            + "bytes and took at most %d us; heap %d then %d bytes; log lines %s%n",
                    cases,
                    connections,
                    (System.nanoTime() - began) / 1_000_000,
                    java.util.Arrays.toString(violated),
                    mostAllocated,
                    mostNanos / 1000,
                    heapBefore,
                    heapAfter,
                    log.kinds());
            assertEquals(0, kept, "connections that are gone and not forgotten");
            assertTrue(heapAfter < heapBefore + (2 << 20), heapBefore + " bytes of heap became " + heapAfter);
            log.assertLimited(3);
        }
    }

    private long heapUsed() {
        System.gc();
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // ---- one connection

    private void run(Random random) {
        connections++;
        target.told.clear();
        target.secrets.clear();
        Role role = Role.of(random);
        Attacker attacker = connect(role, random);
        boolean up = role != Role.STRANGER && role != Role.GREETING;
        Dependents dependents =
                up && random.nextInt(4) > 0 ? new Dependents(role, attacker, random.nextInt(4) == 0) : null;
        Stream state = new Stream(attacker, role, dependents, random);
        int frames = 1 + random.nextInt(up ? 40 : 3);
        for (int i = 0; i < frames && !attacker.closing; i++) {
            if (random.nextInt(4) == 0) {
                attacker.reads = random.nextInt(4) > 0;
            }
            if (up && random.nextInt(3) > 0) {
                attacker.send(attacker.next(state.good()), random);
            } else {
                mutated(attacker, state, role, random);
            }
        }
        if (attacker.closing) {
            violated[role.ordinal()]++;
        } else if (random.nextBoolean()) {
            attacker.hangUp();
        } else {
            attacker.send(new byte[] {-1, -1, -1, -1});
            attacker.send(Frame.of(99).bytes(attacker.epoch, ++attacker.sequence)); // if it waited for more
            if (!attacker.closing) { // within a frame that is long
                attacker.hangUp();
            }
        }
        target.settle();
        assertNull(attacker.escaped, () -> "an exception got out: " + attacker.escaped);
        assertTrue(attacker.closing, "the connection goes on");
        check(role, dependents);
        if (connections % 16 == 0) {
            target.honestStreamsGoOn();
        }
        if (connections % 32 == 0) {
            gone.add(new WeakReference<>(attacker));
        }
    }

    private Attacker connect(Role role, Random random) {
        switch (role) {
            case MEMBER:
                return target.member();
            case CLIENT: {
                Attacker client = target.client("c" + random.nextInt(1000));
                target.directory((key, type, listener) -> {
                    listener.found(List.of(new Directory.Entry(target.member, target.probe)));
                    return () -> {};
                });
                return client;
            }
            case DIALED: {
                Attacker dialed = target.dialed();
                dialed.accept(false);
                return dialed;
            }
            case CONTACT: {
                Attacker contact = target.contact();
                contact.accept(false);
                return contact;
            }
            default:
                return random.nextBoolean()
                        ? target.connect(random.nextBoolean() ? "b" : "client/x", 7, Set.of())
                        : random.nextBoolean() ? target.dialed() : target.contact();
        }
    }

    private void mutated(Attacker attacker, Stream state, Role role, Random random) {
        byte[] bytes;
        if (role == Role.STRANGER) {
            Frame frame = random.nextBoolean() ? state.good() : state.bad();
            bytes = Mutation.of(frame.bytes(0, 0), random);
        } else if (role == Role.GREETING) {
            int type = 1 + random.nextInt(3);
            Frame greeting = attacker.greeting(
                    type, target.codecs, attacker.name.startsWith("client"), "m", 1, random.nextInt(3));
            bytes = Mutation.of(greeting.bytes(0, 0), random);
        } else if (random.nextInt(3) == 0) {
            bytes = attacker.next(state.bad());
        } else {
            bytes = state.mutated();
        }
        cases++;
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long began = System.nanoTime();
        attacker.send(bytes, random);
        mostNanos = Math.max(mostNanos, System.nanoTime() - began);
        mostAllocated = Math.max(mostAllocated, THREADS.getCurrentThreadAllocatedBytes() - allocated);
        assertTrue(mostAllocated < MOST_ALLOCATED, () -> "a case allocated " + mostAllocated + " bytes");
    }

    private void check(Role role, Dependents dependents) {
        for (Object message : target.told) {
            assertTrue(MAY_BE_TOLD.contains(message.getClass()), () -> "an actor was told " + message);
        }
        if (role == Role.STRANGER) {
            assertEquals(List.of(), target.told, "of a connection that never was up");
        }
        if (role == Role.STRANGER || role == Role.CLIENT) {
            assertEquals(List.of(), target.secrets, "of one who does not know the actor");
        }
        if (dependents != null) {
            dependents.check();
        }
    }

    /** What hangs on a connection, on the side of the node. */
    private final class Dependents {
        private final ActorRef<ProducerMessage<Long>> producer;
        private final long uid;
        private final SinkRef<Long> sink;
        private final ActorRef<?> consumer;
        private final SourceRef<Object> source;
        private final CompletableFuture<String> answer;
        private final ActorRef<Object> watcher;
        private boolean terminated;

        Dependents(Role role, Attacker attacker, boolean asks) {
            Node node = role == Role.CONTACT ? target.client : target.node;
            Member member = new Member(attacker.name, attacker.incarnation, target.z.address());
            producer = target.system.spawn(
                    StreamProducer.<Long>create(ProducerOptions.defaults().bufferSize(8)), target.name());
            uid = node.export(producer);
            sink = target.system.ask(producer, GetSink<Long>::new, Target.WAIT).join();
            for (long i = 0; i < 8; i++) {
                sink.tryPut(i);
            }
            ActorRef<ProducerMessage<Object>> theirs = node.remote(member, 77, "/producer");
            var made = target.system.spawn(
                    StreamConsumer.create(theirs, ConsumerOptions.defaults().initialDemand(16)), target.name());
            consumer = made;
            source =
                    target.system.ask(made, GetSource<Object>::new, Target.WAIT).join();
            ActorRef<Question> asked = node.remote(member, 66, "/asked");
            answer =
                    asks ? target.system.ask(asked, Question::new, Target.WAIT) : CompletableFuture.completedFuture("");
            ActorRef<Object> watched = node.remote(member, 88, "/watched");
            watcher = target.system.spawn(
                    Behaviors.setup(context -> {
                        context.watch(watched);
                        return Behaviors.receive((same, message) -> Behaviors.same(), (same, signal) -> {
                            terminated |= signal instanceof Terminated;
                            return Behaviors.same();
                        });
                    }),
                    target.name());
            target.settle();
        }

        void check() {
            try {
                while (source.drain(element -> {}, 64) > 0) {
                    // until it ends
                }
            } catch (StreamClosedException e) {
                // as it should
            }
            assertTrue(source.outcome().isDone(), "a consumer was not told of the end");
            assertTrue(answer.isDone(), "who asked was not told of the end");
            assertTrue(terminated, "who watched was not told of the end");
            if (!sink.outcome().isDone()) {
                hasNoSubscriber();
            }
            target.system.stop(producer);
            target.system.stop(consumer);
            target.system.stop(watcher);
            target.settle();
        }

        /** A producer that goes on is one that nobody has subscribed: somebody else can. */
        private void hasNoSubscriber() {
            SourceRef<Long> other = target.system
                    .ask(
                            target.system.spawn(
                                    StreamConsumer.create(
                                            producer, ConsumerOptions.defaults().initialDemand(8)),
                                    target.name()),
                            GetSource<Long>::new,
                            Target.WAIT)
                    .join();
            target.settle();
            try {
                other.drain(element -> {}, 64);
            } catch (StreamClosedException e) {
                throw new AssertionError("a producer was not told of the end", e);
            }
        }
    }

    /** What the attacker sends, with a memory of what it was. */
    private final class Stream {
        private final Attacker attacker;
        private final Role role;
        private final Dependents dependents;
        private final Random random;
        private final List<byte[]> sent = new ArrayList<>();
        private long elements;
        private int lookups;

        Stream(Attacker attacker, Role role, Dependents dependents, Random random) {
            this.attacker = attacker;
            this.role = role;
            this.dependents = dependents;
            this.random = random;
        }

        private long uid() {
            int draw = random.nextInt(4);
            return draw == 0 && dependents != null
                    ? dependents.uid
                    : draw == 1 ? 1_000_000 + random.nextInt(10) : target.probeUid;
        }

        private Frame payload(Frame frame) {
            return switch (random.nextInt(6)) {
                case 0 -> frame.i16(Frame.STRING).text("text with é");
                case 1 -> frame.i16(Frame.BYTES).i32(3).raw(new byte[3]);
                case 2 -> frame.i16(101).ref(random.nextInt(5), "/asker");
                case 3 ->
                    frame.i16(100)
                            .i32(1)
                            .i64(2)
                            .text(null)
                            .yours(target.probeUid)
                            .i16(100)
                            .i32(1)
                            .i64(2)
                            .text("inner")
                            .i8(0)
                            .i16(0);
                case 4 -> frame.i16(Frame.PUSH).i16(Frame.LONG).i64(7);
                default -> frame.i16(Frame.LONG).i64(random.nextLong());
            };
        }

        /** A frame that an honest peer might send. */
        Frame good() {
            switch (random.nextInt(role == Role.CLIENT ? 12 : 10)) {
                case 0:
                    return Frame.of(Frame.PING);
                case 1:
                    return Frame.of(Frame.WATCH).i64(uid());
                case 2:
                    return Frame.of(Frame.UNWATCH).i64(uid());
                case 3:
                    return dependents == null
                            ? Frame.of(Frame.PING)
                            : Frame.of(Frame.SUBSCRIBE)
                                    .i32(++attacker.lastStream)
                                    .i64(dependents.uid)
                                    .i64(random.nextInt(6))
                                    .ref(5, "/consumer");
                case 4:
                    return attacker.lastStream == 0
                            ? Frame.of(Frame.PING)
                            : Frame.of(Frame.DEMAND).i32(attacker.lastStream).i64(random.nextInt(20));
                case 5:
                    return attacker.lastStream == 0 || random.nextInt(4) > 0
                            ? Frame.of(Frame.PING)
                            : Frame.of(Frame.CANCEL).i32(attacker.lastStream);
                case 6:
                    if (dependents == null || elements >= 12) {
                        return Frame.of(Frame.PING);
                    }
                    elements += 2;
                    return HostileFramesTest.elements(1, elements - 1, 2);
                case 10, 11:
                    return random.nextBoolean()
                            ? Frame.of(Frame.LOOKUP).i32(++lookups).text("key").text("type")
                            : Frame.of(Frame.UNLOOKUP).i32(lookups);
                default:
                    return payload(Frame.of(Frame.TELL).i64(uid()));
            }
        }

        /** A frame that is well made, and wrong. */
        Frame bad() {
            long n = Mutation.extreme(random);
            int type = Frame.TYPES[random.nextInt(Frame.TYPES.length)];
            switch (random.nextInt(14)) {
                case 0:
                    return Frame.of(Frame.SUBSCRIBE)
                            .i32((int) n)
                            .i64(uid())
                            .i64(Mutation.extreme(random))
                            .ref(1, "/c");
                case 1:
                    return Frame.of(Frame.DEMAND).i32(random.nextInt(3)).i64(n);
                case 2:
                    return Frame.of(Frame.BAD_DEMAND).i32(random.nextInt(3)).i64(n);
                case 3:
                    return Frame.of(Frame.ELEMENTS)
                            .i32(random.nextInt(3))
                            .i64(random.nextBoolean() ? elements + 1 : n)
                            .i16((int) Mutation.extreme(random))
                            .i16(Frame.LONG)
                            .raw(new byte[8 * random.nextInt(100)]);
                case 4:
                    return Frame.of(random.nextBoolean() ? Frame.COMPLETED : Frame.FAILED)
                            .i32(random.nextInt(3))
                            .i64(random.nextBoolean() ? elements : n)
                            .i8(random.nextInt(6))
                            .text(random.nextBoolean() ? null : "X")
                            .text(random.nextBoolean() ? null : "x".repeat(1000));
                case 5:
                    return Frame.of(type).i32((int) n).i64(n);
                case 6:
                    return payload(Frame.of(Frame.TELL).i64(n));
                case 7: {
                    Frame deep = Frame.of(Frame.TELL).i64(target.probeUid);
                    int depth = random.nextInt(2000);
                    for (int i = 0; i < depth; i++) {
                        deep.i16(100).i32(1).i64(1).text(null).i8(0);
                    }
                    return deep.i16(0);
                }
                case 8: {
                    byte[] huge = new byte[random.nextInt(60_000)];
                    return Frame.of(Frame.TELL)
                            .i64(target.probeUid)
                            .i16(Frame.STRING)
                            .i16(huge.length)
                            .raw(huge);
                }
                case 9:
                    return Frame.of(Frame.TELL)
                            .i64(target.probeUid)
                            .i16(101)
                            .i8(random.nextInt(256))
                            .i64(n)
                            .text("x".repeat(random.nextInt(600)));
                case 10:
                    return Frame.of(Frame.SUBSCRIBE)
                            .i32(++attacker.lastStream)
                            .i64(uid())
                            .i64(1)
                            .another("h", 1, 1);
                case 11:
                    return Frame.of(Frame.LISTING)
                            .i32(1)
                            .i16(random.nextInt(3) * 30_000)
                            .text(random.nextBoolean() ? null : "z")
                            .i64(n)
                            .yours(target.probeUid);
                case 12:
                    return attacker.greeting(1 + random.nextInt(3), target.codecs, false, "m", 1, (int) n);
                default: {
                    byte[] garbage = new byte[random.nextInt(200)];
                    random.nextBytes(garbage);
                    return Frame.of(random.nextInt(256)).raw(garbage);
                }
            }
        }

        /** A good frame that went wrong, on its own or among others. */
        byte[] mutated() {
            byte[] frame = attacker.next(good());
            sent.add(frame);
            switch (random.nextInt(8)) {
                case 0: // twice
                    return Mutation.join(frame, frame);
                case 1: // in another order
                    return Mutation.join(attacker.next(good()), frame);
                case 2: // an old one again
                    return sent.get(random.nextInt(sent.size()));
                case 3: // of another epoch
                    return good().bytes(attacker.epoch - 1 + 2 * random.nextInt(2), attacker.sequence);
                case 4: // out of sequence
                    return good().bytes(attacker.epoch, attacker.sequence + Mutation.extreme(random));
                default:
                    return Mutation.of(frame, random);
            }
        }
    }
}
