package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.network.Keytool;
import dev.penstock.network.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TlsLinksTest extends LinkContractTest {

    @Override
    protected LinkProvider open() {
        return links(Keytool.node("a"));
    }

    private static NettyLinks links(Tls tls) {
        return NettyLinks.secure(tls, Keytool.CLUSTER, GateLimits.DEFAULT);
    }

    @Override
    protected boolean isSecure() {
        return true;
    }

    // ---- who is let in

    @Test
    void namesOfThePeerAreThoseInItsCertificate() throws Exception {
        try (NettyLinks other = links(Keytool.client("c"))) {
            Talker near = new Talker();
            other.dial(address, near);

            assertEquals(Set.of("penstock://tests/a"), near.link().peerNames());
            assertEquals(
                    Set.of("penstock://tests/client/c"), nextAccepted().link().peerNames());
        }
    }

    /** Certificates that are no good. */
    enum Bad {
        NONE(null, ""),
        UNTRUSTED(Tls.member(Keytool.CLUSTER, "a"), "unable to find valid certification path"),
        EXPIRED(Tls.member(Keytool.CLUSTER, "a"), "NotAfter"),
        NOT_YET_VALID(Tls.member(Keytool.CLUSTER, "a"), "NotBefore"),
        NAMELESS(null, "is for nobody, not for a"),
        OTHER_CLUSTER(Tls.member("others", "a"), "is for penstock://others/a, not for a"),
        CLUSTER_OF_LONGER_NAME(Tls.member("tests2", "a"), "is for penstock://tests2/a, not for a"),
        OTHER_ROLE(Tls.member(Keytool.CLUSTER, "operator/a"), "is for penstock://tests/operator/a, not for a"),
        NO_NODE(Tls.member(Keytool.CLUSTER, ""), "is for penstock://tests/, not for a"),
        NO_CLIENT(Tls.client(Keytool.CLUSTER, ""), "is for penstock://tests/client/, not for a");

        private final String name;
        final String complaint;

        Bad(String name, String complaint) {
            this.name = name;
            this.complaint = complaint;
        }

        /** A context of the JDK's, which judges nobody: whom it is shown to must. */
        SSLContext context() throws GeneralSecurityException, IOException {
            return switch (this) {
                case NONE -> TlsLinksTest.context(null);
                case UNTRUSTED -> TlsLinksTest.context(store("other-ca"));
                case EXPIRED -> TlsLinksTest.context(store("ca", "-startdate", "-10d", "-validity", "5"));
                case NOT_YET_VALID -> TlsLinksTest.context(store("ca", "-startdate", "+10d", "-validity", "5"));
                default -> TlsLinksTest.context(store("ca"));
            };
        }

        private Path store(String authority, String... options) {
            return Keytool.store("bad-" + name().toLowerCase(), authority, name, options);
        }
    }

    @ParameterizedTest
    @EnumSource(Bad.class)
    void badCertificateOfADialerIsRejectedEachTime(Bad bad) throws Exception {
        SSLContext context = bad.context();
        for (int i = 1; i <= 2; i++) {
            try (SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
                assertEnds(socket);
            }
            awaitRejected(i);
        }
        assertTrue(accepted.isEmpty(), "no handler has heard of it");
        client.dial(address, new Talker());
        nextAccepted().link();
    }

    @ParameterizedTest
    @EnumSource(value = Bad.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void badCertificateOfAnAcceptorIsRejectedEachTime(Bad bad) throws Exception {
        try (SSLServerSocket acceptor = (SSLServerSocket)
                bad.context().getServerSocketFactory().createServerSocket(0, 8, address.getAddress())) {
            for (int i = 1; i <= 2; i++) {
                Talker near = new Talker();
                client.dial((InetSocketAddress) acceptor.getLocalSocketAddress(), near);
                try (Socket socket = acceptor.accept()) {
                    assertEnds((SSLSocket) socket);
                }
                Throwable cause = near.assertLost();
                assertInstanceOf(SSLException.class, cause);
                assertTrue(all(cause).contains(bad.complaint), () -> all(cause));
                assertFalse(near.connected.isDone());
            }
        }
    }

    @Test
    void clientIsNoAcceptor() throws Exception {
        try (NettyLinks other = links(Keytool.client("c"))) {
            Talker near = new Talker();
            client.dial(other.listen(ANY_PORT, this::accept), near);
            Throwable cause = near.assertLost();

            assertTrue(all(cause).contains("is for penstock://tests/client/c, not for a"), () -> all(cause));
            assertFalse(near.connected.isDone());
        }
    }

    @Test
    void dialerWhomTheAcceptorRejectsIsConnectedAndThenClosed() throws Exception {
        Tls stranger = Tls.of(
                Keytool.store("stranger", "other-ca", Tls.member(Keytool.CLUSTER, "s")),
                Keytool.PASSWORD.toCharArray(),
                Keytool.trust("ca"),
                Keytool.PASSWORD.toCharArray());
        try (NettyLinks other = links(stranger)) {
            Talker near = new Talker();
            other.dial(address, near);
            near.link();
            assertInstanceOf(IOException.class, near.assertLost());
        }
        awaitRejected(1);
        assertTrue(accepted.isEmpty());
    }

    @Test
    void plainTextIsRejected() throws Exception {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
            awaitEnd(socket);
        }
        awaitRejected(1);
        try (NettyLinks plain = NettyLinks.plaintext(GateLimits.DEFAULT)) {
            Talker near = new Talker();
            near.allowed.set(1_000);
            plain.dial(address, near);
            near.link();
            near.assertLost();
        }
        awaitRejected(2);
        assertTrue(accepted.isEmpty());
    }

    @Test
    void olderTlsIsRejected() throws Exception {
        SSLContext context = context(Keytool.nodeStore("a"));
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertEnds(socket);
        }
        awaitRejected(1);
    }

    // ---- the end

    /** A handshake that this side breaks off is no error, whatever its thread has just done for it. */
    @Test
    void closingDuringHandshakesIsNothingToSpeakOf() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                lines.add(entry.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger netty = Logger.getLogger("io.netty");
        Logger own = Logger.getLogger("dev.penstock");
        netty.addHandler(handler);
        own.addHandler(handler);
        try {
            for (int i = 0; i < 40; i++) {
                NettyLinks near = links(Keytool.node("b"));
                NettyLinks far = links(Keytool.node("a"));
                InetSocketAddress there = far.listen(ANY_PORT, this::accept);
                for (int k = 0; k < 4; k++) {
                    near.dial(there, new Talker());
                }
                long begin = System.nanoTime();
                while (System.nanoTime() - begin < i * 250_000L) { // somewhere within the handshakes
                    Thread.onSpinWait();
                }
                (i % 2 == 0 ? near : far).close();
                (i % 2 == 0 ? far : near).close();
            }
        } finally {
            netty.removeHandler(handler);
            own.removeHandler(handler);
        }
        assertEquals(List.of(), lines);
    }

    // ---- helpers

    private void awaitRejected(long count) {
        while (((NettyLinks) server).counts().rejected() < count) {
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("rejected: " + ((NettyLinks) server).counts());
            }
            Thread.onSpinWait();
        }
        assertEquals(count, ((NettyLinks) server).counts().rejected());
    }

    /** The handshake, or what comes after it, shows that the peer does not want this. */
    private static void assertEnds(SSLSocket socket) {
        try {
            socket.startHandshake();
            int read = socket.getInputStream().read();
            assertEquals(-1, read, "the peer has sent something");
        } catch (IOException e) {
            // so it says
        }
    }

    private static void awaitEnd(Socket socket) {
        try (InputStream in = socket.getInputStream()) {
            in.readAllBytes();
        } catch (IOException e) {
            // a reset is an end
        }
    }

    private static String all(Throwable e) {
        return e == null ? "" : e + "\n" + all(e.getCause());
    }

    private static SSLContext context(Path store) throws GeneralSecurityException, IOException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        KeyStore own = KeyStore.getInstance("PKCS12");
        if (store == null) {
            own.load(null, null);
        } else {
            own = KeyStore.getInstance(store.toFile(), Keytool.PASSWORD.toCharArray());
        }
        keys.init(own, Keytool.PASSWORD.toCharArray());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(KeyStore.getInstance(Keytool.trust("ca").toFile(), Keytool.PASSWORD.toCharArray()));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                new KeyManager[] {new Stubborn((X509ExtendedKeyManager) keys.getKeyManagers()[0])},
                trust.getTrustManagers(),
                null);
        return context;
    }

    /** Shows its certificate even to those who have said that they do not want such. */
    private static final class Stubborn extends X509ExtendedKeyManager {
        private final X509ExtendedKeyManager keys;

        Stubborn(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return keys.chooseClientAlias(types, null, socket);
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, null, socket);
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return keys.getClientAliases(type, null);
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return keys.getServerAliases(type, null);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }
}
