package dev.penstock.actor;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One actor: applies one message at a time to the current behavior, and sees to its children, watchers, timers and
 * failures.
 *
 * <p>Its life:
 *
 * <pre>
 * NEW → ACTIVE               set up, in its first turn
 * ACTIVE → SUSPENDED         failed, waits for the back-off to end
 * ACTIVE, SUSPENDED → ACTIVE restarted
 * any → STOPPING             told to stop, or failed: waits for its children (also before a restart)
 * STOPPING → ACTIVE, SUSPENDED  the children have stopped and it was a restart
 * STOPPING → TERMINATED      the children have stopped
 * </pre>
 *
 * Fields without a comment belong to the thread that has the lane.
 */
final class ActorCell<M> implements ActorContext<M> {

    private enum Phase {
        NEW,
        ACTIVE,
        SUSPENDED,
        STOPPING,
        TERMINATED
    }

    /** How many control messages one turn may process before others have theirs. */
    private static final int CONTROLS_PER_TURN = 256;

    private final ActorSystem system;
    private final ActorCell<?> parent; // null for a top-level actor
    private final String path;
    private final String name;
    private final Lane lane;
    private final Inbox<M> inbox;
    private final Mailbox mailbox; // the inbox's
    private final LocalRef<M> self = new LocalRef<>(this);

    // written: the running thread, volatile; read: whoever asks whether the lane has work
    private volatile boolean takesData;
    // written: the running thread, volatile; read: any actor
    private volatile Object attachment;

    private Phase phase = Phase.NEW;
    private Behavior<M> initial;
    private ReceiveBehavior<M> behavior; // null: ignore everything
    private SupervisorStrategy strategy = SupervisorStrategy.stop();
    private Throwable failure; // why it stops or restarts
    private boolean restarting; // STOPPING leads to a restart
    private final RestartBudget restarts = new RestartBudget();

    private final ArrayDeque<Object> deferred = new ArrayDeque<>(0); // control messages that came while it restarted
    private final Map<String, ActorCell<?>> children = new LinkedHashMap<>(0);
    private final DeathWatch deathWatch;
    private final Timers<M> timers;
    private int adapters;

    ActorCell(
            ActorSystem system,
            ActorCell<?> parent,
            String path,
            String name,
            Behavior<M> initial,
            Lane lane,
            int mailboxCapacity) {
        this.system = system;
        this.parent = parent;
        this.path = path;
        this.name = name;
        this.initial = initial;
        this.lane = lane;
        inbox = new Inbox<>(this, system, path, lane, mailboxCapacity);
        mailbox = inbox.mailbox();
        deathWatch = new DeathWatch(this, mailbox);
        timers = new Timers<>(inbox, system.clock());
    }

    // ---- any thread

    String path() {
        return path;
    }

    /** The actor behind a ref of this system, if it is one; also behind an adapter. */
    static Optional<ActorCell<?>> of(ActorRef<?> ref, ActorSystem system) {
        return cellBehind(ref).filter(cell -> cell.system == system);
    }

    private static Optional<ActorCell<?>> cellBehind(ActorRef<?> ref) {
        return Optional.ofNullable(
                Objects.requireNonNull(ref, "ref") instanceof LocalRef<?> local
                        ? local.cell
                        : ref instanceof AdapterRef<?, ?> adapter ? adapter.owner : null);
    }

    boolean isTopLevel() {
        return parent == null;
    }

    Inbox<M> inbox() {
        return inbox;
    }

    void tellControl(Object message) {
        inbox.tellControl(message);
    }

    /** One whom this actor watches, by its cell or by its remote ref, has ended. */
    void watchedStopped(Object stopped, Optional<Throwable> cause) {
        inbox.tellControl(new SystemMessage.WatchedStopped(stopped, cause, mailbox.dataOffered()));
    }

    /** This actor has ended, and a watcher comes too late; after the inbox was closed. */
    void answerTooLate(SystemMessage.Watch watch) {
        watch.watcher().watchedStopped(this, Optional.ofNullable(failure));
    }

    /** The lane has been idle and has work now. */
    void becameReady(long nowNanos) {
        if (takesData) { // otherwise data may have waited all the while
            mailbox.stampReady(nowNanos);
        }
    }

    boolean hasWork() {
        return mailbox.hasControl() || (takesData && mailbox.hasData());
    }

