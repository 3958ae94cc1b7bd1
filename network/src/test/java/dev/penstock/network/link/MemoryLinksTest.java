package dev.penstock.network.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MemoryLinksTest extends LinkContractTest {

    private final MemoryLinks.Network network = new MemoryLinks.Network();

    @Override
    protected LinkProvider open() {
        return new MemoryLinks(network, new ThreadLoop());
    }

    // ---- stepped

    @Test
    void linkCanBeCutAtAnyStep() throws Exception {
        int most = steps(Integer.MAX_VALUE);
        for (int cut = 1; cut < most; cut++) {
            steps(cut);
        }
        assertTrue(most > 10, () -> "only " + most + " steps");
    }

    /** Sends something both ways, and cuts the link after so many steps; answers how many there were. */
    private static int steps(int cutAfter) throws Exception {
        MemoryLinks.Network network = new MemoryLinks.Network();
        SteppedLoop loop = new SteppedLoop();
        MemoryLinks links = new MemoryLinks(network, loop);
        List<Talker> accepted = new ArrayList<>();
        InetSocketAddress address = links.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> {
            Talker far = new Talker();
            far.allowed.set(500);
            accepted.add(far);
            return far;
        });
        Talker near = new Talker();
        near.allowed.set(500);
        links.dial(address, near);
        int steps = 0;
        while (loop.step()) {
            if (++steps == cutAfter) {
                network.cables().get(0).cut();
            }
        }
        if (cutAfter == Integer.MAX_VALUE) {
            assertEquals(500, near.received);
            assertEquals(500, accepted.get(0).received);
        } else {
            near.assertLost();
            accepted.forEach(Talker::assertLost);
        }
        links.close();
        near.assertSound();
        accepted.forEach(Talker::assertSound);
        return steps;
    }

    @Test
    void heldCableIsSilentAndLosesNothing() throws Exception {
        SteppedLoop loop = new SteppedLoop();
        MemoryLinks links = new MemoryLinks(network, loop);
        List<Talker> accepted = new ArrayList<>();
        InetSocketAddress there = links.listen(ANY_PORT, () -> {
            accepted.add(new Talker());
            return accepted.get(0);
        });
        Talker near = new Talker();
        links.dial(there, near);
        loop.run();
        network.cables().get(0).hold();
        near.send(1_000_000);
        near.link().close();
        loop.run();
        assertEquals(0, accepted.get(0).received);

        network.cables().get(0).release();
        loop.run();
        near.assertClosedByThisSide();
        accepted.get(0).assertLost();
        assertEquals(near.sent, accepted.get(0).received);
    }

    @Test
    void timeOfASteppedLoopPassesWhenItIsTold() {
        SteppedLoop loop = new SteppedLoop();
        List<String> ran = new ArrayList<>();
        loop.schedule(20, () -> ran.add("second at " + loop.nanos()));
        loop.schedule(10, () -> {
            ran.add("first at " + loop.nanos());
            loop.schedule(5, () -> ran.add("its own at " + loop.nanos()));
        });
        loop.schedule(10, () -> ran.add("taken back")).cancel();
        loop.run();
        assertEquals(List.of(), ran);

        loop.advance(Duration.ofNanos(30));
        assertEquals(List.of("first at 10", "its own at 15", "second at 20"), ran);
        assertEquals(30, loop.nanos());
    }
}
