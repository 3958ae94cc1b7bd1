package dev.penstock.examples;

import dev.penstock.stream.StreamLedger;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A line on standard error that says how far the stream is, if a person looks on. The JDK cannot tell whether standard
 * error is a terminal ({@code System.console()} looks at the other two streams, and differently from 22 on): the launcher
 * finds out.
 */
final class Progress {

    private static final String ON_TERMINAL = "penstock.terminal";
    private static final long EVERY_MILLIS = 250;

    private final Supplier<StreamLedger> ledger;
    private final PrintWriter err;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::show, "progress");

    Progress(Supplier<StreamLedger> ledger, PrintWriter err) {
        this.ledger = ledger;
        this.err = err;
        if (Boolean.getBoolean(ON_TERMINAL)) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void show() {
        int width = 0;
        try {
            while (!closed.await(EVERY_MILLIS, TimeUnit.MILLISECONDS)) {
                StreamLedger now = ledger.get();
                String line = String.format(
                        Locale.ROOT,
                        "%,d delivered, %,d buffered, %,d in flight",
                        now.delivered(),
                        now.buffered(),
                        now.inFlight());
                String blanks = " ".repeat(Math.max(0, width - line.length()));
                width = line.length();
                err.print("\r" + line + blanks);
                err.flush();
            }
        } catch (InterruptedException e) {
            // Nobody does that; shown no more.
        }
        err.print("\r" + " ".repeat(width) + "\r");
        err.flush();
    }

    /** Takes the line away. */
    public void close() {
        closed.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
