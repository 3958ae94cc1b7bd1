package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.actor.LifecycleEvent;
import dev.penstock.actor.ShutdownReport;
import dev.penstock.actor.WaitStrategy;
import dev.penstock.stream.Push;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One system with some streams, on real threads: runs them, lets faults happen, and sees that everything comes to its end. */
final class SoakRound {

    private static final int POOL_THREADS = 3;

    /** How the actors of a round run. */
    private enum Dispatching {
        POOL,
        PINNED,
        DIRECT,
        EXECUTOR,
        VIRTUAL_THREADS
    }

    private final long seed;
    private final String name;
    private final Selection selection;
    private final Watchdog watchdog;
    private final Leaks leaks;
    private final SplittableRandom random;
    private final Dispatching dispatching;
    private final boolean virtualWorkers;
    private final boolean closes; // at some moment before the streams are over
    private final ExecutorService executor;
    private final ActorSystem system;
    private final SoakCrew crew;
    private final List<SoakStream> streams = new ArrayList<>();

    private final List<Worker> workers = new ArrayList<>(); // the round's thread only
    private final Set<Thread> turned = ConcurrentHashMap.newKeySet(); // threads that ran a turn
    private final Set<ActorRef<?>> actors = ConcurrentHashMap.newKeySet(); // started and not stopped
    private final Queue<String> breaches = new ConcurrentLinkedQueue<>();
    private final Map<Fault, Integer> faults = new ConcurrentHashMap<>();
    private volatile boolean closing;

