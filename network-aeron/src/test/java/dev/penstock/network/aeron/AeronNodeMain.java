package dev.penstock.network.aeron;

import dev.penstock.network.faults.NodeMain;

/** The process of a node that is linked by Aeron. */
final class AeronNodeMain {

    private AeronNodeMain() {}

    public static void main(String[] args) throws Exception {
        NodeMain.run(options -> options.transport(AeronTransport.embedded()), args);
    }
}
