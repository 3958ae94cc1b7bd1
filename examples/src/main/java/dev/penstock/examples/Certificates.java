package dev.penstock.examples;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An authority and the certificates that it signs, in PKCS#12 files. Java has no public way to make a certificate but its
 * keytool, a program; what keytool need not do is done here.
 */
final class Certificates {

    private static final String AUTHORITY = "authority"; // the names of entries
    private static final String OWN = "own";
    private static final String PASSWORD =
            "PENSTOCK_CERT_PASSWORD"; // in keytool's environment: others see its arguments

    private final Path work;
    private final String password;

    /** Works in a directory that nobody else can read. */
    Certificates(Path work, String password) {
        this.work = work;
        this.password = password;
    }

    /** Makes an authority. */
    Path authority(String cluster, int days) throws IOException, InterruptedException {
        Path store = work.resolve("ca.p12");
        keytool(
                store,
                days,
                List.of("-alias", AUTHORITY, "-dname", "CN=Authority of " + cluster),
                List.of("-ext", "bc:c=ca:true,pathlen:0", "-ext", "ku:c=keyCertSign,cRLSign"));
        return store;
    }

    /** Takes an authority that is there; answers its certificate. */
    X509Certificate check(Path authority) throws IOException {
        try {
            KeyStore store = load(authority);
            if (store.getKey(AUTHORITY, password.toCharArray()) != null
                    && store.getCertificate(AUTHORITY) instanceof X509Certificate certificate) {
                return certificate;
            }
            throw new IOException(authority + ": was not made by this command");
        } catch (GeneralSecurityException e) {
            throw new IOException(authority + ": " + e.getMessage(), e);
        }
    }

    /** Makes a store of what the authority is known by. */
    Path trust(Path authority) throws IOException {
        try {
            KeyStore trust = empty();
            trust.setCertificateEntry(AUTHORITY, load(authority).getCertificate(AUTHORITY));
            return save(trust, work.resolve("trust.p12"));
        } catch (GeneralSecurityException e) {
            throw new IOException(authority + ": " + e.getMessage(), e);
        }
    }

    /** Makes a key, and its certificate by the authority: for both ends of a connection, or for one who only connects. */
    Path signed(Path authority, String file, String name, String uri, boolean accepts, int days)
            throws IOException, InterruptedException {
        Path store = work.resolve("signing-" + file);
        Files.copy(authority, store);
        keytool(
                store,
                days,
                List.of("-alias", OWN, "-dname", "CN=" + name, "-signer", AUTHORITY),
                List.of("-ext", "san=uri:" + uri, "-ext", "ku:c=digitalSignature"),
                List.of("-ext", accepts ? "eku=serverAuth,clientAuth" : "eku=clientAuth"));
        try {
            char[] secret = password.toCharArray();
            KeyStore both = load(store);
            Key key = both.getKey(OWN, secret);
            Certificate[] chain = both.getCertificateChain(OWN);
            KeyStore own = empty();
            own.setKeyEntry(OWN, key, secret, chain);
            Files.delete(store);
            return save(own, work.resolve(file));
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private KeyStore load(Path file) throws IOException, GeneralSecurityException {
        try {
            return KeyStore.getInstance(file.toFile(), password.toCharArray());
        } catch (IOException e) {
            boolean wrong = e.getCause() instanceof UnrecoverableKeyException;
            throw new IOException(file + ": " + (wrong ? "has another password" : e.getMessage()), e);
        }
    }

    private Path save(KeyStore store, Path file) throws IOException, GeneralSecurityException {
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, password.toCharArray());
        }
        return file;
    }

    /** Has keytool make a key and a certificate, valid since yesterday: clocks differ. */
    @SafeVarargs
    private void keytool(Path store, int days, List<String>... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        Collections.addAll(command, "-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1");
        Collections.addAll(command, "-startdate", "-1d", "-validity", String.valueOf(days + 1));
        Collections.addAll(command, "-keystore", store.toString(), "-storetype", "PKCS12", "-storepass:env", PASSWORD);
        Collections.addAll(command, "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"); // it runs for a moment
        for (List<String> more : options) {
            command.addAll(more);
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put(PASSWORD, password);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IOException("cannot run " + command.get(0) + ", which comes with a JDK: " + e.getMessage(), e);
        }
        try {
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                throw new IOException("keytool failed: " + said.strip());
            }
        } finally {
            process.destroy();
        }
    }

    /** Puts a file where it belongs, for the owner alone to read. */
    static void move(Path made, Path to) throws IOException {
        if (made.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
        }
        Files.move(made, to, StandardCopyOption.REPLACE_EXISTING);
    }
}
