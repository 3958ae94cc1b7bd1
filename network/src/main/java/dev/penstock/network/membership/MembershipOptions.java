package dev.penstock.network.membership;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a node takes part in a cluster.
 *
 * @param cluster the name of the cluster
 * @param bind where the membership listens: an address of this machine, not a wildcard, and a port, not 0
 * @param seeds where members are looked for; this node may be among them
 * @param detection within which time a node that was killed leaves the view; at least a second
 * @param trust the certificates; none: plaintext, anyone who reaches the port can join
 */
public record MembershipOptions(
        String cluster,
        InetSocketAddress bind,
        List<InetSocketAddress> seeds,
        Duration detection,
        Optional<Trust> trust) {

    /** A node that was killed leaves the view within this time, unless another was chosen. */
    public static final Duration DEFAULT_DETECTION = Duration.ofSeconds(5);

    /**
     * Checks what was given.
     *
     * @param cluster as above
     * @param bind as above
     * @param seeds as above
     * @param detection as above
     * @param trust as above
     */
    public MembershipOptions {
        Objects.requireNonNull(trust, "trust");
        seeds = List.copyOf(seeds);
        if (cluster.isBlank()) {
            throw new IllegalArgumentException("a cluster has a name");
        }
        if (bind.isUnresolved() || bind.getAddress().isAnyLocalAddress() || bind.getPort() == 0) {
            throw new IllegalArgumentException("the membership listens at one address and one port, not " + bind);
        }
        for (InetSocketAddress seed : seeds) {
            if (seed.isUnresolved()) {
                throw new IllegalArgumentException("there is no host " + seed.getHostString());
            }
        }
        if (detection.compareTo(Duration.ofSeconds(1)) < 0 || detection.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("a node is found dead within 1 s to 1 h, not " + detection);
        }
    }
}
