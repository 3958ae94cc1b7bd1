package dev.penstock.benchmarks.network;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/** What the threads of this process have allocated, and its processor time; from a moment on. */
final class Usage {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /**
     * What was used.
     *
     * @param bytes by the threads that live
     */
    record Used(long bytes, long cpuNanos) {}

    private final Map<Long, Long> bytesBefore = bytes(); // by the number of the thread
    private final long cpuNanosBefore = SYSTEM.getProcessCpuTime();

    private static Map<Long, Long> bytes() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> byId = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            byId.put(ids[i], Math.max(0, bytes[i])); // -1: it has ended meanwhile
        }
        return byId;
    }

    Used until() {
        long cpuNanos = SYSTEM.getProcessCpuTime() - cpuNanosBefore;
        long sum = 0;
        for (Map.Entry<Long, Long> thread : bytes().entrySet()) {
            sum += Math.max(0, thread.getValue() - bytesBefore.getOrDefault(thread.getKey(), 0L));
        }
        return new Used(sum, cpuNanos);
    }
}
