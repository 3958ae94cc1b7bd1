package dev.penstock.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.benchmarks.PeerThroughputBenchmark;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

class SuiteTest {

    @ParameterizedTest
    @EnumSource
    void everyCaseIsABenchmarkAndNamesItsParameters(Suite suite) throws NoSuchMethodException {
        for (Case one : suite.cases()) {
            Method benchmark = Stream.of(one.owner().getMethods())
                    .filter(method -> method.getName().equals(one.method()))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchMethodException(one.name()));
            assertTrue(benchmark.isAnnotationPresent(Benchmark.class), one::name);
            Set<String> params = new TreeSet<>();
            List<Class<?>> states = new ArrayList<>(List.of(benchmark.getParameterTypes()));
            states.add(one.owner());
            for (Class<?> state : states) {
                for (Class<?> type = state; type != Object.class; type = type.getSuperclass()) {
                    for (Field field : type.getDeclaredFields()) {
                        if (field.isAnnotationPresent(Param.class)) {
                            params.add(field.getName());
                        }
                    }
                }
            }
            params.remove("waitStrategy"); // it has one default
            Set<String> given = new TreeSet<>(one.params().keySet());
            given.remove("waitStrategy");
            assertEquals(params, given, one::name);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noCaseIsTakenTwice(Suite suite) {
        List<Case> cases = suite.cases();
        assertEquals(cases.size(), new HashSet<>(cases).size());
    }

    @Test
    void allHasWhatTheOthersHave() {
        List<Case> all = Suite.ALL.cases();
        assertTrue(all.containsAll(Suite.FULL.cases()));
        assertTrue(all.containsAll(Suite.QUICK.cases()));
    }

    @Test
    void aCaseOfFewForksIsLeftOutOfLaterRounds() {
        Case few = Case.of(PeerThroughputBenchmark.class, "putToTake").withFewForks();
        assertTrue(few.isTakenIn(Case.FEW_FORKS));
        assertTrue(!few.isTakenIn(Case.FEW_FORKS + 1));
        assertEquals(Pace.QUICK.fork().multipliedBy(Case.FEW_FORKS), few.estimate(5, Pace.QUICK));
    }

    @Test
    void aNameIsWhatAPersonWouldWrite() {
        Case one = Case.of(PeerThroughputBenchmark.class, "putToTake").with("demand", 16);
        assertEquals("PeerThroughputBenchmark.putToTake demand=16", one.name());
    }
}
