package dev.penstock.tests.stream;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamProducer;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A system whose actors have their turns when the test says so, for what must happen between two turns. */
final class SteppedSystem implements AutoCloseable {

    private final Queue<Runnable> turns = new ConcurrentLinkedQueue<>();
    private final ActorSystem system =
            ActorSystem.builder("stepped").dispatcher(new Steps()).build();

    ActorSystem system() {
        return system;
    }

    /** Has turns until no actor has anything to do. */
    void runAll() {
        for (Runnable turn = turns.poll(); turn != null; turn = turns.poll()) {
            turn.run();
        }
    }

    ActorRef<ProducerMessage<Integer>> producer(int bufferSize) {
        return system.spawn(StreamProducer.create(bufferSize), "producer");
    }

    SinkRef<Integer> sink(ActorRef<ProducerMessage<Integer>> producer) {
        return runUntilDone(system.ask(producer, GetSink<Integer>::new, Rig.PATIENCE));
    }

    ActorRef<ConsumerMessage<Integer>> consumer(
            ActorRef<ProducerMessage<Integer>> producer, ConsumerOptions options, String name) {
        return system.spawn(StreamConsumer.create(producer, options), name);
    }

    SourceRef<Integer> source(ActorRef<ConsumerMessage<Integer>> consumer) {
        return runUntilDone(system.ask(consumer, GetSource<Integer>::new, Rig.PATIENCE));
    }

    /** Has no more turns than the answer needs. */
    private <T> T runUntilDone(CompletableFuture<T> answer) {
        while (!answer.isDone()) {
            turns.remove().run();
        }
        return answer.join();
    }

    @Override
    public void close() {
        system.close();
    }

    private final class Steps implements Dispatcher {
        @Override
        public void execute(Runnable turn) {
            turns.add(turn);
        }

        @Override
        public boolean runOne() {
            Runnable turn = turns.poll();
            if (turn == null) {
                return false;
            }
            turn.run();
            return true;
        }
    }
}
