package dev.penstock.network.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.LinkContractTest;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.Talker;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** In shared memory, by a driver of somebody else. */
final class AeronIpcLinksTest extends LinkContractTest {

    private static MediaDriver driver;

    private static MediaDriver driverAt(Path directory) {
        return MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .errorHandler(e -> {}));
    }

    @BeforeAll
    static void launch() {
        driver = driverAt(AeronTransport.embedded().newDirectory());
    }

    @AfterAll
    static void end() {
        driver.close();
    }

    @Override
    protected LinkProvider open() {
        return AeronTransport.external(Path.of(driver.aeronDirectoryName())).open(Keytool.CLUSTER, null);
    }

    @Test
    void bothAreInSharedMemory() throws Exception {
        dial().link();

        assertEquals("aeron:ipc", nextAccepted().link().peerAddress());
    }

    @Test
    void nobodyIsReachedWithoutADriver() throws Exception {
        try (LinkProvider lonely = AeronTransport.external(Path.of("/nowhere")).open(Keytool.CLUSTER, null)) {
            Talker near = new Talker();
            lonely.dial(address, near);
            assertInstanceOf(IOException.class, near.assertLost());
            assertThrows(IOException.class, () -> lonely.listen(ANY_PORT, Talker::new));
        }
    }

    @Test
    void driverThatEndsAndIsThereAgainIsUsedAgain() throws Exception {
        Path directory = AeronTransport.embedded().newDirectory();
        AeronTransport transport = AeronTransport.external(directory);
        MediaDriver first = driverAt(directory);
        try (AeronLinks there = transport.links(Keytool.CLUSTER, null);
                AeronLinks here = transport.links(Keytool.CLUSTER, null)) {
            InetSocketAddress where = there.listen(ANY_PORT, this::accept);
            Talker near = new Talker();
            here.dial(where, near);
            Talker far = nextAccepted();
            near.send(1_000);
            far.awaitReceived(1_000);
            first.close();
            assertInstanceOf(IOException.class, near.assertLost());
            assertInstanceOf(IOException.class, far.assertLost());

            try (MediaDriver second = driverAt(directory)) {
                Talker again = new Talker();
                do {
                    again = new Talker();
                    here.dial(where, again);
                    Talker latest = again;
                    latest.await(() -> latest.connected.isDone() || latest.closed.isDone());
                } while (!again.connected.isDone());
                again.send(1_000);
                nextAccepted().awaitReceived(1_000);
                assertFalse(second.aeronDirectoryName().isEmpty());
            }
        }
    }

    @Test
    void oneWithADriverOfItsOwnIsReachedByUdp() throws Exception {
        try (LinkProvider other = AeronTransport.embedded().open(Keytool.CLUSTER, null)) {
            Talker near = new Talker();
            client.dial(other.listen(ANY_PORT, this::accept), near);
            near.send(1_000);
            Talker far = nextAccepted();
            far.awaitReceived(1_000);
            assertTrue(far.link().peerAddress().startsWith("127.0.0.1:"), far.link()::peerAddress);

            Talker back = new Talker();
            other.dial(address, back);
            back.send(1_000);
            nextAccepted().awaitReceived(1_000);
        }
    }
}
