package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CertCommandTest {

    private static final String PASSWORD = "for-tests-only";
    private static final String SERVER = "1.3.6.1.5.5.7.3.1"; // the uses of a key
    private static final String CLIENT = "1.3.6.1.5.5.7.3.2";

    @TempDir
    Path directory;

    private Path out() {
        return directory.resolve("certificates");
    }

    private Run cert(Object... more) {
        return Run.of(Stream.concat(
                        Stream.of("cert", "--out", out(), "--cluster", "prices", "--password=" + PASSWORD),
                        Stream.of(more))
                .toArray());
    }

    @Test
    void everybodyGetsTheirOwn() throws Exception {
        Run run = cert("--node", "a", "--node", "b", "--client", "c", "--days", 30)
                .expect(0);

        assertEquals(Set.of("ca.p12", "trust.p12", "node-a.p12", "node-b.p12", "client-c.p12"), files());
        assertTrue(run.out().startsWith(out().resolve("node-a.p12") + ": penstock://prices/a\n"), run::toString);
        assertFalse(run.out().contains(PASSWORD));
        X509Certificate authority = (X509Certificate) load("trust.p12").getCertificate("authority");
        assertSigned(authority, "node-a.p12", "penstock://prices/a", List.of(SERVER, CLIENT));
        assertSigned(authority, "node-b.p12", "penstock://prices/b", List.of(SERVER, CLIENT));
        assertSigned(authority, "client-c.p12", "penstock://prices/client/c", List.of(CLIENT));
    }

    private void assertSigned(X509Certificate authority, String file, String uri, List<String> uses) throws Exception {
        KeyStore store = load(file);
        assertEquals(List.of("own"), Collections.list(store.aliases()));
        assertTrue(store.isKeyEntry("own"));
        X509Certificate certificate = (X509Certificate) store.getCertificate("own");
        certificate.verify(authority.getPublicKey());
        assertArrayEquals(new Object[] {certificate, authority}, store.getCertificateChain("own"));
        assertEquals(List.of(List.of(6, uri)), List.copyOf(certificate.getSubjectAlternativeNames()));
        assertEquals(uses, certificate.getExtendedKeyUsage());
        assertEquals(-1, certificate.getBasicConstraints(), "it is no authority");
        Instant end = certificate.getNotAfter().toInstant();
        assertTrue(end.isAfter(Instant.now().plus(Duration.ofDays(29))), end::toString);
        assertTrue(end.isBefore(Instant.now().plus(Duration.ofDays(31))), end::toString);
    }

    @Test
    void nodesAreAddedAndRenewedByTheSameAuthority() throws Exception {
        cert("--node", "a").expect(0);
        byte[] a = bytes("node-a.p12");
        byte[] ca = bytes("ca.p12");
        cert("--node", "b").expect(0);
        assertArrayEquals(ca, bytes("ca.p12"));
        assertArrayEquals(a, bytes("node-a.p12"));

        Run again = cert("--node", "a", "--node", "c").expect(2);
        assertTrue(again.err().contains("node-a.p12 is there already; --force replaces it"), again::toString);
        assertArrayEquals(a, bytes("node-a.p12"));
        assertFalse(files().contains("node-c.p12"));

        cert("--node", "a", "--force").expect(0);
        assertFalse(Arrays.equals(a, bytes("node-a.p12")));
        X509Certificate authority = (X509Certificate) load("trust.p12").getCertificate("authority");
        for (String file : List.of("node-a.p12", "node-b.p12")) {
            load(file).getCertificate("own").verify(authority.getPublicKey());
        }
    }

    @Test
    void passwordIsMadeUpUnlessGiven() throws Exception {
        Run run = Run.of("cert", "--out", out(), "--cluster", "prices", "--node", "a")
                .expect(0);
        String password = run.out()
                .lines()
                .filter(line -> line.startsWith("password: "))
                .findFirst()
                .orElseThrow()
                .substring("password: ".length());
        KeyStore.getInstance(out().resolve("node-a.p12").toFile(), password.toCharArray());

        Run more = Run.of("cert", "--out", out(), "--cluster", "prices", "--node", "b")
                .expect(2);
        assertTrue(more.err().contains("ca.p12 is used again, and needs its --password"), more::toString);
        Run wrong = cert("--node", "b").expect(1);
        assertEquals("penstock: " + out().resolve("ca.p12") + ": has another password\n", wrong.err());
        assertEquals(Set.of("ca.p12", "trust.p12", "node-a.p12"), files());
    }

    @Test
    void authorityMustOutliveTheCertificates() throws Exception {
        cert("--node", "a").expect(0);
        Run run = cert("--node", "b", "--days", 4000).expect(1);

        assertTrue(run.err().contains("ca.p12: valid until 20"), run::toString);
        assertTrue(run.err().contains("which is less than --days 4000"), run::toString);
    }

    @Test
    void authorityOfOthersIsNotTaken() throws Exception {
        cert("--node", "a").expect(0);
        Files.copy(out().resolve("node-a.p12"), out().resolve("ca.p12"), StandardCopyOption.REPLACE_EXISTING);

        assertEquals(
                "penstock: " + out().resolve("ca.p12") + ": was not made by this command\n",
                cert("--node", "b").expect(1).err());
        Files.writeString(out().resolve("ca.p12"), "text");
        assertTrue(cert("--node", "b").expect(1).err().startsWith("penstock: " + out().resolve("ca.p12") + ": "));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void othersCannotReadThem() throws Exception {
        cert("--node", "a").expect(0);

        for (String file : files()) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(out().resolve(file))),
                    file);
        }
    }

    @Test
    void directoryThatCannotBeMadeIsNamed() throws Exception {
        Files.writeString(out(), "a file");

        assertEquals(
                "penstock: " + out() + ": is no directory\n",
                cert("--node", "a").expect(1).err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--cluster x --node a|Missing required option: '--out=DIR'",
                "--out x --node a|Missing required option: '--cluster=NAME'",
                "--out x --cluster x|for whom? expected: --node, --client, or both",
                "--out x --cluster a/b --node a|--cluster is 'a/b'; expected: 1 to 60 letters",
                "--out x --cluster x --node client/a|--node is 'client/a'; expected",
                "--out x --cluster x --node=|--node is ''; expected",
                "--out x --cluster x --client ü|--client is 'ü'; expected",
                "--out x --cluster x --node a --node a|--node a is given twice",
                "--out x --cluster x --client a --client a|--client a is given twice",
                "--out x --cluster x --node a --days 0|--days is 0; expected: 1 to 10000",
                "--out x --cluster x --node a --days x|'x' is not an int",
                "--out x --cluster x --node a --password=short|--password; expected: 6 to 100",
                "--out x --cluster x --node a --nope|Unknown option: '--nope'",
            })
    void wrongCallIsExplained(String arguments, String complaint) throws IOException {
        Object[] words = ("cert " + arguments.replace("--out x", "--out " + out())).split(" ");
        Run run = Run.of(words).expect(2);

        assertTrue(run.err().startsWith("penstock: "), run::toString);
        assertTrue(run.err().contains(complaint), run::toString);
        assertTrue(run.err().endsWith("Try 'penstock cert --help'.\n"), run::toString);
        assertFalse(Files.exists(out()));
    }

    @Test
    void helpIsThere() {
        assertTrue(Run.of("--help").expect(0).out().contains("cert"));
        assertTrue(Run.of("cert", "--help").expect(0).out().contains("--force"));
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(out())) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    private byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(out().resolve(file));
    }

    private KeyStore load(String file) throws Exception {
        return KeyStore.getInstance(out().resolve(file).toFile(), PASSWORD.toCharArray());
    }
}
