package dev.penstock.network.aeron;

import dev.penstock.network.faults.Fault;
import dev.penstock.network.faults.FaultsTest;
import dev.penstock.network.faults.Wires;
import java.util.EnumSet;
import java.util.List;

/** Faults of Aeron by UDP, in plain text and in TLS. */
class AeronFaultsTest extends FaultsTest {

    private static final List<String> JVM_OPTIONS = List.of(AeronTransport.JVM_OPTION.split(" "));

    AeronFaultsTest() {
        super(
                "faults-aeron.md",
                // A loss that is mended, an end without a good-bye, and what outlasts the liveness of Aeron's own.
                EnumSet.of(
                        Fault.LOSS_OF_20,
                        Fault.OUTAGE_LONG,
                        Fault.PRODUCER_KILLED,
                        Fault.PRODUCER_STOPPED_14,
                        Fault.CONSUMER_STOPPED_14,
                        Fault.BOTH_STOPPED_14),
                new Wires("Aeron, plain text", AeronNodeMain.class, false, JVM_OPTIONS),
                new Wires("Aeron, TLS", AeronNodeMain.class, true, JVM_OPTIONS));
    }
}
