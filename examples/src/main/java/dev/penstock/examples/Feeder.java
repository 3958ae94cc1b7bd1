package dev.penstock.examples;

import dev.penstock.stream.PutResult;
import dev.penstock.stream.SinkRef;
import dev.penstock.stream.StreamClosedException;
import java.time.Duration;

/**
 * The feeding side: reads prices and puts them into the stream. Completes it at the end of the input; fails it at the
 * first row that is bad, after those before it; stops when the stream is cancelled.
 */
final class Feeder implements Runnable {

    /**
     * How to feed.
     *
     * @param file what to read
     * @param columns its columns
     * @param constantSymbol the symbol of all rows; null if a column has it
     * @param repeat how often to read it
     * @param perSecond prices a second; 0 is as fast as possible
     * @param skipBad whether to leave out bad rows
     */
    record Options(
            PriceFile file, Columns columns, String constantSymbol, long repeat, double perSecond, boolean skipBad) {}

    private final SinkRef<Price> sink;
    private final Options options;

    // written: the feeding thread, volatile; read: whoever prints
    private volatile long blockedNanos;
    private volatile long skipped;
    private volatile String firstSkipped;

    Feeder(SinkRef<Price> sink, Options options) {
        this.sink = sink;
        this.options = options;
    }

    @Override
    public void run() {
        try {
            Pace pace = new Pace(options.perSecond());
            for (long round = 0; round < options.repeat(); round++) {
                try (PriceReader reader =
                        new PriceReader(options.file(), options.columns(), options.constantSymbol())) {
                    for (Price price = next(reader); price != null; price = next(reader)) {
                        pace.await();
                        put(price);
                    }
                }
            }
            sink.complete();
        } catch (StreamClosedException | InterruptedException e) {
            sink.close(); // the other side has left; should it not have, this must not look like completion
        } catch (Throwable e) {
            sink.fail(e);
        }
    }

    private Price next(PriceReader reader) throws BadInputException {
        while (true) {
            try {
                return reader.next();
            } catch (BadInputException.Row bad) {
                if (!options.skipBad()) {
                    throw bad;
                }
                if (skipped == 0) {
                    firstSkipped = bad.getMessage();
                }
                skipped++;
            }
        }
    }

    /** Takes the time only if it must wait: a clock read is not free. */
    private void put(Price price) throws InterruptedException {
        if (sink.tryPut(price) != PutResult.ACCEPTED) {
            long begin = System.nanoTime();
            try {
                sink.put(price);
            } finally {
                blockedNanos += System.nanoTime() - begin;
            }
        }
    }

    Duration blocked() {
        return Duration.ofNanos(blockedNanos);
    }

    long skipped() {
        return skipped;
    }

    String firstSkipped() {
        return firstSkipped;
    }
}
