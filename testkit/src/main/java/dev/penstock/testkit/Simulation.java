package dev.penstock.testkit;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.AskTimeoutException;
import dev.penstock.actor.Clock;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.Parker;
import dev.penstock.actor.WaitStrategy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A whole actor system on the calling thread: a seed decides in which order its turns run, and its time is virtual.
 *
 * <pre>{@code
 * Simulation.explore(1_000, simulation -> {
 *     var producer = simulation.system().spawn(StreamProducer.<String>create(1), "producer");
 *     var consumer = simulation.system().spawn(StreamConsumer.create(producer, 1), "consumer");
 *     SinkRef<String> sink = simulation.ask(producer, GetSink<String>::new);
 *     SourceRef<String> source = simulation.ask(consumer, GetSource<String>::new);
 *     simulation.script(
 *             "putter",
 *             () -> Progress.doneIf(sink.tryPut("a") == PutResult.ACCEPTED),
 *             () -> Progress.doneIf(sink.tryPut("b") == PutResult.ACCEPTED),
 *             () -> {
 *                 sink.complete();
 *                 return Progress.DONE;
 *             });
 *     assertEquals(List.of("a", "b"), source.stream().toList());
 * });
 * }</pre>
 *
 * <p>What is ready, a turn of an actor or an attempt of a scripted thread, is run one at a time, each whole, picked at
 * random. The same seed gives the same run, as long as the scenario itself is deterministic: no other threads, no other
 * randomness, no hash order of objects without a hash code of their own. Time passes only when nothing is ready, then at
 * once to the next timer; timers due at one moment compete with each other, and with the turns that they make ready.
 * A schedule is data: {@link #picks()} tells it, {@link #replaying} plays it again, or a shorter one.
 *
 * <p>Other threads of a program appear in one of two ways. {@linkplain #loop Scripted}: as attempts that do not block.
 * Or the test's own thread plays one of them and simply blocks, in {@code SinkRef.put} or in a {@code for} loop over a
 * {@code SourceRef}: wherever the runtime would park the thread, the simulation runs what is ready instead; if nobody
 * will ever wake it, that is an {@link AssertionError}. Waits of another kind, such as {@code CompletableFuture.join},
 * block for good: use {@link #await}. So do wait strategies that never park. Actors on a dispatcher of their own are not
 * part of the simulation.
 *
 * <p>For the thread that made it; every error names the seed.
 */
public final class Simulation implements AutoCloseable {

    /** The system property that has {@link #explore} run one seed only: {@value}. */
    public static final String SEED_PROPERTY = "penstock.seed";

    private static final long FOREVER = Long.MAX_VALUE;
    private static final Duration ASK_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final int TRACE_LENGTH = 256;
    private static final int TOLD_LENGTH = 12;

    /** Where a wait is given up: actors that keep each other busy for ever. */
    private static final int STEP_LIMIT = 10_000_000;

    /** How often a script is attempted that would block, while nothing else happens. */
    private static final int ATTEMPTS = 2;

    private final long seed;
    private final SplittableRandom random;
    private final int[] given; // the picks of a schedule that is replayed; null if the seed makes them
    private final long clockOrigin;
    private final Thread owner = Thread.currentThread();
    private final SeededDispatcher dispatcher = new SeededDispatcher();
    private final ActorSystem system;

    // written: any thread, so that strays such as a Cleaner's are safe, if not deterministic; read: the owner
    private final Queue<Ready> arrivals = new ConcurrentLinkedQueue<>();
    private final PriorityBlockingQueue<Timer> timers = new PriorityBlockingQueue<>();
    // written: the owner, volatile; read: any thread. Since the start.
    private volatile long nowNanos;
    // written: the owner, once, volatile; read: any thread
    private volatile boolean closed;

    // Below: the owner only.
    private final List<Ready> ready =
            new ArrayList<>(); // sorted by name: the order of arrival may depend on hash codes
    private final List<Script> scripts = new ArrayList<>();
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private int[] picks = new int[64];
    private int picked; // of picks
    private Consumer<? super String> look = name -> {};
    private long fingerprint;
    private Ready running;
    private boolean permit;
    private boolean systemCloses; // by the owner, who must not be thrown out of it half-way
    private Throwable violation; // found where it could not be thrown

    private Simulation(long seed, String name, int[] given) {
        this.seed = seed;
        this.given = given;
        random = new SplittableRandom(seed);
        clockOrigin = random.nextLong(); // often near an overflow: nanoTime may only be subtracted
        system = ActorSystem.builder(name)
                .dispatcher(dispatcher)
                .clock(new VirtualClock())
                .parker(new SimulatedParker())
                .random(random.split())
                .waitStrategy(WaitStrategy.parking())
                .build();
    }

    /**
     * Begins a simulation.
     *
     * @param seed decides every choice
     * @return the simulation; the calling thread is its owner
     */
    public static Simulation seeded(long seed) {
        return of(seed, "simulation");
    }

    /**
     * Begins a simulation of a system with a name.
     *
     * @param seed decides every choice
     * @param name first part of its actors' paths
     * @return the simulation; the calling thread is its owner
     */
    public static Simulation of(long seed, String name) {
        return new Simulation(seed, name, null);
    }

    /**
     * Begins a simulation whose schedule is given: a list of picks, as {@link #picks()} tells them. A changed list is a
     * schedule too, so a failing one can be shortened and tried again.
     *
     * @param seed decides what is no pick: {@link ActorSystem#random()}, and what time it is at the start
     * @param picks the picks in their order; what is too large for its place is taken modulo the number of what may be
     *     picked there. After the last one each pick is 0, the first of what may be picked
     * @return the simulation; the calling thread is its owner
     */
    public static Simulation replaying(long seed, int... picks) {
        return new Simulation(seed, "simulation", picks.clone());
    }

    /**
     * Runs a scenario with the seeds from 0 up, each in a simulation of its own that is closed after it. With
     * {@code -Dpenstock.seed=4711} runs it with that seed only.
     *
     * @param seeds how many
     * @param scenario what to try
     * @throws AssertionError at the first seed that fails: names it, says what was run last, has the failure as its cause
     */
    public static void explore(int seeds, Scenario scenario) {
        Long only = Long.getLong(SEED_PROPERTY);
        if (only != null) {
            exploreOne(only, scenario);
            return;
        }
        for (long seed = 0; seed < seeds; seed++) {
            exploreOne(seed, scenario);
        }
    }

    private static void exploreOne(long seed, Scenario scenario) {
        Simulation simulation = seeded(seed);
        try (simulation) {
            scenario.run(simulation);
        } catch (Throwable e) {
            throw simulation.failure(
                    simulation.unseeded(e) + "\n  run only this: -D" + SEED_PROPERTY + "=" + seed + "\n  run last: "
                            + simulation.told(),
                    e);
        }
    }

    /** Something to be tried with many seeds. */
    @FunctionalInterface
    public interface Scenario {
        /**
         * Plays the scenario.
         *
         * @param simulation a fresh one
         * @throws Throwable if it fails
         */
        void run(Simulation simulation) throws Throwable;
    }

    /** One attempt of a scripted thread. Must not block: {@code tryPut(e)} and {@code poll(Duration.ZERO)} do not. */
    @FunctionalInterface
    public interface Step {
        /**
         * Tries once.
         *
         * @return how it went
         * @throws Exception fails the simulation
         */
        Progress attempt() throws Exception;
    }

    /** {@return the system, to spawn actors in. Close the simulation rather than the system, unless that is the test} */
    public ActorSystem system() {
        return system;
    }

    /** {@return what decides every choice} */
    public long seed() {
        return seed;
    }

    /** {@return how much virtual time has passed since the start} */
    public Duration elapsed() {
        return Duration.ofNanos(nowNanos);
    }

    /** {@return what was run, oldest first: the last 256 turns (by the path of their actor), attempts and timers} */
    public List<String> trace() {
        return List.copyOf(trace);
    }

    /** {@return a hash of all that was run, in its order and with its times; equal for equal runs} */
    public long fingerprint() {
        return fingerprint;
    }

    /**
     * {@return the schedule so far: for each choice, which one was picked of what could be. Where there was but one there
     * is no choice}
     */
    public int[] picks() {
        return Arrays.copyOf(picks, picked);
    }

    /**
     * Has something looked at after each turn, attempt and timer. What it throws fails the simulation.
     *
     * @param observer told what was run, by the name that {@link #trace()} shows; replaces the one before. Must not run
     *     the simulation
     * @return this
     */
    public Simulation afterEach(Consumer<? super String> observer) {
        look = Objects.requireNonNull(observer, "observer");
        return this;
    }

    // ---- scripted threads

    /**
     * Adds a scripted thread that does one thing again and again.
     *
     * @param name shown in traces and errors
     * @param step attempted whenever its turn comes, until it has {@linkplain Progress#FINISHED finished}
     * @return this
     */
    public Simulation loop(String name, Step step) {
        scripts.add(new Script(name, Objects.requireNonNull(step, "step")));
        return this;
    }

    /**
     * Adds a scripted thread that does several things, one after the other.
     *
     * @param name shown in traces and errors
     * @param steps each is attempted until it is done; {@link Progress#FINISHED} leaves out the rest
     * @return this
     */
    public Simulation script(String name, Step... steps) {
        Iterator<Step> rest = List.of(steps).iterator();
        return loop(name, new Step() {
            private Step current = () -> Progress.DONE;

            @Override
            public Progress attempt() throws Exception {
                Progress progress = current.attempt();
                if (progress != Progress.DONE) {
                    return progress;
                }
                if (!rest.hasNext()) {
                    return Progress.FINISHED;
                }
                current = rest.next();
                return Progress.DONE;
            }
        });
    }

    // ---- running

    /**
     * Runs one thing that is ready, picked at random.
     *
     * @return false if nothing was ready
     */
    public boolean step() {
        checkCaller();
        throwViolation();
        Ready next = choose();
        if (next == null) {
            return false;
        }
        perform(next);
        return true;
    }

    /** Runs until nothing is ready. Time stands still. Scripts may be left that wait. */
    public void runUntilIdle() {
        runUntil(() -> false, nowNanos);
    }

    /**
     * Runs until all scripts have finished, then until nothing is ready. Time passes when nothing is ready.
     *
     * @throws AssertionError if scripts wait and nothing will ever happen
     */
    public void run() {
        if (!runUntil(scripts::isEmpty, FOREVER)) {
            throw failure("deadlock: nothing is ready, no timer is left, and these wait: " + waiting(), null);
        }
        runUntilIdle();
    }

    /**
     * Lets time pass: fires the timers in their order, and after each moment runs until nothing is ready.
     *
     * @param time how much
     */
    public void advance(Duration time) {
        runUntil(() -> false, after(time.toNanos()));
    }

    /**
     * Lets time pass without running anything, as on a machine that stood still: the timers that came due are ready, in
     * no order, beside whatever was ready before.
     *
     * @param time how much
     */
    public void skip(Duration time) {
        checkCaller();
        setNow(after(time.toNanos()));
    }

    /**
     * Puts a question to an actor and runs until it is answered.
     *
     * @param <M> the messages of the target
     * @param <R> the answer
     * @param target whom to ask
     * @param question makes the message from the ref that takes the answer
     * @return the answer
     * @throws AssertionError if there is none within a minute of virtual time
     * @throws CompletionException if the question was refused
     */
    public <M, R> R ask(ActorRef<M> target, Function<? super ActorRef<R>, ? extends M> question) {
        try {
            return await(system.<M, R>ask(target, question, ASK_TIMEOUT));
        } catch (CompletionException e) {
            if (e.getCause() instanceof AskTimeoutException) {
                throw failure(e.getCause().getMessage(), e.getCause());
            }
            throw e;
        }
    }

    /**
     * Runs until a future is done. Time passes when nothing is ready.
     *
     * @param <T> its result
     * @param future completed by what the simulation runs
     * @return the result
     * @throws AssertionError if it will never be done
     * @throws CompletionException if it failed, or was cancelled; has the failure as its cause
     */
    public <T> T await(Future<T> future) {
        if (!runUntil(future::isDone, FOREVER)) {
            throw failure(
                    "the future will never be done: nothing is ready, and no timer is left" + alsoWaiting(), null);
        }
        boolean interrupted = Thread.interrupted(); // the future is done: nobody waits
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new CompletionException(text("the future failed: " + e.getCause()), e.getCause());
        } catch (InterruptedException | java.util.concurrent.CancellationException e) {
            throw new CompletionException(text("the future was cancelled"), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Makes an actor that writes down what it is told.
     *
     * @param <M> what it accepts
     * @param name its name in {@link #system()}
     * @return the probe
     */
    public <M> MessageProbe<M> probe(String name) {
        return MessageProbe.create(system, name);
    }

    /**
     * Drops the scripts, stops every actor, running what is ready, and closes the system.
     *
     * @throws AssertionError if an actor does not stop within ten seconds of virtual time
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        scripts.clear();
        List<String> left = List.of();
        Throwable found = violation;
        violation = null;
        try {
            // Not by the system itself: had a turn closed it, this thread would wait for one that waits for this one.
            for (String path : system.actors().stream().sorted().toList()) {
                if (path.lastIndexOf('/') == system.name().length() + 1) {
                    system.lookup(path).ifPresent(system::stop);
                }
            }
            runUntil(() -> system.actors().isEmpty(), after(CLOSE_TIMEOUT.toNanos()));
            left = system.actors();
        } finally {
            system.close(CLOSE_TIMEOUT);
            closed = true;
            violation = found != null ? found : violation;
        }
        throwViolation();
        if (!left.isEmpty()) {
            throw failure("these actors did not stop: " + left, null);
        }
    }

    // ---- for the probes

    /** The simulation that a system belongs to; null if it lives in real time. */
    static Simulation owning(ActorSystem system) {
        return system.parker() instanceof SimulatedParker simulated ? simulated.simulation() : null;
    }

    /**
     * Runs, letting time pass when nothing is ready, until the condition holds or the moment has come and nothing is ready;
     * false in the second case, or if nothing will ever happen.
     */
    boolean runUntil(BooleanSupplier condition, long deadline) {
        checkCaller();
        throwViolation();
        return proceedUntil(condition, deadline);
    }

    private boolean proceedUntil(BooleanSupplier condition, long deadline) {
        for (int steps = 0; !condition.getAsBoolean(); steps++) {
            if (steps == STEP_LIMIT) {
                throw failure("no end after " + steps + " steps; run last: " + told() + alsoWaiting(), null);
            }
            Ready next = choose();
            if (next != null) {
                perform(next);
            } else if (!passTime(deadline)) {
                return false;
            }
        }
        return true;
    }

    /** The moment that much later. */
    long after(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("time does not run backwards by " + -nanos + " ns");
        }
        long moment = nowNanos + nanos;
        return moment < 0 ? FOREVER : moment;
    }

    AssertionError failure(String what, Throwable cause) {
        return new AssertionError(text(what), cause);
    }

    /** Has the step that is being run fail. */
    void violated(Throwable what) {
        if (violation == null) {
            violation = what;
        }
    }

    // ---- choosing

    private Ready choose() {
        for (Ready arrived = arrivals.poll(); arrived != null; arrived = arrivals.poll()) {
            insert(arrived);
        }
        for (Timer next = timers.peek(); next != null && next.at <= nowNanos; next = timers.peek()) {
            insert(timers.remove());
        }
        List<Script> offered = running == null ? offeredScripts() : List.of();
        int count = ready.size() + offered.size();
        if (count == 0) {
            return null;
        }
        int pick = pick(count);
        return pick < ready.size() ? ready.remove(pick) : offered.get(pick - ready.size());
    }

    /** Picks one of so many. */
    private int pick(int count) {
        if (count == 1) {
            return 0;
        }
        int pick =
                given == null ? random.nextInt(count) : picked < given.length ? Math.floorMod(given[picked], count) : 0;
        if (picked == picks.length) {
            picks = Arrays.copyOf(picks, 2 * picked);
        }
        picks[picked++] = pick;
        return pick;
    }

    private void insert(Ready arrived) {
        int index = Collections.binarySearch(ready, arrived, Comparator.comparing(each -> each.name));
        ready.add(index < 0 ? -index - 1 : index, arrived);
    }

    /** Those not yet attempted since something happened; then, if all else waits, the same once more. */
    private List<Script> offeredScripts() {
        for (int attempts = 0; attempts < ATTEMPTS; attempts++) {
            List<Script> offered = new ArrayList<>(scripts.size());
            for (Script script : scripts) {
                if (script.attempts <= attempts) {
                    offered.add(script);
                }
            }
            if (!offered.isEmpty() || !ready.isEmpty()) {
                return offered;
            }
        }
        return List.of();
    }

    private void perform(Ready chosen) {
        Ready outer = running;
        running = chosen;
        trace.addLast(chosen.name);
        if (trace.size() > TRACE_LENGTH) {
            trace.removeFirst();
        }
        fingerprint = (fingerprint ^ chosen.name.hashCode() ^ (nowNanos << 20)) * 0x9E3779B97F4A7C15L + 1;
        boolean interrupted = Thread.interrupted(); // the one that waits is, not the turn or script
        try {
            chosen.run();
            look.accept(chosen.name);
        } catch (Throwable e) {
            if (e != violation) {
                violated(failure(chosen.name + " failed: " + unseeded(e), e));
            }
        } finally {
            running = outer;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        if (outer == null && !systemCloses) {
            throwViolation();
        }
    }

    private void somethingHappened() {
        for (Script script : scripts) {
            script.attempts = 0;
        }
    }

    /** Goes on to the next timer, or to the deadline if that is earlier; false if there is neither. */
    private boolean passTime(long deadline) {
        Timer next = timers.peek();
        if (next != null && next.at <= deadline && next.at != FOREVER) {
            setNow(next.at);
            return true;
        }
        if (deadline == FOREVER || deadline <= nowNanos) {
            return false;
        }
        setNow(deadline);
        return true;
    }

    private void setNow(long moment) {
        if (moment > nowNanos) {
            nowNanos = moment;
            somethingHappened();
        }
    }

    private void checkCaller() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException(text("belongs to the thread " + owner.getName()));
        }
        if (running != null) {
            throw blocks();
        }
    }

    /** A turn or an attempt may not run the simulation that runs it. */
    private IllegalStateException blocks() {
        IllegalStateException e = new IllegalStateException(text(running.name
                + " blocks; an actor must not, and a script tries without waiting: tryPut(e), poll(Duration.ZERO)"));
        violated(e); // should it be swallowed there
        return e;
    }

    private void throwViolation() {
        Throwable found = violation;
        violation = null;
        if (found instanceof Error error) {
            throw error;
        } else if (found instanceof RuntimeException exception) {
            throw exception;
        }
    }

    // ---- words

    private String text(String what) {
        return "seed " + seed + ": " + what;
    }

    private String unseeded(Throwable e) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith(text("")) ? message.substring(text("").length()) : e.toString();
    }

    private List<String> waiting() {
        return scripts.stream().map(script -> script.name).toList();
    }

    private String alsoWaiting() {
        return scripts.isEmpty() ? "" : "; these wait: " + waiting();
    }

    private List<String> told() {
        return trace.stream().skip(Math.max(0, trace.size() - TOLD_LENGTH)).toList();
    }

    // ---- the parts

    /** Something that can be run. */
    private abstract static class Ready {
        final String name;

        Ready(String name) {
            this.name = name;
        }

        abstract void run() throws Exception;
    }

    private final class Turn extends Ready {
        private final Runnable turn;

        Turn(String lane, Runnable turn) {
            super(lane);
            this.turn = turn;
        }

        @Override
        void run() {
            somethingHappened();
            turn.run();
        }
    }

    private final class Script extends Ready {
        private final Step step;
        private int attempts; // since something happened

        Script(String name, Step step) {
            super(name);
            this.step = step;
        }

        @Override
        void run() throws Exception {
            Progress progress = Progress.FINISHED; // also if it throws
            try {
                progress = step.attempt();
            } finally {
                attempts++;
                if (progress != Progress.AGAIN) {
                    somethingHappened();
                }
                if (progress == Progress.FINISHED) {
                    scripts.remove(this);
                }
            }
        }
    }

    private final class Timer extends Ready implements Clock.Task, Comparable<Timer> {
        private final long at;
        private final Runnable task;
        private volatile boolean cancelled;

        Timer(long at, Runnable task) {
            super("timer " + Duration.ofNanos(at));
            this.at = at;
            this.task = task;
        }

        @Override
        void run() {
            if (!cancelled) {
                somethingHappened();
                task.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (!timers.remove(this) && Thread.currentThread() == owner) {
                ready.remove(this);
            }
        }

        @Override
        public int compareTo(Timer other) {
            return Long.compare(at, other.at);
        }
    }

    private final class VirtualClock implements Clock {
        @Override
        public long nanoTime() {
            return clockOrigin + nowNanos;
        }

        @Override
        public Task schedule(Runnable task, long delayNanos) {
            Timer timer = new Timer(after(Math.max(0, delayNanos)), task);
            timers.add(timer);
            return timer;
        }
    }

    /** Keeps turns until they are chosen. */
    private final class SeededDispatcher implements Dispatcher {
        @Override
        public Dispatcher forLane(String name) {
            return turn -> {
                if (closed) {
                    throw new RejectedExecutionException("the simulation is closed");
                }
                arrivals.add(new Turn(name, turn));
            };
        }

        @Override
        public void execute(Runnable turn) {
            forLane("?").execute(turn);
        }

        /** For a system that is being closed by the owner, or by a script. */
        @Override
        public boolean runOne() {
            if (Thread.currentThread() != owner || running instanceof Turn) {
                return false;
            }
            systemCloses = true;
            try {
                Ready next = choose();
                if (next != null) {
                    perform(next);
                }
                return next != null;
            } finally {
                systemCloses = false;
            }
        }
    }

    /** The owner never sleeps: while it would, others run. */
    private final class SimulatedParker implements Parker {
        /** One in so many parks ends for no reason, as real ones may. */
        private static final int SPURIOUS = 8;

        @Override
        public void park(Object blocker, long timeoutNanos) {
            if (Thread.currentThread() != owner) { // a system closed by a turn has a thread of its own for it
                Parker.system().park(blocker, timeoutNanos);
                return;
            }
            boolean closes = blocker == system;
            if (running != null && !closes) {
                throw blocks();
            }
            if (!permit && pick(SPURIOUS) < SPURIOUS - 1) {
                long deadline = timeoutNanos == FOREVER ? FOREVER : after(Math.max(0, timeoutNanos));
                systemCloses = closes;
                try {
                    // When the time is over, before or after what else is due at that moment.
                    boolean woken = proceedUntil(
                            () -> permit || owner.isInterrupted() || (nowNanos >= deadline && pick(2) == 1), deadline);
                    if (!woken && deadline == FOREVER) {
                        throw failure(
                                "nobody will wake the thread that waits in " + blocker
                                        + ": nothing is ready, and no timer is left" + alsoWaiting(),
                                null);
                    }
                } finally {
                    systemCloses = false;
                }
            }
            permit = false;
        }

        @Override
        public void unpark(Thread thread) {
            if (thread == owner) {
                permit = true;
            } else {
                Parker.system().unpark(thread);
            }
        }

        Simulation simulation() {
            return Simulation.this;
        }
    }
}
