package dev.penstock.network.faults;

import java.util.EnumSet;
import java.util.List;

/** Faults of TCP, in plain text and in TLS. */
class NetworkFaultsTest extends FaultsTest {

    NetworkFaultsTest() {
        super(
                "faults.md",
                EnumSet.allOf(Fault.class),
                new Wires("TCP, plain text", NodeMain.class, false, List.of()),
                new Wires("TCP, TLS", NodeMain.class, true, List.of()));
    }
}
