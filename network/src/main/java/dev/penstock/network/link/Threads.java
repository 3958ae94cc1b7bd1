package dev.penstock.network.link;

/** Waits for threads that are about to end. */
final class Threads {

    private Threads() {}

    /** Returns when a thread has ended, and not before. */
    static void join(Thread thread) {
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
