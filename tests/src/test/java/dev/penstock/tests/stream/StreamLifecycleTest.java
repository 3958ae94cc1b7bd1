package dev.penstock.tests.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.actor.ActorRef;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/** Thousands of streams in one system, ended in every way at random points: nothing stays behind, nothing is lost. */
class StreamLifecycleTest {

    private static final int STREAMS = Boolean.getBoolean("penstock.full") ? 10_000 : 2_000;
    private static final long SEED = 20_260_101;
    private static final int MOST_ELEMENTS = 40;
    private static final int KEEP_EVERY = 50;

    /** How a stream ends. */
    enum Ending {
        COMPLETE,
        COMPLETE_STREAM,
        FAIL,
        FAIL_STREAM,
        CANCEL_BEFORE_SUBSCRIBE,
        STOP_BEFORE_SUBSCRIBE,
        CLOSE,
        CLOSE_BY_ANOTHER_THREAD,
        CLOSE_WHILE_PUT_IS_BLOCKED,
        BREAK,
        FOR_EACH_WHILE,
        EXCEPTION_IN_FOR_EACH,
        STREAM_LIMIT,
        TIME_OUT,
        STOP_CONSUMER,
        STOP_PRODUCER,
        CANCEL_CONSUMER,
        CANCEL_PRODUCER
    }

    /** Knows where it belongs; has an identity. */
    private record Element(int index, Object identity) {}

    /** What is kept of some streams, to see that it holds no element. */
    private record Kept(SinkRef<Element> sink, SourceRef<Element> source) {}

    @EachSetup
    void nothingStaysBehind(Setup setup) throws Exception {
        try (Rig rig = setup.open()) {
            ExecutorService workers = Executors.newFixedThreadPool(2, Background.factory("worker"));
            ExecutorService putters = Executors.newCachedThreadPool(Background.factory("putter"));
            List<Kept> kept = new ArrayList<>();
            ReferenceQueue<Element> collected = new ReferenceQueue<>();
            Set<WeakReference<Element>> elements = new HashSet<>();
            try {
                // Each pool's threads, the timer's and the cleaner's are there after a few streams.
                run(rig, workers, putters, 0, 40, new ArrayList<>(), new HashSet<>(), new ReferenceQueue<>());
                rig.awaitNoActors();
                Set<Thread> before = threads();

                run(rig, workers, putters, 40, STREAMS, kept, elements, collected);
                rig.awaitNoActors();
                Awaiting.that(
                        "no thread more than at the start: " + more(before),
                        () -> more(before).isEmpty());
            } finally {
                workers.shutdownNow();
                putters.shutdownNow();
            }
            assertTrue(workers.awaitTermination(Awaiting.SECONDS, TimeUnit.SECONDS));
            assertTrue(putters.awaitTermination(Awaiting.SECONDS, TimeUnit.SECONDS));

            assertFalse(elements.isEmpty());
            rig.forgetDeadLetters();
            Awaiting.that("elements of ended streams are collected, also while their ends are held", () -> {
                System.gc();
                for (var gone = collected.poll(); gone != null; gone = collected.poll()) {
                    elements.remove(gone);
                }
                return elements.isEmpty();
            });
            for (Kept ends : kept) {
                Rig.assertSettled(ends.sink().ledger());
            }
        }
    }

