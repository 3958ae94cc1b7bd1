package dev.penstock.benchmarks.network;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.penstock.benchmarks.DispatcherKind;
import dev.penstock.benchmarks.WaitKind;
import java.util.Locale;

/**
 * What two processes measure together.
 *
 * @param dispatcher of our stream; null: others have none
 * @param waitStrategy of a blocked put and of the reader; null: others choose themselves
 * @param ratePerSecond 0: as fast as it goes
 * @param stores where the certificates are; null in plain text
 * @param producerPort where the producer's process is found
 * @param consumerPort for the consumer's process, if it must be found too
 */
record Setup(
        Transport transport,
        DispatcherKind dispatcher,
        WaitKind waitStrategy,
        int demand,
        int ratePerSecond,
        double warmupSeconds,
        double seconds,
        String stores,
        int producerPort,
        int consumerPort) {

    /** Elements that wait for demand, at most. */
    static final int BUFFER = 1024;

    /** A way of making the stream, as it is called in files; whatever its demand. */
    @JsonIgnore
    String way() {
        String ours = dispatcher == null ? "" : "-" + dispatcher;
        String waits = waitStrategy == null ? "" : "-" + waitStrategy;
        return (transport + ours + waits).toLowerCase(Locale.ROOT);
    }

    @JsonIgnore
    String name() {
        return way() + "-d" + demand + (ratePerSecond == 0 ? "" : "-" + ratePerSecond + "ps");
    }

    @JsonIgnore
    boolean isLatency() {
        return ratePerSecond > 0;
    }

    Setup at(String storesFolder, int producer, int consumer) {
        return new Setup(
                transport,
                dispatcher,
                waitStrategy,
                demand,
                ratePerSecond,
                warmupSeconds,
                seconds,
                storesFolder,
                producer,
                consumer);
    }
}