    SoakRound(long seed, Selection selection, Watchdog watchdog, Leaks leaks) {
        this.seed = seed;
        this.selection = selection;
        this.watchdog = watchdog;
        this.leaks = leaks;
        name = "soak" + Long.toUnsignedString(seed, 36);
        random = new SplittableRandom(seed);
        List<Dispatching> choices = new ArrayList<>(List.of(Dispatching.values()));
        if (!Worker.hasVirtualThreads()) {
            choices.remove(Dispatching.VIRTUAL_THREADS);
        }
        dispatching = Selection.one(choices, random);
        virtualWorkers = Worker.hasVirtualThreads() && random.nextInt(4) == 0;
        closes = selection.draws(Fault.CLOSE_SYSTEM, random, 6);
        executor = Executors.newCachedThreadPool(task -> new Thread(task, name + "-executor"));
        system = ActorSystem.builder(name)
                .dispatcher(dispatcher())
                .throughput(random.nextBoolean() ? 64 : 1 + random.nextInt(4))
                .build();
        crew = new SoakCrew(this, random.split());
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            streams.add(new SoakStream(this, name + "-" + i, random.split()));
        }
    }

    private Dispatcher dispatcher() {
        WaitStrategy wait = switch (random.nextInt(4)) {
            case 0 -> WaitStrategy.parking();
            case 1 -> dispatching == Dispatching.VIRTUAL_THREADS ? WaitStrategy.parking() : WaitStrategy.yielding();
            default -> WaitStrategy.backoff();
        };
        return switch (dispatching) {
            case POOL -> Dispatcher.pool(1 + random.nextInt(POOL_THREADS), wait);
            case PINNED -> Dispatcher.pinned(wait);
            case DIRECT -> Dispatcher.direct();
            case EXECUTOR -> Dispatcher.from(executor);
            case VIRTUAL_THREADS -> Dispatcher.virtualThreads(wait);
        };
    }

    // ---- for the others

    String name() {
        return name;
    }

    Selection selection() {
        return selection;
    }

    boolean hasVirtualWorkers() {
        return virtualWorkers;
    }

    ExecutorService executor() {
        return executor;
    }

    boolean isClosing() {
        return closing;
    }

    void breach(String what) {
        breaches.add(what);
    }

    void happened(Fault fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    /** Makes an element; some are followed until they are gone, the last ones in any case. */
    SoakElement element(Tally tally, int number) {
        SoakElement element = new SoakElement(tally, number);
        if (number < 8 || (number & 15) == 0 || tally.size() - number < 8) {
            leaks.follow(element);
        }
        return element;
    }

    /** Starts a thread of this round. */
    Worker start(String title, Worker.Task task) {
        Worker worker = new Worker(title, virtualWorkers && random.nextBoolean(), random.split(), task, this::breach);
        workers.add(worker);
        worker.start(watchdog);
        return worker;
    }

    // ---- the round

    /** Runs the round to its end; answers what was wrong. */
    List<String> run() {
        Map<String, Integer> threadsBefore = Leaks.threads();
        system.subscribeLifecycle(this::on);
        system.subscribeDeadLetters(letter -> {
            if (letter.message() instanceof Push<?> push && push.element() instanceof SoakElement element) {
                element.tally().refused(element.number());
            } else if (letter.message() instanceof SoakCrew.Job job) {
                job.tally().refused(job.number());
            }
        });
        boolean early = closes && random.nextInt(4) == 0; // while the streams are set up
        if (early) {
            long moment = random.nextInt(3_000_000);
            start(name + "-closer", me -> {
                me.rest(moment);
                closeSystem();
            });
        }
        if (crew.setUp(system)) {
            crew.start();
        }
        List<SoakStream> up =
                streams.stream().filter(stream -> stream.setUp(system)).toList();
        up.forEach(SoakStream::start);
        if (!up.isEmpty()) {
            start(name + "-fate", new SoakFate(this, system, crew, up, closes && !early)::run);
        }
        join(up);
        await("the ends of the streams", () -> up.stream().allMatch(SoakStream::isOver));
        if (!closing) {
            await("the actors of the streams", () -> system.actors().stream().allMatch(this::mayLive));
        }
        Watchdog.Watch watch = watchdog.watch(name + ": the end of the system", Thread.currentThread());
        try (watch) {
            closeSystem();
        }
        executor.shutdown(); // a sink that is closed late has cancelled its publisher by now, on a thread of it
        await("the publishers' threads", executor::isTerminated);
        await("the threads of the dispatcher", () -> turned.stream().noneMatch(this::isLeftOver));
        await(
                "the system's other threads",
                () -> Leaks.extraThreads(threadsBefore).isEmpty());
        if (!actors.isEmpty() || !system.actors().isEmpty()) {
            breach("actors live: " + actors + ", " + system.actors());
        }
        await("what dropped readers had in their hands", () -> up.stream().noneMatch(SoakStream::isInHand));
        crew.check();
        up.forEach(SoakStream::check);
        leave(up);
        return List.copyOf(breaches);
    }

    private List<SoakStream> setUp() {
        List<SoakStream> up = new ArrayList<>();
        Watchdog.Watch watch = watchdog.watch(name + ": the beginning", Thread.currentThread());
        try (watch) {
            for (SoakStream stream : streams) {
                if (stream.setUp(system)) {
                    up.add(stream);
                }
                watch.beat();
            }
        }
        return up;
    }

    private void leave(List<SoakStream> up) {
        List<Object> kept = new ArrayList<>();
        List<Object> leaving = new ArrayList<>();
        kept.add(system);
        leaving.add(system);
        up.forEach(stream -> stream.leave(kept, leaving));
        leaks.leave(kept, leaving);
    }

    private void on(LifecycleEvent event) {
        if (event.kind() == LifecycleEvent.Kind.STARTED) {
            actors.add(event.ref());
        } else if (event.kind() == LifecycleEvent.Kind.STOPPED) {
            actors.remove(event.ref());
        }
        turned.add(Thread.currentThread());
    }

    /** Waits for the threads; meanwhile sources that were dropped have to be found by the garbage collector. */
    private void join(List<SoakStream> up) {
        for (Worker worker : workers) {
            while (worker.thread.isAlive()) {
                if (up.stream()
                        .anyMatch(stream -> stream.shape().has(Fault.DROP_SOURCE)
                                && !stream.isOver()
                                && !stream.reader().worker().thread.isAlive())) {
                    System.gc();
                }
                try {
                    worker.thread.join(5);
                } catch (InterruptedException e) {
                    breach("the round's own thread was interrupted");
                }
            }
        }
    }

    /** Waits under the eyes of the watchdog. */
    private void await(String what, BooleanSupplier condition) {
        Watchdog.Watch watch = watchdog.watch(name + ": " + what, Thread.currentThread());
        try (watch) {
            while (!condition.getAsBoolean()) {
                if (streams.stream().anyMatch(stream -> stream.isUp() && (!stream.isOver() || stream.isInHand()))) {
                    System.gc(); // a source that was dropped by the last thread to end
                }
                LockSupport.parkNanos(100_000);
            }
        }
    }

    /** After the streams' ends: the crew, and actors that were restarted. */
    private boolean mayLive(String path) {
        return !path.contains(name + "-") && !path.contains("$publisher")
                || streams.stream()
                        .anyMatch(stream -> stream.isRestarted()
                                && (path.equals(stream.producer().path())
                                        || path.equals(stream.consumer().path())));
    }

    private boolean isLeftOver(Thread thread) {
        return thread.isAlive()
                && thread != Thread.currentThread()
                && !thread.getName().startsWith("Cleaner-");
    }

    /** Any thread, also in a turn. */
    void closeSystem() {
        closing = true;
        ShutdownReport report = system.close(SoakStream.ASK_LIMIT);
        if (!report.clean() && !report.took().isZero()) { // a close in a turn does not wait
            breach("the system closed, and left " + report.unfinished());
        }
    }

    // ---- for the report

    Map<Fault, Integer> faults() {
        return faults;
    }

    int streams() {
        return streams.size();
    }

    long elements() {
        return streams.stream().mapToLong(SoakStream::sum).sum();
    }

    String describe() {
        StringBuilder text = new StringBuilder("round with seed " + seed + ", " + dispatching
                + (virtualWorkers ? ", virtual threads" : "") + (closes ? ", the system closes early" : ""));
        for (SoakStream stream : streams) {
            text.append("\n  ").append(stream);
        }
        return text.toString();
    }
}
