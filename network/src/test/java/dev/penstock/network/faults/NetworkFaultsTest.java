package dev.penstock.network.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each fault ends in resume or in exactly one failure, and the ledgers of both ends agree with that. Once; with {@code
 * -Dpenstock.full=true} a hundred times, which takes an hour and writes results/network/faults.md.
 *
 * <p>Most of the time is waiting, so that some clusters are tried at once, each on a network of its own.
 */
@Tag("netns")
class NetworkFaultsTest {

    private static final boolean FULL = Boolean.getBoolean("penstock.full");
    private static final int REPEATS = Integer.getInteger("penstock.faults.repeats", FULL ? 100 : 1);
    private static final int AT_ONCE = Integer.getInteger("penstock.faults.clusters", FULL ? 8 : 3);

    /** So often in a cluster, before another is begun. */
    private static final int BATCH = 10;

    private static final FaultTable TABLE = new FaultTable();
    private static final Map<Fault, List<Future<?>>> BATCHES = new EnumMap<>(Fault.class);
    private static ExecutorService clusters;
    private static String whyNot; // there are no networks here; null if there are

    @BeforeAll
    static void begin() {
        whyNot = Hosts.whyNot();
        if (whyNot != null) {
            System.out.println("NetworkFaultsTest is skipped: " + whyNot);
            return;
        }
        clusters = Executors.newFixedThreadPool(AT_ONCE);
        for (int from = 0; from < REPEATS; from += BATCH) {
            int first = from;
            for (Fault fault : Fault.values()) {
                BATCHES.computeIfAbsent(fault, unused -> new ArrayList<>())
                        .add(clusters.submit(() -> repeat(fault, first, Math.min(first + BATCH, REPEATS))));
            }
        }
    }

    @AfterAll
    static void end() throws InterruptedException {
        if (clusters != null) {
            clusters.shutdownNow();
            clusters.awaitTermination(60, TimeUnit.SECONDS); // it clears up behind itself
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 6, unit = TimeUnit.HOURS) // a step that hangs is given up where it is waited for
    void endsInResumeOrInExactlyOneFailure(Fault fault) throws Exception {
        assumeTrue(whyNot == null, whyNot);
        for (Future<?> batch : BATCHES.get(fault)) {
            batch.get();
        }
        System.out.print(TABLE.line(fault));
        assertEquals(List.of(), TABLE.wrong(fault));
    }

    private static void repeat(Fault fault, int from, int to) {
        Nodes nodes = null;
        try {
            for (int repeat = from; repeat < to; repeat++) {
                try {
                    if (nodes == null) {
                        nodes = new Nodes(
                                fault.nodes(), fault.detection, Path.of("target", "faults", fault + "-" + repeat));
                    }
                    TABLE.add(fault, FaultRun.run(fault, nodes, new SplittableRandom(repeat * 100L + fault.ordinal())));
                } catch (InterruptedException e) {
                    return; // nobody wants to know any more
                } catch (Exception | AssertionError e) { // this cluster is not to be trusted any more
                    System.out.println(fault + ", repeat " + repeat + ": " + e);
                    TABLE.addWrong(fault, "repeat " + repeat + ": " + e);
                    close(nodes);
                    nodes = null;
                }
            }
        } finally {
            close(nodes);
            writeTable();
        }
    }

    private static void close(Nodes nodes) {
        if (nodes != null) {
            nodes.close();
        }
    }

    private static synchronized void writeTable() {
        if (!FULL) {
            return;
        }
        String header =
                "# Faults between two processes\n\nWritten by `mvn test -pl network -am -Dtest=NetworkFaultsTest"
                        + " -Dpenstock.full=true`, JDK " + Runtime.version() + ", " + System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version") + ", "
                        + Runtime.getRuntime().availableProcessors()
                        + " processors, " + AT_ONCE + " clusters at once.\n\n";
        try {
            TABLE.write(Path.of("..", "results", "network", "faults.md"), header);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
