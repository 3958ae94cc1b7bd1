package dev.penstock.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the certificates of a cluster: {@code ./penstock cert}. */
@Command(
        name = "cert",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Penstock.Version.class,
        description = {
            "Makes key stores (PKCS#12) for the nodes and clients of a cluster, signed by an authority of its own,"
                    + " and the trust store by which they know each other.",
            "An authority that is there already, in ca.p12, is used again: this is how nodes are added, or their"
                    + " certificates renewed."
        },
        footer = {
            "",
            "Files: ca.p12, with which more nodes can be made: keep it where no node runs; trust.p12, for everybody;",
            "node-NAME.p12 and client-NAME.p12, each for that node or client alone. All have one password.",
            "",
            "Exit status: 0; 1 if it failed; 2 if the command was called wrongly; 130 after Ctrl-C.",
            "",
            "  penstock cert --out certificates --cluster prices --node a --node b --client c"
        })
final class CertCommand implements Callable<Integer> {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,59}");
    private static final Pattern PRINTABLE = Pattern.compile("[!-~]{6,100}");
    private static final int MOST_DAYS = 10_000;
    private static final int DAYS_OF_AUTHORITY = 3_650;
    private static final int RANDOM_BYTES = 18;
    private static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "the directory to put them in")
    private String out;

    @Option(names = "--cluster", paramLabel = "NAME", required = true, description = "the name of the cluster")
    private String cluster;

    @Option(names = "--node", paramLabel = "NAME", description = "a node; may be given more than once")
    private List<String> nodes = new ArrayList<>();

    @Option(names = "--client", paramLabel = "NAME", description = "a client; may be given more than once")
    private List<String> clients = new ArrayList<>();

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "365",
            description = "how long the certificates are valid (default: ${DEFAULT-VALUE})")
    private int days;

    @Option(
            names = "--password",
            paramLabel = "TEXT",
            arity = "0..1",
            interactive = true,
            description = "of all files; asked for if TEXT is left out, as other users of this machine can see it."
                    + " Without this option, one is made up and printed")
    private char[] given;

    @Option(names = "--force", description = "replace the key stores of nodes and clients that are there")
    private boolean force;

    @Override
    public Integer call() {
        Path directory = directory();
        Map<String, Identity> identities = identities();
        checkDays();
        Path authority = directory.resolve("ca.p12");
        if (given == null && Files.exists(authority)) {
            throw wrong(authority + " is used again, and needs its --password");
        }
        for (String file : identities.keySet()) {
            if (!force && Files.exists(directory.resolve(file))) {
                throw wrong(directory.resolve(file) + " is there already; --force replaces it");
            }
        }
        try {
            String password = given == null ? random() : checked(new String(given));
            make(directory, authority, identities, password);
            print(directory, identities, password);
            return 0;
        } catch (IOException e) {
            Penstock.complain(spec.commandLine(), Text.printable(explain(e)));
            return 1;
        } catch (InterruptedException e) {
            return INTERRUPTED;
        }
    }

    /** Whom a certificate is for. */
    private record Identity(String name, String uri, boolean isNode) {}

    // ---- what was asked for

    private Path directory() {
        try {
            return Path.of(out);
        } catch (InvalidPathException e) {
            throw wrong("--out " + Text.quote(out) + " is no path");
        }
    }

    private Map<String, Identity> identities() {
        checkName("--cluster", cluster);
        Map<String, Identity> identities = new LinkedHashMap<>();
        for (String node : nodes) {
            checkName("--node", node);
            String uri = "penstock://" + cluster + "/" + node;
            if (identities.put("node-" + node + ".p12", new Identity(node, uri, true)) != null) {
                throw wrong("--node " + node + " is given twice");
            }
        }
        for (String client : clients) {
            checkName("--client", client);
            String uri = "penstock://" + cluster + "/client/" + client;
            if (identities.put("client-" + client + ".p12", new Identity(client, uri, false)) != null) {
                throw wrong("--client " + client + " is given twice");
            }
        }
        if (identities.isEmpty()) {
            throw wrong("for whom? expected: --node, --client, or both");
        }
        return identities;
    }

    private void checkName(String option, String name) {
        if (!NAME.matcher(name).matches()) {
            throw wrong(option + " is " + Text.quote(name)
                    + "; expected: 1 to 60 letters, digits, and . _ - but not at the beginning");
        }
    }

    private void checkDays() {
        if (days < 1 || days > MOST_DAYS) {
            throw wrong("--days is " + days + "; expected: 1 to " + MOST_DAYS);
        }
    }

    private String checked(String password) {
        if (!PRINTABLE.matcher(password).matches()) {
            throw wrong("--password; expected: 6 to 100 letters, digits and signs of ASCII");
        }
        return password;
    }

    static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    // ---- making it

    /** All is made elsewhere, then moved: a failure leaves nothing half-made. */
    private void make(Path directory, Path authority, Map<String, Identity> identities, String password)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path work = Files.createTempDirectory(directory, ".cert");
        try {
            Certificates certificates = new Certificates(work, password);
            List<Path> made = new ArrayList<>();
            Path signer = authority;
            if (Files.exists(authority)) {
                Instant end = certificates.check(authority).getNotAfter().toInstant();
                if (end.isBefore(Instant.now().plus(Duration.ofDays(days)))) {
                    throw new IOException(
                            authority + ": valid until " + day(end) + ", which is less than --days " + days);
                }
            } else {
                signer = certificates.authority(cluster, Math.max(days, DAYS_OF_AUTHORITY));
                made.add(signer);
            }
            made.add(certificates.trust(signer));
            for (var entry : identities.entrySet()) {
                Identity identity = entry.getValue();
                made.add(certificates.signed(
                        signer, entry.getKey(), identity.name(), identity.uri(), identity.isNode(), days));
            }
            for (Path file : made) {
                Certificates.move(file, directory.resolve(file.getFileName()));
            }
        } finally {
            remove(work);
        }
    }

    private static void remove(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(directory)) {
            files = list.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(directory);
    }

    private static String explain(IOException e) {
        if (e instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + ": is no directory";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof FileSystemException failed && failed.getReason() != null) {
            return failed.getFile() + ": " + failed.getReason();
        }
        return e.getMessage();
    }

    private void print(Path directory, Map<String, Identity> identities, String password) {
        PrintWriter print = spec.commandLine().getOut();
        identities.forEach((file, identity) -> print.println(directory.resolve(file) + ": " + identity.uri()));
        print.println(directory.resolve("trust.p12") + ": for all of them");
        print.println("valid until " + day(Instant.now().plus(Duration.ofDays(days))));
        if (given == null) {
            print.println("password: " + password);
        }
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }
}
