package dev.penstock.stress;

import dev.penstock.actor.ActorContext;
import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import dev.penstock.actor.Terminated;
import dev.penstock.stream.CompleteStream;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.FailStream;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.InputReady;
import dev.penstock.stream.ProducerOptions;
import dev.penstock.stream.Push;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.StreamElement;
import dev.penstock.stream.StreamFailed;
import dev.penstock.stream.StreamProducer;
import dev.penstock.stream.Subscribe;
import dev.penstock.testkit.Progress;
import dev.penstock.testkit.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Plays a scenario in a simulation: spawns its actors, runs its threads, has its mishaps happen, and checks. */
final class SimulatedSystem {

    static final Exception CAUSE = new Exception("the feed failed");

    /** No scenario takes so many steps, unless its actors keep each other busy for ever. */
    private static final int STEP_LIMIT = 100_000;

    private static final Duration ASK_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration LONG = Duration.ofHours(1);

    final Scenario scenario;
    final Simulation simulation;
    final ActorSystem system;
    final Journal journal;
    private final List<LiveStream> all = new ArrayList<>(); // of every generation
    private final List<Set<String>> allowed;
    private List<LiveStream> current = List.of();
    private ActorRef<Consumer<ActorContext<?>>> parent; // null if the actors are at the top
    private int generations;
    private int unfinished;
    private int strangers;
    private int steps;
    private int unanswered;
    private Duration time = Duration.ZERO;
    private Violation found; // where it could not be thrown
    private boolean asleep; // or may be: the sleeper's part is not over

    SimulatedSystem(Scenario scenario, Simulation simulation, Journal journal) {
        this.scenario = scenario;
        this.simulation = simulation;
        this.journal = journal;
        system = simulation.system();
        allowed = Outcomes.of(scenario);
    }

    int steps() {
        return steps;
    }

    /** How each stream ended whose end was given out. */
    List<String> ends() {
        return all.stream().map(LiveStream::end).filter(Objects::nonNull).toList();
    }

    /** Plays it to its end; throws what it finds. */
    void play() {
        journal.begin(this);
        simulation.afterEach(this::afterEach);
        system.subscribeDeadLetters(this::onDeadLetter);
        if (scenario.parent) {
            spawnParent();
        } else {
            current = spawnStreams(system::spawn);
            if (scenario.settled) {
                simulation.runUntilIdle();
            }
        }
        begin(current, scenario.sleeper);
        for (Scenario.MishapPlan mishap : scenario.mishaps) {
            befall(mishap);
        }
        if (scenario.sleeper != null) {
            asleep = true;
            new SleepingThread(this, current.get(scenario.sleeper.stream()), scenario.sleeper).run();
            asleep = false;
            Thread.interrupted();
        }
        runToTheEnd();
        settle();
    }

    private void runToTheEnd() {
        simulation.run();
        if (isUndisturbed() && unanswered == 0) { // a question that an actor leaves behind waits out its time
            Violation.unless(simulation.elapsed().isZero(), "only time helped", simulation::elapsed);
        }
        do {
            simulation.run();
            long before = simulation.fingerprint();
            simulation.advance(LONG);
            Violation.unless(
                    scenario.backoff || simulation.fingerprint() == before,
                    "something was pending",
                    () -> "the last that was run of " + simulation.trace());
        } while (unfinished > 0);
        if (parent != null) {
            try {
                system.stop(parent);
            } catch (IllegalArgumentException closed) {
                // the system was closed, and the parent with it
            }
            simulation.runUntilIdle();
        }
    }

    /** Whether nothing in the scenario lets time pass. */
    private boolean isUndisturbed() {
        return !scenario.parent
                && scenario.mishaps.stream().allMatch(mishap -> mishap.what().isHarmless())
                && scenario.streams.stream()
                        .allMatch(stream -> stream.timeout.isZero()
                                && stream.away.isZero()
                                && stream.feeds.stream().allMatch(feed -> feed.pause.isZero()));
    }

    private void settle() {
        for (LiveStream stream : all) {
            boolean mayBeCutOff = scenario.mishaps.stream()
                    .anyMatch(mishap -> mishap.what() == Mishap.COMPLETE_STREAM && mishap.stream() == stream.index);
            stream.settle(allowed.get(stream.index), mayBeCutOff);
        }
        Violation.unless(system.actors().isEmpty(), "an actor is left", system::actors);
    }

