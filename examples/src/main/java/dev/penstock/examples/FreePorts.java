package dev.penstock.examples;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** Ports that nobody listens at. */
final class FreePorts {

    // Below what Linux (32768), macOS and Windows (49152) give to outgoing connections: one of those can be given away
    // before
    // it is listened at.
    private static final int FIRST = 20_000;
    private static final int END = 32_000;

    private FreePorts() {}

    /** Finds different ones by listening at all of them for a moment. Others may take them since. */
    static Stream<Integer> find(String host, int count) throws IOException {
        InetAddress address = InetAddress.getByName(host);
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            while (sockets.size() < count) {
                listenAtAny(address, sockets);
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList().stream();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void listenAtAny(InetAddress address, List<ServerSocket> sockets) throws IOException {
        int port = ThreadLocalRandom.current().nextInt(FIRST, END);
        try {
            sockets.add(new ServerSocket(port, 1, address));
        } catch (BindException e) {
            // Taken: another. An address that is not of this machine fails so at every port, hence at the system's
            // choice too.
            new ServerSocket(0, 1, address).close();
        }
    }
}
