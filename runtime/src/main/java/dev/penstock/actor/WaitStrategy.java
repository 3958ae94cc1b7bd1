package dev.penstock.actor;

/**
 * What a thread does while it waits: a dispatcher's worker, a blocked {@code put}, a waiting iterator.
 *
 * <p>A strategy has no state and is shared freely. The waiting loop is its caller's:
 *
 * <pre>{@code
 * for (int attempt = 0; !tryIt(); attempt = WaitStrategy.next(attempt)) {
 *     if (strategy.idle(attempt)) {
 *         // say that this thread sleeps, look once more, park
 *     }
 * }
 * }</pre>
 */
public interface WaitStrategy {

    /**
     * Lets a little time pass after a failed attempt.
     *
     * @param attempt how many attempts have failed since the wait began, less one: 0, 1, 2, … and {@link
     *     Integer#MAX_VALUE} from there on
     * @return whether the caller should park now, rather than try again
     */
    boolean idle(int attempt);

    /**
     * {@return the number of the next attempt: one more, but never past the largest}
     *
     * @param attempt the number of this one
     */
    static int next(int attempt) {
        return attempt == Integer.MAX_VALUE ? attempt : attempt + 1;
    }

    /** {@return never gives the processor away; the lowest latency, for a core of its own} */
    static WaitStrategy busySpin() {
        return WaitStrategies.BUSY_SPIN;
    }

    /** {@return spins, then offers the processor to other threads between attempts; never parks} */
    static WaitStrategy yielding() {
        return WaitStrategies.YIELDING;
    }

    /** {@return spins, then yields, then parks: the default. An idle thread uses no processor} */
    static WaitStrategy backoff() {
        return WaitStrategies.BACKOFF;
    }

    /** {@return parks at once; the least processor time, the highest latency} */
    static WaitStrategy parking() {
        return WaitStrategies.PARKING;
    }
}
