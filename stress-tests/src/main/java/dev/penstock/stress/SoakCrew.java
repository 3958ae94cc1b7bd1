package dev.penstock.stress;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Behavior;
import dev.penstock.actor.Behaviors;
import dev.penstock.actor.SpawnOptions;
import dev.penstock.actor.SupervisorStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The actors of a soak round that are no stream's: one that does numbered jobs, some of which fail, behind a mailbox that
 * two threads fill; and one that does errands in its turn. Each job is done once, or is a dead letter.
 */
final class SoakCrew {

    /** What a job does. */
    private enum Task {
        NOTHING,
        SPAWN,
        THROW,
        EXHAUST
    }

    /** A message of the crew. */
    record Job(Tally tally, int number, Task task) {}

    private static final List<Integer> CAPACITIES = List.of(1, 2, 16);

    private final SoakRound round;
    private final List<Tally> tallies = new ArrayList<>();
    private final int capacity; // 0 is unbounded
    private final SupervisorStrategy strategy;

    // written: the round's thread, before the others start
    private ActorRef<Job> worker;
    private ActorRef<Runnable> messenger;

    SoakCrew(SoakRound round, SplittableRandom random) {
        this.round = round;
        capacity = random.nextInt(4) == 0 ? 0 : Selection.one(CAPACITIES, random);
        strategy = switch (random.nextInt(4)) {
            case 0 -> SupervisorStrategy.stop();
            case 1 -> SupervisorStrategy.resume();
            case 2 -> SupervisorStrategy.restart();
            default -> SupervisorStrategy.restart().withBackoff(Duration.ofNanos(100_000), Duration.ofMillis(5));
        };
        for (int i = 0; i < 2; i++) {
            tallies.add(new Tally(round.name() + "-teller-" + i, 1 + random.nextInt(2_000), false, round::breach));
        }
    }

    /** False if the system was closed before the actors were there. */
    boolean setUp(ActorSystem system) {
        try {
            messenger = system.spawn(
                    Behaviors.supervise(
                            Behaviors.<Runnable>receive((context, errand) -> {
                                errand.run();
                                return Behaviors.same();
                            }),
                            SupervisorStrategy.resume()),
                    "messenger");
            worker = system.spawn(
                    Behaviors.supervise(Behaviors.setup(context -> new Doing().behavior()), strategy),
                    "worker",
                    capacity == 0
                            ? SpawnOptions.defaults()
                            : SpawnOptions.defaults().boundedMailbox(capacity));
            return true;
        } catch (IllegalStateException closed) {
            return false;
        }
    }

    void start() {
        for (Tally tally : tallies) {
            round.start(tally.name(), me -> tell(me, tally));
        }
    }

    /** Has an errand done in a turn. */
    void send(Runnable errand) {
        messenger.tell(errand);
    }

    private void tell(Worker me, Tally tally) {
        for (int number = 0; number < tally.size(); number++) {
            me.step();
            me.jitter();
            Job job = new Job(tally, number, draw(me.random));
            tally.accepted(number);
            if (me.random.nextInt(3) > 0) {
                worker.tell(job);
                continue;
            }
            try {
                // No room for two minutes is no room for ever: the watchdog will say so.
                worker.tell(
                        job,
                        me.random.nextBoolean()
                                ? SoakStream.ASK_LIMIT
                                : Duration.ofNanos(me.random.nextInt(2_000_000)));
            } catch (InterruptedException interrupted) {
                tally.withdrawn(number);
            }
        }
    }

    private Task draw(SplittableRandom random) {
        int draw = random.nextInt(200);
        if (draw == 0 && round.selection().faults().contains(Fault.CREW_THROWS)) {
            return Task.THROW;
        } else if (draw == 1 && round.selection().faults().contains(Fault.CREW_EXHAUSTS)) {
            return Task.EXHAUST;
        }
        return draw == 2 ? Task.SPAWN : Task.NOTHING;
    }

    /** The worker, until it fails. */
    private final class Doing {
        private int children;

        Behavior<Job> behavior() {
            return Behaviors.receive((context, job) -> {
                job.tally().delivered(job.number());
                if (job.task() == Task.THROW) {
                    round.happened(Fault.CREW_THROWS);
                    throw new Fault.Planned("a job");
                } else if (job.task() == Task.EXHAUST) {
                    round.happened(Fault.CREW_EXHAUSTS);
                    Fault.exhaustMemory();
                } else if (job.task() == Task.SPAWN) { // stopped with this one, also before it is restarted
                    context.watch(context.spawn(Behaviors.<Job>ignore(), "child-" + ++children));
                }
                return Behaviors.same();
            });
        }
    }

    void check() {
        tallies.forEach(Tally::settle);
    }
}
