package dev.penstock.actor;

import java.util.Optional;

/** The watch of one actor on one {@link RemoteRef}. */
public interface Watcher {

    /**
     * The watched actor has ended, or is out of reach for good: the watching one receives {@link Terminated}, after all that
     * was told to it before this call. Any thread; never blocks; only the first call counts.
     *
     * @param failure why, if not in the usual way
     */
    void ended(Optional<Throwable> failure);
}
