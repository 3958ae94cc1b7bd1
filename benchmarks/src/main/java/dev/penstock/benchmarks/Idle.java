package dev.penstock.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.penstock.benchmarks.run.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;

/** What open streams without traffic cost: processor time of the whole process, with a reader waiting at each stream. */
public final class Idle {

    /**
     * What one run found, in percent of one core.
     *
     * @param percentWithout the same process before it opened any
     */
    public record Found(int streams, double seconds, double percentOfOneCore, double percentWithout) {}

    private Idle() {}

    /**
     * Measures; in this virtual machine.
     *
     * @param arguments how many streams, milliseconds to settle and to measure, the file to write
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int streams = Integer.parseInt(arguments[0]);
        long settleMillis = Long.parseLong(arguments[1]);
        long millis = Long.parseLong(arguments[2]);
        Json.write(Path.of(arguments[3]), Json.of(measure(streams, settleMillis, millis)));
        System.exit(0); // past the readers
    }

    private static Found measure(int count, long settleMillis, long millis) throws InterruptedException {
        double without = percentOfOneCore(settleMillis, millis);
        ManyStreams streams = new ManyStreams();
        streams.open(count);
        CountDownLatch taken = new CountDownLatch(count);
        for (ManyStreams.One stream : streams.all()) {
            Thread reader = new Thread(() -> read(stream, taken), "reader");
            reader.setDaemon(true);
            reader.start();
            stream.sink().put(Elements.at(0));
        }
        taken.await(); // each stream has been used
        double with = percentOfOneCore(settleMillis, millis);
        return new Found(count, millis / 1e3, with, without);
    }

    /** Takes the one element that comes, and waits for another. */
    private static void read(ManyStreams.One stream, CountDownLatch taken) {
        Iterator<Integer> elements = stream.source().iterator();
        while (elements.hasNext()) {
            stream.order().accept(elements.next());
            taken.countDown();
        }
    }

    private static double percentOfOneCore(long settleMillis, long millis) throws InterruptedException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        Thread.sleep(settleMillis);
        long beginCpu = system.getProcessCpuTime();
        long begin = System.nanoTime();
        Thread.sleep(millis);
        return 100.0 * (system.getProcessCpuTime() - beginCpu) / (System.nanoTime() - begin);
    }
}
