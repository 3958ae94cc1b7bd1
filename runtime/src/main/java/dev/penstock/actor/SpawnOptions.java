package dev.penstock.actor;

import java.util.Objects;
import java.util.Optional;

/** How an actor runs: its dispatcher and its mailbox. Immutable; each method returns changed options. */
public final class SpawnOptions {

    private static final SpawnOptions DEFAULTS = new SpawnOptions(null, 0, false);

    private final Dispatcher dispatcher;
    private final int mailboxCapacity;
    private final boolean ownLane;

    private SpawnOptions(Dispatcher dispatcher, int mailboxCapacity, boolean ownLane) {
        this.dispatcher = dispatcher;
        this.mailboxCapacity = mailboxCapacity;
        this.ownLane = ownLane;
    }

    /** {@return the system's dispatcher, an unbounded mailbox} */
    public static SpawnOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Runs the actor on a dispatcher of its own choice.
     *
     * @param chosen the dispatcher; the system closes it when it closes itself
     * @return the options
     */
    public SpawnOptions dispatcher(Dispatcher chosen) {
        return new SpawnOptions(Objects.requireNonNull(chosen, "dispatcher"), mailboxCapacity, ownLane);
    }

    /**
     * Bounds the mailbox. When that many data messages wait, {@code tell} is refused, and {@code tell} with a timeout
     * waits. Control messages are not counted.
     *
     * @param capacity the bound, kept exactly; at least 1
     * @return the options
     */
    public SpawnOptions boundedMailbox(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("mailbox capacity " + capacity + " is less than 1");
        }
        return new SpawnOptions(dispatcher, capacity, ownLane);
    }

    /** {@return the same with an unbounded mailbox} */
    public SpawnOptions unboundedMailbox() {
        return new SpawnOptions(dispatcher, 0, ownLane);
    }

    /** {@return the same on a lane of its own, even for a behavior that would share that of a mate} */
    public SpawnOptions ownLane() {
        return new SpawnOptions(dispatcher, mailboxCapacity, true);
    }

    Optional<Dispatcher> dispatcher() {
        return Optional.ofNullable(dispatcher);
    }

    int mailboxCapacity() {
        return mailboxCapacity;
    }

    boolean wantsOwnLane() {
        return ownLane;
    }

    @Override
    public String toString() {
        return "SpawnOptions[dispatcher="
                + (dispatcher == null ? "the system's" : dispatcher.getClass().getSimpleName()) + ", mailbox="
                + (mailboxCapacity == 0 ? "unbounded" : mailboxCapacity) + ", ownLane=" + ownLane + "]";
    }
}
