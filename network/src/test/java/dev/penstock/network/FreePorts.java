package dev.penstock.network;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of the loopback address that nobody listened at a moment ago. */
public final class FreePorts {

    // Below what Linux (32768), macOS and Windows (49152) give to outgoing connections, of which a test of clusters has
    // many:
    // one of those would be given away before it is listened at.
    private static final int FIRST = 20_000;
    private static final int END = 32_000;

    private FreePorts() {}

    public static int any() throws IOException {
        return any(1)[0];
    }

    /** Finds different ones. */
    public static int[] any(int count) throws IOException {
        Set<Integer> ports = new LinkedHashSet<>();
        while (ports.size() < count) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                ports.add(port);
            } catch (BindException e) {
                // Taken: another.
            }
        }
        return ports.stream().mapToInt(Integer::intValue).toArray();
    }
}
