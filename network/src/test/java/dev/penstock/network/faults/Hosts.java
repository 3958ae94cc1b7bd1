package dev.penstock.network.faults;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hosts on a network of their own: namespaces {@code pst-<process>-<network>-<host>}, each with one leg on a bridge in one
 * more, addresses 198.18.0.0/24 (RFC 2544), no way out. What is lost is dropped where it would arrive, so that who sends it
 * does not learn of it.
 */
final class Hosts implements AutoCloseable {

    private static final String PREFIX = "pst-";
    private static final AtomicInteger NETWORKS = new AtomicInteger();

    private final String network = PREFIX + ProcessHandle.current().pid() + "-" + NETWORKS.incrementAndGet() + "-";
    private final int count;

    Hosts(int count) throws IOException {
        this.count = count;
        boolean made = false;
        try {
            ip("netns", "add", bridge());
            ip("-n", bridge(), "link", "add", "br0", "type", "bridge");
            ip("-n", bridge(), "link", "set", "br0", "up");
            for (int host = 0; host < count; host++) {
                add(host);
            }
            made = true;
        } finally {
            if (!made) {
                close();
            }
        }
    }

    /** Why there can be none here; null if there can. */
    static String whyNot() {
        try {
            if (!run("id", "-u").strip().equals("0")) {
                return "network namespaces want root";
            }
            run("ip", "netns", "list");
            run("nft", "--version");
            sweep();
            new Hosts(1).close();
            return null;
        } catch (IOException e) {
            return "no network namespaces with nftables here (packages iproute2, nftables): " + e.getMessage();
        }
    }

    /** Removes what test processes left behind that are no more, and the nodes in it. */
    private static void sweep() throws IOException {
        for (String line : run("ip", "netns", "list").lines().toList()) {
            String name = line.split(" ")[0];
            if (name.matches(PREFIX + "\\d+-\\d+-\\w+")) {
                long owner = Long.parseLong(name.split("-")[1]);
                if (ProcessHandle.of(owner).isEmpty()) {
                    for (String pid : run("ip", "netns", "pids", name).lines().toList()) {
                        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
                    }
                    run("ip", "netns", "del", name);
                }
            }
        }
    }

    private void add(int host) throws IOException {
        ip("netns", "add", name(host));
        ip("link", "add", "eth0", "netns", name(host), "type", "veth", "peer", "name", "p" + host, "netns", bridge());
        ip("-n", bridge(), "link", "set", "p" + host, "master", "br0", "up");
        ip("-n", name(host), "addr", "add", address(host) + "/24", "dev", "eth0");
        ip("-n", name(host), "link", "set", "eth0", "up");
        ip("-n", name(host), "link", "set", "lo", "up");
        nft(host, "add table ip faults");
        nft(host, "add chain ip faults in { type filter hook input priority 0; }");
    }

    String address(int host) {
        return "198.18.0." + (host + 1);
    }

    /** The command that runs another on a host. */
    List<String> on(int host, List<String> command) {
        List<String> there = new ArrayList<>(List.of("ip", "netns", "exec", name(host)));
        there.addAll(command);
        return there;
    }

    /** Loses that share of all packets between two hosts, both ways. */
    void lose(int percent, int one, int other) throws IOException {
        nft(one, from(other) + "numgen random mod 100 < " + percent + " drop");
        nft(other, from(one) + "numgen random mod 100 < " + percent + " drop");
    }

    /** Nothing comes through between two hosts, and neither is told. */
    void cut(int one, int other) throws IOException {
        cutOneWay(one, other);
        cutOneWay(other, one);
    }

    /** Nothing comes through from one host to another; the way back is open. */
    void cutOneWay(int from, int to) throws IOException {
        nft(to, from(from) + "drop");
    }

    /** All is well again. */
    void heal() throws IOException {
        for (int host = 0; host < count; host++) {
            nft(host, "flush chain ip faults in");
        }
    }

    private String from(int host) {
        return "add rule ip faults in ip saddr " + address(host) + " ";
    }

    private void nft(int host, String rule) throws IOException {
        run(on(host, List.of("nft", rule)).toArray(String[]::new));
    }

    private String name(int host) {
        return network + host;
    }

    private String bridge() {
        return network + "br";
    }

    /** Whoever still runs there is left without a network. */
    @Override
    public void close() {
        List<String> names = new ArrayList<>(List.of(bridge()));
        for (int host = 0; host < count; host++) {
            names.add(name(host));
        }
        for (String name : names) {
            try {
                ip("netns", "del", name);
            } catch (IOException e) {
                // It was not made; or the sweep of a later test will see to it.
            }
        }
    }

    private static void ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(Arrays.asList(arguments));
        run(command.toArray(String[]::new));
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted: " + String.join(" ", command), e);
        }
        return output;
    }
}
