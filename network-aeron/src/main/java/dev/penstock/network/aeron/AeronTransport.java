package dev.penstock.network.aeron;

import dev.penstock.actor.WaitStrategy;
import dev.penstock.network.LinkTransport;
import dev.penstock.network.Tls;
import dev.penstock.network.link.GateLimits;
import dev.penstock.network.link.LinkProvider;
import io.aeron.driver.MediaDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Connections between actors over Aeron: by UDP, and in shared memory between those who use the same external driver.
 * Immutable; each method returns changed options.
 *
 * <pre>{@code
 * ClusterOptions.of("plant", "node-a").transport(AeronTransport.embedded())
 * }</pre>
 *
 * <p>The JVM needs {@code --add-exports java.base/jdk.internal.misc=ALL-UNNAMED}, or an executable jar the line
 * {@code Add-Exports: java.base/jdk.internal.misc} in its manifest.
 */
public final class AeronTransport implements LinkTransport {

    /** What the JVM has to be told. */
    static final String JVM_OPTION = "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED";

    static final String DIRECTORY = "penstock-aeron-";
    static final int LEAST_TERM = 64 * 1024;
    static final int GREATEST_TERM = 16 * 1024 * 1024;

    private static final int DEFAULT_TERM = 256 * 1024;
    private static final int LEAST_MTU = 576;
    private static final int DEFAULT_MTU = 1408;
    private static final int GREATEST_MTU = 8192; // the longest fragment of the shortest term
    private static final Duration DEFAULT_LIVENESS = Duration.ofSeconds(10);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path aeronDirectory; // null: a driver of its own
    private final int termLength;
    private final int mtu;
    private final int replyPort;
    private final Duration liveness;
    private final WaitStrategy waitStrategy;
    private final GateLimits limits;
    private final Consumer<MediaDriver.Context> customization;

    private AeronTransport(
            Path aeronDirectory,
            int termLength,
            int mtu,
            int replyPort,
            Duration liveness,
            WaitStrategy waitStrategy,
            GateLimits limits,
            Consumer<MediaDriver.Context> customization) {
        this.aeronDirectory = aeronDirectory;
        this.termLength = termLength;
        this.mtu = mtu;
        this.replyPort = replyPort;
        this.liveness = liveness;
        this.waitStrategy = waitStrategy;
        this.limits = limits;
        this.customization = customization;
    }

    /**
     * Begins with a driver of this node's own, which runs on the node's network thread and talks UDP: the default, and what
     * works everywhere. Terms of 256 KiB, datagrams of 1,408 bytes, a liveness of 10 s.
     *
     * @return the options
     */
    public static AeronTransport embedded() {
        return new AeronTransport(
                null,
                DEFAULT_TERM,
                DEFAULT_MTU,
                0,
                DEFAULT_LIVENESS,
                WaitStrategy.backoff(),
                GateLimits.DEFAULT,
                context -> {});
    }

    /**
     * Begins with a driver that somebody else runs. Nodes of one host that use the same are connected in shared memory; to
     * others the driver talks UDP. Whoever may open its directory can read what passes there in plain text, and forge it.
     * The driver's own configuration decides how long a silence is borne.
     *
     * @param aeronDirectory the directory of the driver
     * @return the options
     */
    public static AeronTransport external(Path aeronDirectory) {
        AeronTransport embedded = embedded();
        return new AeronTransport(
                Objects.requireNonNull(aeronDirectory, "aeronDirectory"),
                embedded.termLength,
                embedded.mtu,
                embedded.replyPort,
                embedded.liveness,
                embedded.waitStrategy,
                embedded.limits,
                embedded.customization);
    }

    /**
     * Sets the length of a term, and the greatest that a peer may have: the same for all members. A connection takes six of
     * them at each end, in shared memory, and lets half a term be under way in each direction, 128 KiB at most.
     *
     * @param bytes a power of two from 64 KiB to 16 MiB
     * @return the options
     */
    public AeronTransport termLength(int bytes) {
        if (bytes < LEAST_TERM || bytes > GREATEST_TERM || Integer.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("a term has a power of two from 64 KiB to 16 MiB, not " + bytes);
        }
        return new AeronTransport(aeronDirectory, bytes, mtu, replyPort, liveness, waitStrategy, limits, customization);
    }

