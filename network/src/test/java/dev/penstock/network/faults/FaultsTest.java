package dev.penstock.network.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
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
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each fault ends in resume or in exactly one failure, and the ledgers of both ends agree with that. Once, on wires that
 * differ from fault to fault; with {@code -Dpenstock.full=true} a hundred times on all wires, which takes hours and writes a
 * page of results.
 *
 * <p>Most of the time is waiting, so that some clusters are tried at once, each on a network of its own.
 *
 * <p>Properties: {@code penstock.faults.repeats}, {@code .clusters} (at once), {@code .wires} (how many of them, the first ones) and
 * {@code .only} (a regular expression for the faults' names).
 */
@Tag("netns")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FaultsTest {

    private static final boolean FULL = Boolean.getBoolean("penstock.full");
    private static final int REPEATS = Integer.getInteger("penstock.faults.repeats", FULL ? 100 : 1);
    private static final int AT_ONCE = Integer.getInteger("penstock.faults.clusters", FULL ? 8 : 3);
    private static final String ONLY = System.getProperty("penstock.faults.only", ".*");

    /** So often in a cluster, before another is begun. */
    private static final int BATCH = 10;

    private final String page;
    private final int all; // so many wires there are
    private final List<Wires> wires;
    private final List<Fault> faults;
    private final Map<Wires, FaultTable> tables = new LinkedHashMap<>();
    private final Map<Fault, List<Future<?>>> batches = new EnumMap<>(Fault.class);
    private ExecutorService clusters;
    private String whyNot; // there are no networks here; null if there are

    /**
     * Makes a test.
     *
     * @param page the file in results/network that the full form writes
     * @param few the faults of the short form
     * @param wires one after the other
     */
    protected FaultsTest(String page, Collection<Fault> few, Wires... wires) {
        this.page = page;
        all = wires.length;
        this.wires = List.of(wires)
                .subList(0, Math.min(wires.length, Integer.getInteger("penstock.faults.wires", wires.length)));
        faults = List.of(Fault.values()).stream()
                .filter(fault -> (FULL || few.contains(fault)) && fault.name().matches(ONLY))
                .toList();
        this.wires.forEach(these -> tables.put(these, new FaultTable()));
    }

    @BeforeAll
    void begin() {
        whyNot = Hosts.whyNot();
        if (whyNot != null) {
            System.out.println(getClass().getSimpleName() + " is skipped: " + whyNot);
            return;
        }
        clusters = Executors.newFixedThreadPool(AT_ONCE);
        for (int from = 0; from < REPEATS; from += BATCH) {
            for (Fault fault : faults) {
                if (FULL) {
                    for (Wires these : wires) {
                        submit(fault, these, from);
                    }
                } else {
                    submit(fault, wires.get((from / BATCH + fault.ordinal()) % wires.size()), from);
                }
            }
        }
    }

    private void submit(Fault fault, Wires these, int from) {
        batches.computeIfAbsent(fault, unused -> new ArrayList<>())
                .add(clusters.submit(() -> repeat(fault, these, from, Math.min(from + BATCH, REPEATS))));
    }

    @AfterAll
    void end() throws InterruptedException {
        if (clusters != null) {
            clusters.shutdownNow();
            clusters.awaitTermination(60, TimeUnit.SECONDS); // it clears up behind itself
        }
    }

    List<Fault> faults() {
        return faults;
    }

    @ParameterizedTest
    @MethodSource("faults")
    @Timeout(value = 6, unit = TimeUnit.HOURS) // a step that hangs is given up where it is waited for
    void endsInResumeOrInExactlyOneFailure(Fault fault) throws Exception {
        assumeTrue(whyNot == null, whyNot);
        for (Future<?> batch : batches.get(fault)) {
            batch.get();
        }
        List<String> wrong = new ArrayList<>();
        tables.forEach((these, table) -> {
            table.line(fault).ifPresent(line -> System.out.println(these.name() + " " + line));
            wrong.addAll(table.wrong(fault));
        });
        assertEquals(List.of(), wrong);
    }

    private void repeat(Fault fault, Wires these, int from, int to) {
        FaultTable table = tables.get(these);
        Nodes nodes = null;
        try {
            for (int repeat = from; repeat < to; repeat++) {
                try {
                    if (nodes == null) {
                        Path files = Path.of("target", "faults", fault + "-" + wires.indexOf(these) + "-" + repeat);
                        nodes = new Nodes(these, fault.nodes(), fault.detection, files);
                    }
                    table.add(fault, FaultRun.run(fault, nodes, new SplittableRandom(repeat * 100L + fault.ordinal())));
                } catch (InterruptedException e) {
                    return; // nobody wants to know any more
                } catch (Exception | AssertionError e) { // this cluster is not to be trusted any more
                    System.out.println(fault + " on " + these.name() + ", repeat " + repeat + ": " + e);
                    table.addWrong(fault, "repeat " + repeat + ": " + e);
                    close(nodes);
                    nodes = null;
                }
            }
        } finally {
            close(nodes);
            writePage();
        }
    }

    private static void close(Nodes nodes) {
        if (nodes != null) {
            nodes.close();
        }
    }

    private synchronized void writePage() {
        if (!FULL || faults.size() < Fault.values().length || tables.size() < all) {
            return; // it would be a part
        }
        StringBuilder text = new StringBuilder("# Faults between two processes\n\nWritten by `mvn test -pl "
                + Path.of("").toAbsolutePath().getFileName() + " -am -Dtest="
                + getClass().getSimpleName()
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dpenstock.full=true -Dpenstock.faults.repeats=" + REPEATS
                + " -Dpenstock.faults.clusters=" + AT_ONCE + "`, JDK " + Runtime.version() + ", "
                + System.getProperty("os.name") + " " + System.getProperty("os.version") + ", "
                + Runtime.getRuntime().availableProcessors()
                + " processors.\n\nDetection is set to the second column, and counted from the beginning of the"
                + " fault, by nodes that were not stopped themselves.\n");
        tables.forEach((these, table) ->
                text.append("\n## ").append(these.name()).append("\n\n").append(table.text()));
        try {
            FaultTable.write(Path.of("..", "results", "network", page), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
