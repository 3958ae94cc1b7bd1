package dev.penstock.benchmarks;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.benchmarks.peers.OpenStream;
import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamDemand;
import java.util.concurrent.TimeUnit;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What each stage of an element's way costs by itself: one thread does all of it, on the {@code direct} dispatcher, so that
 * no time goes into waiting or into moving cache lines between cores.
 *
 * <p>One operation is one pass of one element or message through the stage that the method names.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(3)
public class StageBenchmark {

    /** A bare ring. */
    @State(Scope.Thread)
    public static class Ring {
        private final MessagePassingQueue<Integer> ring = new SpscVarHandleArrayQueue<>(Pipe.BUFFER);
        private int next;
    }

    /** An actor that forgets what it is told. */
    @State(Scope.Thread)
    public static class IdleActor {
        private ActorSystem system;
        private ActorRef<Integer> actor;

        @Setup
        public void open() {
            system = ActorSystem.builder("benchmark")
                    .dispatcher(Dispatcher.direct())
                    .build();
            actor = system.spawn(Behaviors.receive((context, element) -> Behaviors.same()), "idle");
        }

        @TearDown
        public void close() {
            system.close();
        }
    }

    /** A stream at rest. */
    @State(Scope.Thread)
    public static class AtRest {
        final Order order = new Order();
        OpenStream<Integer> stream;
        SinkRef<Integer> sink;
        SourceRef<Integer> source;
        private int next;

        @Setup
        public void open() {
            stream = new OpenStream<>(Dispatcher.direct(), WaitStrategy.backoff(), Pipe.BUFFER, Pipe.BUFFER);
            sink = stream.newSink();
            source = stream.source();
        }

        @TearDown
        public void close() {
            stream.close();
        }

        void put() {
            if (sink.tryPut(Elements.at(next++)) != PutResult.ACCEPTED) {
                throw new IllegalStateException("the sink is full");
            }
        }

        void take(int count) {
            int taken = source.drain(order, count);
            if (taken != count) {
                throw new IllegalStateException(taken + " elements were there, not " + count);
            }
        }
    }

    /** A stream emptied after each invocation, which fills its sink. */
    @State(Scope.Thread)
    public static class Emptied extends AtRest {

        @TearDown(Level.Invocation)
        public void empty() {
            take(Pipe.BUFFER);
        }
    }

    /** A stream whose sink is full. */
    @State(Scope.Thread)
    public static class SinkFull extends AtRest {

        @Setup(Level.Invocation)
        public void fill() {
            for (int i = 0; i < Pipe.BUFFER; i++) {
                put();
            }
        }
    }

    /** For comparison: JCTools' ring, in and out. */
    @Benchmark
    public void ring(Ring state) {
        state.ring.relaxedOffer(Elements.at(state.next));
        state.next = Elements.check(state.ring.relaxedPoll(), state.next);
    }

    /** A message to an idle actor, whose turn processes it before {@code tell} returns. */
    @Benchmark
    public void mailboxHop(IdleActor state) {
        state.actor.tell(Elements.at(0));
    }

    /** A {@code StreamDemand} to a consumer: its turn requests what was taken (nothing), and visits the empty sink. */
    @Benchmark
    public void demandTurn(AtRest state, OneMore message) {
        state.stream.consumer().tell(message.demand);
    }

    /** The message that a reader sends. */
    @State(Scope.Thread)
    public static class OneMore {
        private final ConsumerMessage<Integer> demand = new StreamDemand<>(1);
    }

    /** Into the sink, where it stays: the reader has been there and did not go to sleep, so nobody is called. */
    @Benchmark
    @OperationsPerInvocation(Pipe.BUFFER)
    public void put(Emptied state) {
        for (int i = 0; i < Pipe.BUFFER; i++) {
            state.put();
        }
    }

    /** From the sink to the reader: the elements move over in one visit, and are taken one by one. */
    @Benchmark
    @OperationsPerInvocation(Pipe.BUFFER)
    public void take(SinkFull state) {
        state.take(Pipe.BUFFER);
    }

    /** An element alone: put, then taken, each with what it takes to tell the other side. */
    @Benchmark
    public void putAndTake(AtRest state) {
        state.put();
        state.take(1);
    }
}
