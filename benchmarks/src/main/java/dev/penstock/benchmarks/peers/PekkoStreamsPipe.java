package dev.penstock.benchmarks.peers;

import java.util.Iterator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.StreamConverters;

/** A bounded queue, which drops what it has no room for, so A tries again; an asynchronous boundary; an iterator. */
final class PekkoStreamsPipe<E> implements Pipe<E> {

    private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "peer");
    private final BoundedSourceQueue<E> queue;
    private final Stream<E> stream;
    private final Iterator<E> elements;
    private final Consumer<? super E> taker;

    PekkoStreamsPipe(int demand, Consumer<? super E> taker) {
        Pair<BoundedSourceQueue<E>, Stream<E>> ends = Source.<E>queue(BUFFER)
                .async()
                .toMat(StreamConverters.<E>asJavaStream(), Keep.both())
                .withAttributes(Attributes.inputBuffer(demand, demand))
                .run(system);
        queue = ends.first();
        stream = ends.second();
        elements = stream.iterator();
        this.taker = taker;
    }

    @Override
    public void put(E element) throws InterruptedException {
        QueueOfferResult result = queue.offer(element);
        for (int attempt = 0; result == QueueOfferResult.dropped(); attempt++) {
            Backoff.pause(attempt);
            result = queue.offer(element);
        }
        if (!result.isEnqueued()) {
            throw new IllegalStateException("the queue answered " + result);
        }
    }

    @Override
    public void take(int count) {
        for (int i = 0; i < count; i++) {
            taker.accept(elements.next());
        }
    }

    @Override
    public void close() {
        stream.close();
        Pekko.end(system);
    }
}
