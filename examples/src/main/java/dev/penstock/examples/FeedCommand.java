package dev.penstock.examples;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.ActorSystem;
import dev.penstock.actor.Dispatcher;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.ConsumerOptions;
import dev.penstock.stream.GetSink;
import dev.penstock.stream.GetSource;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.SourceRef;
import dev.penstock.stream.StreamClosedException;
import dev.penstock.stream.StreamConsumer;
import dev.penstock.stream.StreamLedger;
import dev.penstock.stream.StreamOutcome;
import dev.penstock.stream.StreamProducer;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Streams prices from one thread to another and says what came out: {@code ./penstock feed}. */
@Command(
        name = "feed",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        description = {
            "Streams prices from a CSV file with a header: a feeding thread puts them in, the main thread takes them out.",
            "Dates are such as 2000-01-31 or Jan 31 2000."
        },
        footer = {
            "",
            "Exit status: 0; 1 if the stream failed; 2 if the command was called wrongly; 130 after Ctrl-C.",
            "",
            "  penstock feed",
            "  penstock feed --take 100 --rate 50 prices.csv",
            "  penstock feed --symbol SPX --columns price=close sp500-2000.csv",
            "  zcat prices.csv.gz | penstock feed --skip-bad -"
        })
final class FeedCommand implements Callable<Integer> {

