package dev.penstock.actor;

/**
 * A ref to an actor that no system of this process runs: whoever made the ref says when the actor has ended. Two refs to
 * one actor are equal.
 *
 * @param <M> the messages of the actor
 */
public interface RemoteRef<M> extends ActorRef<M> {

    /**
     * An actor watches this ref. Called in that actor's turn; must not block; may call {@link Watcher#ended} at once.
     *
     * @param watcher the watch; equal to any other of that actor on an equal ref
     */
    void watchedBy(Watcher watcher);

    /**
     * The watch was taken back, or the watching actor has ended. Called in its turn; must not block.
     *
     * @param watcher the watch
     */
    void unwatchedBy(Watcher watcher);
}
