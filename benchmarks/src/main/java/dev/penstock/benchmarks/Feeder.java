package dev.penstock.benchmarks;

import dev.penstock.benchmarks.peers.Pipe;
import dev.penstock.stream.StreamClosedException;
import java.util.function.Function;

/** A thread that puts elements in, one after the other, until it is stopped. */
final class Feeder {

    /** Puts a number of elements, blocking, forever. */
    @FunctionalInterface
    interface Feed {
        void run() throws InterruptedException;
    }

    /** One put, blocking. */
    @FunctionalInterface
    interface Put {
        void put(Integer element) throws InterruptedException;
    }

    private static final long PATIENCE_MILLIS = 10_000;

    private final Thread thread;

    private Feeder(Function<Runnable, Thread> threads, Feed feed) {
        thread = threads.apply(() -> run(feed));
    }

    /** Starts a thread that puts all elements, from the first on, again and again. */
    static Feeder start(Put put) {
        return start(() -> feed(put));
    }

    /** Starts a thread for a feed that goes on until it is interrupted or the stream closed. */
    static Feeder start(Feed feed) {
        return start(Feeder::daemon, feed);
    }

    /** Starts a pipe's own putting thread. */
    static Feeder start(Pipe<Integer> pipe) {
        return start(pipe::newPutter, () -> feed(pipe::put));
    }

    /** Starts a thread made by another for a feed that goes on until it is interrupted or the stream closed. */
    static Feeder start(Function<Runnable, Thread> threads, Feed feed) {
        Feeder feeder = new Feeder(threads, feed);
        feeder.thread.start();
        return feeder;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "feeder");
        thread.setDaemon(true);
        return thread;
    }

    private static void feed(Put put) throws InterruptedException {
        for (int i = 0; ; i++) {
            put.put(Elements.at(i));
        }
    }

    private static void run(Feed feed) {
        try {
            feed.run();
        } catch (InterruptedException | StreamClosedException end) {
            // the trial is over
        }
    }

    /** Ends the thread and waits until it has. */
    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join(PATIENCE_MILLIS);
        if (thread.isAlive()) {
            throw new IllegalStateException("the feeding thread does not end: a put is not interruptible");
        }
    }
}
