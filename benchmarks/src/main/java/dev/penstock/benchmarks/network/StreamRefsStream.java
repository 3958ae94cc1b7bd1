package dev.penstock.benchmarks.network;

import com.typesafe.config.ConfigFactory;
import dev.penstock.benchmarks.peers.Backoff;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.pattern.Patterns;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.SourceRef;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.apache.pekko.stream.javadsl.StreamRefs;

/**
 * A SourceRef of Pekko over Artery TCP, for which the consumer asks an actor of the producer's. What StreamRefs call the
 * buffer's capacity is the window.
 */
final class StreamRefsStream {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NAME = "benchmark";
    private static final String KEEPER = "keeper";
    private static final String QUESTION = "source?";

    private StreamRefsStream() {}

    /** Ticks come from a thread, by a bounded queue, which drops what it has no room for: the thread tries again. */
    static Outbound fromThread(Setup setup) {
        ActorSystem system = system(setup, setup.producerPort());
        Pair<BoundedSourceQueue<Tick>, SourceRef<Tick>> ends = Source.<Tick>queue(Setup.BUFFER)
                .toMat(StreamRefs.sourceRef(), Keep.both())
                .run(system);
        keep(system, ends.second());
        BoundedSourceQueue<Tick> queue = ends.first();
        return ticks -> {
            while (true) {
                put(queue, ticks.get());
            }
        };
    }

    private static void put(BoundedSourceQueue<Tick> queue, Tick tick) throws InterruptedException {
        QueueOfferResult result = queue.offer(tick);
        for (int attempt = 0; result == QueueOfferResult.dropped(); attempt++) {
            Backoff.pause(attempt);
            result = queue.offer(tick);
        }
        if (!result.isEnqueued()) {
            throw new IllegalStateException("the queue answered " + result);
        }
    }

    /** Ticks are made within the stream. */
    static Outbound within(Setup setup) {
        ActorSystem system = system(setup, setup.producerPort());
        CompletableFuture<Supplier<Tick>> ticks = new CompletableFuture<>();
        SourceRef<Tick> ref = Source.<Tick>fromIterator(() -> iterator(ticks))
                .toMat(StreamRefs.sourceRef(), Keep.right())
                .run(system);
        keep(system, ref);
        return supplied -> {
            ticks.complete(supplied);
            Thread.currentThread().join();
        };
    }

    private static Iterator<Tick> iterator(CompletableFuture<Supplier<Tick>> ticks) {
        return new Iterator<>() {
            private Supplier<Tick> supplied; // the stream only

            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Tick next() {
                if (supplied == null) {
                    supplied = ticks.join();
                }
                return supplied.get();
            }
        };
    }

    /** Ticks go to a thread, by an iterator. */
    static Inbound toThread(Setup setup) {
        return subscribed(setup, (system, source, taker) -> {
            Iterator<Tick> ticks = source.runWith(StreamConverters.<Tick>asJavaStream(), system)
                    .iterator();
            while (taker.test(ticks.next())) {
                // the next one
            }
        });
    }

    /** Ticks are taken within the stream. */
    static Inbound toStream(Setup setup) {
        return subscribed(
                setup,
                (system, source, taker) -> source.takeWhile(taker::test)
                        .run(system)
                        .toCompletableFuture()
                        .join());
    }

    private interface Reading {
        void run(ActorSystem system, Source<Tick, NotUsed> source, Predicate<Tick> taker);
    }

    @SuppressWarnings("unchecked") // that is what the keeper keeps
    private static Inbound subscribed(Setup setup, Reading reading) {
        ActorSystem system = system(setup, setup.consumerPort());
        String keeper = "pekko://" + NAME + "@127.0.0.1:" + setup.producerPort() + "/user/" + KEEPER;
        Function<Object, SourceRef<Tick>> answer = kept -> (SourceRef<Tick>) kept;
        Source<Tick, NotUsed> source = Patterns.ask(system.actorSelection(keeper), QUESTION, PATIENCE)
                .thenApply(answer)
                .toCompletableFuture()
                .join()
                .getSource();
        return taker -> reading.run(system, source, taker);
    }

    private static void keep(ActorSystem system, SourceRef<Tick> ref) {
        system.actorOf(Props.create(Keeper.class, () -> new Keeper(ref)), KEEPER);
    }

    private static ActorSystem system(Setup setup, int port) {
        Map<String, Object> settings = Map.of(
                "pekko.remote.artery.canonical.port",
                port,
                "pekko.stream.materializer.stream-ref.buffer-capacity",
                setup.demand());
        return ActorSystem.create(
                NAME, ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load("stream-refs")));
    }

    /** Answers with the one SourceRef. */
    private static final class Keeper extends AbstractActor {
        private final SourceRef<Tick> ref;

        Keeper(SourceRef<Tick> ref) {
            this.ref = ref;
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .matchEquals(QUESTION, question -> getSender().tell(ref, ActorRef.noSender()))
                    .build();
        }
    }
}