    private static final int LARGEST_BUFFER = 1 << 24;
    private static final double SLOWEST_RATE = 0.001;
    private static final double FASTEST_RATE = 1e9;
    private static final int INTERRUPTED = 130;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "the file; - is standard input; none is the monthly stock prices that come with the examples")
    private String file;

    @Option(
            names = "--columns",
            paramLabel = "KEY=NAME,...",
            converter = ColumnsConverter.class,
            description = "the columns that hold symbol, date, price, where they have other names")
    private Columns columns = new Columns("symbol", "date", "price");

    @Option(names = "--symbol", paramLabel = "NAME", description = "the symbol of all rows of a file without one")
    private String symbol;

    @Option(
            names = "--skip-bad",
            description =
                    "leave out rows without a symbol, a date or a price; without it, the first one fails the stream."
                            + " Text that is no CSV, or not UTF-8, always does")
    private boolean skipBad;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            defaultValue = "1",
            description = "feed the file so many times (default: ${DEFAULT-VALUE})")
    private long repeat;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "feed so many prices a second; 0 is as fast as possible (default: ${DEFAULT-VALUE})")
    private double rate;

    @Option(names = "--take", paramLabel = "N", description = "cancel the stream after so many prices")
    private Long take;

    @Option(
            names = "--slow-consumer",
            paramLabel = "TIME",
            defaultValue = "0ms",
            converter = DurationConverter.class,
            description = "wait so long after each price, such as 5ms")
    private Duration slowConsumer;

    @Option(
            names = "--buffer",
            paramLabel = "N",
            defaultValue = "1024",
            description = "how many prices wait in the sink at most; 0 is unbounded (default: ${DEFAULT-VALUE})")
    private int buffer;

    @Option(
            names = "--demand",
            paramLabel = "N",
            defaultValue = "16",
            description = "how many prices are in flight at most (default: ${DEFAULT-VALUE})")
    private int demand;

    @Option(
            names = "--dispatcher",
            paramLabel = "NAME",
            defaultValue = "pool",
            converter = DispatcherConverter.class,
            description = "what runs the actors: pool, pinned, direct, virtual (default: ${DEFAULT-VALUE})")
    private Supplier<Dispatcher> dispatcher;

    // the main thread only
    private final Summary summary = new Summary();

    @Override
    public Integer call() throws Exception {
        check(buffer >= 0 && buffer <= LARGEST_BUFFER, "--buffer", buffer, "0 (unbounded) to " + LARGEST_BUFFER);
        check(take == null || take >= 1, "--take", take, "1 or more");
        check(repeat >= 1, "--repeat", repeat, "1 or more");
        check(
                rate == 0 || rate >= SLOWEST_RATE && rate <= FASTEST_RATE,
                "--rate",
                rate,
                "0 (as fast as possible) or " + SLOWEST_RATE + " to 1000000000");
        check(symbol == null || !symbol.isBlank(), "--symbol", "''", "a name");
        check(
                repeat == 1 || !"-".equals(file),
                "--repeat",
                repeat,
                "1 for standard input, which can be read only once");
        Feeder.Options feed = new Feeder.Options(priceFile(), columns, symbol, repeat, rate, skipBad);
        ConsumerOptions consumerOptions = consumerOptions();

        try (CtrlC ctrlC = new CtrlC()) {
            return stream(feed, consumerOptions, ctrlC);
        }
    }

    // ---- the stream

    private int stream(Feeder.Options feed, ConsumerOptions consumerOptions, CtrlC ctrlC) throws Exception {
        SinkRef<Price> sink;
        Feeder feeder;
        long elapsedNanos;
        boolean interrupted;
        try (ActorSystem system =
                ActorSystem.builder("feed").dispatcher(dispatcher.get()).build()) {
            ActorRef<ProducerMessage<Price>> producer = system.spawn(StreamProducer.<Price>create(buffer), "producer");
            ActorRef<ConsumerMessage<Price>> consumer =
                    system.spawn(StreamConsumer.create(producer, consumerOptions), "consumer");
            sink = system.ask(producer, GetSink<Price>::new, PATIENCE).join();
            SourceRef<Price> source =
                    system.ask(consumer, GetSource<Price>::new, PATIENCE).join();

            feeder = new Feeder(sink, feed);
            Thread feeding = new Thread(feeder, "feeder");
            feeding.setDaemon(true);
            long begin = System.nanoTime();
            feeding.start();
            Progress progress = new Progress(source::ledger, err());
            try {
                take(source);
            } finally {
                progress.close();
            }
            elapsedNanos = System.nanoTime() - begin;
            interrupted = ctrlC.disarm();
            feeding.interrupt(); // it may wait for input that nobody wants any more
            feeding.join(PATIENCE.toMillis());
        }
        // The system is closed, the stream at rest: now the ledger is exact.
        StreamOutcome outcome = sink.outcome().join();
        report(sink.ledger(), outcome, feeder, elapsedNanos, interrupted);
        return interrupted ? INTERRUPTED : status(outcome);
    }

    /** Takes prices until the stream ends, enough are taken, or somebody presses Ctrl-C. */
    private void take(SourceRef<Price> source) {
        long wanted = take == null ? Long.MAX_VALUE : take;
        try (source) {
            for (Price price : source) {
                summary.add(price);
                if (summary.count() == wanted || Thread.currentThread().isInterrupted()) {
                    break;
                }
                Pace.sleep(slowConsumer.toNanos());
            }
        } catch (StreamClosedException e) {
            // The outcome says why.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int status(StreamOutcome outcome) {
        boolean wanted = outcome instanceof StreamOutcome.Completed
                || outcome instanceof StreamOutcome.Cancelled && take != null && summary.count() == take;
        return wanted ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    // ---- what is printed

    private void report(
            StreamLedger ledger, StreamOutcome outcome, Feeder feeder, long elapsedNanos, boolean interrupted) {
        double seconds = elapsedNanos / 1e9;
        PrintWriter out = spec.commandLine().getOut();
        out.println(summary);
        out.println(Text.table(List.of(
                List.of("ledger", ""),
                List.of("  offered", number(ledger.offered())),
                List.of("  delivered", number(ledger.delivered())),
                List.of("  buffered", number(ledger.buffered())),
                List.of("  in flight", number(ledger.inFlight())),
                List.of("  undelivered", number(ledger.undelivered())))));
        out.println("ended: " + describe(outcome, interrupted));
        if (feeder.skipped() > 0) {
            out.println("bad rows skipped: " + number(feeder.skipped()) + "; the first: " + feeder.firstSkipped());
        }
        out.printf(
                Locale.ROOT,
                "blocked in put: %.3f s of %.3f s%n%,.0f elements/s%n",
                feeder.blocked().toNanos() / 1e9,
                seconds,
                summary.count() / seconds);
        out.flush();
        if (outcome instanceof StreamOutcome.Failed failed) {
            if (failed.cause() instanceof BadInputException bad) {
                Penstock.complain(spec.commandLine(), bad.getMessage());
            } else {
                err().print("penstock: ");
                failed.cause().printStackTrace(err()); // no fault of the user's
            }
        }
    }

    private String describe(StreamOutcome outcome, boolean interrupted) {
        if (outcome instanceof StreamOutcome.Completed) {
            return "completed";
        } else if (outcome instanceof StreamOutcome.Cancelled) {
            return interrupted ? "cancelled by an interrupt" : "cancelled" + (take != null ? " by --take " + take : "");
        } else if (outcome instanceof StreamOutcome.Failed failed) {
            return "failed: " + failed.cause().getMessage();
        }
        return outcome.toString();
    }

    private static String number(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    // ---- options

    private void check(boolean valid, String option, Object value, String expected) {
        if (!valid) {
            throw wrong(option + " is " + value + "; expected: " + expected);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private PriceFile priceFile() {
        if (file == null) {
            return PriceFile.shipped();
        }
        if (file.isEmpty()) {
            throw wrong("the name of the file is empty");
        }
        try {
            return file.equals("-") ? PriceFile.standardInput() : PriceFile.at(Path.of(file));
        } catch (InvalidPathException e) {
            throw wrong(Text.quote(file) + " is not the name of a file: " + e.getReason());
        }
    }

    private ConsumerOptions consumerOptions() {
        try {
            // Prices may be slow to come by way of a pipe: that is no reason to give up.
            return ConsumerOptions.defaults().initialDemand(demand).inactivityTimeout(Duration.ZERO);
        } catch (IllegalArgumentException e) {
            throw wrong("--demand: " + e.getMessage());
        }
    }

    static final class ColumnsConverter implements ITypeConverter<Columns> {
        @Override
        public Columns convert(String text) {
            try {
                return Columns.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    static final class DispatcherConverter implements ITypeConverter<Supplier<Dispatcher>> {
        private static final int FIRST_WITH_VIRTUAL_THREADS = 21;
        private static final Map<String, Supplier<Dispatcher>> BY_NAME = new TreeMap<>(Map.of(
                "pool", () -> Dispatcher.pool(Runtime.getRuntime().availableProcessors()),
                "pinned", Dispatcher::pinned,
                "direct", Dispatcher::direct,
                "virtual", Dispatcher::virtualThreads));

        @Override
        public Supplier<Dispatcher> convert(String name) {
            Supplier<Dispatcher> chosen = BY_NAME.get(name);
            if (chosen == null) {
                throw new TypeConversionException(
                        Text.quote(name) + " is none of " + String.join(", ", BY_NAME.keySet()));
            }
            int java = Runtime.version().feature();
            if (name.equals("virtual") && java < FIRST_WITH_VIRTUAL_THREADS) {
                throw new TypeConversionException("virtual threads need Java 21 or newer, and this is Java " + java);
            }
            return chosen;
        }
    }

    static final class DurationConverter implements ITypeConverter<Duration> {
        private static final Pattern PATTERN = Pattern.compile("(\\d{1,9})(ns|us|ms|s|min)");
        private static final Map<String, TimeUnit> UNITS = Map.of(
                "ns", TimeUnit.NANOSECONDS,
                "us", TimeUnit.MICROSECONDS,
                "ms", TimeUnit.MILLISECONDS,
                "s", TimeUnit.SECONDS,
                "min", TimeUnit.MINUTES);

        @Override
        public Duration convert(String text) {
            Matcher matcher = PATTERN.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        Text.quote(text) + " is not a time such as 5ms (units: ns, us, ms, s, min)");
            }
            long nanos = UNITS.get(matcher.group(2)).toNanos(Long.parseLong(matcher.group(1)));
            if (nanos > TimeUnit.DAYS.toNanos(1)) {
                throw new TypeConversionException(Text.quote(text) + " is more than a day");
            }
            return Duration.ofNanos(nanos);
        }
    }
}
