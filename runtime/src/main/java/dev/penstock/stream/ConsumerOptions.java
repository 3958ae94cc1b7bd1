package dev.penstock.stream;

import dev.penstock.actor.WaitStrategy;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiConsumer;

/** How a stream consumer runs. Immutable; each method returns changed options. */
public final class ConsumerOptions {

    private static final int MAX_INITIAL_DEMAND = 1 << 24;
    private static final ConsumerOptions DEFAULTS = new ConsumerOptions(16, Duration.ofSeconds(30), null, null);

    private final int initialDemand;
    private final Duration inactivityTimeout;
    private final WaitStrategy waitStrategy;
    private final BiConsumer<Object, UndeliveredReason> onUndelivered;

    private ConsumerOptions(
            int initialDemand,
            Duration inactivityTimeout,
            WaitStrategy waitStrategy,
            BiConsumer<Object, UndeliveredReason> onUndelivered) {
        this.initialDemand = initialDemand;
        this.inactivityTimeout = inactivityTimeout;
        this.waitStrategy = waitStrategy;
        this.onUndelivered = onUndelivered;
    }

    /** {@return a window of 16 elements, a timeout of 30 seconds, the system's wait strategy} */
    public static ConsumerOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Sets the window: how many elements may be in flight, sent and not yet taken. Room for them is allocated at once.
     *
     * @param elements at least 1
     * @return the options
     */
    public ConsumerOptions initialDemand(int elements) {
        if (elements < 1 || elements > MAX_INITIAL_DEMAND) {
            throw new IllegalArgumentException("initialDemand " + elements + " is not within 1 to " + MAX_INITIAL_DEMAND
                    + (elements < 1 ? ": with none, no element would ever come" : ""));
        }
        return new ConsumerOptions(elements, inactivityTimeout, waitStrategy, onUndelivered);
    }

    /**
     * Sets how long the iterator waits for one element before it gives the stream up with
     * {@link InactivityTimeoutException}.
     *
     * @param timeout the time; zero waits for ever
     * @return the options
     */
    public ConsumerOptions inactivityTimeout(Duration timeout) {
        if (Objects.requireNonNull(timeout, "inactivityTimeout").isNegative()) {
            throw new IllegalArgumentException("inactivityTimeout " + timeout + " is negative; zero waits for ever");
        }
        return new ConsumerOptions(initialDemand, timeout, waitStrategy, onUndelivered);
    }

    /**
     * Sets what the iterator does while no element is there.
     *
     * @param strategy the strategy
     * @return the options
     */
    public ConsumerOptions waitStrategy(WaitStrategy strategy) {
        return new ConsumerOptions(
                initialDemand, inactivityTimeout, Objects.requireNonNull(strategy, "waitStrategy"), onUndelivered);
    }

    /**
     * Takes the elements that were in flight when the stream ended early; those that still waited in a sink too, unless
     * the producer has a handler of its own. Each goes to exactly one handler, once.
     *
     * @param <E> the elements of the stream that these options are for
     * @param handler called within a turn of the stream's actors, by the thread that ends the stream, or by the link to the
     *     producer's node; maybe by two of them at once; must not block
     * @return the options
     */
    public <E> ConsumerOptions onUndelivered(BiConsumer<? super E, ? super UndeliveredReason> handler) {
        return new ConsumerOptions(initialDemand, inactivityTimeout, waitStrategy, Undelivered.handler(handler));
    }

    int initialDemand() {
        return initialDemand;
    }

    Duration inactivityTimeout() {
        return inactivityTimeout;
    }

    WaitStrategy waitStrategyOr(WaitStrategy otherwise) {
        return waitStrategy != null ? waitStrategy : otherwise;
    }

    BiConsumer<Object, UndeliveredReason> onUndelivered() {
        return onUndelivered;
    }

    @Override
    public String toString() {
        return "ConsumerOptions[initialDemand=" + initialDemand + ", inactivityTimeout=" + inactivityTimeout
                + ", waitStrategy=" + (waitStrategy == null ? "the system's" : waitStrategy) + ", onUndelivered="
                + (onUndelivered == null ? "none" : "set") + "]";
    }
}
