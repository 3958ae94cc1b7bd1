package dev.penstock.tests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InputReady;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** One stream on real threads, in a system of its own. Every wait has a deadline of ten seconds. */
final class RealStream implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(10);

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(RealStream::daemon);

    final ActorSystem system;
    final Accounts accounts = new Accounts();
    final ActorRef<ProducerMessage<Integer>> producer;
    final ActorRef<ConsumerMessage<Integer>> consumer;
    final List<SinkRef<Integer>> sinks = new ArrayList<>();
    final SourceRef<Integer> source;
    final Exception cause = new Exception("the feed failed");

    RealStream(Runs runs, int bufferSize, int window) {
        this(runs, new Shape(bufferSize, window, 1, 0, runs.ownLane()), Duration.ZERO);
    }

    RealStream(Runs runs, Shape shape, Duration inactivityTimeout) {
        this(runs, shape, inactivityTimeout, WaitStrategy.backoff());
    }

    RealStream(Runs runs, Shape shape, Duration inactivityTimeout, WaitStrategy waitStrategy) {
        system = runs.system();
        system.subscribeDeadLetters(letter -> {
            if (letter.message() instanceof Push<?> push) {
                accounts.refused((Integer) push.element());
            }
        });
        producer = system.spawn(
                StreamProducer.<Integer>create(ProducerOptions.defaults()
                        .bufferSize(shape.bufferSize())
                        .waitStrategy(waitStrategy)
                        .onUndelivered(accounts.undelivered())),
                "producer");
        consumer = system.spawn(
                StreamConsumer.create(
                        producer,
                        ConsumerOptions.defaults()
                                .initialDemand(shape.window())
                                .waitStrategy(waitStrategy)
                                .inactivityTimeout(inactivityTimeout)),
                "consumer",
                shape.consumerSpawn());
        source = await(system.ask(consumer, GetSource<Integer>::new, LIMIT));
        // After the source: whoever has been given a sink comes after the consumer, which has subscribed by then.
        for (int i = 0; i < shape.sinks(); i++) {
            sinks.add(await(system.ask(producer, GetSink<Integer>::new, LIMIT)));
        }
    }

    SinkRef<Integer> sink() {
        return sinks.get(0);
    }

    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "test-thread");
        thread.setDaemon(true);
        return thread;
    }

    // ---- threads

    static <T> Future<T> start(Callable<T> task) {
        return THREADS.submit(task);
    }

    /** Puts so many into a sink, blocking, and completes it; stops at the end of the stream. Answers how many it put. */
    Future<Integer> putter(int input, int count) {
        return start(() -> {
            SinkRef<Integer> sink = sinks.get(input);
            int number = 0;
            try {
                for (; number < count; number++) {
                    sink.put(Accounts.element(input, number));
                    accounts.accepted(Accounts.element(input, number));
                }
                sink.complete();
            } catch (StreamClosedException ended) {
                await(sink.outcome());
            }
            return number;
        });
    }

    /** Iterates to the end, however that comes. Answers how. */
    Future<StreamOutcome> reader() {
        return start(() -> {
            try {
                for (int element : source) {
                    accounts.delivered(element);
                }
            } catch (StreamClosedException ended) {
                return ended.outcome();
            }
            return await(source.outcome());
        });
    }

    /** Iterates until so many were taken, and leaves then. */
    Future<Integer> reader(int limit) {
        return start(() -> {
            try (source) {
                for (int element : source) {
                    accounts.delivered(element);
                    if (accounts.deliveredCount() >= limit) {
                        break;
                    }
                }
            } catch (StreamClosedException ended) {
                assertEquals(await(source.outcome()), ended.outcome());
            }
            return accounts.deliveredCount();
        });
    }

    /** Has something happen once so many elements have been taken, or the stream has ended. */
    Future<Void> when(int delivered, Mishap mishap) {
        return start(() -> {
            await(
                    () -> accounts.deliveredCount() >= delivered
                            || source.outcome().isDone(),
                    "elements");
            happen(mishap);
            return null;
        });
    }

    void happen(Mishap mishap) {
        switch (mishap) {
            case CLOSE_SOURCE -> source.close();
            case CANCEL_PRODUCER -> producer.tell(new StreamCancel<>());
            case CANCEL_CONSUMER -> consumer.tell(new StreamCancel<>());
            case STOP_PRODUCER -> system.stop(producer);
            case STOP_CONSUMER -> system.stop(consumer);
            case CRASH_PRODUCER -> producer.tell(new GetSink<>(new ThrowingRef<>()));
            case CRASH_CONSUMER -> consumer.tell(new GetSource<>(new ThrowingRef<>()));
            case BAD_DEMAND_TO_PRODUCER -> producer.tell(new StreamDemand<>(0));
            case BAD_DEMAND_TO_CONSUMER -> consumer.tell(new StreamDemand<>(-1));
            case COMPLETE_STREAM -> producer.tell(new CompleteStream<>());
            case FAIL_STREAM -> producer.tell(new FailStream<>(cause));
            case CLOSE_SYSTEM -> system.close();
            case DEMAND_TO_PRODUCER -> producer.tell(new StreamDemand<>(3));
            case DEMAND_TO_CONSUMER -> consumer.tell(new StreamDemand<>(3));
            case INPUT_READY -> producer.tell(new InputReady<>());
            case PUSH, SECOND_SUBSCRIBER, SECOND_SOURCE -> fail(mishap + " is for simulations");
        }
    }

    // ---- waiting

    static <T> T await(Future<T> future) {
        try {
            return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("the thread failed: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("still waiting after " + LIMIT, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    static void await(BooleanSupplier condition, String what) {
        long begin = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begin > LIMIT.toNanos()) {
                throw new AssertionError(what + ": still waiting after " + LIMIT);
            }
            Thread.yield();
        }
    }

    // ---- the end

    /** What holds at the end, when the threads have returned; answers how the stream ended. */
    StreamOutcome settle() {
        StreamOutcome outcome = await(source.outcome());
        for (SinkRef<Integer> sink : sinks) {
            assertEquals(outcome, await(sink.outcome()), "both ends");
        }
        await(
                () -> {
                    List<String> alive = system.actors();
                    return !alive.contains(producer.path()) && !alive.contains(consumer.path());
                },
                "the actors live");
        for (SinkRef<Integer> sink : sinks) {
            accounts.checkSettled(sink.ledger(), outcome);
        }
        accounts.checkSettled(source.ledger(), outcome);
        return outcome;
    }

    @Override
    public void close() {
        assertTrue(system.close(LIMIT).clean(), "not all actors stopped");
    }
}
