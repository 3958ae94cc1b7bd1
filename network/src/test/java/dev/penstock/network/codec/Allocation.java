package dev.penstock.network.codec;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What the calling thread has allocated. */
final class Allocation {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocation() {}

    /** In bytes, by this call. */
    static long by(Runnable call) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        call.run();
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** In bytes a call, after as many calls as a warm-up. */
    static double perCall(int calls, Runnable call) {
        Runnable all = () -> {
            for (int i = 0; i < calls; i++) {
                call.run();
            }
        };
        all.run();
        return by(all) / (double) calls;
    }
}
