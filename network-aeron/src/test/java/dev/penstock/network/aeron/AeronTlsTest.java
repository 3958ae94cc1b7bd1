package dev.penstock.network.aeron;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.Keytool;
import dev.penstock.network.Tls;
import dev.penstock.network.link.Talker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in over Aeron with TLS, and what becomes of what was tampered with. */
final class AeronTlsTest {

    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final BlockingQueue<Talker> accepted = new LinkedBlockingQueue<>();
    private final Cable cable = new Cable();
    private AeronLinks server;
    private InetSocketAddress address;

    @BeforeEach
    void listen() throws IOException {
        server = cable.attach(AeronTransport.embedded()).links(Keytool.CLUSTER, Keytool.node("a"));
        address = server.listen(ANY_PORT, this::accept);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Talker accept() {
        Talker talker = new Talker();
        accepted.add(talker);
        return talker;
    }

    private static AeronLinks links(Tls tls) {
        return AeronTransport.embedded().links(Keytool.CLUSTER, tls);
    }

    private static Tls stranger(String authority, String uri) {
        return Tls.of(
                Keytool.store("stranger-of-" + authority, authority, uri),
                Keytool.PASSWORD.toCharArray(),
                Keytool.trust("ca"),
                Keytool.PASSWORD.toCharArray());
    }

    private void awaitRejected(long count) {
        RawPeer.await(() -> server.counts().rejected() >= count);
        assertEquals(count, server.counts().rejected());
    }

    @Test
    void namesOfThePeerAreThoseInItsCertificate() throws Exception {
        try (AeronLinks client = links(Keytool.client("c"))) {
            Talker near = new Talker();
            client.dial(address, near);

            assertEquals(Set.of("penstock://tests/a"), near.link().peerNames());
            assertEquals(
                    Set.of("penstock://tests/client/c"), accepted.take().link().peerNames());
        }
    }

    @Test
    void dialerWhomTheAcceptorRejectsIsConnectedAndThenClosed() throws Exception {
        try (AeronLinks client = links(stranger("other-ca", Tls.member(Keytool.CLUSTER, "s")))) {
            Talker near = new Talker();
            client.dial(address, near);
            near.link();
            assertInstanceOf(SSLException.class, near.assertLost());
        }
        awaitRejected(1);
        assertTrue(accepted.isEmpty());
    }

    @Test
    void nodeOfAnotherClusterIsRejected() throws Exception {
        try (AeronLinks client = links(stranger("ca", Tls.member("others", "a")))) {
            for (int i = 1; i <= 2; i++) {
                Talker near = new Talker();
                client.dial(address, near);
                near.assertLost();
                awaitRejected(i);
            }
        }
        assertTrue(accepted.isEmpty());
    }

    @Test
    void clientIsNoAcceptor() throws Exception {
        try (AeronLinks client = links(Keytool.client("c"))) {
            Talker near = new Talker();
            server.dial(client.listen(ANY_PORT, this::accept), near);
            Throwable cause = near.assertLost();

            assertInstanceOf(SSLException.class, cause);
            assertTrue(cause.getMessage().contains("is for penstock://tests/client/c, not for a"), cause::getMessage);
            assertFalse(near.connected.isDone());
            assertTrue(accepted.isEmpty());
        }
    }

    @Test
    void plainTextIsRejected() throws Exception {
        try (AeronLinks plain = links(null)) {
            Talker near = new Talker() {
                @Override
                public void received(byte[] bytes, int from, int to) {
                    // TLS says, in plain text, what it thinks of this
                }
            };
            near.allowed.set(1_000);
            plain.dial(address, near);
            near.link();
            near.assertLost();
        }
        awaitRejected(1);
        assertTrue(accepted.isEmpty());
    }

    @Test
    void whatWasTamperedWithIsNotDelivered() throws Exception {
        try (AeronLinks client = links(Keytool.node("b"))) {
            Talker near = new Talker();
            client.dial(address, near);
            Talker far = accepted.take();
            near.send(1_000);
            far.awaitReceived(1_000);
            cable.garbling = true;
            near.send(1_000);

            assertInstanceOf(SSLException.class, far.assertLost());
            assertEquals(1_000, far.received);
            near.assertLost();
        }
    }
}
