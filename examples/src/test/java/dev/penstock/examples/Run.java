package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run of the command came to.
 *
 * @param status its exit status
 * @param out what it printed
 * @param err what it complained of
 */
record Run(int status, String out, String err) {

    /** Runs the command in this JVM. */
    static Run of(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = List.of(arguments).stream().map(Object::toString).toArray(String[]::new);
        int status = Penstock.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
        return new Run(status, out.toString(), err.toString());
    }

    /** Asserts the status, and that nothing was complained of unless the status says so. */
    Run expect(int expected) {
        assertEquals(expected, status, this::toString);
        assertEquals(expected == 0 || expected == 130, err.isEmpty(), this::toString);
        assertTrue(!err.contains("\tat "), this::toString);
        return this;
    }

    /** Asserts how the stream ended, and that its books balance at rest. */
    Run expectEnd(String how) {
        assertTrue(out.lines().anyMatch(("ended: " + how)::equals), this::toString);
        assertEquals(0, ledger("buffered"), this::toString);
        assertEquals(0, ledger("in flight"), this::toString);
        assertEquals(ledger("offered"), ledger("delivered") + ledger("undelivered"), this::toString);
        long counted = out.lines()
                .skip(1)
                .takeWhile(line -> !line.isBlank())
                .mapToLong(line -> Long.parseLong(line.split(" +")[1].replace(",", "")))
                .sum();
        assertEquals(ledger("delivered"), counted, this::toString);
        return this;
    }

    long ledger(String place) {
        Matcher matcher = Pattern.compile("^  " + place + " +([0-9,]+)$", Pattern.MULTILINE)
                .matcher(out);
        assertTrue(matcher.find(), this::toString);
        return Long.parseLong(matcher.group(1).replace(",", ""));
    }

    /** The cells of a symbol's line. */
    List<String> line(String symbol) {
        return out.lines()
                .map(line -> List.of(line.split(" +")))
                .filter(cells -> cells.get(0).equals(symbol))
                .findFirst()
                .orElseThrow(() -> new AssertionError(symbol + " is not in " + this));
    }
}
