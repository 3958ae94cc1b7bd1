package dev.penstock.network;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Certificates for tests, made by the JDK's keytool, each once a run. */
public final class Keytool {

    /** Of every store. */
    public static final String PASSWORD = "for-tests-only";

    /** The cluster that they are for, unless they are for another. */
    public static final String CLUSTER = "tests";

    private static final String[] STORE = {"-storetype", "PKCS12", "-storepass", PASSWORD};
    private static final Path DIRECTORY = temporary();
    private static final Map<String, Path> MADE = new ConcurrentHashMap<>();

    private Keytool() {}

    /** What a node of the cluster has. */
    public static Tls node(String name) {
        return tls(nodeStore(name));
    }

    /** What a client of the cluster has. */
    public static Tls client(String name) {
        return tls(store("client-" + name, "ca", Tls.client(CLUSTER, name)));
    }

    /** The key store of a node of the cluster. */
    public static Path nodeStore(String name) {
        return store(name, "ca", Tls.member(CLUSTER, name));
    }

    /** Reads a key store. */
    public static Tls tls(Path store) {
        return Tls.of(store, PASSWORD.toCharArray(), trust("ca"), PASSWORD.toCharArray());
    }

    /** A store with the certificate of an authority. */
    public static Path trust(String authority) {
        return MADE.computeIfAbsent(
                "trust-" + authority,
                name -> change(authority(authority), name, store -> {
                    Certificate certificate = store.getCertificate("ca");
                    store.deleteEntry("ca");
                    store.setCertificateEntry("ca", certificate);
                }));
    }

    /**
     * A store with a key and its certificate.
     *
     * @param name tells it from others
     * @param authority who signs it
     * @param uri its alternative name; null: none
     * @param options more for keytool, such as its dates
     */
    public static Path store(String name, String authority, String uri, String... options) {
        return MADE.computeIfAbsent(name + "-by-" + authority, both -> {
            Path work = change(authority(authority), "signing-" + both, store -> {});
            List<Object> arguments = new ArrayList<>(List.of("-genkeypair", "-alias", "own", "-keystore", work));
            arguments.addAll(List.of("-keyalg", "EC", "-dname", "CN=" + name, "-signer", "ca"));
            if (uri != null) {
                arguments.addAll(List.of("-ext", "san=uri:" + uri));
            }
            arguments.addAll(Arrays.asList(options));
            run(arguments.toArray());
            return change(work, both, store -> store.deleteEntry("ca"));
        });
    }

    /** The store of an authority. */
    public static Path authority(String name) {
        return MADE.computeIfAbsent("authority-" + name, file -> {
            Path store = DIRECTORY.resolve(file + ".p12");
            run(
                    "-genkeypair",
                    "-alias",
                    "ca",
                    "-keystore",
                    store,
                    "-keyalg",
                    "EC",
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "bc:c");
            return store;
        });
    }

    /** What is done to a store. */
    private interface Change {
        void apply(KeyStore store) throws GeneralSecurityException;
    }

    /** A changed copy of a store. */
    private static Path change(Path store, String name, Change change) {
        Path changed = DIRECTORY.resolve(name + ".p12");
        try (OutputStream out = Files.newOutputStream(changed)) {
            KeyStore content = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            change.apply(content);
            content.store(out, PASSWORD.toCharArray());
            return changed;
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static void run(Object... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        Arrays.stream(arguments).map(Object::toString).forEach(command::add);
        Collections.addAll(command, STORE);
        Collections.addAll(command, "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC");
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) {
                throw new AssertionError(command + ": " + said);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Path temporary() {
        try {
            Path directory = Files.createTempDirectory("penstock-certificates");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory)));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path directory) {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
