package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeedCommandTest {

    private static final String HEADER = "symbol,date,price\n";

    @TempDir
    Path directory;

    // ---- what comes out

    @Test
    void shippedPricesAllArrive() throws IOException {
        Run run = Run.of("feed").expect(0).expectEnd("completed");

        Map<String, List<BigDecimal>> expected = shipped().stream()
                .map(row -> row.split(","))
                .collect(Collectors.groupingBy(
                        row -> row[0],
                        TreeMap::new,
                        Collectors.mapping(row -> new BigDecimal(row[2]), Collectors.toList())));
        assertEquals(5, expected.size());
        assertEquals(560, run.ledger("delivered"));
        assertEquals(560, run.ledger("offered"));
        assertEquals(
                List.copyOf(expected.keySet()),
                run.out()
                        .lines()
                        .skip(1)
                        .takeWhile(line -> !line.isBlank())
                        .map(line -> line.split(" ")[0])
                        .toList());
        expected.forEach((symbol, prices) -> {
            List<String> line = run.line(symbol);
            assertEquals(prices.size(), Integer.parseInt(line.get(1)), symbol);
            assertSame(prices.get(0), line.get(2));
            assertSame(prices.get(prices.size() - 1), line.get(3));
            assertSame(prices.stream().min(BigDecimal::compareTo).orElseThrow(), line.get(4));
            assertSame(prices.stream().max(BigDecimal::compareTo).orElseThrow(), line.get(5));
        });
    }

    @Test
    void summaryIsAligned() throws IOException {
        Run run = Run.of("feed", prices("B,2000-01-01,1.5", "LONG,2000-01-02,1234", "B,2000-01-03,-0.25"))
                .expect(0);

        assertEquals(
                """
                symbol  count    first     last      min      max
                B           2     1.50    -0.25    -0.25     1.50
                LONG        1  1234.00  1234.00  1234.00  1234.00
                """, run.out().lines().takeWhile(line -> !line.isBlank()).collect(Collectors.joining("\n", "", "\n")));
    }

    @Test
    void columnsMayHaveOtherNames() throws IOException {
        Path file = write("day,open,close\n2000-01-03,1,2\n2000-01-04,3,4.5\n");

        Run run = Run.of("feed", "--symbol", "SPX", "--columns", "date=day,price=close", file)
                .expect(0)
                .expectEnd("completed");

        assertEquals(List.of("SPX", "2", "2.0", "4.5", "2.0", "4.5"), run.line("SPX"));
    }

    @Test
    void dailyPricesAllArrive() throws IOException {
        Path file = directory.resolve("sp500-2000.csv");
        try (InputStream resource = FeedCommandTest.class.getResourceAsStream("/prices/sp500-2000.csv")) {
            Files.copy(resource, file);
        }

        Run run = Run.of("feed", "--symbol", "SPX", "--columns", "price=close", file)
                .expect(0)
                .expectEnd("completed");

        assertEquals(Files.readAllLines(file).size() - 1, run.ledger("delivered"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pool", "pinned", "direct"})
    void everyDispatcherDelivers(String dispatcher) {
        Run run = Run.of("feed", "--dispatcher", dispatcher, "--buffer", 1, "--demand", 1, "--repeat", 3)
                .expect(0)
                .expectEnd("completed");

        assertEquals(3 * 560, run.ledger("delivered"));
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreadsDeliver() {
        assertEquals(
                560,
                Run.of("feed", "--dispatcher", "virtual")
                        .expect(0)
                        .expectEnd("completed")
                        .ledger("delivered"));
    }

    @Test
    @EnabledForJreRange(max = JRE.JAVA_20)
    void virtualThreadsNeedANewerJava() {
        assertTrue(Run.of("feed", "--dispatcher", "virtual").expect(2).err().contains("need Java 21"));
    }

    @Test
    void unboundedBufferDelivers() {
        assertEquals(
                560,
                Run.of("feed", "--buffer", 0).expect(0).expectEnd("completed").ledger("delivered"));
    }

    @Test
    void blankLinesByteOrderMarkAndCarriageReturnsAreAccepted() throws IOException {
        Path file = write("\uFEFFsymbol,date,price\r\n\r\nA, 2000-01-01 ,1\r\n   \r\n\"B\nC\",\"Feb 29 2000\",2");

        Run run = Run.of("feed", file).expect(0).expectEnd("completed");

        assertEquals(2, run.ledger("delivered"));
        assertEquals("1", run.line("B?C").get(1));
    }

    @Test
    void headerAloneIsAnEmptyStream() throws IOException {
        assertEquals(
                0,
                Run.of("feed", write(HEADER)).expect(0).expectEnd("completed").ledger("offered"));
    }

    // ---- leaving early, and at leisure

    @Test
    void takeCancels() {
        Run run = Run.of("feed", "--take", 7, "--buffer", 4, "--demand", 2)
                .expect(0)
                .expectEnd("cancelled by --take 7");

        assertEquals(7, run.ledger("delivered"));
        assertTrue(run.ledger("undelivered") <= 4 + 2, run::toString);
    }

    @Test
    void takingMoreThanThereIsCompletes() {
        assertEquals(
                560,
                Run.of("feed", "--take", 561).expect(0).expectEnd("completed").ledger("delivered"));
    }

    @Test
    void slowConsumerBlocksThePut() {
        Run run = Run.of("feed", "--slow-consumer", "2ms", "--buffer", 2, "--demand", 1, "--take", 20)
                .expect(0)
                .expectEnd("cancelled by --take 20");

        assertTrue(run.ledger("undelivered") <= 2 + 1, run::toString);
        assertTrue(blockedSeconds(run) >= 16 * 0.002, run::toString); // 20 pauses, less those that fill the buffers
    }

    @Test
    void rateIsKept() {
        long begin = System.nanoTime();
        Run run = Run.of("feed", "--rate", 1000, "--take", 201).expect(0);
        long millis = (System.nanoTime() - begin) / 1_000_000;

        assertEquals(201, run.ledger("delivered"));
        assertTrue(millis >= 200, () -> "201 prices at 1000 a second came in " + millis + " ms");
    }

    @Test
    void interruptEndsTheStream() {
        Thread.currentThread().interrupt();

        Run run = Run.of("feed", "--slow-consumer", "60min").expect(130).expectEnd("cancelled by an interrupt");

        assertTrue(run.ledger("delivered") <= 1, run::toString);
        assertTrue(!Thread.interrupted(), "it has done its work");
    }

    @Test
    void interruptEndsAPause() {
        Thread runner = Thread.currentThread();
        new Thread(() -> {
                    while (!isPausing(runner)) {
                        Thread.onSpinWait();
                    }
                    runner.interrupt();
                })
                .start();

        Run run = Run.of("feed", "--slow-consumer", "60min").expect(130).expectEnd("cancelled by an interrupt");

        assertEquals(1, run.ledger("delivered"));
    }

    private static boolean isPausing(Thread thread) {
        return thread.getState() == Thread.State.TIMED_WAITING
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(Pace.class.getName()));
    }

    // ---- bad input

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "A,2000-01-03,abc|price 'abc' is not a number",
                "A,2000-01-03,|price '' is not a number",
                "A,2000-01-03,NaN|price 'NaN' is not a number",
                "A,2000-01-03,1e999999999|price '1e999999999' is too long a number",
                "A,2000-13-03,1|date '2000-13-03' is not a date such as 2000-01-31 or Jan 31 2000",
                "A,Feb 30 2000,1|date 'Feb 30 2000' is not a date such as 2000-01-31 or Jan 31 2000",
                "A,,1|date '' is not a date such as 2000-01-31 or Jan 31 2000",
                "` ,2000-01-03,1`|no symbol",
                "A,2000-01-03|2 fields, where the header has 3",
                "A|1 field, where the header has 3",
                "A,2000-01-03,1,2|4 fields, where the header has 3",
            })
    void badRowFailsTheStreamAfterTheRowsBeforeItUnlessSkipped(String row, String complaint) throws IOException {
        Path file = prices("A,2000-01-01,1", "A,2000-01-02,2", row, "A,2000-01-04,4");

        Run run = Run.of("feed", file).expect(1).expectEnd("failed: " + file + ":4: " + complaint);
        assertEquals("penstock: " + file + ":4: " + complaint + "\n", run.err());
        assertEquals(2, run.ledger("delivered"));
        assertEquals("2", run.line("A").get(1));

        Run skipping = Run.of("feed", "--skip-bad", file).expect(0).expectEnd("completed");
        assertEquals(3, skipping.ledger("delivered"));
        assertTrue(
                skipping.out().contains("bad rows skipped: 1; the first: " + file + ":4: " + complaint + "\n"),
                skipping::toString);
    }

    @Test
    void lineNumberCountsLinesWithinQuotes() throws IOException {
        Path file = prices("A,2000-01-01,1", "", "\"A\n\n\",2000-01-02,2", "A,2000-01-03,x");

        assertEquals(
                "penstock: " + file + ":7: price 'x' is not a number\n",
                Run.of("feed", file).expect(1).err());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void unterminatedQuoteFailsTheStream(boolean skip) throws IOException {
        Path file = prices("A,2000-01-01,1", "A,\"2000-01-02,2", "A,2000-01-03,3");

        expectBadFile(skip, file, ":3: a quote is opened and never closed", 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void textAfterAQuoteFailsTheStream(boolean skip) throws IOException {
        expectBadFile(skip, prices("A,2000-01-01,1", "\"A\"B,2000-01-02,2"), ":3: text after a closing quote", 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void invalidUtf8FailsTheStreamAfterTheRowsBeforeIt(boolean skip) throws IOException {
        Path file = directory.resolve("prices.csv");
        Files.write(file, (HEADER + "A,2000-01-01,1\nA,2000-01-02,2\n\u00e9").getBytes(StandardCharsets.ISO_8859_1));

        expectBadFile(skip, file, ":4: not UTF-8", 2);
    }

    @Test
    void emptyFileFailsTheStream() throws IOException {
        expectBadFile(false, write(""), ": empty: not even a header", 0);
        expectBadFile(false, write("\n\n"), ": empty: not even a header", 0);
    }

    @Test
    void missingColumnFailsTheStream() throws IOException {
        expectBadFile(
                false,
                write("symbol,day,price\nA,2000-01-01,1\n"),
                ":1: no column 'date'; the header has 'symbol', 'day', 'price'",
                0);
        expectBadFile(false, write("symbol,date,price,date\n"), ":1: the header has more than one column 'date'", 0);
    }

    @Test
    void fileThatCannotBeReadFailsTheStream() throws IOException {
        expectBadFile(false, directory.resolve("none.csv"), ": no such file", 0);
        expectBadFile(false, directory, ": is a directory", 0);
        expectBadFile(false, prices("A,2000-01-01,1").resolve("below"), ": Not a directory", 0);
    }

    @Test
    void complaintsAreSafeForTerminals() throws IOException {
        Run run = Run.of("feed", prices("A,2000-01-01,\u001B[31m" + "9".repeat(100)))
                .expect(1);

        assertTrue(
                run.err().endsWith(":2: price '?[31m" + "9".repeat(35) + "…' is too long a number\n"), run::toString);
    }

    // ---- wrong calls

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--buffer -1|--buffer is -1; expected: 0 (unbounded) to 16777216",
                "--buffer x|'x' is not an int",
                "--buffer 2000000000|--buffer is 2000000000; expected: 0 (unbounded) to 16777216",
                "--demand 0|initialDemand 0 is not within 1 to 16777216",
                "--rate -1|--rate is -1.0; expected: 0",
                "--rate NaN|--rate is NaN; expected: 0",
                "--rate x|'x' is not a double",
                "--take 0|--take is 0; expected: 1 or more",
                "--repeat 0|--repeat is 0; expected: 1 or more",
                "--repeat 2 -|--repeat is 2; expected: 1 for standard input",
                "--slow-consumer 5|'5' is not a time such as 5ms",
                "--slow-consumer -5ms|'-5ms' is not a time such as 5ms",
                "--slow-consumer 1441min|'1441min' is more than a day",
                "--columns date|'date' is none of symbol=NAME, date=NAME, price=NAME",
                "--columns volume=x|'volume=x' is none of",
                "--columns date=x,date=y|date is given twice",
                "--columns date=|'date=' is none of",
                "--symbol=|--symbol is ''; expected: a name",
                "--dispatcher fast|'fast' is none of direct, pinned, pool, virtual",
                "--nope|Unknown option: '--nope'",
                "one two|Unmatched argument at index 2: 'two'",
            })
    void wrongCallIsExplained(String arguments, String complaint) {
        Object[] words = ("feed " + arguments).split(" ");
        Run run = Run.of(words).expect(2);

        assertTrue(run.err().startsWith("penstock: "), run::toString);
        assertTrue(run.err().contains(complaint), run::toString);
        assertTrue(run.err().endsWith("Try 'penstock feed --help'.\n"), run::toString);
        assertEquals("", run.out());
    }

    @Test
    void aFileWithoutANameIsNoFile() {
        Run run = Run.of("feed", "").expect(2);

        assertEquals("penstock: the name of the file is empty\nTry 'penstock feed --help'.\n", run.err());
        assertEquals("", run.out());
    }

    @Test
    void helpAndVersionAreThere() {
        assertTrue(Run.of("--help").expect(0).out().contains("guide"));
        assertTrue(Run.of("feed", "--help").expect(0).out().contains("--slow-consumer"));
        assertTrue(Run.of("--version").expect(0).out().matches("penstock \\d[-.\\w]+ \\(Java .+\\)\n"));
        assertEquals(Run.of("--version").out(), Run.of("feed", "--version").out());
        assertEquals(Run.of("--version").out(), Run.of("guide", "--version").out());
        assertTrue(Run.of().expect(2).err().startsWith("penstock: which command?"));
    }

    // ---- files

    private static void expectBadFile(boolean skip, Path file, String complaint, int delivered) {
        Run run = (skip ? Run.of("feed", "--skip-bad", file) : Run.of("feed", file))
                .expect(1)
                .expectEnd("failed: " + file + complaint);
        assertEquals("penstock: " + file + complaint + "\n", run.err());
        assertEquals(delivered, run.ledger("delivered"));
    }

    private Path prices(String... rows) throws IOException {
        return write(HEADER + String.join("\n", rows) + "\n");
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("prices.csv"), text);
    }

    private static List<String> shipped() throws IOException {
        try (InputStream file = FeedCommandTest.class.getResourceAsStream("/prices/stocks.csv")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
        }
    }

    private static void assertSame(BigDecimal expected, String actual) {
        assertEquals(0, expected.compareTo(new BigDecimal(actual)), () -> expected + " and " + actual);
    }

    private static double blockedSeconds(Run run) {
        return run.out()
                .lines()
                .filter(line -> line.startsWith("blocked in put: "))
                .mapToDouble(line -> Double.parseDouble(line.split(" ")[3]))
                .findFirst()
                .orElseThrow();
    }
}
