package dev.penstock.stream;

import dev.penstock.actor.WaitStrategy;
import java.util.Objects;
import java.util.function.BiConsumer;

/** How a stream producer runs. Immutable; each method returns changed options. */
public final class ProducerOptions {

    private static final int MAX_BUFFER_SIZE = 1 << 30;
    private static final ProducerOptions DEFAULTS = new ProducerOptions(0, null, null);

    private final int bufferSize;
    private final WaitStrategy waitStrategy;
    private final BiConsumer<Object, UndeliveredReason> onUndelivered;

    private ProducerOptions(
            int bufferSize, WaitStrategy waitStrategy, BiConsumer<Object, UndeliveredReason> onUndelivered) {
        this.bufferSize = bufferSize;
        this.waitStrategy = waitStrategy;
        this.onUndelivered = onUndelivered;
    }

    /** {@return unbounded sinks, the system's wait strategy, nothing called for undelivered elements} */
    public static ProducerOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Bounds each sink.
     *
     * @param elements how many wait in a sink at most, kept exactly, and allocated with each sink; 0 is unbounded
     * @return the options
     */
    public ProducerOptions bufferSize(int elements) {
        if (elements < 0 || elements > MAX_BUFFER_SIZE) {
            throw new IllegalArgumentException(
                    "bufferSize " + elements + " is not within 0 (unbounded) to " + MAX_BUFFER_SIZE);
        }
        return new ProducerOptions(elements, waitStrategy, onUndelivered);
    }

    /**
     * Sets what a {@code put} does while its sink is full.
     *
     * @param strategy the strategy
     * @return the options
     */
    public ProducerOptions waitStrategy(WaitStrategy strategy) {
        return new ProducerOptions(bufferSize, Objects.requireNonNull(strategy, "waitStrategy"), onUndelivered);
    }

    /**
     * Takes the elements that still waited in a sink when the stream ended early; those in flight too, unless the
     * consumer has a handler of its own. Each goes to exactly one handler, once.
     *
     * @param <E> the elements of the stream that these options are for
     * @param handler called within a turn of the stream's actors, by the thread that ends the stream, or by that of a link
     *     that gives elements back; must not block
     * @return the options
     */
    public <E> ProducerOptions onUndelivered(BiConsumer<? super E, ? super UndeliveredReason> handler) {
        return new ProducerOptions(bufferSize, waitStrategy, Undelivered.handler(handler));
    }

    int bufferSize() {
        return bufferSize;
    }

    WaitStrategy waitStrategyOr(WaitStrategy otherwise) {
        return waitStrategy != null ? waitStrategy : otherwise;
    }

    BiConsumer<Object, UndeliveredReason> onUndelivered() {
        return onUndelivered;
    }

    @Override
    public String toString() {
        return "ProducerOptions[bufferSize=" + (bufferSize == 0 ? "unbounded" : bufferSize) + ", waitStrategy="
                + (waitStrategy == null ? "the system's" : waitStrategy) + ", onUndelivered="
                + (onUndelivered == null ? "none" : "set") + "]";
    }
}
