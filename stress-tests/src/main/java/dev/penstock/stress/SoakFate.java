package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InputReady;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/** The thread of a soak round that lets the faults happen, each when its moment has come, on one thread or another. */
final class SoakFate {

    private static final Duration LATE_SINK_LIMIT = Duration.ofMillis(100);

    private final SoakRound round;
    private final ActorSystem system;
    private final SoakCrew crew;
    private final List<SoakStream> streams;
    private final boolean closes;

    SoakFate(SoakRound round, ActorSystem system, SoakCrew crew, List<SoakStream> streams, boolean closes) {
        this.round = round;
        this.system = system;
        this.crew = crew;
        this.streams = streams;
        this.closes = closes;
    }

    /** A fault that is to happen. */
    private record Strike(Fault fault, SoakStream stream, BooleanSupplier moment) {}

    void run(Worker me) {
        List<Strike> waiting = new ArrayList<>();
        for (SoakStream stream : streams) {
            for (int i = 0; i < stream.shape().strikes().size(); i++) {
                int moment = stream.shape().moments().get(i);
                waiting.add(new Strike(
                        stream.shape().strikes().get(i), stream, () -> stream.taken() >= moment || stream.isOver()));
            }
        }
        if (closes) {
            SoakStream first = streams.get(0);
            int moment = me.random.nextInt(1 + 2 * first.shape().sizes().get(0));
            waiting.add(new Strike(Fault.CLOSE_SYSTEM, first, () -> first.taken() >= moment || first.isOver()));
        }
        while (!waiting.isEmpty()) {
            me.await(
                    () -> waiting.stream().anyMatch(strike -> strike.moment().getAsBoolean()),
                    () -> streams.stream().mapToInt(SoakStream::taken).sum());
            for (Strike strike : List.copyOf(waiting)) {
                if (strike.moment().getAsBoolean()) {
                    waiting.remove(strike);
                    me.jitter();
                    onSomeThread(me, strike);
                }
            }
        }
    }

    private void onSomeThread(Worker me, Strike strike) {
        Runnable blow = () -> strike(strike.fault(), strike.stream());
        boolean asks = strike.fault() == Fault.LATE_SINK || strike.fault() == Fault.SECOND_SUBSCRIBER; // and waits
        switch (asks ? 0 : me.random.nextInt(5)) {
            case 1 -> crew.send(blow);
            case 2 -> strike.stream().reader().worker().send(blow);
            case 3 ->
                Selection.one(strike.stream().feeders(), me.random).worker().send(blow);
            default -> blow.run();
        }
    }

    private void strike(Fault fault, SoakStream stream) {
        round.happened(fault);
        var producer = stream.producer();
        var consumer = stream.consumer();
        switch (fault) {
            case INTERRUPT_PUTTER -> stream.feeders().get(0).worker().thread.interrupt();
            case INTERRUPT_READER -> stream.reader().worker().thread.interrupt();
            case STOP_PRODUCER -> system.stop(producer);
            case STOP_CONSUMER -> system.stop(consumer);
            case CRASH_PRODUCER -> {
                stream.producerWillFail();
                producer.tell(new GetSink<>(new Crashing<>(false)));
            }
            case EXHAUST_PRODUCER -> {
                stream.producerWillFail();
                producer.tell(new GetSink<>(new Crashing<>(true)));
            }
            case CRASH_CONSUMER -> {
                stream.consumerWillFail();
                consumer.tell(new GetSource<>(new Crashing<>(false)));
            }
            case EXHAUST_CONSUMER -> {
                stream.consumerWillFail();
                consumer.tell(new GetSource<>(new Crashing<>(true)));
            }
            case CANCEL_PRODUCER -> producer.tell(new StreamCancel<>());
            case CANCEL_CONSUMER -> consumer.tell(new StreamCancel<>());
            case CLOSE_SOURCE -> stream.closeSource();
            case BAD_DEMAND -> producer.tell(new StreamDemand<>(0));
            case EXTRA_DEMAND -> {
                producer.tell(new StreamDemand<>(3));
                producer.tell(new InputReady<>());
                consumer.tell(new StreamDemand<>(Long.MAX_VALUE));
            }
            case COMPLETE_STREAM -> producer.tell(new CompleteStream<>());
            case FAIL_STREAM -> producer.tell(new FailStream<>(new Fault.Planned("the stream was failed")));
            case FAIL_SINK -> failSink(stream);
            case LATE_SINK -> lateSink(stream);
            case SECOND_SUBSCRIBER -> secondSubscriber(stream);
            case CLOSE_SYSTEM -> round.closeSystem();
            default -> throw new IllegalArgumentException(fault + " is not for any moment");
        }
    }

    /** Whoever tells it something fails. */
    private record Crashing<M>(boolean exhausts) implements ActorRef<M> {
        @Override
        public boolean tell(M message) {
            if (exhausts) {
                Fault.exhaustMemory();
            }
            throw new Fault.Planned("an actor was crashed");
        }

        @Override
        public String path() {
            return "/elsewhere/crash";
        }
    }

    private static void failSink(SoakStream stream) {
        for (SoakFeeder feeder : stream.feeders()) {
            if (feeder.sink() != null && !feeder.hasPublisher()) {
                feeder.sink().fail(new Fault.Planned("a sink was failed"));
                return;
            }
        }
    }

    private void lateSink(SoakStream stream) {
        try {
            SinkRef<SoakElement> sink = system.ask(stream.producer(), GetSink<SoakElement>::new, LATE_SINK_LIMIT)
                    .join();
            sink.complete();
        } catch (CompletionException | StreamClosedException tooLate) {
            // the stream has ended; a producer that stops between the question and its turn leaves it unanswered
        }
    }

    private void secondSubscriber(SoakStream stream) {
        if (stream.shape().restarts()) {
            return; // it might become the first of the restarted producer
        }
        SourceRef<SoakElement> source;
        try {
            var second = system.spawn(
                    StreamConsumer.<SoakElement>create(stream.producer()),
                    round.name() + "-second-" + System.nanoTime());
            source = system.ask(second, GetSource<SoakElement>::new, SoakStream.ASK_LIMIT)
                    .join();
        } catch (CompletionException | IllegalStateException systemClosed) {
            return;
        }
        try (source) {
            source.forEach(element -> round.breach("a second subscriber was sent " + element));
            round.breach("a second subscriber saw a clean end");
        } catch (StreamClosedException refused) {
            // as it should be
        }
    }
}
