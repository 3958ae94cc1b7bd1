package dev.penstock.network.peer;

import dev.penstock.actor.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A log that a peer can neither flood nor forge: a few lines a second of each kind, and how many there were not; each one
 * line, and not a long one. Threads: any.
 */
final class RateLimitedLog {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final int LINES = 5;
    private static final long PERIOD = 1_000_000_000L;
    private static final int LONGEST = 500;

    private final Clock clock;
    private final Map<String, Window> windows = new HashMap<>();

    RateLimitedLog(Clock clock) {
        this.clock = clock;
    }

    void warn(String kind, Supplier<String> text) {
        log(System.Logger.Level.WARNING, kind, text);
    }

    void info(String kind, Supplier<String> text) {
        log(System.Logger.Level.INFO, kind, text);
    }

    private void log(System.Logger.Level level, String kind, Supplier<String> text) {
        int before = mayLog(kind);
        if (before >= 0) {
            String line = clean(text.get());
            LOG.log(level, before == 0 ? line : line + " (and " + before + " more of the kind before)");
        }
    }

    /** What peers call themselves, and what they say, is part of it. */
    private static String clean(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }

    /** How many lines of the kind were left out since the last; -1 if this one is left out too. */
    private synchronized int mayLog(String kind) {
        Window window = windows.computeIfAbsent(kind, unused -> new Window(clock.nanoTime()));
        long now = clock.nanoTime();
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
