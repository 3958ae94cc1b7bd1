package dev.penstock.actor;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;

/** Accepts messages of another type for an actor, which translates them in its own turn. */
final class AdapterRef<T, M> implements ActorRef<T> {

    final ActorCell<M> owner;
    private final Function<? super T, ? extends M> translate;
    private final String path;

    AdapterRef(ActorCell<M> owner, Function<? super T, ? extends M> translate, String path) {
        this.owner = owner;
        this.translate = translate;
        this.path = path;
    }

    @Override
    public boolean tell(T message) {
        SystemMessage adapted = adapted(message);
        return message instanceof ControlMessage
                ? owner.inbox().tellAdaptedControl(adapted, message)
                : owner.inbox().tellData(adapted, message);
    }

    @Override
    public boolean tell(T message, Duration timeout) throws InterruptedException {
        SystemMessage adapted = adapted(message);
        return message instanceof ControlMessage
                ? owner.inbox().tellAdaptedControl(adapted, message)
                : owner.inbox().tellData(adapted, message, timeout);
    }

    private SystemMessage adapted(T message) {
        Objects.requireNonNull(message, "message");
        return new SystemMessage.Adapted<M>(() -> translate.apply(message), message);
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String toString() {
        return path;
    }
}
