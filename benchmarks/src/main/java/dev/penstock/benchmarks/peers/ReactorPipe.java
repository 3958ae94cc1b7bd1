package dev.penstock.benchmarks.peers;

import java.util.Iterator;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.concurrent.Queues;

/**
 * A bounded unicast sink and a blocking iterable. The sink refuses what it has no room for, so A waits and tries again;
 * A is its only writer, so it needs none of the checks against others ({@link Sinks#unsafe()}).
 */
final class ReactorPipe<E> implements Pipe<E> {

    private final Sinks.Many<E> sink;
    private final Scheduler scheduler; // null: B is served by the thread that puts
    private final Iterator<E> elements;
    private final Consumer<? super E> taker;

    private ReactorPipe(int demand, Scheduler scheduler, Consumer<? super E> taker) {
        sink = Sinks.unsafe()
                .many()
                .unicast()
                .onBackpressureBuffer(Queues.<E>get(BUFFER).get());
        this.scheduler = scheduler;
        Flux<E> flux = scheduler == null ? sink.asFlux() : sink.asFlux().publishOn(scheduler, demand);
        elements = flux.toIterable(demand).iterator();
        this.taker = taker;
    }

    static <E> Pipe<E> oneHop(int demand, Consumer<? super E> taker) {
        return new ReactorPipe<>(demand, null, taker);
    }

    static <E> Pipe<E> publishOn(int demand, Consumer<? super E> taker) {
        return new ReactorPipe<>(demand, Schedulers.newSingle("publish-on", true), taker);
    }

    @Override
    public void put(E element) throws InterruptedException {
        Sinks.EmitResult result = sink.tryEmitNext(element);
        for (int attempt = 0; result == Sinks.EmitResult.FAIL_OVERFLOW; attempt++) {
            Backoff.pause(attempt);
            result = sink.tryEmitNext(element);
        }
        result.orThrow();
    }

    @Override
    public void take(int count) {
        for (int i = 0; i < count; i++) {
            taker.accept(elements.next());
        }
    }

    @Override
    public void close() {
        sink.tryEmitComplete();
        if (scheduler != null) {
            scheduler.dispose();
        }
    }
}