    /** Checks where the runtime catches what is thrown: in an actor's turn, and in a listener. */
    void check(Runnable checks) {
        try {
            checks.run();
        } catch (Violation violation) {
            found = found == null ? violation : found;
        }
    }

    private void afterEach(String name) {
        journal.after(name);
        if (found != null) {
            throw found;
        }
        Violation.unless(++steps < STEP_LIMIT, "no end", () -> "after " + steps + " steps");
        boolean timePassed = !simulation.elapsed().equals(time);
        time = simulation.elapsed();
        for (LiveStream stream : all) {
            if (timePassed) {
                stream.timePassed();
            }
            stream.check();
        }
    }

    private void onDeadLetter(DeadLetter letter) {
        if (letter.message() instanceof Push<?> push) {
            int element = (Integer) push.element();
            check(() -> all.get(LiveStream.numberOf(element)).refused(element));
        } else if (letter.message() instanceof StreamElement<?> told) {
            int element = (Integer) told.element();
            check(() -> all.get(LiveStream.numberOf(element)).dropped(element));
        }
    }

    // ---- the actors

    /** What spawns: the system, or a parent. */
    private interface Spawner {
        <M> ActorRef<M> spawn(Behavior<M> behavior, String name, SpawnOptions options);
    }

    private void spawnParent() {
        CompletableFuture<Void> born = new CompletableFuture<>();
        SupervisorStrategy strategy = SupervisorStrategy.restart();
        if (scenario.backoff) {
            strategy = strategy.withBackoff(Duration.ofMillis(100), Duration.ofSeconds(1));
        }
        Behavior<Consumer<ActorContext<?>>> behavior = Behaviors.supervise(
                Behaviors.setup(context -> {
                    check(() -> Violation.unless(
                            system.actors().size() == 1,
                            "a child is left",
                            () -> "when its parent begins: " + system.actors()));
                    current = spawnStreams(new Spawner() {
                        @Override
                        public <M> ActorRef<M> spawn(Behavior<M> child, String name, SpawnOptions options) {
                            return context.spawn(child, name, options);
                        }
                    });
                    if (generations > 1) { // nobody sleeps there: the thread that does has the first
                        begin(current, null);
                    }
                    born.complete(null);
                    return Behaviors.receive((same, message) -> {
                        message.accept(same);
                        return Behaviors.same();
                    });
                }),
                strategy);
        parent = system.spawn(behavior, "parent");
        simulation.await(born);
    }

    private List<LiveStream> spawnStreams(Spawner spawner) {
        List<LiveStream> streams = new ArrayList<>();
        for (int i = 0; i < scenario.streams.size(); i++) {
            LiveStream stream = new LiveStream(all.size(), i, generations, scenario);
            all.add(stream);
            streams.add(stream);
            spawn(stream, spawner);
        }
        generations++;
        return streams;
    }

    private void spawn(LiveStream stream, Spawner spawner) {
        Scenario.StreamPlan plan = stream.plan;
        ProducerOptions producing = ProducerOptions.defaults().bufferSize(plan.bufferSize);
        ConsumerOptions consuming =
                ConsumerOptions.defaults().initialDemand(plan.window).inactivityTimeout(plan.timeout);
        if (plan.handlers != 1) {
            producing = producing.onUndelivered(stream.handler());
        }
        if (plan.handlers != 0) {
            consuming = consuming.onUndelivered(stream.handler());
        }
        SpawnOptions options = plan.ownLane ? SpawnOptions.defaults().ownLane() : SpawnOptions.defaults();
        stream.producer = spawner.spawn(
                journal.listen(StreamProducer.<Integer>create(producing), stream.producerName),
                stream.producerName,
                SpawnOptions.defaults());
        stream.consumer = spawner.spawn(
                journal.listen(
                        plan.hasSubscriber() ? subscriber(stream) : StreamConsumer.create(stream.producer, consuming),
                        stream.consumerName),
                stream.consumerName,
                options);
        journal.spawned(stream);
    }

    /** A user's own subscriber, which requests one for each that comes. */
    private Behavior<ConsumerMessage<Integer>> subscriber(LiveStream stream) {
        return Behaviors.setup(context -> {
            context.watch(stream.producer);
            stream.requested += stream.plan.window;
            stream.producer.tell(new Subscribe<>(context.self(), stream.plan.window));
            return Behaviors.receive(
                    new SubscriberTurn(this, stream)::on,
                    (same, signal) -> signal instanceof Terminated ? Behaviors.stopped() : Behaviors.same());
        });
    }

