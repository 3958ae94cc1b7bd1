package dev.penstock.benchmarks;

import dev.penstock.stream.StreamClosedException;

/** A thread that puts elements in, one after the other, until it is stopped. */
final class Feeder {

    /** One put, blocking. */
    @FunctionalInterface
    interface Put {
        void put(Integer element) throws InterruptedException;
    }

    private final Thread thread;

    private Feeder(Put put) {
        thread = new Thread(() -> feed(put), "feeder");
        thread.setDaemon(true);
    }

    static Feeder start(Put put) {
        Feeder feeder = new Feeder(put);
        feeder.thread.start();
        return feeder;
    }

    private static void feed(Put put) {
        try {
            for (int i = 0; ; i++) {
                put.put(Elements.at(i));
            }
        } catch (InterruptedException | StreamClosedException end) {
            // the trial is over
        }
    }

    void interrupt() {
        thread.interrupt();
    }

    void join() throws InterruptedException {
        thread.join();
    }
}
