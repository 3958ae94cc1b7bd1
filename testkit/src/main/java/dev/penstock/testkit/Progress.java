package dev.penstock.testkit;

/** How an attempt of a scripted thread went. */
public enum Progress {
    /** It did something; it is to be attempted again. */
    DONE,
    /** It would have blocked and did nothing; it is to be attempted again when something else has happened. */
    AGAIN,
    /** It is over. */
    FINISHED;

    /**
     * Tells an attempt that got through from one that would have blocked.
     *
     * @param through whether it got through
     * @return {@link #DONE} or {@link #AGAIN}
     */
    public static Progress doneIf(boolean through) {
        return through ? DONE : AGAIN;
    }
}
