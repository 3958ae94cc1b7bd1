package dev.penstock.network.link;

/**
 * What came of connections that were accepted, since the beginning.
 *
 * @param refused closed at once, because there were too many
 * @param evicted closed before they were established, for one from an address with fewer
 * @param late closed because they did not become established in time
 * @param rejected closed because of their TLS handshake: not TLS at all, or a certificate that is not believed
 */
public record GateCounts(long refused, long evicted, long late, long rejected) {}
