package dev.penstock.benchmarks.peers;

import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * A unicast processor; {@code emitOn} a thread; a blocking iterable. The processor fails when its queue overflows, so A
 * looks for room first: it is the only one to fill the queue.
 */
final class MutinyPipe<E> implements Pipe<E> {

    private final Queue<E> queue = new SpscVarHandleArrayQueue<>(BUFFER);
    private final UnicastProcessor<E> processor = UnicastProcessor.create(queue, null);
    private final ExecutorService executor = Threads.single("emit-on");
    private final Iterator<E> elements;
    private final Consumer<? super E> taker;

    MutinyPipe(int demand, Consumer<? super E> taker) {
        elements = processor
                .emitOn(executor, demand)
                .subscribe()
                .asIterable(demand, () -> new ArrayBlockingQueue<>(demand))
                .iterator();
        this.taker = taker;
    }

    @Override
    public void put(E element) throws InterruptedException {
        for (int attempt = 0; queue.size() >= BUFFER; attempt++) {
            Backoff.pause(attempt);
        }
        processor.onNext(element);
    }

    @Override
    public void take(int count) {
        for (int i = 0; i < count; i++) {
            taker.accept(elements.next());
        }
    }

    @Override
    public void close() {
        processor.onComplete();
        Threads.end(executor);
    }
}
