package dev.penstock.network.aeron;

import dev.penstock.network.peer.CrossNodeStreamTest;
import dev.penstock.network.peer.NodeLinks;
import java.util.List;

/** Streams between nodes over Aeron. */
final class AeronStreamTest extends CrossNodeStreamTest {

    @Override
    protected List<? extends NodeLinks> links() {
        return List.of(AeronNodes.values());
    }

    @Override
    protected NodeLinks anyLinks() {
        return AeronNodes.UDP;
    }
}
