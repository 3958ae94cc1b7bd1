package dev.penstock.network.aeron;

import dev.penstock.network.Keytool;
import dev.penstock.network.link.LinkContractTest;
import dev.penstock.network.link.LinkProvider;

/** By UDP, with TLS inside. */
final class AeronTlsLinksTest extends LinkContractTest {

    @Override
    protected LinkProvider open() {
        return AeronTransport.embedded().open(Keytool.CLUSTER, Keytool.node("a"));
    }

    @Override
    protected boolean isSecure() {
        return true;
    }
}
