package dev.penstock.network.link;

/** A log for what others can cause as often as they like: a few lines a second, and how many were left out. On the loop. */
final class RateLimitedLog {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final int LINES_A_WINDOW = 5;
    private static final long WINDOW_NANOS = 1_000_000_000L;

    private final Loop loop;
    private int lines; // in this window; 0 while there is none
    private long leftOut;

    RateLimitedLog(Loop loop) {
        this.loop = loop;
    }

    void warn(String line) {
        if (lines == LINES_A_WINDOW) {
            leftOut++;
            return;
        }
        if (lines++ == 0) {
            loop.schedule(WINDOW_NANOS, this::flush);
        }
        LOG.log(System.Logger.Level.WARNING, line);
    }

    /** The window is over: says how many lines were left out, if any. */
    void flush() {
        if (leftOut > 0) {
            LOG.log(System.Logger.Level.WARNING, leftOut + " more such lines were left out");
        }
        lines = 0;
        leftOut = 0;
    }
}
