package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.RemoteRef;
import dev.penstock.actor.Watcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.RemoteSubscriber;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.Subscribe;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream in full flow allocates nothing per element, nor per run or per request of them. */
class AllocationTest {

    private static final int WARM_UP = 200_000;
    private static final int ELEMENTS = 500_000;

    /** The smallest object is of 16 bytes; this leaves room for what threads that wait may allocate now and then. */
    private static final double BYTES_PER_ELEMENT = 0.1;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** One combination. */
    record Combination(Setup setup, int demand) {
        @Override
        public String toString() {
            return setup + ", demand " + demand;
        }
    }

    static Stream<Combination> combinations() {
        return Stream.of(Setup.Threads.POOL, Setup.Threads.PINNED, Setup.Threads.DIRECT)
                .flatMap(threads ->
                        Stream.of(1, 16, 256).map(demand -> new Combination(new Setup(threads, false), demand)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("combinations")
    void nothingPerElement(Combination combination) {
        try (Rig rig = combination.setup().open()) {
            Ends<String> ends = rig.stream(1024, combination.demand());
            assertNothingAllocated(
                    rig,
                    count -> {
                        for (int i = 0; i < count; i++) {
                            ends.sink().put("element");
                        }
                    },
                    count -> {
                        Iterator<String> elements = ends.source().iterator();
                        for (int i = 0; i < count; i++) {
                            elements.next();
                        }
                    });
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Setup.Threads.class,
            names = {"POOL", "PINNED", "DIRECT"})
    void nothingPerElementThatALinkTakes(Setup.Threads threads) {
        try (Rig rig = new Setup(threads, false).open()) {
            ActorRef<ProducerMessage<String>> producer = rig.producer(1024);
            SinkRef<String> sink = rig.sink(producer);
            CountingLink link = new CountingLink();
            producer.tell(new Subscribe<>(link, Long.MAX_VALUE));
            rig.settle(producer);
            assertNothingAllocated(
                    rig,
                    count -> {
                        for (int i = 0; i < count; i++) {
                            sink.put("element");
                        }
                    },
                    link::fetch);
            assertEquals(WARM_UP + ELEMENTS, link.taken);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Setup.Threads.class,
            names = {"POOL", "PINNED", "DIRECT"})
    void nothingPerElementThatALinkLays(Setup.Threads threads) {
        try (Rig rig = new Setup(threads, false).open()) {
            LayingLink link = new LayingLink();
            ActorRef<ConsumerMessage<String>> consumer = rig.consumer(link, 256);
            SourceRef<String> source = rig.source(consumer);
            assertNothingAllocated(rig, link::lay, count -> {
                Iterator<String> elements = source.iterator();
                for (int i = 0; i < count; i++) {
                    elements.next();
                }
            });
        }
    }

    /** What one thread does so often. */
    private interface Loop {
        void run(int count) throws Exception;
    }

    private static void assertNothingAllocated(Rig rig, Loop... loops) {
        Phaser together = new Phaser(loops.length + 1); // and this thread
        for (int loop = 0; loop < loops.length; loop++) {
            Loop body = loops[loop];
            rig.background("loop-" + loop, () -> {
                for (int count : new int[] {WARM_UP, ELEMENTS}) {
                    body.run(count);
                    together.arriveAndAwaitAdvance();
                    together.arriveAndAwaitAdvance();
                }
                return null;
            });
        }

        together.arriveAndAwaitAdvance();
        long[] threads = others();
        long[] before = THREADS.getThreadAllocatedBytes(threads);
        together.arriveAndAwaitAdvance();
        together.arriveAndAwaitAdvance();
        long[] after = THREADS.getThreadAllocatedBytes(threads);
        together.arriveAndAwaitAdvance();

        long allocated = 0;
        List<String> who = new ArrayList<>();
        for (int i = 0; i < threads.length; i++) {
            if (before[i] >= 0 && after[i] > before[i]) {
                allocated += after[i] - before[i];
                who.add(threads[i] + ": " + (after[i] - before[i]));
            }
        }
        assertTrue(
                allocated <= ELEMENTS * BYTES_PER_ELEMENT,
                allocated + " bytes for " + ELEMENTS + " elements, by thread: " + who);
    }

    /** Fetches all, some at a time, and counts. */
    private static final class CountingLink implements RemoteSubscriber<String> {
        private final AtomicBoolean woken = new AtomicBoolean();
        private final Predicate<String> taker = this::take;
        // written: the producer's turn, volatile; read: the fetching thread
        private volatile Upstream<String> upstream;
        // the fetching thread, then the test
        private int taken;

        @Override
        public void subscribed(Upstream<String> given) {
            upstream = given;
        }

        @Override
        public boolean wake() {
            woken.set(true);
            return true;
        }

        void fetch(int count) {
            int last = taken + count;
            while (taken < last) {
                if (woken.getAndSet(false)) {
                    while (upstream.fetch(taker)) {
                        Thread.onSpinWait();
                    }
                } else {
                    Thread.yield();
                }
            }
        }

        private boolean take(String element) {
            taken++;
            return taken % 64 != 0;
        }

        @Override
        public boolean isLost() {
            return false;
        }

        @Override
        public boolean tell(ConsumerMessage<String> message) {
            return true;
        }

        @Override
        public void watchedBy(Watcher watcher) {}

        @Override
        public void unwatchedBy(Watcher watcher) {}

        @Override
        public String path() {
            return "/elsewhere/consumer";
        }
    }

    /** Lays what was requested. */
    private static final class LayingLink
            implements RemoteRef<ProducerMessage<String>>, RemoteProducer, RemoteProducer.Subscription {
        private final AtomicLong requested = new AtomicLong();
        // written: the consumer's set-up, volatile; read: the laying thread
        private volatile Downstream<String> downstream;
        private long laid; // the laying thread

        @Override
        @SuppressWarnings("unchecked") // of which elements it is says nothing here
        public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> given) {
            requested.set(subscribe.demand());
            downstream = (Downstream<String>) given;
            return Optional.of(this);
        }

        void lay(int count) {
            long last = laid + count;
            while (laid < last) {
                long now = Math.min(requested.get(), last);
                if (laid == now) {
                    Thread.yield();
                }
                while (laid < now) {
                    laid++;
                    downstream.accept("element");
                }
                downstream.flush();
            }
        }

        @Override
        public void request(long n) {
            requested.addAndGet(n);
        }

        @Override
        public void cancel() {}

        @Override
        public boolean tell(ProducerMessage<String> message) {
            return true;
        }

        @Override
        public void watchedBy(Watcher watcher) {}

        @Override
        public void unwatchedBy(Watcher watcher) {}

        @Override
        public String path() {
            return "/elsewhere/producer";
        }
    }

    /** All threads but this one. */
    private static long[] others() {
        long self = Thread.currentThread().getId();
        return Arrays.stream(THREADS.getAllThreadIds()).filter(id -> id != self).toArray();
    }
}
