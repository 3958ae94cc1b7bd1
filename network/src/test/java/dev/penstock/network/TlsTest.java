package dev.penstock.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TlsTest {

    private static final char[] PASSWORD = Keytool.PASSWORD.toCharArray();

    @TempDir
    Path directory;

    @Test
    void itSaysWhoItIsAndNoPassword() {
        String text = Keytool.node("a").toString();

        assertTrue(text.startsWith("Tls[penstock://tests/a, valid until 20"), text);
        assertFalse(text.contains(Keytool.PASSWORD));
    }

    @Test
    void namesAreThoseOfTheScheme() throws Exception {
        Path both = Keytool.store(
                "both", "ca", "penstock://tests/a,uri:penstock://tests/client/b,uri:https://tests/c,dns:tests");
        KeyStore store = KeyStore.getInstance(both.toFile(), PASSWORD);

        assertEquals(Set.of("penstock://tests/a", "penstock://tests/client/b"), Tls.names((X509Certificate)
                store.getCertificate("own")));
    }

    @Test
    void whatIsWrongWithAFileIsSaid() throws IOException {
        Path good = Keytool.nodeStore("a");
        Path trust = Keytool.trust("ca");
        Path missing = directory.resolve("missing.p12");
        Path text = Files.writeString(directory.resolve("text.p12"), "text");
        char[] wrong = "wrong".toCharArray();

        assertRefused(missing, PASSWORD, trust, PASSWORD, "key store " + missing + ": no such file");
        assertRefused(good, PASSWORD, missing, PASSWORD, "trust store " + missing + ": no such file");
        assertRefused(directory, PASSWORD, trust, PASSWORD, "key store " + directory + ": no such file");
        assertRefused(good, wrong, trust, PASSWORD, "key store " + good + ": wrong password");
        assertRefused(good, PASSWORD, trust, wrong, "trust store " + trust + ": wrong password");
        assertRefused(text, PASSWORD, trust, PASSWORD, "key store " + text + ": not a readable PKCS#12 file");
        assertRefused(trust, PASSWORD, trust, PASSWORD, "key store " + trust + ": holds no key");
        assertRefused(good, PASSWORD, good, PASSWORD, "trust store " + good + ": holds no trusted certificate");
    }

    @Test
    void ownCertificateMustBeOfUse() {
        Path expired = Keytool.store("expired", "ca", "penstock://tests/a", "-startdate", "-10d", "-validity", "5");
        Path future = Keytool.store("future", "ca", "penstock://tests/a", "-startdate", "+10d", "-validity", "5");
        Path nameless = Keytool.store("nameless", "ca", null);
        Path trust = Keytool.trust("ca");

        assertRefused(
                expired, PASSWORD, trust, PASSWORD, "key store " + expired + ": the certificate has expired at 20");
        assertRefused(
                future, PASSWORD, trust, PASSWORD, "key store " + future + ": the certificate is valid only from 20");
        assertRefused(
                nameless,
                PASSWORD,
                trust,
                PASSWORD,
                "key store " + nameless + ": the certificate has no alternative name");
    }

    private static void assertRefused(Path key, char[] password, Path trust, char[] trustPassword, String why) {
        String message = assertThrows(IllegalArgumentException.class, () -> Tls.of(key, password, trust, trustPassword))
                .getMessage();
        assertTrue(message.startsWith(why), message);
    }
}
