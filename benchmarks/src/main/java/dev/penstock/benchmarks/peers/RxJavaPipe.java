package dev.penstock.benchmarks.peers;

import io.reactivex.rxjava3.core.Scheduler;
import io.reactivex.rxjava3.plugins.RxJavaPlugins;
import io.reactivex.rxjava3.processors.MulticastProcessor;
import java.util.Iterator;
import java.util.function.Consumer;

/** A bounded processor, which refuses what it has no room for; {@code observeOn} a thread; a blocking iterable. */
final class RxJavaPipe<E> implements Pipe<E> {

    private final MulticastProcessor<E> processor = MulticastProcessor.create(BUFFER);
    // What Schedulers.single() is, but not shared, so that it can be ended.
    private final Scheduler scheduler = RxJavaPlugins.createSingleScheduler(task -> Threads.daemon("observe-on", task));
    private final Iterator<E> elements;
    private final Consumer<? super E> taker;

    RxJavaPipe(int demand, Consumer<? super E> taker) {
        processor.start();
        elements = processor
                .observeOn(scheduler, false, demand)
                .blockingIterable(demand)
                .iterator();
        this.taker = taker;
    }

    @Override
    public void put(E element) throws InterruptedException {
        for (int attempt = 0; !processor.offer(element); attempt++) {
            Backoff.pause(attempt);
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
        processor.onComplete();
        scheduler.shutdown();
    }
}
