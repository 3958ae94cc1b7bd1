package dev.penstock.network.aeron;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.LinkContractTest;
import dev.penstock.network.link.LinkProvider;

/** By UDP, each side with a driver of its own. */
final class AeronPlaintextLinksTest extends LinkContractTest {

    @Override
    protected LinkProvider open() {
        return AeronTransport.embedded().open(Keytool.CLUSTER, null);
    }
}
