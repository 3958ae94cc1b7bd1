package dev.penstock.examples;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.LifecycleEvent;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Two small streams from beginning to end: what {@code ./penstock guide} runs. Copy from here. */
final class Guide {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final List<PriceUpdate> PRICES = List.of(
            new PriceUpdate("AAPL", new BigDecimal("142.50")),
            new PriceUpdate("AAPL", new BigDecimal("143.10")),
            new PriceUpdate("AAPL", new BigDecimal("141.80")),
            new PriceUpdate("AAPL", new BigDecimal("144.20")),
            new PriceUpdate("AAPL", new BigDecimal("145.00")));

    /** What flows through the first stream. Any object will do; an immutable one is safe to hand to another thread. */
    record PriceUpdate(String symbol, BigDecimal price) {}

    private Guide() {}

    static void run(PrintWriter out) throws Exception {
        // The thread that feeds. It is an ordinary one, like the one that runs this and takes the elements out.
        ExecutorService feed = Executors.newSingleThreadExecutor();

        // The actors live in a system. Closing it stops them, and ends every stream that is still open.
        try (ActorSystem system = ActorSystem.create("guide")) {
            everyPrice(system, feed, out);
            out.println();
            earlyBreak(system, feed, out);
        } finally {
            feed.shutdownNow();
        }
    }

    /** A stream that completes: every element that is put in comes out, in order. */
    private static void everyPrice(ActorSystem system, ExecutorService feed, PrintWriter out) throws Exception {
        // A stream is two actors. The producer buffers no more than 16 elements; the consumer subscribes to it, and has
        // no more than 2 on their way at any time.
        ActorRef<ProducerMessage<PriceUpdate>> producer =
                system.spawn(StreamProducer.<PriceUpdate>create(16), "price-producer");
        ActorRef<ConsumerMessage<PriceUpdate>> consumer =
                system.spawn(StreamConsumer.create(producer, 2), "price-consumer");

        // Threads that are no actors hold on to its ends: elements enter by the sink and leave by the source.
        SinkRef<PriceUpdate> sink =
                system.ask(producer, GetSink<PriceUpdate>::new, PATIENCE).join();
        SourceRef<PriceUpdate> source =
                system.ask(consumer, GetSource<PriceUpdate>::new, PATIENCE).join();

        out.println("── Pushing " + PRICES.size() + " prices into producer ──");
        Future<?> fed = feed.submit(() -> {
            try (sink) { // leaving this block without complete() would fail the stream
                for (PriceUpdate update : PRICES) {
                    sink.put(update); // waits while 16 are buffered
                }
                sink.complete();
            }
            return null;
        });

        out.println("── Consuming via iterator (initialDemand=2) ──");
        int received = 0;
        try (source) {
            for (PriceUpdate update : source) { // waits for each; ends when the stream has completed
                received++;
                out.println("  #" + received + " " + update.symbol() + ": $" + update.price());
            }
        }

        fed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS); // throws what the feeding thread threw
        out.println();
        out.println("── Stream complete: " + received + " prices received ──");
    }

    /** A stream that its reader leaves: the producer stops, and the feeding thread hears of it. */
    private static void earlyBreak(ActorSystem system, ExecutorService feed, PrintWriter out) throws Exception {
        ActorRef<ProducerMessage<Integer>> producer =
                system.spawn(StreamProducer.<Integer>create(4), "number-producer");
        ActorRef<ConsumerMessage<Integer>> consumer =
                system.spawn(StreamConsumer.create(producer, 2), "number-consumer");
        SinkRef<Integer> sink =
                system.ask(producer, GetSink<Integer>::new, PATIENCE).join();
        SourceRef<Integer> source =
                system.ask(consumer, GetSource<Integer>::new, PATIENCE).join();

        CountDownLatch producerStopped = new CountDownLatch(1);
        system.subscribeLifecycle(event -> {
            if (event.kind() == LifecycleEvent.Kind.STOPPED && event.ref().equals(producer)) {
                producerStopped.countDown();
            }
        });

        out.println("── Early break: take 5 from 20 ──");
        Future<Boolean> refused = feed.submit(() -> {
            try (sink) {
                for (int number = 0; number < 20; number++) {
                    sink.put(number); // waits: 5 taken, 2 on their way, 4 buffered is fewer than 20
                }
                sink.complete();
                return false;
            } catch (StreamClosedException cancelled) { // out of the put that waited, or the next one
                return true;
            }
        });

        List<Integer> taken = new ArrayList<>();
        try (source) { // leaving this block, in whatever way, sends StreamCancel to the producer
            for (Integer number : source) {
                taken.add(number);
                if (taken.size() == 5) {
                    break;
                }
            }
        }
        out.println("  Took: " + taken);

        // All that the last line says is looked at first.
        boolean stopped = producerStopped.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        StreamOutcome outcome = sink.outcome().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (!stopped
                || !(outcome instanceof StreamOutcome.Cancelled)
                || !refused.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                || sink.tryPut(20) != PutResult.CLOSED) {
            throw new IllegalStateException("the producer was not stopped by StreamCancel; outcome: " + outcome);
        }
        out.println("  Stream cancelled — producer stopped via StreamCancel");
    }
}
