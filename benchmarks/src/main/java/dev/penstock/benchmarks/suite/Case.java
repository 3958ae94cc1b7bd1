package dev.penstock.benchmarks.suite;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One JMH benchmark with one value of each parameter.
 *
 * @param forks at most
 */
record Case(Class<?> owner, String method, Map<String, String> params, int forks) {

    /** No comparison hangs on it. */
    static final int FEW_FORKS = 3;

    static Case of(Class<?> owner, String method) {
        return new Case(owner, method, Map.of(), Integer.MAX_VALUE);
    }

    Case with(String param, Object value) {
        Map<String, String> more = new LinkedHashMap<>(params);
        more.put(param, value.toString());
        return new Case(owner, method, more, forks);
    }

    /** For what stands by itself. */
    Case withFewForks() {
        return new Case(owner, method, params, FEW_FORKS);
    }

    boolean isTakenIn(int round) {
        return round <= forks;
    }

    /** As a person would write it, such as {@code PeerThroughputBenchmark.putToTake demand=16 peer=RXJAVA}. */
    String name() {
        StringBuilder name =
                new StringBuilder(owner.getSimpleName()).append('.').append(method);
        params.forEach(
                (param, value) -> name.append(' ').append(param).append('=').append(value));
        return name.toString();
    }

    /** For JMH. */
    String pattern() {
        return "^" + Pattern.quote(owner.getName() + "." + method) + "$";
    }

    Duration estimate(int rounds, Pace pace) {
        return pace.fork().multipliedBy(Math.min(rounds, forks));
    }
}
