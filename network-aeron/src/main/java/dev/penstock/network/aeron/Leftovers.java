package dev.penstock.network.aeron;

import io.aeron.CncFileDescriptor;
import io.aeron.CommonContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.agrona.IoUtil;

/** The shared memory of processes that were killed, which nobody else gives back. */
final class Leftovers {

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final long AGE_SECONDS = 60;

    private Leftovers() {}

    /** Deletes the directories of drivers that have not been heard of for a minute, and whose process is gone. */
    static void remove(Path parent) {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(parent, AeronTransport.DIRECTORY + "*")) {
            for (Path directory : all) {
                removeIfLeft(directory);
            }
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "leftovers stay in " + parent, e);
        }
    }

    private static void removeIfLeft(Path directory) {
        try {
            if (isLeft(directory)) {
                IoUtil.delete(directory.toFile(), true);
            }
        } catch (IOException | RuntimeException e) { // somebody else's, or somebody else has been faster
            LOG.log(System.Logger.Level.DEBUG, directory + " stays", e);
        }
    }

    private static boolean isLeft(Path directory) throws IOException {
        String name = directory.getFileName().toString().substring(AeronTransport.DIRECTORY.length());
        String pid = name.substring(0, Math.max(0, name.indexOf('-')));
        return pid.matches("\\d{1,18}")
                && ProcessHandle.of(Long.parseLong(pid)).isEmpty()
                && Files.isDirectory(directory)
                && Files.getLastModifiedTime(directory)
                        .toInstant()
                        .isBefore(Instant.now().minusSeconds(AGE_SECONDS))
                && !isActive(directory);
    }

    /** Whether its driver has been heard of; Aeron itself would wait for one that has never been ready. */
    private static boolean isActive(Path directory) throws IOException {
        ByteBuffer version = ByteBuffer.allocate(Integer.BYTES);
        Path file = directory.resolve(CncFileDescriptor.CNC_FILE);
        if (Files.exists(file)) {
            try (FileChannel channel = FileChannel.open(file)) {
                channel.read(version, CncFileDescriptor.cncVersionOffset(0));
            }
        }
        return version.getInt(0) != 0
                && CommonContext.isDriverActive(directory.toFile(), AGE_SECONDS * 1_000, line -> {});
    }
}
