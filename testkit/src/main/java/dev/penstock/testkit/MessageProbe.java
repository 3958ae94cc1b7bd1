package dev.penstock.testkit;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.Signal;
import dev.penstock.actor.Terminated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * An actor that writes down what it is told, and the test's view of it.
 *
 * <p>Expectations take the messages in the order in which they came, and wait for the next one: in a {@link Simulation}
 * by running it, so that the time limit is one of virtual time; on real threads by blocking the caller. For one testing
 * thread. An expectation that fails is an {@link AssertionError}; in a simulation it names the seed.
 *
 * @param <M> what the probe accepts
 */
public final class MessageProbe<M> {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMillis(100);

    private final Simulation simulation; // null in real time
    private final Consumer<? super M> onArrival;
    private final ActorRef<Object> actor;
    private Duration patience = PATIENCE;
    private int taken; // of received

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrival = lock.newCondition();
    // written: the probe's turn; read: the test. All guarded by lock.
    private final List<M> received = new ArrayList<>();
    private final Set<ActorRef<?>> terminated = new HashSet<>();
    private Throwable violation;

    /** What tells the actor to watch another. */
    private record Watch(ActorRef<?> ref) {}

    private MessageProbe(ActorSystem system, String name, Consumer<? super M> onArrival) {
        this.simulation = Simulation.owning(system);
        this.onArrival = onArrival;
        this.actor = system.spawn(Behaviors.receive(this::onMessage, this::onSignal), name);
    }

    /**
     * Spawns a probe.
     *
     * @param <M> what it accepts
     * @param system where; of a simulation or not
     * @param name its name there
     * @return the probe
     */
    public static <M> MessageProbe<M> create(ActorSystem system, String name) {
        return create(system, name, message -> {});
    }

    /** Has each message looked at on its arrival; an AssertionError of that fails the test, as soon as there is a way. */
    static <M> MessageProbe<M> create(ActorSystem system, String name, Consumer<? super M> onArrival) {
        return new MessageProbe<>(system, name, onArrival);
    }

    /** {@return the address to give to those who are tested; for any thread} */
    @SuppressWarnings("unchecked") // the actor takes M, and what only this class can make
    public ActorRef<M> ref() {
        return (ActorRef<M>) (ActorRef<?>) actor;
    }

    /**
     * Sets how long expectations wait; 5 seconds unless set.
     *
     * @param limit how long
     * @return this
     */
    public MessageProbe<M> patience(Duration limit) {
        patience = Objects.requireNonNull(limit, "limit");
        return this;
    }

    /**
     * Waits for the next message.
     *
     * @param message what it must be equal to
     * @return this
     */
    public MessageProbe<M> expect(M message) {
        M next = next(message);
        if (!message.equals(next)) {
            throw failure("expected " + message + ", but received " + next);
        }
        return this;
    }

    /**
     * Waits for the next message.
     *
     * @param <T> its type
     * @param type what it must be an instance of
     * @return the message
     */
    public <T> T expectType(Class<T> type) {
        M next = next(type);
        if (!type.isInstance(next)) {
            throw failure("expected " + type + ", but received " + next);
        }
        return type.cast(next);
    }

    /**
     * Fails if there is a message that was not expected: in a simulation runs until nothing is ready, for that, while time
     * stands still; on real threads waits for 100 milliseconds.
     */
    public void expectNothing() {
        expectNothing(simulation != null ? Duration.ZERO : QUIET);
    }

    /**
     * Fails if there is a message that was not expected, or one comes within a time.
     *
     * @param within how long; virtual in a simulation
     */
    public void expectNothing(Duration within) {
        if (await(this::hasNext, within)) {
            throw failure("expected nothing, but received "
                    + received().subList(taken, received().size()));
        }
    }

    /** {@return all messages so far, in their order, also those that were expected} */
    public List<M> received() {
        lock.lock();
        try {
            return List.copyOf(received);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has the probe watch an actor.
     *
     * @param ref the actor
     * @return this
     */
    public MessageProbe<M> watch(ActorRef<?> ref) {
        actor.tell(new Watch(ref));
        return this;
    }

    /**
     * Waits until an actor has stopped; watches it, if need be. What it told the probe before is received before.
     *
     * @param ref the actor
     * @return this
     */
    public MessageProbe<M> expectTerminated(ActorRef<?> ref) {
        watch(ref);
        if (!await(() -> terminated.contains(ref), patience)) {
            throw failure(ref.path() + " has not stopped within " + patience);
        }
        return this;
    }

    AssertionError failure(String what) {
        String text = actor.path() + ": " + what + "; all it received: " + received();
        return simulation != null ? simulation.failure(text, null) : new AssertionError(text);
    }

    private boolean hasNext() {
        return received.size() > taken;
    }

    private M next(Object expected) {
        if (!await(this::hasNext, patience)) {
            throw failure("expected " + expected + ", but nothing came within " + patience);
        }
        lock.lock();
        try {
            return received.get(taken++);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the condition, asked with the lock held, holds or the time is over; answers whether it holds. */
    private boolean await(BooleanSupplier condition, Duration limit) {
        boolean holds = simulation != null
                ? simulation.runUntil(condition, simulation.after(limit.toNanos()))
                : block(condition, limit.toNanos());
        lock.lock();
        try {
            if (violation != null) {
                throw new AssertionError(violation.getMessage(), violation);
            }
        } finally {
            lock.unlock();
        }
        return holds;
    }

    private boolean block(BooleanSupplier condition, long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (violation == null && !condition.getAsBoolean() && left > 0) {
                left = arrival.awaitNanos(left);
            }
            return condition.getAsBoolean();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while " + actor.path() + " was waiting for messages", e);
        } finally {
            lock.unlock();
        }
    }

    // ---- the probe's turn

    @SuppressWarnings("unchecked") // others can only tell M
    private Behavior<Object> onMessage(ActorContext<Object> context, Object message) {
        if (message instanceof Watch watch) {
            context.watch(watch.ref());
        } else {
            arrived(() -> {
                received.add((M) message);
                onArrival.accept((M) message);
            });
        }
        return Behaviors.same();
    }

    private Behavior<Object> onSignal(ActorContext<Object> context, Signal signal) {
        if (signal instanceof Terminated stopped) {
            arrived(() -> terminated.add(stopped.ref()));
        }
        return Behaviors.same();
    }

    private void arrived(Runnable note) {
        lock.lock();
        try {
            note.run();
        } catch (AssertionError e) {
            if (simulation != null) {
                simulation.violated(e);
            }
            if (violation == null) {
                violation = e;
            }
        } finally {
            arrival.signalAll();
            lock.unlock();
        }
    }
}
