package dev.penstock.network.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How far the streams of a node had come, in a file that is mapped: what was written is there after the node was killed.
 *
 * <p>One count a stream: of the puts that were begun, or of the elements that were taken.
 */
final class BlackBox {

    private static final int STREAMS = 4096;

    private final ByteBuffer counts;

    BlackBox(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            counts = channel.map(FileChannel.MapMode.READ_WRITE, 0, STREAMS * Long.BYTES);
        }
    }

    /** For one thread a stream. */
    void write(long run, long count) {
        counts.putLong(at(run), count);
    }

    /** Once who writes is dead. */
    long read(long run) {
        return counts.getLong(at(run));
    }

    private static int at(long run) {
        if (run < 0 || run >= STREAMS) {
            throw new IllegalArgumentException("stream " + run);
        }
        return (int) run * Long.BYTES;
    }
}