    // ---- the running thread: turns

    /** Processes all control messages and up to that many data messages. Does not throw. */
    void runTurn(int throughput, long nowNanos) {
        try {
            process(throughput, nowNanos);
        } catch (Throwable e) { // memory ran out in the runtime's own code, or it has a defect
            system.report(path + ": a turn broke off", e);
        }
    }

    private void process(int throughput, long nowNanos) {
        if (phase == Phase.TERMINATED) { // taken from the lane since this turn began
            inbox.sweep();
            return;
        }
        mailbox.stampTurn(nowNanos);
        int processed = 0;
        int controls = 0;
        while (phase != Phase.TERMINATED) { // or a sweeper may be at the queues
            Object control = mailbox.pollControl();
            if (control != null) {
                onControl(control);
                if (++controls == CONTROLS_PER_TURN) {
                    break;
                }
                continue;
            }
            if (hearOfEnd()) {
                continue;
            }
            if (phase != Phase.ACTIVE || processed == throughput) {
                break;
            }
            Object data = mailbox.pollData();
            if (data == null) {
                break;
            }
            processed++;
            inbox.roomMade();
            onData(data);
        }
        while (hearOfEnd()) {
            // the turn was cut short, and no message may follow
        }
    }

    @SuppressWarnings("unchecked") // only M and system messages are ever offered
    private void onControl(Object message) {
        if (message instanceof SystemMessage.Watch watch) {
            deathWatch.addWatcher(watch.watcher());
        } else if (message instanceof SystemMessage.Unwatch unwatch) {
            deathWatch.removeWatcher(unwatch.watcher());
        } else if (message instanceof SystemMessage.WatchedStopped stopped) {
            deathWatch.stopped(stopped);
        } else if (message instanceof SystemMessage.ChildStopped stopped) {
            children.remove(stopped.child().name, stopped.child());
            if (phase == Phase.STOPPING && children.isEmpty()) {
                finishStopping();
            }
        } else if (message == SystemMessage.Start.START) {
            phase = Phase.ACTIVE;
            takesData = true;
            begin();
            if (phase == Phase.ACTIVE) {
                system.lifecycle(self, LifecycleEvent.Kind.STARTED, null);
            }
        } else if (message == SystemMessage.Stop.STOP) {
            beginStop(null);
        } else if (message == SystemMessage.Resume.RESUME) {
            if (phase == Phase.SUSPENDED) {
                restartNow();
            }
        } else if (phase == Phase.ACTIVE) {
            onData(message);
        } else if (restarting) {
            deferred.add(message);
        } else {
            inbox.discard(message);
        }
    }

    @SuppressWarnings("unchecked") // only M and system messages are ever offered
    private void onData(Object message) {
        if (message instanceof SystemMessage) {
            if (message instanceof SystemMessage.Adapted<?> adapted) {
                M translated;
                try {
                    translated = (M) Objects.requireNonNull(adapted.message().get(), "an adapter's message");
                } catch (Throwable e) {
                    failed(e);
                    return;
                }
                receive(translated, adapted.original());
            } else if (message instanceof SystemMessage.TimerFired<?> fired) {
                if (timers.hasFired(fired)) {
                    receive((M) fired.message(), fired.message());
                }
            }
        } else {
            receive((M) message, message);
        }
    }

