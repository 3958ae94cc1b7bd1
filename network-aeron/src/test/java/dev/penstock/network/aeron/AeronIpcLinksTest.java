package dev.penstock.network.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.LinkContractTest;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.Talker;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** In shared memory, by a driver of somebody else. */
final class AeronIpcLinksTest extends LinkContractTest {

    private static MediaDriver driver;

    @BeforeAll
    static void launch() {
        driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(AeronTransport.embedded().newDirectory().toString())
                .dirDeleteOnShutdown(true)
                .threadingMode(ThreadingMode.SHARED)
                .errorHandler(e -> {}));
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
