package dev.penstock.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.penstock.examples.network.Protocol;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The guide as processes, whole and in parts. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals of POSIX")
@Timeout(180)
class NetworkGuideTest {

    private static final long LIMIT_SECONDS = 150; // four JVMs, on a machine that may be busy

    @TempDir
    Path directory;

    private final List<Started> started = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        for (Started one : started) {
            one.process.descendants().forEach(ProcessHandle::destroyForcibly);
            one.process.destroyForcibly();
        }
    }

    @Test
    void fourProcessesAgree() throws Exception {
        Run run = start("guide", "--plaintext").finished();

        assertEquals(expected(), sorted(run.expect(0).out()), run::toString);
    }

    @Test
    void fourProcessesAgreeOverTls() throws Exception {
        Run run = start("guide").finished();

        assertEquals(0, run.status(), run::toString);
        assertEquals(expected(), sorted(run.out()), run::toString);
        // A busy machine may be too slow for some handshake: the network warns, and tries again.
        List<String> complaints = run.err()
                .lines()
                .filter(line -> line.contains(" | WARNING: "))
                .filter(line -> !line.contains("handshake") && !line.contains("not established within"))
                .toList();
        assertEquals(List.of(), complaints, run::toString);
        assertFalse(run.err().contains("\tat "), run::toString);
    }

    /** What is printed, but for the order in which the four of them come to print it. */
    private static List<String> expected() throws IOException {
        try (var text = NetworkGuideTest.class.getResourceAsStream("/network-guide.txt")) {
            return sorted(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static List<String> sorted(String text) {
        return text.lines().sorted().toList();
    }

    @Test
    void partsFindEachOther() throws Exception {
        Started a = start("a", "node", "--name", "a", "--readings", "100");
        String membership = a.await("--bind is ");
        String link = a.await("--link-port is ");
        Started b = start("b", "node", "--name", "b", "--readings", "200", "--seed", membership);
        Started client = start("client", "client", "--contact", link, "--sensors", "2");

        Run watched = client.finished().expect(0);
        assertTrue(watched.out().startsWith("connected to node a\nfound sensors a, b\n"), watched::toString);
        assertTrue(watched.out().contains("sensor a: 100 readings, "), watched::toString);
        assertTrue(watched.out().contains("sensor b: 200 readings, "), watched::toString);
        a.finished().expect(0);
        b.finished().expect(0);
    }

    @Test
    void aKilledParentTakesTheOthersAlong() throws Exception {
        Started parent = start("guide", "--plaintext", "--readings", "1000000000");
        parent.await("watcher | found sensors ");
        List<ProcessHandle> children = parent.children();
        parent.process.destroyForcibly();

        assertEnded(children);
    }

    @Test
    void ctrlCEndsAllOfThem() throws Exception {
        Started parent = start("guide", "--plaintext", "--readings", "1000000000");
        parent.await("watcher | found sensors ");
        List<ProcessHandle> children = parent.children();
        assertEquals(
                0,
                new ProcessBuilder("kill", "-INT", Long.toString(parent.process.pid()))
                        .inheritIO()
                        .start()
                        .waitFor());

        assertEquals(130, parent.finished().status());
        assertEnded(children);
    }

    @Test
    void aChildThatFailsFailsTheGuide() throws Exception {
        Started parent = start("guide", "--plaintext", "--readings", "1000000000");
        parent.await("watcher | found sensors ");
        ProcessHandle client = parent.children().stream()
                .filter(child ->
                        child.info().arguments().map(List::of).orElse(List.of()).contains("client"))
                .findFirst()
                .orElseThrow();
        client.destroyForcibly();

        Run run = parent.finished();
        assertEquals(1, run.status(), run::toString);
        assertTrue(run.err().contains(" has ended with exit status "), run::toString);
    }

    private static void assertEnded(List<ProcessHandle> processes) throws Exception {
        for (ProcessHandle process : processes) {
            process.onExit().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--readings 9|--readings is 9; expected: 10 to 1000000000",
                "--readings x|'x' is not a long",
                "--port 0|--port is 0; expected: 1 to 65530",
                "--port 65531|--port is 65531; expected: 1 to 65530",
                "--nope|Unknown option: '--nope'",
                "node|Missing required option: '--name=NAME'",
                "node --name a/b|the name of a node has 1 to 60 letters",
                "node --name a --readings 9|--readings is 9; expected: 10 to 1000000000",
                "node --name a --members 0|--members is 0; expected: 1 to 100",
                "node --name a --bind 127.0.0.1|--bind is '127.0.0.1'; expected: HOST:PORT",
                "node --name a --bind 127.0.0.1:70000|--bind is '127.0.0.1:70000'; expected: HOST:PORT",
                "node --name a --bind 192.0.2.1:7800|--bind is '192.0.2.1:7800', on a network: that needs --tls",
                "node --name a --seed 7801|--seed is '7801'; expected: HOST:PORT",
                "node --name a --seed host.invalid:1|--seed is 'host.invalid:1', and there is no such host",
                "node --name a --link-port 70000|--link-port is 70000; expected: 0 to 65535",
                "node --name a --tls x|--tls: the password is expected in the environment variable PENSTOCK_PASSWORD",
                "client|Missing required option: '--contact=HOST:PORT'",
                "client --contact nowhere|--contact is 'nowhere'; expected: HOST:PORT",
                "client --contact 192.0.2.1:1|--contact is '192.0.2.1:1', on a network: that needs --tls",
                "client --contact 127.0.0.1:1 --name a/b|the name of a client has 1 to 60 letters",
                "client --contact 127.0.0.1:1 --sensors 0|--sensors is 0; expected: 1 to 1000",
                "client --contact 127.0.0.1:1 --tls x|--tls: the password is expected in the environment variable",
            })
    void wrongCallIsExplained(String arguments, String complaint) {
        Run run = Run.of((Object[]) ("network-guide " + arguments).split(" ")).expect(2);

        assertTrue(run.err().startsWith("penstock: "), run::toString);
        assertTrue(run.err().contains(complaint), run::toString);
        assertTrue(run.err().contains("\nTry 'penstock network-guide"), run::toString);
        assertEquals("", run.out());
    }

    @Test
    void missingCertificatesAreNamed() throws Exception {
        Run run = start("a", "node", "--name", "a", "--tls", directory.toString())
                .finished()
                .expect(2);

        assertTrue(
                run.err().contains("--tls: key store " + directory.resolve("node-a.p12") + ": no such file"),
                run::toString);
    }

    @Test
    void aPortThatIsTakenIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Run membership = Run.of("network-guide", "node", "--name", "a", "--bind", address)
                    .expect(1);
            assertTrue(membership.err().startsWith("penstock: "), membership::toString);
            assertTrue(membership.err().contains(address), membership::toString);
            Run link = Run.of("network-guide", "node", "--name", "a", "--link-port", taken.getLocalPort())
                    .expect(1);
            assertTrue(link.err().contains(address), link::toString);
        }
    }

    @Test
    void helpIsThere() {
        assertTrue(Run.of("--help").expect(0).out().contains("network-guide"));
        assertTrue(Run.of("network-guide", "--help").expect(0).out().contains("--plaintext"));
        assertTrue(Run.of("network-guide", "node", "--help").expect(0).out().contains("--seed"));
        assertTrue(Run.of("network-guide", "client", "--help").expect(0).out().contains("--contact"));
    }

    // ---- processes

    private Started start(String name, String... arguments) throws IOException {
        List<String> words = new ArrayList<>(List.of("network-guide"));
        words.addAll(List.of(arguments));
        ProcessBuilder builder = ProcessTest.command(words.toArray(String[]::new));
        builder.environment().put(Protocol.PASSWORD_VARIABLE, "for-tests-only");
        Path err = directory.resolve(name + ".err");
        Started one = new Started(builder.redirectError(err.toFile()).start(), err);
        started.add(one);
        return one;
    }

    /** A process, and what it has printed. */
    private static final class Started {
        private final Process process;
        private final Path err;
        private final BufferedReader lines;
        private final StringBuilder out = new StringBuilder();

        Started(Process process, Path err) {
            this.process = process;
            this.err = err;
            lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            process.onExit()
                    .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                    .exceptionally(
                            late -> { // ends readLine too
                                process.destroyForcibly();
                                return process;
                            });
        }

        /** Reads until a line begins so; answers the rest of it. */
        String await(String beginning) throws IOException {
            for (String line = read(); line != null; line = read()) {
                if (line.startsWith(beginning)) {
                    return line.substring(beginning.length());
                }
            }
            throw new AssertionError("no '" + beginning + "' in '" + out + "', '" + Files.readString(err) + "'");
        }

        private String read() throws IOException {
            String line = lines.readLine();
            if (line != null) {
                out.append(line).append('\n');
            }
            return line;
        }

        Run finished() throws Exception {
            while (read() != null) {
                // All of it is wanted.
            }
            return new Run(process.waitFor(), out.toString(), Files.readString(err));
        }

        List<ProcessHandle> children() {
            List<ProcessHandle> children = process.children().toList();
            assertEquals(4, children.size());
            return children;
        }
    }
}
