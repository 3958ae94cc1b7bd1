package dev.penstock.examples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Ports that nobody listens at. */
final class FreePorts {

    private FreePorts() {}

    /** Finds different ones by listening at all of them for a moment. Others may take them since. */
    static Stream<Integer> find(String host, int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            while (sockets.size() < count) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getByName(host)));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList().stream();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
