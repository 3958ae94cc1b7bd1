package dev.penstock.network.link;

final class PlaintextLinksTest extends LinkContractTest {

    @Override
    protected LinkProvider open() {
        return NettyLinks.plaintext(GateLimits.DEFAULT);
    }
}
