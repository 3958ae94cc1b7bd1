package dev.penstock.network.hostile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** The lines that go to the log of a name meanwhile, which are kept from the console. */
public final class LogLines extends Handler implements AutoCloseable {

    private static final List<String> KINDS = List.of(
            "has lost",
            "broke the protocol",
            "refuse",
            "told an actor that has ended",
            "cannot be read",
            "is too long",
            "of no type that its keys have",
            "closed the connection from",
            "left out",
            "dead letter",
            "failed and stops");

    private final Logger logger; // kept, or it is collected with its handlers
    private final List<String> lines = new ArrayList<>(); // guarded by itself
    private final long began = System.nanoTime();

    /** Begins to listen. */
    public LogLines(String name) {
        logger = Logger.getLogger(name);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
        synchronized (lines) {
            lines.add(record.getMessage());
        }
    }

    /** All of them. */
    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** How many there were of each kind. */
    Map<String, Long> kinds() {
        return lines().stream().collect(Collectors.groupingBy(LogLines::kindOf, TreeMap::new, Collectors.counting()));
    }

    /** At most five a second of a kind, and so many nodes that write them. */
    void assertLimited(int nodes) {
        long seconds = (System.nanoTime() - began) / 1_000_000_000L + 2;
        Map<String, Long> kinds = kinds();
        kinds.forEach((kind, count) -> {
            if (count > 5 * seconds * nodes && !kind.equals("failed and stops")) { // each actor ends once
                throw new AssertionError(count + " lines of \"" + kind + "\" in " + seconds + " s: " + kinds);
            }
        });
    }

    /** What is said, without whom it is said of; lines that nothing is known of are of one kind. */
    private static String kindOf(String line) {
        return KINDS.stream().filter(line::contains).findFirst().orElse("other");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
        logger.setUseParentHandlers(true);
    }
}