    private void receive(M message, Object original) {
        ReceiveBehavior<M> current = behavior;
        if (current == null) {
            return;
        }
        try {
            Behavior<M> next = current.onMessage().apply(this, message);
            if (next != current) {
                become(next, original);
            }
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void signal(Signal signal) {
        ReceiveBehavior<M> current = behavior;
        if (current == null) {
            return;
        }
        try {
            Behavior<M> next = current.onSignal().apply(this, signal);
            if (phase == Phase.ACTIVE) {
                become(next, null);
            }
        } catch (Throwable e) {
            if (phase == Phase.ACTIVE) {
                failed(e);
            } else {
                system.report(path + " failed on " + signal, e);
            }
        }
    }

    /** Processes the next end of a watched actor that is due; false if there is none. */
    private boolean hearOfEnd() {
        SystemMessage.WatchedStopped end = deathWatch.pollDue();
        if (end == null) {
            return false;
        }
        for (ActorRef<?> ref : deathWatch.refsOf(end.watched())) {
            // The signal before may have stopped or failed this actor, or taken this watch back.
            if (deathWatch.forget(end.watched(), ref) && phase == Phase.ACTIVE) {
                signal(new Terminated(ref, end.failure()));
            }
        }
        return true;
    }

    /** Unwraps what a behavior returned; {@code unhandled} is the message to publish if that was the answer. */
    private void become(Behavior<M> next, Object unhandled) {
        Behavior<M> todo =
                Objects.requireNonNull(next, "a behavior returned null; return Behaviors.same() to stay as it is");
        while (true) {
            if (todo instanceof MarkerBehavior<M> marked) {
                if (marked.marker() == MarkerBehavior.Marker.STOPPED) {
                    beginStop(null);
                } else if (marked.marker() == MarkerBehavior.Marker.UNHANDLED && unhandled != null) {
                    inbox.refuse(unhandled, DeadLetter.Reason.UNHANDLED);
                } else if (marked.marker() == MarkerBehavior.Marker.IGNORE) {
                    behavior = null;
                }
                return;
            } else if (todo instanceof ReceiveBehavior<M> receive) {
                behavior = receive;
                return;
            } else if (todo instanceof SetupBehavior<M> setup) {
                todo = Objects.requireNonNull(setup.factory().apply(this), "setup made null");
            } else if (todo instanceof SupervisedBehavior<M> supervised) {
                strategy = supervised.strategy();
                initial = supervised.inner();
                todo = initial;
            } else if (todo instanceof AlongsideBehavior<M> alongside) {
                todo = alongside.inner();
            }
        }
    }

    // ---- the running thread: failure and end

    private void begin() {
        behavior = null;
        try {
            become(initial, null);
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable e) {
        if (phase != Phase.ACTIVE) {
            system.report(path + " failed while it stopped", e);
            return;
        }
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        if (strategy.action() == SupervisorStrategy.Action.RESUME && behavior != null) {
            system.lifecycle(self, LifecycleEvent.Kind.RESUMED, e);
            system.report(path + " failed and was resumed", e);
        } else if (strategy.action() == SupervisorStrategy.Action.RESTART
                && restarts.spend(strategy, system.clock().nanoTime())) {
            failure = e;
            restarting = true;
            leaveActive();
        } else {
            system.lifecycle(self, LifecycleEvent.Kind.FAILED, e);
            system.report(path + " failed and stops", e);
            beginStop(e);
        }
    }

    private void beginStop(Throwable cause) {
        if (phase == Phase.TERMINATED) {
            return;
        }
        boolean wasRestarting = restarting;
        restarting = false;
        if (phase != Phase.STOPPING) {
            failure = cause;
            leaveActive();
        } else if (wasRestarting) { // it ends of being told to, not of the failure that it would have survived
            failure = null;
        }
    }

    private void leaveActive() {
        phase = Phase.STOPPING;
        takesData = false;
        timers.cancelAll();
        if (children.isEmpty()) {
            finishStopping();
        } else {
            for (ActorCell<?> child : new ArrayList<>(children.values())) {
                child.tellControl(SystemMessage.Stop.STOP);
            }
        }
    }

    private void finishStopping() {
        if (!restarting) {
            terminate();
            return;
        }
        signal(new PreRestart(failure));
        deathWatch.unwatchAll();
        phase = Phase.SUSPENDED;
        long pause = restarts.backoffNanos(strategy, system.random());
        if (pause > 0) {
            system.clock().schedule(() -> tellControl(SystemMessage.Resume.RESUME), pause);
        } else {
            tellControl(SystemMessage.Resume.RESUME); // not at once: the fresh behavior may fail just so
        }
    }

    private void restartNow() {
        Throwable cause = failure;
        failure = null;
        restarting = false;
        phase = Phase.ACTIVE;
        takesData = true;
        system.lifecycle(self, LifecycleEvent.Kind.RESTARTED, cause);
        system.report(path + " failed and was restarted", cause);
        begin();
        while (phase == Phase.ACTIVE && !deferred.isEmpty()) {
            onData(deferred.poll());
        }
    }

    private void terminate() {
        inbox.close();
        signal(new PostStop());
        phase = Phase.TERMINATED;
        behavior = null;
        initial = null;
        attachment = null;
        deathWatch.unwatchAll();
        inbox.sweepAtEnd(deferred);
        deferred.clear();
        lane.remove(this);
        system.removed(this);
        system.lifecycle(self, LifecycleEvent.Kind.STOPPED, failure);
        deathWatch.tellWatchers(failure);
        if (parent != null) {
            parent.tellControl(new SystemMessage.ChildStopped(this));
        }
        system.ended(this);
    }

    // ---- the running thread: ActorContext

    @Override
    public ActorRef<M> self() {
        return self;
    }

    @Override
    public ActorSystem system() {
        return system;
    }

    @Override
    public <C> ActorRef<C> spawn(Behavior<C> child, String childName, SpawnOptions options) {
        if (phase != Phase.ACTIVE) {
            throw new IllegalStateException(path + " is stopping and cannot spawn " + childName);
        }
        ActorCell<C> cell = system.create(this, child, childName, options);
        children.put(childName, cell);
        system.start(cell);
        return cell.self;
    }

    @Override
    public Collection<ActorRef<?>> children() {
        List<ActorRef<?>> refs = new ArrayList<>(children.size());
        for (ActorCell<?> child : children.values()) {
            refs.add(child.self);
        }
        return refs;
    }

    @Override
    public void stop(ActorRef<?> child) {
        if (!(child instanceof LocalRef<?> ref) || ref.cell.parent != this) {
            throw new IllegalArgumentException(
                    child.path() + " is not a child of " + path + "; only a parent stops an actor");
        }
        ref.cell.tellControl(SystemMessage.Stop.STOP);
    }

    @Override
    public void watch(ActorRef<?> ref) {
        cellBehind(ref).ifPresentOrElse(cell -> deathWatch.watch(cell, ref), () -> {
            if (ref instanceof RemoteRef<?> remote) {
                deathWatch.watch(remote);
            }
        });
    }

    @Override
    public void unwatch(ActorRef<?> ref) {
        deathWatch.unwatch(cellBehind(ref).<Object>map(cell -> cell).orElse(ref), ref);
    }

    @Override
    public void startTimer(Object key, M message, Duration delay) {
        startTimer(key, message, Clock.toNanos(delay), 0);
    }

    @Override
    public void startPeriodicTimer(Object key, M message, Duration period) {
        if (period.isNegative() || period.isZero()) {
            throw new IllegalArgumentException("a period of " + period + " is not positive");
        }
        startTimer(key, message, Clock.toNanos(period), Clock.toNanos(period));
    }

    private void startTimer(Object key, M message, long delayNanos, long periodNanos) {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(key, "key");
        if (phase == Phase.ACTIVE) {
            timers.start(key, message, delayNanos, periodNanos);
        }
    }

    @Override
    public void cancelTimer(Object key) {
        timers.cancel(key);
    }

    @Override
    public <T> ActorRef<T> adapter(Function<? super T, ? extends M> translate) {
        Objects.requireNonNull(translate, "translate");
        return new AdapterRef<>(this, translate, path + "/$adapter-" + ++adapters);
    }

    @Override
    public <T> void pipeToSelf(CompletionStage<T> stage, BiFunction<? super T, Throwable, ? extends M> translate) {
        Objects.requireNonNull(translate, "translate");
        stage.whenComplete((result, e) -> {
            Supplier<M> message = () -> translate.apply(result, e);
            Object original = e != null ? e : result != null ? result : stage;
            inbox.tellData(new SystemMessage.Adapted<>(message, original), original);
        });
    }

    @Override
    public Lane lane() {
        return lane;
    }

    @Override
    public void attach(Object object) {
        attachment = object;
    }

    @Override
    public <T> Optional<T> attachment(ActorRef<?> ref, Class<T> type) {
        if (ref instanceof LocalRef<?> local && local.cell.system == system) {
            Object found = local.cell.attachment; // once: it may be taken away
            return type.isInstance(found) ? Optional.of(type.cast(found)) : Optional.empty();
        }
        return Optional.empty();
    }

    @Override
    public void onUnprocessed(Consumer<? super M> handler) {
        inbox.onUnprocessed(handler);
    }

    @Override
    public void deadLetter(Object message, DeadLetter.Reason reason) {
        inbox.refuse(message, reason);
    }

    @Override
    public String toString() {
        return path;
    }
}
