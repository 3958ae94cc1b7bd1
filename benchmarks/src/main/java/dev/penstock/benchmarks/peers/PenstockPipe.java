package dev.penstock.benchmarks.peers;

import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.SinkRef;
import java.util.Iterator;
import java.util.function.Consumer;

/** The stream, from a sink to the iterator. */
public final class PenstockPipe<E> implements Pipe<E> {

    private final OpenStream<E> stream;
    private final SinkRef<E> sink;
    private final Iterator<E> elements;
    private final Consumer<? super E> taker;

    /** As it comes. */
    PenstockPipe(int demand, Consumer<? super E> taker) {
        this(Dispatcher.pool(Runtime.getRuntime().availableProcessors()), WaitStrategy.backoff(), demand, taker);
    }

    /**
     * Opens a stream.
     *
     * @param dispatcher runs the two actors
     * @param waitStrategy how a blocked put and the iterator wait
     * @param demand the window
     * @param taker gets every element, in order
     */
    public PenstockPipe(Dispatcher dispatcher, WaitStrategy waitStrategy, int demand, Consumer<? super E> taker) {
        stream = new OpenStream<>(dispatcher, waitStrategy, BUFFER, demand);
        sink = stream.newSink();
        elements = stream.source().iterator();
        this.taker = taker;
    }

    @Override
    public void put(E element) throws InterruptedException {
        sink.put(element);
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
    }
}