    private static void run(
            Rig rig,
            ExecutorService workers,
            ExecutorService putters,
            int from,
            int to,
            List<Kept> kept,
            Set<WeakReference<Element>> elements,
            ReferenceQueue<Element> collected)
            throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = from; i < to; i++) {
            int number = i;
            running.add(workers.submit(() -> {
                OneStream stream = new OneStream(rig, putters, number, collected);
                try {
                    stream.run();
                } catch (Throwable e) {
                    throw new AssertionError(stream + ", seed " + SEED, e);
                }
                if (number % KEEP_EVERY == 0) {
                    synchronized (kept) {
                        kept.add(new Kept(stream.sink, stream.source));
                        elements.addAll(stream.sample);
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !isOfTheTestOrTheMachine(thread))
                .collect(Collectors.toSet());
    }

    private static boolean isOfTheTestOrTheMachine(Thread thread) {
        String name = thread.getName();
        return name.startsWith("worker-")
                || name.startsWith("putter-")
                || name.startsWith("ForkJoinPool-") // carriers of virtual threads
                || name.startsWith("VirtualThread-")
                || name.startsWith("junit-");
    }

    private static Set<Thread> more(Set<Thread> before) {
        Set<Thread> more = threads();
        more.removeAll(before);
        return more;
    }

    /** One stream: a thread that puts, this thread that takes, and how it ends. */
    private static final class OneStream {
        private final Rig rig;
        private final ExecutorService putters;
        private final int number;
        private final Random random;
        private final Ending ending;
        private final int bufferSize;
        private final int demand;
        private final int count;
        private final int after; // how many elements are taken before the end
        private final AtomicIntegerArray fates = new AtomicIntegerArray(MOST_ELEMENTS);
        private final List<WeakReference<Element>> sample = new ArrayList<>(); // written by the putter
        private final ReferenceQueue<Element> collected;
        private SinkRef<Element> sink;
        private SourceRef<Element> source; // null if nobody subscribes

        OneStream(Rig rig, ExecutorService putters, int number, ReferenceQueue<Element> collected) {
            this.rig = rig;
            this.collected = collected;
            this.putters = putters;
            this.number = number;
            random = new Random(SEED + number);
            ending = Ending.values()[number % Ending.values().length];
            bufferSize = new int[] {0, 1, 2, 3, 16}[random.nextInt(5)];
            demand = new int[] {1, 2, 16}[random.nextInt(3)];
            count = random.nextInt(MOST_ELEMENTS);
            after = random.nextInt(MOST_ELEMENTS);
        }

        void run() throws Exception {
            BiConsumer<Element, Object> undelivered = (element, reason) -> fates.incrementAndGet(element.index());
            ProducerOptions producerOptions = ProducerOptions.defaults().bufferSize(bufferSize);
            ConsumerOptions consumerOptions = ConsumerOptions.defaults().initialDemand(demand);
            boolean producersHandler = random.nextBoolean();
            if (producersHandler
                    || ending == Ending.CANCEL_BEFORE_SUBSCRIBE
                    || ending == Ending.STOP_BEFORE_SUBSCRIBE) {
                producerOptions = producerOptions.onUndelivered(undelivered);
            }
            if (!producersHandler || random.nextBoolean()) {
                consumerOptions = consumerOptions.onUndelivered(undelivered);
            }
            if (ending == Ending.TIME_OUT) {
                consumerOptions = consumerOptions.inactivityTimeout(Duration.ofMillis(1));
            }
            ActorRef<ProducerMessage<Element>> producer = rig.producer(producerOptions);
            sink = rig.sink(producer);
            Future<Integer> putter;
            if (ending == Ending.CANCEL_BEFORE_SUBSCRIBE || ending == Ending.STOP_BEFORE_SUBSCRIBE) {
                putter = putters.submit(this::put);
                endBeforeSubscribe(producer);
            } else {
                ActorRef<ConsumerMessage<Element>> consumer = rig.consumer(producer, consumerOptions);
                source = rig.source(consumer);
                putter = putters.submit(this::put);
                end(producer, consumer);
                rig.awaitStopped(consumer);
            }
            rig.awaitStopped(producer);
            int accepted = putter.get(Awaiting.SECONDS, TimeUnit.SECONDS);
            check(accepted);
        }

        /** Puts until all are in or the stream has ended; answers how many were accepted. */
        private int put() throws InterruptedException {
            int accepted = 0;
            try {
                while (accepted < count) {
                    Element element = new Element(accepted, new Object());
                    if (number % KEEP_EVERY == 0) {
                        sample.add(new WeakReference<>(element, collected));
                    }
                    sink.put(element);
                    accepted++;
                }
                if (ending == Ending.COMPLETE) {
                    sink.complete();
                } else if (ending == Ending.FAIL) {
                    sink.fail(new ArithmeticException("the feed"));
                }
            } catch (StreamClosedException ended) {
                // where the test ends it, that is what happens
            }
            return accepted;
        }

        private void endBeforeSubscribe(ActorRef<ProducerMessage<Element>> producer) {
            int enough = Math.min(after, bufferSize == 0 ? count : Math.min(count, bufferSize));
            Awaiting.that(enough + " elements wait", () -> sink.ledger().offered() >= enough);
            if (ending == Ending.CANCEL_BEFORE_SUBSCRIBE) {
                producer.tell(new StreamCancel<>());
            } else {
                rig.system().stop(producer);
            }
        }

        private void end(ActorRef<ProducerMessage<Element>> producer, ActorRef<ConsumerMessage<Element>> consumer)
                throws InterruptedException {
            switch (ending) {
                case COMPLETE -> source.forEach(this::delivered);
                case COMPLETE_STREAM -> take(() -> producer.tell(new CompleteStream<>()));
                case FAIL -> {
                    try {
                        source.forEach(this::delivered);
                        fail("the stream did not fail");
                    } catch (StreamClosedException expected) {
                        assertTrue(expected.outcome() instanceof StreamOutcome.Failed, expected::toString);
                    }
                }
                case FAIL_STREAM -> take(() -> producer.tell(new FailStream<>(new ArithmeticException("the feed"))));
                case CLOSE -> {
                    takeSome();
                    source.close();
                }
                case CLOSE_BY_ANOTHER_THREAD -> {
                    Future<?> closer = putters.submit(source::close);
                    source.forEach(this::delivered);
                    assertTrue(awaitDone(closer));
                }
                case CLOSE_WHILE_PUT_IS_BLOCKED -> {
                    int most = bufferSize == 0 ? count : Math.min(count, bufferSize + demand);
                    Awaiting.that(most + " accepted", () -> sink.ledger().offered() >= most);
                    source.close();
                }
                case BREAK -> {
                    try (SourceRef<Element> closing = source) {
                        int taken = 0;
                        if (Math.min(count, after) > 0) {
                            for (Element element : closing) {
                                delivered(element);
                                if (++taken == Math.min(count, after)) {
                                    break;
                                }
                            }
                        }
                    }
                }
                case FOR_EACH_WHILE -> {
                    if (count == 0) {
                        source.close();
                    }
                    source.forEachWhile(element -> {
                        delivered(element);
                        return element.index() < Math.min(count - 1, after);
                    });
                }
                case EXCEPTION_IN_FOR_EACH -> {
                    if (count == 0) {
                        source.close();
                    }
                    try {
                        source.forEach(element -> {
                            delivered(element);
                            if (element.index() >= Math.min(count - 1, after)) {
                                throw new ArithmeticException("the reader");
                            }
                        });
                    } catch (ArithmeticException expected) {
                        // that is the ending
                    }
                }
                case STREAM_LIMIT ->
                    source.stream().limit(Math.min(count, after)).forEach(this::delivered);
                case TIME_OUT -> take(() -> {});
                case STOP_CONSUMER -> take(() -> rig.system().stop(consumer));
                case STOP_PRODUCER -> take(() -> rig.system().stop(producer));
                case CANCEL_CONSUMER -> take(() -> consumer.tell(new StreamCancel<>()));
                case CANCEL_PRODUCER -> take(() -> producer.tell(new StreamCancel<>()));
                default -> throw new AssertionError(ending);
            }
            if (ending == Ending.STREAM_LIMIT) {
                source.close(); // a limit of 0 asks for no element, and never opens the source
            }
        }

        /** Takes some elements, as many as there will be at most. */
        private void takeSome() {
            var iterator = source.iterator();
            for (int i = 0; i < Math.min(count, after); i++) {
                delivered(iterator.next());
            }
        }

        /** Takes elements, acts in between, and takes until the end, whatever it is. */
        private void take(Runnable act) {
            takeSomeQuietly();
            act.run();
            try {
                source.forEach(this::delivered);
            } catch (StreamClosedException expected) {
                // the outcome is the ending's
            }
        }

        private void takeSomeQuietly() {
            try {
                takeSome();
            } catch (StreamClosedException timedOut) {
                assertEquals(Ending.TIME_OUT, ending);
            }
        }

        private static boolean awaitDone(Future<?> future) {
            Awaiting.that("done", future::isDone);
            return true;
        }

        private void delivered(Element element) {
            fates.incrementAndGet(element.index());
        }

        private void check(int accepted) {
            for (int i = 0; i < MOST_ELEMENTS; i++) {
                assertEquals(i < accepted ? 1 : 0, fates.get(i), "fates of element " + i + " of " + accepted);
            }
            StreamLedger ledger = sink.ledger();
            Rig.assertSettled(ledger);
            assertEquals(accepted, ledger.offered(), ledger::toString);
            StreamOutcome outcome = sink.outcome().join();
            if (source != null) {
                assertEquals(outcome, source.outcome().join());
                assertEquals(ledger, source.ledger());
            }
            if (outcome instanceof StreamOutcome.Completed) {
                assertEquals(accepted, ledger.delivered(), ledger::toString);
            }
            if (ending == Ending.COMPLETE) {
                assertEquals(new StreamOutcome.Completed(), outcome);
                assertEquals(count, accepted);
            }
        }

        @Override
        public String toString() {
            return "stream " + number + " (" + ending + ", buffer " + bufferSize + ", demand " + demand + ", " + count
                    + " elements, after " + after + ")";
        }
    }
}
