package dev.penstock.benchmarks.network;

import dev.penstock.network.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;

/** Certificates for the two processes of a measurement, made by the JDK's keytool. */
final class Stores {

    static final String CLUSTER = "benchmark";
    static final String PRODUCER = "producer";
    static final String CONSUMER = "consumer";

    private static final char[] PASSWORD = "for-benchmarks-only".toCharArray();
    private static final String AUTHORITY = "authority";
    private static final String TRUST = "trust";

    private Stores() {}

    static Tls tls(String folder, String node) {
        return Tls.of(file(Path.of(folder), node), PASSWORD, file(Path.of(folder), TRUST), PASSWORD);
    }

    /** Makes an authority, and a store for each of the two. */
    static void make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        Path authority = file(folder, AUTHORITY);
        keytool(
                authority,
                "-genkeypair",
                "-alias",
                AUTHORITY,
                "-keyalg",
                "EC",
                "-dname",
                "CN=authority",
                "-ext",
                "bc:c");
        for (String node : List.of(PRODUCER, CONSUMER)) {
            Path store = Files.copy(authority, file(folder, node));
            keytool(
                    store,
                    "-genkeypair",
                    "-alias",
                    node,
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + node,
                    "-signer",
                    AUTHORITY,
                    "-ext",
                    "san=uri:" + Tls.member(CLUSTER, node));
            KeyStore signed = load(store);
            signed.deleteEntry(AUTHORITY);
            save(signed, store);
        }
        KeyStore trust = load(authority);
        Certificate certificate = trust.getCertificate(AUTHORITY);
        trust.deleteEntry(AUTHORITY);
        trust.setCertificateEntry(AUTHORITY, certificate);
        save(trust, file(folder, TRUST));
    }

    private static Path file(Path folder, String name) {
        return folder.resolve(name + ".p12");
    }

    private static KeyStore load(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static void save(KeyStore store, Path file) throws IOException, GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, PASSWORD);
        }
    }

    private static void keytool(Path store, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(
                List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", new String(PASSWORD)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
    }
}
