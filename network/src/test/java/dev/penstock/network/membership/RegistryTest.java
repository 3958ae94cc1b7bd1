package dev.penstock.network.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.Subscription;
import dev.penstock.network.Listing;
import dev.penstock.network.Member;
import dev.penstock.network.ServiceKey;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The registry alone: a test's hand moves the time and carries the messages. */
class RegistryTest {

    private static final ServiceKey<String> TEXTS = new ServiceKey<>("texts", String.class);
    private static final ServiceKey<Integer> NUMBERS = new ServiceKey<>("texts", Integer.class);

    private record Local<M>(String path) implements ActorRef<M> {
        @Override
        public boolean tell(M message) {
            return false;
        }
    }

    private record Far(Member node, long uid, String path) implements ActorRef<Object> {
        @Override
        public boolean tell(Object message) {
            return false;
        }
    }

    /** One thread's time. */
    private static final class Hand implements Scheduler {
        private record Task(long at, long number, Runnable task) {}

        private final PriorityQueue<Task> tasks =
                new PriorityQueue<>(java.util.Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
        private long now;
        private long number;

        @Override
        public void execute(Runnable task) {
            schedule(Duration.ZERO, task);
        }

        @Override
        public void schedule(Duration delay, Runnable task) {
            tasks.add(new Task(now + delay.toNanos(), number++, task));
        }

        void advance(Duration time) {
            long until = now + time.toNanos();
            while (!tasks.isEmpty() && tasks.peek().at() <= until) {
                Task next = tasks.poll();
                now = next.at();
                next.task().run();
            }
            now = until;
        }
    }

    private final Hand hand = new Hand();

    /** A registry, and what it sent. */
    private final class Node implements Refs {
        final Member self;
        final Queue<byte[]> sent = new ArrayDeque<>();
        final Map<ActorRef<?>, Long> exported = new HashMap<>();
        final Registry registry;
        List<Member> seen = List.of();

        Node(String name, long incarnation) {
            self = new Member(name, incarnation, InetSocketAddress.createUnresolved(name, 1));
            registry = new Registry(self, this, sent::add, hand, member -> true);
        }

        @Override
        public long export(ActorRef<?> local, Class<?> messages) {
            return exported.computeIfAbsent(local, unused -> exported.size() + 1L);
        }

        @Override
        public ActorRef<?> remote(Member node, long uid, String path) {
            return new Far(node, uid, path);
        }

        void sees(Node... nodes) {
            List<Member> before = seen;
            seen = Arrays.stream(nodes).map(node -> node.self).toList();
            List<Member> joined = new ArrayList<>(seen);
            joined.removeAll(before);
            List<Member> left = new ArrayList<>(before);
            left.removeAll(seen);
            registry.view(new ViewChange(seen, joined, left, false));
        }

        List<byte[]> takeSent() {
            List<byte[]> messages = List.copyOf(sent);
            sent.clear();
            return messages;
        }

        void receives(Node from, List<byte[]> messages) {
            messages.forEach(message -> registry.message(from.self, message));
        }

        List<String> paths(ServiceKey<?> key) {
            return registry.lookup(key).entries().stream()
                    .map(entry -> entry.node().name() + entry.ref().path())
                    .toList();
        }
    }

    private void settle() {
        hand.advance(Registry.DEBOUNCE);
    }

    private static <M> Local<M> local(String path) {
        return new Local<>(path);
    }

    /** Enough that a snapshot has several chunks. */
    private static void registerMany(Node node, int count) {
        for (int i = 0; i < count; i++) {
            node.registry.register(TEXTS, local("/" + "x".repeat(200) + i));
        }
    }

    @Test
    void whatIsRegisteredIsFoundHereAtOnceAndThereAfterASnapshot() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        Local<String> actor = local("/user/one");
        a.registry.register(TEXTS, actor);
        assertSame(actor, a.registry.lookup(TEXTS).refs().get(0));
        assertEquals(List.of(), b.paths(TEXTS));
        settle();
        b.receives(a, a.takeSent());
        assertEquals(
                List.of(new Far(a.self, 1, "/user/one")),
                b.registry.lookup(TEXTS).refs());
        assertEquals(List.of(), b.paths(NUMBERS), "another message type is another key");

        b.registry.register(TEXTS, local("/mine"));
        assertEquals(List.of("b/mine", "a/user/one"), b.paths(TEXTS), "one's own come first");
    }

