package dev.penstock.actor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Counts, publishes and logs the messages that nobody will process; those that do no harm are published alone. The log takes
 * a few a second and says how many it left out.
 */
final class DeadLetters {

    private static final System.Logger LOG = System.getLogger("dev.penstock.deadletters");
    private static final long WINDOW_NANOS = 1_000_000_000L;
    private static final int LINES_PER_WINDOW = 5;

    private final Clock clock;
    private final Consumer<DeadLetter> asks;
    private final AtomicLong count = new AtomicLong();
    private final List<Consumer<? super DeadLetter>> subscribers = new CopyOnWriteArrayList<>();

    // guarded by this
    private long windowStart;
    private int lines;
    private long leftOut;

    /** {@code asks} is told each letter first: it may have been a question. */
    DeadLetters(Clock clock, Consumer<DeadLetter> asks) {
        this.clock = clock;
        this.asks = asks;
        this.windowStart = clock.nanoTime();
    }

    void publish(Object message, String recipient, DeadLetter.Reason reason) {
        boolean harmless = message instanceof ControlMessage control && control.expendable();
        if (!harmless) {
            count.incrementAndGet();
        }
        DeadLetter letter = new DeadLetter(message, recipient, reason);
        asks.accept(letter);
        for (Consumer<? super DeadLetter> subscriber : subscribers) {
            try {
                subscriber.accept(letter);
            } catch (Throwable e) {
                LOG.log(System.Logger.Level.WARNING, "a subscriber to dead letters failed", e);
            }
        }
        if (!harmless) {
            log(letter);
        }
    }

    private void log(DeadLetter letter) {
        long before = 0;
        synchronized (this) {
            long now = clock.nanoTime();
            if (now - windowStart >= WINDOW_NANOS) {
                windowStart = now;
                lines = 0;
                before = leftOut;
                leftOut = 0;
            }
            if (lines == LINES_PER_WINDOW) {
                leftOut++;
                return;
            }
            lines++;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "dead letter ({0}) to {1}: {2}{3}",
                letter.reason(),
                letter.recipient(),
                letter.message().getClass().getName(),
                before == 0 ? "" : "; " + before + " more before this one");
    }

    /** Says how many the log left out, if any. */
    void flush() {
        long out;
        synchronized (this) {
            out = leftOut;
            leftOut = 0;
        }
        if (out > 0) {
            LOG.log(System.Logger.Level.WARNING, "{0} more dead letters", out);
        }
    }

    long count() {
        return count.get();
    }

    Subscription subscribe(Consumer<? super DeadLetter> subscriber) {
        Consumer<DeadLetter> own = subscriber::accept; // one subscriber may subscribe twice
        subscribers.add(own);
        return () -> subscribers.remove(own);
    }
}