    /** What a user's subscriber does with a message. */
    private static final class SubscriberTurn {
        private final SimulatedSystem play;
        private final LiveStream stream;
        private ConsumerMessage<Integer> end;

        SubscriberTurn(SimulatedSystem play, LiveStream stream) {
            this.play = play;
            this.stream = stream;
        }

        Behavior<ConsumerMessage<Integer>> on(
                ActorContext<ConsumerMessage<Integer>> context, ConsumerMessage<Integer> message) {
            play.check(() -> Violation.unless(end == null, "after the end", () -> message + " came after " + end));
            if (message instanceof StreamElement<Integer> element) {
                play.check(() -> stream.delivered(element.element()));
                if (stream.delivered() == stream.plan.limit) {
                    stream.producer.tell(new StreamCancel<>());
                } else {
                    stream.requested++;
                    stream.producer.tell(new StreamDemand<>(1));
                }
            } else {
                end = message;
            }
            return Behaviors.same();
        }
    }

    // ---- the threads

    /** Adds the threads of streams; one of them may be the sleeper's. */
    private void begin(List<LiveStream> streams, Scenario.Sleeper sleeper) {
        for (LiveStream stream : streams) {
            for (int i = 0; i < stream.plan.feeds.size(); i++) {
                if (sleeper == null || sleeper.stream() != stream.index || sleeper.feed() != i) {
                    add(putterName(stream, i), stream, new TryingThread.Putter(this, stream, i));
                }
            }
            if (stream.plan.pushes > 0) {
                add("pusher-" + stream.name, stream, pusher(stream));
            }
            if (stream.plan.hasSubscriber() || (sleeper != null && sleeper.isReaderOf(stream.index))) {
                continue;
            }
            LiveStream next = scenario.next(stream.index) == null ? null : streams.get(stream.index + 1);
            add(
                    readerName(stream),
                    stream,
                    next == null
                            ? new TryingThread.Reader(this, stream)
                            : new TryingThread.Forwarder(this, stream, next));
        }
    }

    static String putterName(LiveStream stream, int feed) {
        return "putter-" + stream.name + (feed == 0 ? "" : feed);
    }

    String readerName(LiveStream stream) {
        return (scenario.next(stream.index) == null ? "reader-" : "forwarder-") + stream.name;
    }

    LiveStream next(LiveStream stream) {
        return scenario.next(stream.index) == null ? null : current.get(stream.index + 1);
    }

    /** Adds a script that the end of the run waits for. */
    private void add(String name, LiveStream stream, Simulation.Step step) {
        unfinished++;
        simulation.loop(name, () -> {
            journal.before(name);
            Progress progress = step.attempt();
            unfinished -= progress == Progress.FINISHED ? 1 : 0;
            return progress;
        });
    }

    private Simulation.Step pusher(LiveStream stream) {
        int[] pushed = {0};
        return () -> {
            if (pushed[0] == stream.plan.pushes) {
                return Progress.FINISHED;
            }
            int element = stream.element(LiveStream.PUSHES, pushed[0]++);
            journal.says("pusher-" + stream.name, stream.producerName, LiveStream.shown(element));
            stream.accepted(element); // unless it becomes a dead letter
            stream.producer.tell(new Push<>(element));
            return Progress.DONE;
        };
    }

    CompletableFuture<SinkRef<Integer>> askForSink(LiveStream stream) {
        return system.ask(stream.producer, GetSink<Integer>::new, ASK_TIMEOUT);
    }

    CompletableFuture<SourceRef<Integer>> askForSource(LiveStream stream) {
        return system.ask(stream.consumer, GetSource<Integer>::new, ASK_TIMEOUT);
    }

    /** The answer to a question, null if there was none; only the sleeper may ask for it before it is there. */
    <T> T answer(CompletableFuture<T> asked) {
        try {
            return asked.isDone() ? asked.join() : simulation.await(asked);
        } catch (CompletionException none) {
            unanswered++;
            return null;
        }
    }

    SinkRef<Integer> take(LiveStream stream, SinkRef<Integer> sink) {
        if (sink != null) {
            stream.sinks.add(sink);
        }
        return sink;
    }

    SourceRef<Integer> take(LiveStream stream, SourceRef<Integer> source) {
        if (source != null) {
            stream.source = source;
            stream.outcome = source.outcome();
        }
        return source;
    }

