package dev.penstock.actor;

import java.time.Duration;
import java.util.Objects;

/** The ref of an actor of this system. */
final class LocalRef<M> implements ActorRef<M> {

    final ActorCell<M> cell;

    LocalRef(ActorCell<M> cell) {
        this.cell = cell;
    }

    @Override
    public boolean tell(M message) {
        return cell.inbox().tell(Objects.requireNonNull(message, "message"));
    }

    @Override
    public boolean tell(M message, Duration timeout) throws InterruptedException {
        return cell.inbox().tell(Objects.requireNonNull(message, "message"), timeout);
    }

    @Override
    public String path() {
        return cell.path();
    }

    @Override
    public String toString() {
        return path();
    }
}
