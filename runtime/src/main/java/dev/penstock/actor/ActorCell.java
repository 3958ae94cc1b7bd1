package dev.penstock.actor;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    private static final VarHandle SWEEPING = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "sweeping", VarHandle.class, ActorCell.class, boolean.class);

    /** How many control messages one turn may process before others have theirs. */
    private static final int CONTROLS_PER_TURN = 256;

    final Mailbox mailbox;
    private final ActorSystem system;
    private final ActorCell<?> parent; // null for a top-level actor
    private final String path;
    private final String name;
    private final Lane lane;
    private final LocalRef<M> self = new LocalRef<>(this);

    // Threads waiting for room in a bounded mailbox. written: they themselves; read: the running thread. Null if
    // unbounded.
    private final Queue<Thread> roomWaiters;

    // written: the running thread, volatile; read: whoever asks whether the lane has work
    private volatile boolean takesData;
    // written: the running thread, once, volatile; read: tellers, after their offer
    private volatile boolean terminated;
    // written: by the thread that empties the mailbox of a terminated actor; set by compare-and-set, first by the end
    // itself
    private volatile boolean sweeping;
    // written: the running thread, volatile; read: any actor
    private volatile Object attachment;
    // written: the running thread before it sets terminated; read: sweepers after they have read terminated
    private Consumer<? super M> unprocessed;

    private Phase phase = Phase.NEW;
    private Behavior<M> initial;
    private ReceiveBehavior<M> behavior; // null: ignore everything
    private SupervisorStrategy strategy = SupervisorStrategy.stop();
    private Throwable failure; // why it stops or restarts
    private boolean restarting; // STOPPING leads to a restart
    private int restarts;
    private long restartWindowStart;

    private final ArrayDeque<Object> deferred = new ArrayDeque<>(0); // control messages that came while it restarted
    private final Map<String, ActorCell<?>> children = new LinkedHashMap<>(0);
    private Set<ActorCell<?>> watchers = Set.of();
    private Set<ActorCell<?>> watched = Set.of();
    private final ArrayDeque<SystemMessage.WatchedStopped> stoppedAfterData = new ArrayDeque<>(0);
    private Map<Object, TimerEntry> timers = Map.of();
    private long timerGenerations;
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
        this.mailbox = new Mailbox(mailboxCapacity, system.clock().nanoTime());
        this.roomWaiters = mailboxCapacity == 0 ? null : new ConcurrentLinkedQueue<>();
    }

    // ---- any thread

    String path() {
        return path;
    }

    /** The actor behind a ref of this system, if it is one; also behind an adapter. */
    static Optional<ActorCell<?>> of(ActorRef<?> ref, ActorSystem system) {
        ActorCell<?> cell = ref instanceof LocalRef<?> local
                ? local.cell
                : ref instanceof ActorCell<?>.AdapterRef<?> adapter ? adapter.owner() : null;
        return cell != null && cell.system == system ? Optional.of(cell) : Optional.empty();
    }

    boolean isTopLevel() {
        return parent == null;
    }

    boolean isTerminated() {
        return terminated;
    }

    boolean tell(M message) {
        return message instanceof ControlMessage ? tellControl(message) : tellData(message, message);
    }

    boolean tell(M message, Duration timeout) throws InterruptedException {
        return message instanceof ControlMessage ? tellControl(message) : tellData(message, message, timeout);
    }

    /** Offers a message, or a system message that stands for one; waits for room. */
    private boolean tellData(Object message, Object original, Duration timeout) throws InterruptedException {
        if (!mailbox.isBounded() || timeout.isNegative() || timeout.isZero()) {
            return tellData(message, original);
        }
        if (Lane.isInTurn()) {
            throw new IllegalStateException(
                    "tell with a timeout would block a dispatcher's thread in an actor's turn; use"
                            + " tell(message) there, and retry by a timer if it is refused");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        long deadline = system.clock().nanoTime() + Clock.toNanos(timeout);
        Thread me = Thread.currentThread();
        boolean offered = false;
        roomWaiters.add(me); // before the offer: whoever makes room after it finds the waiter
        try {
            while (!terminated && !(offered = mailbox.offerData(message))) {
                long left = deadline - system.clock().nanoTime();
                if (left <= 0) {
                    return refuse(original, DeadLetter.Reason.FULL);
                }
                system.parker().park(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            roomWaiters.remove(me);
        }
        return offered ? scheduled() : refuse(original, DeadLetter.Reason.STOPPED);
    }

    /** Offers a message, or a system message that stands for one. */
    private boolean tellData(Object message, Object original) {
        if (terminated) {
            return refuse(original, DeadLetter.Reason.STOPPED);
        }
        if (!mailbox.offerData(message)) {
            return refuse(original, DeadLetter.Reason.FULL);
        }
        return scheduled();
    }

    private boolean tellAdaptedControl(SystemMessage adapted, Object original) {
        if (terminated) {
            return refuse(original, DeadLetter.Reason.STOPPED);
        }
        mailbox.offerControl(adapted);
        return scheduled();
    }

    boolean tellControl(Object message) {
        if (terminated && message instanceof ControlMessage) {
            return refuse(message, DeadLetter.Reason.STOPPED);
        }
        mailbox.offerControl(message);
        return scheduled();
    }

    private boolean scheduled() {
        if (terminated) { // since before the offer, or since: either way the end's own sweep may have missed it
            sweep();
        } else {
            lane.schedule();
        }
        return true;
    }

    private boolean refuse(Object message, DeadLetter.Reason reason) {
        system.deadLetters().publish(message, path, reason);
        return false;
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

    /**
     * Empties the mailbox of a terminated actor. One thread at a time; one that finds another at it may go, for that one
     * looks again after it is done.
     */
    private void sweep() {
        while (!mailbox.isEmpty() && SWEEPING.compareAndSet(this, false, true)) {
            try {
                empty();
            } finally {
                sweeping = false;
            }
            if (!mailbox
                    .isEmpty()) { // an offer is half done, and its thread may have found the sweep under way and gone
                Thread.yield();
            }
        }
    }

    /** By whoever set {@code sweeping}. */
    private void empty() {
        for (Object left = mailbox.pollControl(); left != null; left = mailbox.pollControl()) {
            sweepControl(left);
        }
        for (Object left = mailbox.pollData(); left != null; left = mailbox.pollData()) {
            sweepData(left);
        }
    }

    private void sweepControl(Object message) {
        if (message instanceof SystemMessage.Watch watch) {
            watch.watcher().watchedStopped(this, Optional.ofNullable(failure));
        } else if (message instanceof SystemMessage.Adapted<?>) {
            sweepData(message);
        } else if (message instanceof ControlMessage) {
            sweepMessage(message);
        }
    }

    private void sweepData(Object message) {
        if (message instanceof SystemMessage.Adapted<?> adapted) {
            refuse(adapted.original(), DeadLetter.Reason.STOPPED);
        } else if (!(message instanceof SystemMessage)) {
            sweepMessage(message);
        }
    }

    @SuppressWarnings("unchecked") // only M and system messages are ever offered
    private void sweepMessage(Object message) {
        if (unprocessed == null) {
            refuse(message, DeadLetter.Reason.STOPPED);
            return;
        }
        try {
            unprocessed.accept((M) message);
        } catch (Throwable e) {
            system.report(path + " failed in its handler of unprocessed messages", e);
        }
    }

    private void watchedStopped(ActorCell<?> stopped, Optional<Throwable> cause) {
        tellControl(new SystemMessage.WatchedStopped(stopped, cause, mailbox.dataOffered()));
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
            sweep();
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
            if (isStopDue()) {
                onWatchedStopped(stoppedAfterData.poll());
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
            if (roomWaiters != null) {
                VarHandle.fullFence(); // room was made before the waiters are looked at
                wakeRoomWaiters();
            }
            onData(data);
        }
        while (isStopDue()) { // the turn was cut short, and no message may follow
            onWatchedStopped(stoppedAfterData.poll());
        }
    }

    /** Whether a watched actor's end is to be heard now: all that had been offered before it has been processed. */
    private boolean isStopDue() {
        return !stoppedAfterData.isEmpty() && stoppedAfterData.peek().afterData() <= mailbox.dataTaken();
    }

    private void wakeRoomWaiters() {
        for (Thread waiter : roomWaiters) {
            system.parker().unpark(waiter);
        }
    }

    @SuppressWarnings("unchecked") // only M and system messages are ever offered
    private void onControl(Object message) {
        if (message instanceof SystemMessage.Watch watch) {
            if (watchers.isEmpty()) {
                watchers = new LinkedHashSet<>(2);
            }
            watchers.add(watch.watcher());
        } else if (message instanceof SystemMessage.Unwatch unwatch) {
            if (!watchers.isEmpty()) {
                watchers.remove(unwatch.watcher());
            }
        } else if (message instanceof SystemMessage.WatchedStopped stopped) {
            stoppedAfterData.add(stopped);
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
            sweepControl(message);
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
                TimerEntry timer = timers.get(fired.key());
                if (timer != null && timer.generation == fired.generation()) {
                    if (timer.periodNanos == 0) {
                        timers.remove(fired.key());
                    }
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

    private void onWatchedStopped(SystemMessage.WatchedStopped stopped) {
        if (!watched.isEmpty() && watched.remove(stopped.watched()) && phase == Phase.ACTIVE) {
            signal(new Terminated(stopped.watched().self, stopped.failure()));
        }
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
                    refuse(unhandled, DeadLetter.Reason.UNHANDLED);
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
        } else if (strategy.action() == SupervisorStrategy.Action.RESTART && mayRestart()) {
            failure = e;
            restarting = true;
            leaveActive();
        } else {
            system.lifecycle(self, LifecycleEvent.Kind.FAILED, e);
            system.report(path + " failed and stops", e);
            beginStop(e);
        }
    }

    private boolean mayRestart() {
        long now = system.clock().nanoTime();
        long window = Clock.toNanos(strategy.window());
        if (restarts == 0 || (window > 0 && now - restartWindowStart > window)) {
            restarts = 0;
            restartWindowStart = now;
        }
        return ++restarts <= strategy.limit();
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
        cancelTimers();
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
        unwatchAll();
        phase = Phase.SUSPENDED;
        long pause = backoffNanos();
        if (pause > 0) {
            system.clock().schedule(() -> tellControl(SystemMessage.Resume.RESUME), pause);
        } else {
            tellControl(SystemMessage.Resume.RESUME); // not at once: the fresh behavior may fail just so
        }
    }

    private long backoffNanos() {
        long min = Clock.toNanos(strategy.minBackoff());
        long max = Clock.toNanos(strategy.maxBackoff());
        int doublings = Math.min(restarts - 1, 62);
        long pause = min > (max >> doublings) ? max : min << doublings;
        return pause == 0 ? 0 : pause + (long) (pause * 0.2 * system.random().nextDouble());
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
        sweeping = true; // nobody else sweeps before the behavior has heard of its end
        terminated = true; // from here on tells are refused, or swept by those who tell
        signal(new PostStop());
        phase = Phase.TERMINATED;
        behavior = null;
        initial = null;
        attachment = null;
        unwatchAll();
        for (Object message = deferred.poll(); message != null; message = deferred.poll()) {
            sweepControl(message);
        }
        empty();
        sweeping = false;
        sweep(); // what came since
        if (roomWaiters != null) {
            wakeRoomWaiters();
        }
        lane.remove(this);
        system.removed(this);
        system.lifecycle(self, LifecycleEvent.Kind.STOPPED, failure);
        Set<ActorCell<?>> tell = watchers;
        watchers = Set.of();
        for (ActorCell<?> watcher : tell) {
            watcher.watchedStopped(this, Optional.ofNullable(failure));
        }
        if (parent != null) {
            parent.tellControl(new SystemMessage.ChildStopped(this));
        }
        system.ended();
    }

    /** It never had a lane, so never ran; whoever found it by its path meanwhile and told it something is to know. */
    void abandon() {
        terminated = true;
        sweep();
    }

    private void unwatchAll() {
        for (ActorCell<?> other : watched) {
            other.tellControl(new SystemMessage.Unwatch(this));
        }
        watched = Set.of();
        stoppedAfterData.clear();
    }

    private void cancelTimers() {
        for (TimerEntry timer : timers.values()) {
            timer.cancel();
        }
        timers = Map.of();
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
        if (ref instanceof LocalRef<?> local && local.cell != this) {
            if (watched.isEmpty()) {
                watched = new LinkedHashSet<>(2);
            }
            if (watched.add(local.cell)) {
                local.cell.tellControl(new SystemMessage.Watch(this));
            }
        }
    }

    @Override
    public void unwatch(ActorRef<?> ref) {
        if (ref instanceof LocalRef<?> local && !watched.isEmpty() && watched.remove(local.cell)) {
            local.cell.tellControl(new SystemMessage.Unwatch(this));
        }
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
        cancelTimer(Objects.requireNonNull(key, "key"));
        if (phase != Phase.ACTIVE) {
            return;
        }
        if (timers.isEmpty()) {
            timers = new HashMap<>(2);
        }
        TimerEntry timer = new TimerEntry(key, message, ++timerGenerations, periodNanos);
        timers.put(key, timer);
        timer.arm(delayNanos);
    }

    @Override
    public void cancelTimer(Object key) {
        TimerEntry timer = timers.isEmpty() ? null : timers.remove(key);
        if (timer != null) {
            timer.cancel();
        }
    }

    @Override
    public <T> ActorRef<T> adapter(Function<? super T, ? extends M> translate) {
        Objects.requireNonNull(translate, "translate");
        return new AdapterRef<>(translate, path + "/$adapter-" + ++adapters);
    }

    @Override
    public <T> void pipeToSelf(CompletionStage<T> stage, BiFunction<? super T, Throwable, ? extends M> translate) {
        Objects.requireNonNull(translate, "translate");
        stage.whenComplete((result, e) -> {
            Supplier<M> message = () -> translate.apply(result, e);
            Object original = e != null ? e : result != null ? result : stage;
            tellData(new SystemMessage.Adapted<>(message, original), original);
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
        unprocessed = handler;
    }

    @Override
    public void deadLetter(Object message, DeadLetter.Reason reason) {
        refuse(message, reason);
    }

    @Override
    public String toString() {
        return path;
    }

    /** A timer that has been started; fires on the clock's thread. */
    private final class TimerEntry implements Runnable {
        private final Object key;
        private final M message;
        private final long generation;
        private final long periodNanos;

        // written: the running thread, then the clock's thread at each period, volatile; read: the running thread
        private volatile Clock.Task task;
        // written: the running thread, once, volatile; read: the clock's thread
        private volatile boolean cancelled;

        TimerEntry(Object key, M message, long generation, long periodNanos) {
            this.key = key;
            this.message = message;
            this.generation = generation;
            this.periodNanos = periodNanos;
        }

        void arm(long delayNanos) {
            task = system.clock().schedule(this, Math.max(0, delayNanos));
            if (cancelled) { // while it was armed again
                task.cancel();
            }
        }

        void cancel() {
            cancelled = true;
            Clock.Task armed = task;
            if (armed != null) {
                armed.cancel();
            }
        }

        @Override
        public void run() {
            if (!cancelled) {
                tellData(new SystemMessage.TimerFired<>(key, generation, message), message);
                if (periodNanos > 0) {
                    arm(periodNanos);
                }
            }
        }
    }

    /** Accepts another type for this actor. */
    private final class AdapterRef<T> implements ActorRef<T> {
        private final Function<? super T, ? extends M> translate;
        private final String adapterPath;

        AdapterRef(Function<? super T, ? extends M> translate, String adapterPath) {
            this.translate = translate;
            this.adapterPath = adapterPath;
        }

        @Override
        public boolean tell(T message) {
            SystemMessage adapted = adapted(message);
            return message instanceof ControlMessage
                    ? tellAdaptedControl(adapted, message)
                    : tellData(adapted, message);
        }

        @Override
        public boolean tell(T message, Duration timeout) throws InterruptedException {
            SystemMessage adapted = adapted(message);
            return message instanceof ControlMessage
                    ? tellAdaptedControl(adapted, message)
                    : tellData(adapted, message, timeout);
        }

        private SystemMessage adapted(T message) {
            Objects.requireNonNull(message, "message");
            return new SystemMessage.Adapted<M>(() -> translate.apply(message), message);
        }

        ActorCell<M> owner() {
            return ActorCell.this;
        }

        @Override
        public String path() {
            return adapterPath;
        }

        @Override
        public String toString() {
            return adapterPath;
        }
    }
}
