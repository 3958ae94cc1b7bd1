package dev.penstock.benchmarks.peers;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * The stream's protocol on Pekko Typed actors: {@code put} fills a bounded queue and tells the producer
 * {@code InputReady}; the producer sends as many elements as were requested; the consumer lays them into a queue; what the
 * iterating thread takes goes back as {@code StreamDemand}.
 */
final class PekkoTypedPipe<E> implements Pipe<E> {

    private sealed interface ProducerMessage permits InputReady, StreamDemand {}

    private sealed interface ConsumerMessage permits StreamElement, StreamDemand {}

    private record InputReady() implements ProducerMessage {}

    private record StreamDemand(int n) implements ProducerMessage, ConsumerMessage {}

    private record StreamElement(Object element) implements ConsumerMessage {}

    private static final InputReady INPUT_READY = new InputReady();

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "peer");
    private final BlockingQueue<E> input = new ArrayBlockingQueue<>(BUFFER);
    private final BlockingQueue<E> output;
    private final ActorRef<ProducerMessage> producer;
    private final ActorRef<ConsumerMessage> consumer;
    private final Announcement announcement;
    private final int demandBatch;
    private final Consumer<? super E> taker;

    private long demand; // the producer only
    private int taken; // since the last demand; B only

    private PekkoTypedPipe(
            int window,
            DispatcherSelector dispatcher,
            int demandBatch,
            Announcement announcement,
            Consumer<? super E> taker) {
        output = new ArrayBlockingQueue<>(window);
        this.demandBatch = demandBatch;
        this.announcement = announcement;
        this.taker = taker;
        producer = system.systemActorOf(producing(), "producer", dispatcher);
        consumer = system.systemActorOf(consuming(), "consumer", dispatcher);
        consumer.tell(new StreamDemand(window));
    }

    static <E> Pipe<E> literal(int demand, Consumer<? super E> taker) {
        return new PekkoTypedPipe<>(demand, DispatcherSelector.defaultDispatcher(), 1, new EachPut(), taker);
    }

    static <E> Pipe<E> literalOnOneWorker(int demand, Consumer<? super E> taker) {
        return new PekkoTypedPipe<>(demand, DispatcherSelector.fromConfig(Pekko.ONE_WORKER), 1, new EachPut(), taker);
    }

    static <E> Pipe<E> batched(int demand, Consumer<? super E> taker) {
        DispatcherSelector oneWorker = DispatcherSelector.fromConfig(Pekko.ONE_WORKER);
        return new PekkoTypedPipe<>(demand, oneWorker, Math.max(1, demand / 2), new OneAtATime(), taker);
    }

    /** Decides which puts tell the producer. */
    private interface Announcement {
        /** Thread A, after a put. */
        boolean isDue();

        /** The producer, before it looks for input. */
        void received();
    }

    /** Each put does. */
    private static final class EachPut implements Announcement {
        @Override
        public boolean isDue() {
            return true;
        }

        @Override
        public void received() {}
    }

    /** A put does if no other announcement is on its way. */
    private static final class OneAtATime implements Announcement {
        // written: A, true, by compare-and-set; the producer, false, volatile, before it looks for input
        private final AtomicBoolean onItsWay = new AtomicBoolean();

        @Override
        public boolean isDue() {
            return !onItsWay.get() && onItsWay.compareAndSet(false, true);
        }

        @Override
        public void received() {
            onItsWay.set(false);
        }
    }

    private Behavior<ProducerMessage> producing() {
        return Behaviors.receiveMessage(message -> {
            if (message instanceof StreamDemand more) {
                demand += more.n();
            } else {
                announcement.received();
            }
            while (demand > 0) {
                E element = input.poll();
                if (element == null) {
                    break;
                }
                consumer.tell(new StreamElement(element));
                demand--;
            }
            return Behaviors.same();
        });
    }

    @SuppressWarnings("unchecked") // only the producer sends elements
    private Behavior<ConsumerMessage> consuming() {
        return Behaviors.receiveMessage(message -> {
            if (message instanceof StreamElement sent) {
                output.add((E) sent.element()); // no more than requested, so there is room
            } else if (message instanceof StreamDemand more) {
                producer.tell(more);
            }
            return Behaviors.same();
        });
    }

    @Override
    public void put(E element) throws InterruptedException {
        input.put(element);
        if (announcement.isDue()) {
            producer.tell(INPUT_READY);
        }
    }

    @Override
    public void take(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            E element = output.take();
            if (++taken == demandBatch) {
                taken = 0;
                consumer.tell(new StreamDemand(demandBatch));
            }
            taker.accept(element);
        }
    }

    @Override
    public void close() {
        Pekko.end(system);
    }
}