    // ---- mishaps

    private void befall(Scenario.MishapPlan mishap) {
        int[] wait = {mishap.moment()};
        String name = mishap.what() + "-" + Scenario.letter(mishap.stream());
        add(name, current.get(mishap.stream()), () -> {
            if (wait[0]-- > 0) {
                return Progress.DONE;
            }
            journal.says(name, "", "happens");
            happen(mishap, current.get(mishap.stream()));
            return Progress.FINISHED;
        });
    }

    private void happen(Scenario.MishapPlan mishap, LiveStream stream) {
        int number = mishap.moment() % 3;
        boolean users = stream.plan.hasSubscriber();
        switch (mishap.what()) {
            case CLOSE_SOURCE -> {
                if (stream.source != null) {
                    stream.source.close();
                } else if (users) {
                    stream.producer.tell(new StreamCancel<>());
                }
            }
            case CANCEL_PRODUCER -> stream.producer.tell(new StreamCancel<>());
            case CANCEL_CONSUMER -> {
                if (!users) {
                    stream.consumer.tell(new StreamCancel<>());
                }
            }
            case STOP_PRODUCER -> stop(stream.producer);
            case STOP_CONSUMER -> stop(stream.consumer);
            case CRASH_PRODUCER -> stream.producer.tell(new GetSink<>(new Crash<>()));
            case CRASH_CONSUMER -> {
                if (users) {
                    stop(stream.consumer);
                } else {
                    stream.consumer.tell(new GetSource<>(new Crash<>()));
                }
            }
            case CRASH_PARENT ->
                parent.tell(context -> {
                    throw new Crash.Crashed();
                });
            case BAD_DEMAND_TO_PRODUCER -> stream.producer.tell(new StreamDemand<>(-number));
            case BAD_DEMAND_TO_CONSUMER -> {
                if (!users) {
                    stream.consumer.tell(new StreamDemand<>(-number));
                }
            }
            case COMPLETE_STREAM -> stream.producer.tell(new CompleteStream<>());
            case FAIL_STREAM -> stream.producer.tell(new FailStream<>(CAUSE));
            case INTERRUPT -> {
                if (asleep) {
                    Thread.currentThread().interrupt();
                }
            }
            case CLOSE_SYSTEM -> system.close(Duration.ofSeconds(10));
            case DEMAND_TO_PRODUCER -> {
                stream.requested += 1 + number;
                stream.producer.tell(new StreamDemand<>(1 + number));
            }
            case DEMAND_TO_CONSUMER -> {
                if (!users) {
                    stream.consumer.tell(new StreamDemand<>(1 + number));
                }
            }
            case INPUT_READY -> stream.producer.tell(new InputReady<>());
            case SECOND_SUBSCRIBER -> subscribeStranger(stream);
            default -> throw new IllegalStateException("unknown: " + mishap);
        }
    }

    private void stop(ActorRef<?> ref) {
        if (parent != null) {
            parent.tell(context -> {
                if (context.children().contains(ref)) {
                    context.stop(ref);
                }
            });
        } else {
            system.stop(ref);
        }
    }

    /** One who subscribes too late must be told so, once. */
    private void subscribeStranger(LiveStream stream) {
        String name = "stranger-" + ++strangers;
        ActorRef<ConsumerMessage<Integer>> stranger;
        try {
            stranger = system.spawn(
                    journal.listen(
                            Behaviors.<ConsumerMessage<Integer>>receive((context, message) -> {
                                check(() -> Violation.unless(
                                        message instanceof StreamFailed<Integer>,
                                        "a second subscriber",
                                        () -> "was told " + message));
                                return Behaviors.stopped();
                            }),
                            name),
                    name);
        } catch (IllegalStateException closed) {
            return;
        }
        if (!stream.producer.tell(new Subscribe<>(stranger, 2))) {
            system.stop(stranger);
        }
    }

    /** Whoever tells it something fails: what crashes an actor from outside. */
    private record Crash<M>() implements ActorRef<M> {

        /** The failure. */
        static final class Crashed extends RuntimeException {
            private static final long serialVersionUID = 1;

            Crashed() {
                super("crashed on purpose", null, false, false);
            }
        }

        @Override
        public boolean tell(M message) {
            throw new Crashed();
        }

        @Override
        public String path() {
            return "/elsewhere/crash";
        }
    }
}
