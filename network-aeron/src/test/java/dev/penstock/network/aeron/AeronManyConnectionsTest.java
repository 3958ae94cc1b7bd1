package dev.penstock.network.aeron;

import dev.penstock.network.peer.ManyConnectionsTest;
import dev.penstock.network.peer.NodeLinks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Connections over Aeron leave no shared memory behind either: neither as files nor mapped. */
final class AeronManyConnectionsTest extends ManyConnectionsTest {

    private static final String OWN =
            AeronTransport.DIRECTORY + ProcessHandle.current().pid() + "-";

    @Override
    protected List<? extends NodeLinks> links() {
        return List.of(AeronNodes.SMALLEST_TERMS, AeronNodes.TLS);
    }

    @Override
    protected int few() {
        return 50; // each makes its shared memory anew
    }

    /** What an ended connection held is free only once its liveness has passed, and is bounded: so no faster than that. */
    @Override
    protected long pauseNanos() {
        return 15_000_000;
    }

    @Override
    protected long others() {
        while (true) {
            try {
                return filesAndMappings();
            } catch (NoSuchFileException | UncheckedIOException e) {
                // Something was removed meanwhile: look again.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static long filesAndMappings() throws IOException {
        try (Stream<Path> drivers = Files.list(AeronTransport.parentDirectory())) {
            long files = 0;
            for (Path driver : drivers.filter(
                            path -> path.getFileName().toString().startsWith(OWN))
                    .toList()) {
                try (Stream<Path> within = Files.walk(driver)) {
                    files += within.count();
                }
            }
            Path maps = Path.of("/proc/self/maps");
            long mapped = Files.exists(maps)
                    ? Files.readString(maps)
                            .lines()
                            .filter(line -> line.contains(OWN))
                            .count()
                    : 0;
            return files + mapped;
        }
    }
}
