package dev.penstock.actor;

import java.time.Duration;
import java.util.Objects;

/**
 * What happens to an actor whose behavior throws.
 *
 * @param action what to do
 * @param limit how many restarts are allowed within the window; the failure after that stops the actor
 * @param window the time in which restarts are counted; zero counts them for ever
 * @param minBackoff how long the actor pauses before its first restart; zero restarts at once
 * @param maxBackoff the pause doubles with each restart within the window, up to this
 */
public record SupervisorStrategy(Action action, int limit, Duration window, Duration minBackoff, Duration maxBackoff) {

    /** What to do with a failed behavior. */
    public enum Action {
        /** Stop the actor. */
        STOP,
        /** Drop the message, keep the behavior. */
        RESUME,
        /** Begin again with a fresh behavior. */
        RESTART
    }

    /**
     * Checks the numbers.
     *
     * @param action as above
     * @param limit as above
     * @param window as above
     * @param minBackoff as above
     * @param maxBackoff as above
     */
    public SupervisorStrategy {
        Objects.requireNonNull(action, "action");
        if (limit < 0 || window.isNegative() || minBackoff.isNegative() || maxBackoff.compareTo(minBackoff) < 0) {
            throw new IllegalArgumentException("limit " + limit + ", window " + window + ", backoff " + minBackoff
                    + " to " + maxBackoff + ": none may be negative, nor the largest backoff less than the smallest");
        }
    }

    /** {@return stop the actor: what happens without any strategy} */
    public static SupervisorStrategy stop() {
        return of(Action.STOP, 0);
    }

    /** {@return drop the message that failed and go on with the same behavior} */
    public static SupervisorStrategy resume() {
        return of(Action.RESUME, 0);
    }

    /** {@return begin again with a fresh behavior, as often as it fails; the mailbox is kept} */
    public static SupervisorStrategy restart() {
        return of(Action.RESTART, Integer.MAX_VALUE);
    }

    /**
     * Limits restarts.
     *
     * @param restarts how many are allowed within the window
     * @param within the window; zero counts for ever
     * @return the strategy with that limit
     */
    public SupervisorStrategy withLimit(int restarts, Duration within) {
        return new SupervisorStrategy(action, restarts, within, minBackoff, maxBackoff);
    }

    /**
     * Pauses before restarts. Messages wait meanwhile.
     *
     * @param min the first pause; each further one is twice as long, with up to a fifth more at random
     * @param max the longest pause, before up to a fifth is added at random
     * @return the strategy with that back-off
     */
    public SupervisorStrategy withBackoff(Duration min, Duration max) {
        return new SupervisorStrategy(action, limit, window, min, max);
    }

    private static SupervisorStrategy of(Action action, int limit) {
        return new SupervisorStrategy(action, limit, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }
}