    @Test
    void changesInAShortTimeTravelTogether() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        settle();
        a.takeSent();
        for (int i = 0; i < 100; i++) {
            a.registry.register(TEXTS, local("/" + i));
        }
        settle();
        assertEquals(1, a.takeSent().size());
    }

    @Test
    void nothingIsSentToNobody() {
        Node a = new Node("a", 1);
        a.registry.register(TEXTS, local("/one"));
        a.sees(a);
        hand.advance(Registry.REPEAT.multipliedBy(2));
        assertEquals(0, a.sent.size());
    }

    @Test
    void anEndedActorIsRemovedEverywhere() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        Local<Object> actor = local("/both");
        a.registry.register(new ServiceKey<>("texts", Object.class), actor);
        a.registry.register(new ServiceKey<>("others", Object.class), actor);
        settle();
        b.receives(a, a.takeSent());
        assertEquals(List.of("a/both"), b.paths(new ServiceKey<>("others", Object.class)));
        assertTrue(a.registry.deregister(actor));
        assertFalse(a.registry.deregister(actor));
        settle();
        b.receives(a, a.takeSent());
        assertEquals(List.of(), b.paths(new ServiceKey<>("others", Object.class)));
        assertEquals(List.of(), b.paths(new ServiceKey<>("texts", Object.class)));
    }

    @Test
    void aKeyIsLeftAndOthersKept() {
        Node a = new Node("a", 1);
        Local<String> actor = local("/one");
        a.registry.register(TEXTS, actor);
        a.registry.register(TEXTS, actor);
        a.registry.register(new ServiceKey<>("more", String.class), actor);
        assertTrue(a.registry.deregister(TEXTS, actor));
        assertFalse(a.registry.deregister(TEXTS, actor));
        assertEquals(List.of("a/one"), a.paths(new ServiceKey<>("more", String.class)));
    }

    @Test
    void chunksMayComeInAnyOrderAndTwice() {
        Random random = new Random(7);
        for (int round = 0; round < 20; round++) {
            Node a = new Node("a", 1);
            Node b = new Node("b", 1);
            a.sees(a, b);
            b.sees(a, b);
            registerMany(a, 1000);
            settle();
            List<byte[]> chunks = a.takeSent();
            assertTrue(chunks.size() > 5);
            List<byte[]> shuffled = new ArrayList<>(chunks);
            shuffled.addAll(chunks);
            Collections.shuffle(shuffled, random);
            b.receives(a, shuffled);
            assertEquals(1000, b.paths(TEXTS).size());
            assertEquals(a.paths(TEXTS), b.paths(TEXTS));
            assertEquals(0, b.registry.malformed());
        }
    }

    @Test
    void aLostChunkIsMadeUpForByTheRepetition() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        registerMany(a, 1000);
        settle();
        List<byte[]> chunks = new ArrayList<>(a.takeSent());
        chunks.remove(3);
        b.receives(a, chunks);
        assertEquals(List.of(), b.paths(TEXTS), "all of a snapshot, or nothing");
        hand.advance(Registry.REPEAT);
        b.receives(a, a.takeSent());
        assertEquals(1000, b.paths(TEXTS).size());
    }

    @Test
    void theNewestCompleteVersionWinsWhateverComesLater() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        registerMany(a, 500);
        settle();
        List<byte[]> old = a.takeSent();
        a.registry.register(NUMBERS, local("/late"));
        settle();
        List<byte[]> newer = a.takeSent();
        b.receives(a, old.subList(0, 2));
        b.receives(a, newer);
        b.receives(a, old);
        assertEquals(List.of("a/late"), b.paths(NUMBERS));
        assertEquals(500, b.paths(TEXTS).size());
    }

    @Test
    void malformedMessagesAreCountedAndHealedByTheRepetition() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        registerMany(a, 1000);
        settle();
        List<byte[]> chunks = new ArrayList<>(a.takeSent());
        byte[] last = chunks.get(chunks.size() - 1);
        List<byte[]> truncated = new ArrayList<>(chunks);
        truncated.set(chunks.size() - 1, Arrays.copyOf(last, last.length - 1));
        b.receives(a, truncated);
        assertEquals(1, b.registry.malformed());
        byte[] moreChunks = chunks.get(0).clone();
        moreChunks[12]++; // the number of chunks
        b.receives(a, List.of(chunks.get(1), moreChunks, new byte[0], new byte[5], new byte[40]));
        assertEquals(5, b.registry.malformed());
        b.receives(a, chunks);
        assertEquals(1000, b.paths(TEXTS).size());
    }

    @Test
    void anyBytesAtAllAreEitherASnapshotOrMalformed() {
        Random random = new Random(11);
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        a.registry.register(TEXTS, local("/one"));
        settle();
        byte[] good = a.takeSent().get(0);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 4));
            for (int flips = random.nextInt(4); flips >= 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            b.registry.message(a.self, bad);
        }
        assertTrue(b.registry.malformed() > 0);
    }

    @Test
    void aLaterLifeOfANodeBeginsWithNothing() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        a.registry.register(TEXTS, local("/old"));
        a.registry.register(TEXTS, local("/older"));
        settle();
        List<byte[]> old = a.takeSent();
        b.receives(a, old);
        Node again = new Node("a", 2);
        b.sees(again, b);
        assertEquals(List.of(), b.paths(TEXTS));
        b.receives(a, old);
        assertEquals(List.of(), b.paths(TEXTS), "who is not in the view is not heard");
        again.sees(again, b);
        again.registry.register(TEXTS, local("/new"));
        settle();
        b.receives(again, again.takeSent());
        assertEquals(List.of("a/new"), b.paths(TEXTS));
        assertEquals(again.self, b.registry.lookup(TEXTS).entries().get(0).node());
    }

    @Test
    void eachSidesEntriesGoWithASplitAndComeBackWhenItHeals() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        List<Node> all = List.of(a, b);
        all.forEach(node -> node.sees(a, b));
        a.registry.register(TEXTS, local("/a"));
        b.registry.register(TEXTS, local("/b"));
        settle();
        a.receives(b, b.takeSent());
        b.receives(a, a.takeSent());
        assertEquals(List.of("a/a", "b/b"), a.paths(TEXTS));
        assertEquals(List.of("b/b", "a/a"), b.paths(TEXTS));

        a.sees(a);
        b.sees(b);
        assertEquals(List.of("a/a"), a.paths(TEXTS));
        assertEquals(List.of("b/b"), b.paths(TEXTS));
        b.registry.register(TEXTS, local("/b2"));
        settle();
        assertEquals(0, b.sent.size());

        all.forEach(node -> node.sees(a, b));
        settle();
        a.receives(b, b.takeSent());
        b.receives(a, a.takeSent());
        assertEquals(List.of("a/a", "b/b", "b/b2"), a.paths(TEXTS));
        assertEquals(List.of("b/b", "b/b2", "a/a"), b.paths(TEXTS));
    }

    @Test
    void aMergeMakesEvenThoseSendWhoSawNobodyLeave() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        a.registry.register(TEXTS, local("/a"));
        settle();
        b.receives(a, a.takeSent());
        b.sees(b); // b lost a; a lost nobody
        b.sees(a, b);
        assertEquals(List.of(), b.paths(TEXTS));
        a.registry.view(new ViewChange(List.of(a.self, b.self), List.of(), List.of(), true));
        settle();
        b.receives(a, a.takeSent());
        assertEquals(List.of("a/a"), b.paths(TEXTS));
    }

    @Test
    void aSubscriberSeesEachStateOnceAndInOrder() {
        Node a = new Node("a", 1);
        Node b = new Node("b", 1);
        a.sees(a, b);
        b.sees(a, b);
        List<List<String>> seen = new ArrayList<>();
        Subscription subscription = b.registry.subscribe(
                TEXTS,
                listing -> seen.add(listing.refs().stream().map(ActorRef::path).toList()));
        settle();
        assertEquals(List.of(List.of()), seen, "the listing as it is comes first");
        a.registry.register(TEXTS, local("/1"));
        settle();
        b.receives(a, a.takeSent());
        a.registry.register(NUMBERS, local("/another")); // concerns it not
        settle();
        b.receives(a, a.takeSent());
        b.registry.register(TEXTS, local("/2"));
        settle();
        hand.advance(Registry.REPEAT);
        b.receives(a, a.takeSent());
        a.registry.register(TEXTS, local("/3"));
        settle();
        b.receives(a, a.takeSent());
        b.sees(b);
        assertEquals(
                List.of(List.of(), List.of("/1"), List.of("/2", "/1"), List.of("/2", "/1", "/3"), List.of("/2")), seen);
        subscription.close();
        b.registry.register(TEXTS, local("/4"));
        settle();
        assertEquals(5, seen.size());
    }

    @Test
    void aSubscriberThatThrowsHarmsNobody() {
        Node a = new Node("a", 1);
        List<Listing<String>> seen = new ArrayList<>();
        a.registry.subscribe(TEXTS, listing -> {
            throw new IllegalStateException("on purpose");
        });
        a.registry.subscribe(TEXTS, seen::add);
        a.registry.register(TEXTS, local("/1"));
        settle();
        assertEquals(1, seen.get(seen.size() - 1).entries().size());
    }

    @Test
    void aNodeHasItsLimits() {
        Node a = new Node("a", 1);
        for (int i = 0; i < Snapshots.MAX_ENTRIES; i++) {
            a.registry.register(TEXTS, local("/" + i));
        }
        assertThrows(IllegalStateException.class, () -> a.registry.register(TEXTS, local("/more")));
        a.registry.deregister(TEXTS, local("/5"));
        a.registry.register(TEXTS, local("/more"));

        Node b = new Node("b", 1);
        assertThrows(IllegalStateException.class, () -> {
            for (int i = 0; i < Snapshots.MAX_ENTRIES; i++) {
                b.registry.register(TEXTS, local("/" + "ü".repeat(400) + i));
            }
        });
        Node c = new Node("c", 1);
        b.sees(b, c);
        c.sees(b, c);
        settle();
        List<byte[]> chunks = b.takeSent();
        assertEquals(Snapshots.MAX_CHUNKS, chunks.size(), "as large as one can be");
        chunks.forEach(chunk -> assertTrue(chunk.length <= Membership.MAX_MESSAGE));
        c.receives(b, chunks);
        assertEquals(b.paths(TEXTS), c.paths(TEXTS));
    }
}
