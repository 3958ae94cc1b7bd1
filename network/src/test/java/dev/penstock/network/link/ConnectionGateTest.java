package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is let in, and who has to go for it. */
final class ConnectionGateTest {

    private final ConnectionGate gate = new ConnectionGate(GateLimits.DEFAULT, new SteppedLoop());
    private final List<String> evicted = new ArrayList<>();

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, (byte) (last >> 8), (byte) last});
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The next connection from that address; null if it is refused. */
    private ConnectionGate.Pass connect(int from, String name) {
        ConnectionGate.Pass pass = gate.admit(address(from));
        if (pass != null) {
            pass.onEvicted(() -> {
                evicted.add(name);
                pass.leave(); // as when the connection is over
            });
        }
        return pass;
    }

    /** Eight connections from each of the addresses 1 to 8, in turn. */
    private List<ConnectionGate.Pass> fill() {
        List<ConnectionGate.Pass> passes = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            int from = 1 + i % 8;
            passes.add(connect(from, from + "/" + i / 8));
        }
        assertEquals(List.of(), evicted);
        return passes;
    }

    @Test
    void theOldestOfTheAddressWithTheMostGoesForOneFromAnAddressWithFewer() {
        fill();
        assertNotNull(connect(9, "9/0"));
        assertNotNull(connect(10, "10/0"));
        assertEquals(List.of("1/0", "2/0"), evicted);
        assertEquals(new GateCounts(0, 2, 0, 0), gate.counts());
    }

    @Test
    void nobodyGoesForOneOfAnAddressThatHasAsMany() {
        fill();
        connect(9, "9/0"); // now the first has seven, and the second eight
        assertNull(connect(2, "2/8"));
        assertNotNull(connect(1, "1/8"), "it has fewer than the second");
        assertNull(connect(1, "1/9"));
        assertEquals(List.of("1/0", "2/0"), evicted);
    }

    @Test
    void whoIsEstablishedOrOverDoesNotGoAndDoesNotCount() {
        List<ConnectionGate.Pass> passes = fill();
        passes.get(0).leave();
        passes.get(0).leave();
        assertNotNull(connect(9, "9/0"));
        assertEquals(List.of(), evicted);
        assertNotNull(connect(9, "9/1"));
        assertEquals(List.of("2/0"), evicted, "the first has seven now");
    }

    @Test
    void aFloodFromAFewAddressesKeepsNobodyOut() {
        for (int i = 0; i < 10_000; i++) {
            connect(1 + i % 8, "flood");
            if (i % 100 == 99) {
                evicted.clear();
                List<ConnectionGate.Pass> others = new ArrayList<>();
                for (int other = 0; other < 20; other++) {
                    others.add(connect(1_000 + other, "other"));
                    connect(1 + i % 8, "flood");
                }
                others.forEach(pass -> assertNotNull(pass, "one that is let in"));
                assertEquals(0, evicted.stream().filter("other"::equals).count());
                others.forEach(ConnectionGate.Pass::leave);
            }
        }
    }

    @Test
    void whenEachIsFromAnAddressOfItsOwnTheOldestGoes() {
        for (int i = 0; i < 64; i++) {
            connect(i, "" + i);
        }
        assertNull(connect(5, "again"));
        connect(64, "64");
        connect(65, "65");
        assertEquals(List.of("0", "1"), evicted);
    }
}
