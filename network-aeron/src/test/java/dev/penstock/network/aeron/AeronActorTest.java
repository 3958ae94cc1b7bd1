package dev.penstock.network.aeron;

import dev.penstock.network.peer.CrossNodeActorTest;
import dev.penstock.network.peer.NodeLinks;

/** Tell, ask and watch over Aeron. */
final class AeronActorTest extends CrossNodeActorTest {

    @Override
    protected NodeLinks links() {
        return AeronNodes.UDP;
    }
}
