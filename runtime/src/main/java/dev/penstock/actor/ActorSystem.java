package dev.penstock.actor;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A set of actors that live and end together: spawns them, asks them, closes them. Every method is for any thread.
 *
 * <p>Threads are daemons: a program lasts as long as its own threads do.
 */
public final class ActorSystem implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("dev.penstock.actor");
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    /** How often a closing system goes through its stuck actors; a parent and child need a few. */
    private static final int STUCK_PASSES = 10_000;

    private final String name;
    private final Dispatcher dispatcher;
    private final Clock clock;
    private final Parker parker;
    private final RandomGenerator random;
    private final WaitStrategy waitStrategy;
    private final int throughput;
    private final DeadLetters deadLetters;
    private final List<Consumer<? super LifecycleEvent>> lifecycleSubscribers = new CopyOnWriteArrayList<>();
    private final Map<String, ActorCell<?>> cells = new ConcurrentHashMap<>(); // by path, all that live
    private final AtomicLong living = new AtomicLong(); // actors that have not ended
    private final Map<ActorCell<?>, CompletableFuture<Void>> stops =
            new ConcurrentHashMap<>(); // that somebody waits for
    private final Set<Dispatcher> dispatchers = ConcurrentHashMap.newKeySet();
    private final Set<AskRef<?>> asks = ConcurrentHashMap.newKeySet();
    private final Map<Question, AskRef<?>> questions = new ConcurrentHashMap<>(); // of the asks
    private final AtomicLong askNumbers = new AtomicLong();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CompletableFuture<ShutdownReport> closed = new CompletableFuture<>();

    // written: the closing thread, volatile; read: whoever removes the last actor
    private volatile Thread closer;

    private ActorSystem(Builder builder) {
        name = builder.name;
        clock = builder.clock != null ? builder.clock : new SystemClock(name + "-timer");
        dispatcher = builder.dispatcher != null
                ? builder.dispatcher
                : Dispatcher.pool(Runtime.getRuntime().availableProcessors());
        parker = builder.parker;
        random = builder.random;
        waitStrategy = builder.waitStrategy;
        throughput = builder.throughput;
        deadLetters = new DeadLetters(clock, this::failAsk);
        dispatchers.add(dispatcher);
    }

    /**
     * Makes a system with the defaults: a pool of as many threads as there are processors, backing off when idle.
     *
     * @param name first part of its actors' paths; no slash
     * @return the system
     */
    public static ActorSystem create(String name) {
        return builder(name).build();
    }

    /**
     * Begins a system with other parts than the defaults.
     *
     * @param name first part of its actors' paths; no slash
     * @return a builder
     */
    public static Builder builder(String name) {
        return new Builder(checkName(name));
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /**
     * Starts an actor.
     *
     * @param <M> its messages
     * @param behavior what it does
     * @param actorName unique among the living actors at the top; no slash
     * @return its ref
     * @throws IllegalArgumentException if the name is taken or not a name
     * @throws IllegalStateException if the system is closed
     */
    public <M> ActorRef<M> spawn(Behavior<M> behavior, String actorName) {
        return spawn(behavior, actorName, SpawnOptions.defaults());
    }

    /**
     * Starts an actor with options.
     *
     * @param <M> its messages
     * @param behavior what it does
     * @param actorName unique among the living actors at the top; no slash
     * @param options dispatcher and mailbox
     * @return its ref
     * @throws IllegalArgumentException if the name is taken or not a name
     * @throws IllegalStateException if the system is closed
     */
    public <M> ActorRef<M> spawn(Behavior<M> behavior, String actorName, SpawnOptions options) {
        ActorCell<M> cell = create(null, behavior, actorName, options);
        start(cell);
        if (closing.get()) { // since the check in create: the closing thread may have missed it
            cell.tellControl(SystemMessage.Stop.STOP);
        }
        return cell.self();
    }

    /**
     * Stops an actor at the top after the message that it is busy with. Messages waiting in its mailbox become dead
     * letters.
     *
     * @param ref an actor that this system spawned; an actor's child is stopped by its parent
     * @throws IllegalArgumentException if it is not at the top of this system
     */
    public void stop(ActorRef<?> ref) {
        if (!(ref instanceof LocalRef<?> local) || local.cell.system() != this || !local.cell.isTopLevel()) {
            throw new IllegalArgumentException(Objects.requireNonNull(ref, "ref")
                            .path() + " is not at the top of system " + name + "; its parent stops it");
        }
        local.cell.tellControl(SystemMessage.Stop.STOP);
    }

    /**
     * Tells when an actor has stopped: then its name may be taken again.
     *
     * @param ref an actor of this system
     * @return completed by the actor's last turn, or already. Dependent actions run in that turn and must not block: use the
     *     async forms
     * @throws IllegalArgumentException if it is no actor of this system
     */
    public CompletableFuture<Void> whenStopped(ActorRef<?> ref) {
        ActorCell<?> cell = ActorCell.of(ref, this)
                .orElseThrow(() -> new IllegalArgumentException(ref.path() + " is no actor of system " + name));
        CompletableFuture<Void> stopped = stops.computeIfAbsent(cell, key -> new CompletableFuture<>());
        if (cells.get(cell.path()) != cell) { // its last turn may have looked before
            stops.remove(cell);
            stopped.complete(null);
        }
        return stopped.copy();
    }

    /**
     * Puts a question to an actor and waits for the answer without blocking.
     *
     * @param <M> the messages of the target
     * @param <R> the answer
     * @param target whom to ask
     * @param question makes the message from the ref that takes the answer
     * @param timeout how long to wait for the answer
     * @return the answer; or {@link AskTimeoutException}, also if the target fails while it handles the question; or
     *     {@link ActorStoppedException}, at once, if the question becomes a dead letter, because the target has stopped, stops
     *     before it comes to it, is full, does not handle it or is out of reach, or when the system closes
     */
    public <M, R> CompletableFuture<R> ask(
            ActorRef<M> target, Function<? super ActorRef<R>, ? extends M> question, Duration timeout) {
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(question, "question");
        if (Objects.requireNonNull(timeout, "timeout").isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("an ask timeout of " + timeout + " is not positive");
        }
        AskRef<R> ask = new AskRef<>(path("$ask-" + askNumbers.incrementAndGet()), target.path());
        M message = Objects.requireNonNull(question.apply(ask), "question made null");
        Question asked = new Question(message);
        asks.add(ask);
        questions.put(asked, ask);
        ask.answer.whenComplete((answer, e) -> {
            questions.remove(asked, ask);
            ask.end();
        });
        try {
            ask.timer = clock.schedule(
                    () -> ask.answer.completeExceptionally(timedOut(target, message, timeout)), Clock.toNanos(timeout));
        } catch (RejectedExecutionException clockStopped) {
            ask.answer.completeExceptionally(closedBeforeAnswer());
            return ask.answer;
        }
        if (!target.tell(message)) {
            ask.answer.completeExceptionally(new ActorStoppedException(
                    target.path() + " refused " + message.getClass().getName()));
        } else if (closed.isDone()) { // the closing thread may have missed this ask
            ask.answer.completeExceptionally(closedBeforeAnswer());
        }
        return ask.answer;
    }

    /** Nobody will answer a question that has become a dead letter. */
    private void failAsk(DeadLetter letter) {
        AskRef<?> ask =
                letter.reason() == DeadLetter.Reason.LATE_REPLY ? null : questions.get(new Question(letter.message()));
        if (ask != null && ask.target.equals(letter.recipient())) { // or it was passed on, and another may answer
            String why = switch (letter.reason()) {
                case FULL -> "its mailbox is full";
                case UNHANDLED -> "its behavior does not handle it";
                case UNREACHABLE -> "its node is gone or cannot be reached";
                default -> "it has stopped";
            };
            ask.answer.completeExceptionally(new ActorStoppedException(letter.recipient() + " did not take "
                    + letter.message().getClass().getName() + ": " + why));
        }
    }

    private AskTimeoutException timedOut(ActorRef<?> target, Object message, Duration timeout) {
        String waiting = inspect(target)
                .map(status -> status.depth() + " messages wait there")
                .orElse(target instanceof RemoteRef<?> ? "it is on another node" : "it has stopped");
        return new AskTimeoutException(target.path() + " did not answer "
                + message.getClass().getName() + " within " + timeout + "; " + waiting);
    }

    private ActorStoppedException closedBeforeAnswer() {
        return new ActorStoppedException("system " + name + " closed before the answer");
    }

    /**
     * Finds a living actor.
     *
     * @param actorPath as {@link ActorRef#path()} gives it, or without the system's name
     * @return its ref
     */
    public Optional<ActorRef<?>> lookup(String actorPath) {
        String root = "/" + name + "/";
        String absolute = Objects.requireNonNull(actorPath, "actorPath").startsWith(root)
                ? actorPath
                : root + (actorPath.startsWith("/") ? actorPath.substring(1) : actorPath);
        return Optional.ofNullable(cells.get(absolute)).map(ActorCell::self);
    }

    /** {@return the paths of all living actors, in no order} */
    public List<String> actors() {
        return List.copyOf(cells.keySet());
    }

    /**
     * Looks at an actor's mailbox from outside.
     *
     * @param ref the actor
     * @return what waits there; nothing if the actor is not of this system or has stopped
     */
    public Optional<MailboxStatus> inspect(ActorRef<?> ref) {
        return ActorCell.of(ref, this).filter(cell -> !cell.inbox().isClosed()).map(cell -> {
            Mailbox mailbox = cell.inbox().mailbox();
            return new MailboxStatus(mailbox.depth(), Duration.ofNanos(mailbox.oldestAgeNanos(clock.nanoTime())));
        });
    }

    /**
     * Hears of every dead letter from now on, also of those that do no harm ({@link ControlMessage#expendable()}) and are not
     * logged.
     *
     * @param subscriber called by whichever thread refuses or drops the message; must not block
     * @return ends the subscription
     */
    public Subscription subscribeDeadLetters(Consumer<? super DeadLetter> subscriber) {
        return deadLetters.subscribe(Objects.requireNonNull(subscriber, "subscriber"));
    }

    /**
     * Makes a dead letter of a message that somebody had for an actor and could not tell it.
     *
     * @param message the message
     * @param recipient the actor it was meant for
     * @param reason why it was not told
     */
    public void deadLetter(Object message, ActorRef<?> recipient, DeadLetter.Reason reason) {
        deadLetters.publish(
                Objects.requireNonNull(message, "message"), recipient.path(), Objects.requireNonNull(reason, "reason"));
    }

    /**
     * Hears of every start, failure, restart and stop from now on.
     *
     * @param subscriber called in the turn of the actor concerned; must not block
     * @return ends the subscription
     */
    public Subscription subscribeLifecycle(Consumer<? super LifecycleEvent> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        Consumer<LifecycleEvent> own = subscriber::accept; // one subscriber may subscribe twice
        lifecycleSubscribers.add(own);
        return () -> lifecycleSubscribers.remove(own);
    }

    /** {@return the clock that the system lives by} */
    public Clock clock() {
        return clock;
    }

    /** {@return how its threads sleep} */
    public Parker parker() {
        return parker;
    }

    /** {@return its source of randomness} */
    public RandomGenerator random() {
        return random;
    }

    /** {@return how threads wait on its streams, unless a stream says otherwise} */
    public WaitStrategy waitStrategy() {
        return waitStrategy;
    }

    /** Closes the system and waits up to 10 seconds; what it leaves behind is logged. */
    @Override
    public void close() {
        ShutdownReport report = close(CLOSE_TIMEOUT);
        if (!report.clean()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "system {0} closed, but these did not stop: {1}",
                    name,
                    report.unfinished());
        }
    }

    /**
     * Stops every actor, in no order, then the threads. A stream that is open ends as if the actor of it that stops first
     * had been stopped by itself: cancelled, or its producer lost. Called again, it waits for the first call's end. A call
     * from within an actor's turn does not wait. An interrupt does not cut the wait short, and is kept.
     *
     * @param timeout one deadline for all of it
     * @return what was left behind
     */
    public ShutdownReport close(Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        boolean inTurn = Lane.isInTurn();
        if (!closing.compareAndSet(false, true)) {
            return inTurn && !closed.isDone() ? new ShutdownReport(Duration.ZERO, actors(), 0) : closed.join();
        }
        if (inTurn) {
            Thread thread = new Thread(() -> finishClosing(timeout), name + "-close");
            thread.setDaemon(true);
            thread.start();
            return new ShutdownReport(Duration.ZERO, actors(), 0);
        }
        finishClosing(timeout);
        return closed.join();
    }

    private void finishClosing(Duration timeout) {
        long begin = clock.nanoTime();
        long lettersBefore = deadLetters.count();
        boolean interrupted = false;
        try {
            closer = Thread.currentThread();
            for (ActorCell<?> cell : cells.values()) {
                if (cell.isTopLevel()) {
                    cell.tellControl(SystemMessage.Stop.STOP);
                }
            }
            interrupted = awaitEnd(begin + Clock.toNanos(timeout));
            if (!cells.isEmpty()) {
                runStuckLanes();
            }
        } finally {
            closer = null;
            List<String> unfinished = List.copyOf(cells.keySet());
            dispatchers.forEach(Dispatcher::close);
            if (clock instanceof SystemClock own) {
                own.close();
            }
            deadLetters.flush();
            closed.complete(new ShutdownReport(
                    Duration.ofNanos(clock.nanoTime() - begin), unfinished, deadLetters.count() - lettersBefore));
            for (AskRef<?> ask : asks) { // after closed is set: an ask put since looks at it
                ask.answer.completeExceptionally(closedBeforeAnswer());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until no actor lives; true if the thread was interrupted meanwhile, which does not cut the wait short. */
    private boolean awaitEnd(long deadline) {
        boolean interrupted = false;
        while (living.get() > 0) {
            boolean ran = false;
            for (Dispatcher stepped : dispatchers) {
                ran |= stepped.runOne();
            }
            long left = deadline - clock.nanoTime();
            if (left <= 0) {
                break;
            }
            if (!ran) {
                parker.park(this, left);
                interrupted |= Thread.interrupted();
            }
        }
        return interrupted;
    }

    /**
     * After the deadline: actors whose dispatcher has no thread left for them are ended on this one, so that nobody who
     * waits for them hangs. Those that are busy are left alone.
     */
    private void runStuckLanes() {
        boolean progress = true;
        for (int pass = 0; progress && pass < STUCK_PASSES; pass++) {
            progress = false;
            for (ActorCell<?> cell : cells.values()) {
                progress |= cell.lane().runIfStuck();
            }
        }
    }

    // ---- for cells

    DeadLetters deadLetters() {
        return deadLetters;
    }

    <M> ActorCell<M> create(ActorCell<?> parent, Behavior<M> behavior, String actorName, SpawnOptions options) {
        Objects.requireNonNull(behavior, "behavior");
        Objects.requireNonNull(options, "options");
        if (behavior instanceof MarkerBehavior<M> marked && marked.marker().isRelative()) {
            throw new IllegalArgumentException(marked.marker() + " is no behavior to begin with: it answers a message");
        }
        checkName(actorName);
        if (closing.get() && parent == null) {
            throw new IllegalStateException("system " + name + " is closed; " + actorName + " was not spawned");
        }
        String path = parent == null ? path(actorName) : parent.path() + "/" + actorName;
        if (cells.containsKey(path)) {
            throw nameTaken(path);
        }
        Lane shared = options.wantsOwnLane() ? null : laneOfMate(behavior, options);
        Dispatcher chosen = options.dispatcher().orElse(dispatcher);
        if (dispatchers.add(chosen) && closing.get()) {
            chosen.close();
        }
        Lane lane = shared != null ? shared : new Lane(chosen, path, clock, throughput);
        ActorCell<M> cell = new ActorCell<>(this, parent, path, actorName, behavior, lane, options.mailboxCapacity());
        cell.inbox().mailbox().offerControl(SystemMessage.Start.START);
        if (cells.putIfAbsent(path, cell) != null) { // before the lane has it: it may run, and even stop, at once
            lane.discardIfUnused();
            throw nameTaken(path);
        }
        living.incrementAndGet();
        if (!lane.add(cell, shared == null)) { // the last actor of the mate's lane has just ended
            cells.remove(path, cell);
            cell.inbox().abandon();
            ended(cell);
            return create(parent, behavior, actorName, options.ownLane());
        }
        return cell;
    }

    private static IllegalArgumentException nameTaken(String path) {
        return new IllegalArgumentException(
                "the name " + path + " is taken; if that actor is about to stop, whenStopped(ref) tells when it has");
    }

    void start(ActorCell<?> cell) {
        cell.lane().schedule();
    }

    private Lane laneOfMate(Behavior<?> behavior, SpawnOptions options) {
        Behavior<?> todo = behavior;
        while (todo instanceof SupervisedBehavior<?> supervised) {
            todo = supervised.inner();
        }
        if (todo instanceof AlongsideBehavior<?> alongside
                && alongside.mate() instanceof LocalRef<?> mate
                && mate.cell.system() == this
                && !mate.cell.inbox().isClosed()
                && options.dispatcher()
                        .map(chosen -> chosen == mate.cell.lane().chosenDispatcher())
                        .orElse(true)) {
            return mate.cell.lane();
        }
        return null;
    }

    void removed(ActorCell<?> cell) {
        cells.remove(cell.path(), cell);
    }

    /** An actor has ended, and all who wanted to know it have been told. */
    void ended(ActorCell<?> cell) {
        CompletableFuture<Void> awaited = stops.remove(cell);
        if (awaited != null) {
            awaited.complete(null);
        }
        if (living.decrementAndGet() == 0) {
            Thread waiting = closer;
            if (waiting != null) {
                parker.unpark(waiting);
            }
        }
    }

    void lifecycle(ActorRef<?> ref, LifecycleEvent.Kind kind, Throwable failure) {
        if (lifecycleSubscribers.isEmpty()) {
            return;
        }
        LifecycleEvent event = new LifecycleEvent(ref, kind, Optional.ofNullable(failure));
        for (Consumer<? super LifecycleEvent> subscriber : lifecycleSubscribers) {
            try {
                subscriber.accept(event);
            } catch (Throwable e) {
                report("a subscriber to lifecycle events failed", e);
            }
        }
    }

    void report(String text, Throwable failure) {
        LOG.log(System.Logger.Level.WARNING, text, failure);
    }

    private String path(String actorName) {
        return "/" + name + "/" + actorName;
    }

    private static String checkName(String text) {
        if (Objects.requireNonNull(text, "name").isBlank() || text.indexOf('/') >= 0) {
            throw new IllegalArgumentException("'" + text + "' is not a name: it is blank or has a slash");
        }
        return text;
    }

    /** The message of an ask, by its identity: it may equal another. */
    private record Question(Object message) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Question question && question.message == message;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(message);
        }
    }

    /** Takes the answer to one question. */
    private final class AskRef<R> implements ActorRef<R> {
        private final String path;
        private final String target; // the path of whom was asked
        private final CompletableFuture<R> answer = new CompletableFuture<>();

        // written: the asking thread, once, volatile; read: whoever ends the ask
        private volatile Clock.Task timer;

        AskRef(String path, String target) {
            this.path = path;
            this.target = target;
        }

        @Override
        public boolean tell(R message) {
            if (answer.complete(Objects.requireNonNull(message, "message"))) {
                return true;
            }
            deadLetters.publish(message, path, DeadLetter.Reason.LATE_REPLY);
            return false;
        }

        void end() {
            asks.remove(this);
            Clock.Task scheduled = timer;
            if (scheduled != null) {
                scheduled.cancel();
            }
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

    /** Puts a system together. Every part has a default. */
    public static final class Builder {
        private final String name;
        private Dispatcher dispatcher;
        private Clock clock;
        private Parker parker = Parker.system();
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        private WaitStrategy waitStrategy = WaitStrategy.backoff();
        private int throughput = 64;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets what runs actors that choose no dispatcher.
         *
         * @param chosen the dispatcher, closed by this system
         * @return this
         */
        public Builder dispatcher(Dispatcher chosen) {
            dispatcher = Objects.requireNonNull(chosen, "dispatcher");
            return this;
        }

        /**
         * Sets the time to live by.
         *
         * @param chosen the clock
         * @return this
         */
        public Builder clock(Clock chosen) {
            clock = Objects.requireNonNull(chosen, "clock");
            return this;
        }

        /**
         * Sets how threads sleep.
         *
         * @param chosen the parker
         * @return this
         */
        public Builder parker(Parker chosen) {
            parker = Objects.requireNonNull(chosen, "parker");
            return this;
        }

        /**
         * Sets the source of randomness.
         *
         * @param chosen the source; safe for any thread, unless all actors run on one
         * @return this
         */
        public Builder random(RandomGenerator chosen) {
            random = Objects.requireNonNull(chosen, "random");
            return this;
        }

        /**
         * Sets how threads wait on streams that choose no strategy.
         *
         * @param chosen the strategy
         * @return this
         */
        public Builder waitStrategy(WaitStrategy chosen) {
            waitStrategy = Objects.requireNonNull(chosen, "waitStrategy");
            return this;
        }

        /**
         * Sets how many data messages an actor may process in one turn before others have theirs; 64 unless set.
         *
         * @param messages at least 1
         * @return this
         */
        public Builder throughput(int messages) {
            if (messages < 1) {
                throw new IllegalArgumentException("a throughput of " + messages + " messages a turn is less than 1");
            }
            throughput = messages;
            return this;
        }

        /** {@return the system} */
        public ActorSystem build() {
            return new ActorSystem(this);
        }
    }
}
