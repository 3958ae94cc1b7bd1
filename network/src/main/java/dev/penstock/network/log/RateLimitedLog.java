package dev.penstock.network.log;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A log that others can neither flood nor forge: a few lines a second of each kind, and with the next one how many there were
 * not; each one line, and not a long one. Threads: any.
 */
public final class RateLimitedLog {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final int LINES = 5;
    private static final long PERIOD = 1_000_000_000L;
    private static final int LONGEST = 500;

    private final LongSupplier nanoTime;
    private final Map<String, Window> windows = new HashMap<>();

    /**
     * Makes one that has logged nothing yet.
     *
     * @param nanoTime the time, as {@link System#nanoTime} gives it
     */
    public RateLimitedLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Logs a warning, if there were not too many.
     *
     * @param kind one of few constants
     * @param text makes the line, if it is logged
     */
    public void warn(String kind, Supplier<String> text) {
        log(System.Logger.Level.WARNING, kind, text);
    }

    /**
     * Logs an information, if there were not too many.
     *
     * @param kind one of few constants
     * @param text makes the line, if it is logged
     */
    public void info(String kind, Supplier<String> text) {
        log(System.Logger.Level.INFO, kind, text);
    }

    private void log(System.Logger.Level level, String kind, Supplier<String> text) {
        int before = mayLog(kind);
        if (before >= 0) {
            String line = clean(text.get());
            LOG.log(level, before == 0 ? line : line + " (and " + before + " more of the kind before)");
        }
    }

    /** What others call themselves, and what they say, is part of it. */
    private static String clean(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }

    /** How many lines of the kind were left out since the last; -1 if this one is left out too. */
    private synchronized int mayLog(String kind) {
        long now = nanoTime.getAsLong();
        Window window = windows.computeIfAbsent(kind, unused -> new Window(now));
        if (now - window.began >= PERIOD) {
            window.began = now;
            window.lines = 0;
        }
        if (window.lines >= LINES) {
            window.leftOut++;
            return -1;
        }
        window.lines++;
        int leftOut = window.leftOut;
        window.leftOut = 0;
        return leftOut;
    }

    private static final class Window {
        private long began;
        private int lines;
        private int leftOut;

        Window(long began) {
            this.began = began;
        }
    }
}
