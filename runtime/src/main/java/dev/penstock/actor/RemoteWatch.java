package dev.penstock.actor;

import java.util.Objects;
import java.util.Optional;

/**
 * The watch of an actor of this process on a {@link RemoteRef}. Holds nothing of its own: an end that is told twice, or
 * after the watch was taken back, is found to be of no watch in the watching actor's turn.
 */
record RemoteWatch(ActorCell<?> watcher, RemoteRef<?> ref) implements Watcher {

    @Override
    public void ended(Optional<Throwable> failure) {
        watcher.watchedStopped(ref, Objects.requireNonNull(failure, "failure"));
    }
}