    /**
     * Sets the size of a datagram on a network; those on the loopback address have 8,192 bytes whatever this says. It should
     * fit into a packet of the network, less 28 bytes of IPv4 or 48 of IPv6.
     *
     * @param bytes a multiple of 32 from 576 to 8,192
     * @return the options
     */
    public AeronTransport mtu(int bytes) {
        if (bytes < LEAST_MTU || bytes > GREATEST_MTU || bytes % 32 != 0) {
            throw new IllegalArgumentException("a datagram has a multiple of 32 from 576 to 8192 bytes, not " + bytes);
        }
        return new AeronTransport(
                aeronDirectory, termLength, bytes, replyPort, liveness, waitStrategy, limits, customization);
    }

    /**
     * Sets the UDP port at which a client hears those whom it connects to. A member hears them at its link port.
     *
     * @param port the port; 0, the default, takes any free one
     * @return the options
     */
    public AeronTransport replyPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
        return new AeronTransport(aeronDirectory, termLength, mtu, port, liveness, waitStrategy, limits, customization);
    }

    /**
     * Sets how long the network, or a process, may stand still before its connections are given up. The membership, and the
     * connections' own heartbeats, judge earlier: 0.8 of {@code detection}; this should be no shorter.
     *
     * @param bound the time; at least 100 ms, at most an hour
     * @return the options
     */
    public AeronTransport liveness(Duration bound) {
        if (bound.compareTo(Duration.ofMillis(100)) < 0 || bound.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("the liveness is 100 ms to 1 h, not " + bound);
        }
        return new AeronTransport(
                aeronDirectory, termLength, mtu, replyPort, bound, waitStrategy, limits, customization);
    }

    /**
     * Sets what the network thread does when there is nothing to do. By default it spins a little, then yields, then sleeps
     * until a datagram comes, for 5 ms at most; with shared memory, which does not wake it, for 1 ms. {@link
     * WaitStrategy#busySpin} is for a core of its own.
     *
     * @param strategy the strategy
     * @return the options
     */
    public AeronTransport waitStrategy(WaitStrategy strategy) {
        return new AeronTransport(
                aeronDirectory,
                termLength,
                mtu,
                replyPort,
                liveness,
                Objects.requireNonNull(strategy, "strategy"),
                limits,
                customization);
    }

    /** Sets how many may be connecting; for tests. */
    AeronTransport limits(GateLimits changed) {
        return new AeronTransport(
                aeronDirectory, termLength, mtu, replyPort, liveness, waitStrategy, changed, customization);
    }

    /** Sets what is done to the driver's context before the driver starts; for tests. */
    AeronTransport customization(Consumer<MediaDriver.Context> changed) {
        return new AeronTransport(aeronDirectory, termLength, mtu, replyPort, liveness, waitStrategy, limits, changed);
    }

    @Override
    public LinkProvider open(String cluster, Tls tls) {
        return links(cluster, tls);
    }

    AeronLinks links(String cluster, Tls tls) {
        return new AeronLinks(this, cluster, tls);
    }

    Path aeronDirectory() {
        return aeronDirectory;
    }

    int termLength() {
        return termLength;
    }

    int mtu() {
        return mtu;
    }

    int loopbackMtu() {
        return GREATEST_MTU;
    }

    int replyPort() {
        return replyPort;
    }

    long livenessNanos() {
        return liveness.toNanos();
    }

    WaitStrategy waitStrategy() {
        return waitStrategy;
    }

    GateLimits limits() {
        return limits;
    }

    void customize(MediaDriver.Context context) {
        customization.accept(context);
    }

    /** A name that no other driver has. */
    Path newDirectory() {
        return parentDirectory().resolve(DIRECTORY + ProcessHandle.current().pid() + "-" + UUID.randomUUID());
    }

    static Path parentDirectory() {
        return Files.isDirectory(SHARED_MEMORY) && Files.isWritable(SHARED_MEMORY)
                ? SHARED_MEMORY
                : Path.of(System.getProperty("java.io.tmpdir"));
    }

    @Override
    public String toString() {
        return "AeronTransport["
                + (aeronDirectory == null ? "embedded" : "external=" + aeronDirectory) + ", termLength=" + termLength
                + ", mtu=" + mtu + ", replyPort=" + replyPort + ", liveness=" + liveness + "]";
    }
}
