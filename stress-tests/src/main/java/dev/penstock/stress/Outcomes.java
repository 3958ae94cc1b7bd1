package dev.penstock.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which outcomes something in a scenario explains, for each of its streams. */
final class Outcomes {

    private static final String COMPLETED = "Completed";
    private static final String CANCELLED = "Cancelled";
    private static final String FAILED = "Failed";
    private static final String TIMED_OUT = "TimedOut";
    private static final String PEER_LOST = "PeerLost";

    private final Scenario scenario;
    private final List<Set<String>> allowed = new ArrayList<>();

    private Outcomes(Scenario scenario) {
        this.scenario = scenario;
    }

    static List<Set<String>> of(Scenario scenario) {
        Outcomes outcomes = new Outcomes(scenario);
        for (int i = 0; i < scenario.streams.size(); i++) {
            outcomes.allowed.add(outcomes.byItself(i));
        }
        scenario.mishaps.forEach(outcomes::befalls);
        for (int pass = 0; pass < scenario.streams.size(); pass++) {
            outcomes.spread();
        }
        return outcomes.allowed;
    }

    private Set<String> byItself(int index) {
        Scenario.StreamPlan stream = scenario.streams.get(index);
        Set<String> set = new TreeSet<>();
        boolean fails = stream.feeds.stream().anyMatch(feed -> !feed.ending.isWell());
        if (!fails || stream.inputs() > 1) { // a stream may complete before the sink is there that would fail
            set.add(COMPLETED);
        }
        if (fails) {
            set.add(FAILED);
        }
        if (stream.limit != Scenario.NO_LIMIT) {
            set.add(CANCELLED);
        }
        if (!stream.timeout.isZero()) {
            set.add(TIMED_OUT);
        }
        Scenario.StreamPlan next = scenario.next(index);
        if (next != null && !next.feeds.isEmpty()) { // it may complete before the forwarder has a sink there
            set.add(CANCELLED);
        }
        return set;
    }

    private void befalls(Scenario.MishapPlan mishap) {
        Set<String> set = allowed.get(mishap.stream());
        if (mishap.what().isHarmless()) {
            return;
        }
        if (!scenario.settled) { // who never met are told of the end in other words
            set.addAll(Set.of(CANCELLED, FAILED, PEER_LOST));
        }
        switch (mishap.what()) {
            case CLOSE_SOURCE, CANCEL_PRODUCER, CANCEL_CONSUMER, STOP_CONSUMER -> set.add(CANCELLED);
            case STOP_PRODUCER -> set.add(PEER_LOST);
            case CRASH_PRODUCER -> set.addAll(Set.of(FAILED, PEER_LOST));
            case CRASH_CONSUMER -> set.addAll(Set.of(FAILED, CANCELLED));
            case BAD_DEMAND_TO_PRODUCER, BAD_DEMAND_TO_CONSUMER, FAIL_STREAM -> set.add(FAILED);
            case COMPLETE_STREAM -> {
                set.add(COMPLETED);
                if (scenario.streams.get(mishap.stream()).chained) { // whoever feeds it from another leaves that
                    allowed.get(mishap.stream() - 1).add(CANCELLED);
                }
            }
            case INTERRUPT -> allowed.get(scenario.sleeper.stream()).add(CANCELLED);
            case CLOSE_SYSTEM, CRASH_PARENT ->
                allowed.forEach(each -> each.addAll(Set.of(CANCELLED, FAILED, PEER_LOST)));
            default -> throw new IllegalStateException("unknown: " + mishap);
        }
    }

    /** What ends one stream of a chain ends the others. */
    private void spread() {
        for (int i = 0; i < allowed.size(); i++) {
            if (scenario.next(i) != null) {
                Set<String> here = allowed.get(i);
                Set<String> there = allowed.get(i + 1);
                if (!here.equals(Set.of(COMPLETED))) {
                    there.add(FAILED);
                }
                if (!there.equals(Set.of(COMPLETED))) {
                    here.add(CANCELLED);
                }
            }
        }
    }
}
