package dev.penstock.network;

import dev.penstock.network.codec.Codecs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** How a node takes part in a cluster. Immutable; each method returns changed options. */
public final class ClusterOptions {

    /** The port of the membership, unless another is chosen. */
    public static final int DEFAULT_PORT = 7800;

    private static final Duration LEAST_DETECTION = Duration.ofSeconds(1);

    private final String cluster;
    private final String node;
    private final InetSocketAddress bind;
    private final int linkPort;
    private final List<InetSocketAddress> seeds;
    private final Tls tls;
    private final boolean plaintext;
    private final Codecs codecs;
    private final Duration detection;
    private final LinkTransport transport;

    private ClusterOptions(
            String cluster,
            String node,
            InetSocketAddress bind,
            int linkPort,
            List<InetSocketAddress> seeds,
            Tls tls,
            boolean plaintext,
            Codecs codecs,
            Duration detection,
            LinkTransport transport) {
        this.cluster = cluster;
        this.node = node;
        this.bind = bind;
        this.linkPort = linkPort;
        this.seeds = seeds;
        this.tls = tls;
        this.plaintext = plaintext;
        this.codecs = codecs;
        this.detection = detection;
        this.transport = transport;
    }

    /**
     * Begins with the defaults: on the loopback address, port {@link #DEFAULT_PORT}; no seeds; no TLS, which only the
     * loopback address allows; the built-in codecs; a killed node is found dead within 5 s.
     *
     * @param cluster the name of the cluster: 1 to 60 letters, digits, dots, underscores, hyphens
     * @param node the name of this node, of which there is one in the cluster; of the same characters
     * @return the options
     */
    public static ClusterOptions of(String cluster, String node) {
        return new ClusterOptions(
                checkName("cluster", cluster),
                checkName("node", node),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT),
                0,
                List.of(),
                null,
                false,
                Codecs.none(),
                Duration.ofSeconds(5),
                Transport::tcp);
    }

    static String checkName(String what, String name) {
        if (!name.matches("[A-Za-z0-9._-]{1,60}")) {
            throw new IllegalArgumentException("the name of a " + what
                    + " has 1 to 60 letters, digits, dots, underscores and hyphens: \"" + name + "\"");
        }
        return name;
    }

    /**
     * Sets where the membership listens; connections between actors are accepted at the same host. Nothing listens on other
     * addresses.
     *
     * @param host an address of this machine, not a wildcard: others are told to connect to it
     * @param port the port
     * @return the options
     */
    public ClusterOptions bind(String host, int port) {
        InetSocketAddress address = resolve(host, port);
        if (address.getAddress().isAnyLocalAddress()) {
            throw new IllegalArgumentException(
                    host + " is every address: others are told to connect to the one given here, so name one");
        }
        if (port == 0) {
            throw new IllegalArgumentException("the membership's port cannot be 0: seeds name it");
        }
        return new ClusterOptions(
                cluster, node, address, linkPort, seeds, tls, plaintext, codecs, detection, transport);
    }

    /**
     * Sets the port for connections between actors.
     *
     * @param port the port; 0, the default, takes any free one: the members tell each other
     * @return the options
     */
    public ClusterOptions linkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
        return new ClusterOptions(cluster, node, bind, port, seeds, tls, plaintext, codecs, detection, transport);
    }

    /**
     * Sets members to look for. It does no harm if this node is among them, or if some are not up: one that is suffices. A
     * node that finds none is a cluster of its own, and is merged with the others when it finds them.
     *
     * @param hostsAndPorts where their memberships listen, each as {@code host:port}
     * @return the options
     */
    public ClusterOptions seeds(String... hostsAndPorts) {
        List<InetSocketAddress> addresses =
                Arrays.stream(hostsAndPorts).map(text -> parse("seed", text)).toList();
        return new ClusterOptions(
                cluster, node, bind, linkPort, addresses, tls, plaintext, codecs, detection, transport);
    }

    static InetSocketAddress parse(String what, String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || !text.substring(colon + 1).matches("\\d{1,5}")) {
            throw new IllegalArgumentException("a " + what + " is host:port: \"" + text + "\"");
        }
        return resolve(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    /**
     * Sets the certificates: both the membership and the connections between actors are encrypted, and each side must show
     * one for its own name.
     *
     * @param certificates the certificates
     * @return the options
     */
    public ClusterOptions tls(Tls certificates) {
        return new ClusterOptions(
                cluster,
                node,
                bind,
                linkPort,
                seeds,
                Objects.requireNonNull(certificates, "certificates"),
                false,
                codecs,
                detection,
                transport);
    }

    /**
     * Does without encryption and without certificates, also on other addresses than the loopback one: whoever reaches the
     * ports can join, read everything and tell anything to any actor. For networks that nobody else can reach.
     *
     * @return the options
     */
    public ClusterOptions plaintext() {
        return new ClusterOptions(cluster, node, bind, linkPort, seeds, null, true, codecs, detection, transport);
    }

    /**
     * Sets the types that may travel.
     *
     * @param types the types
     * @return the options
     */
    public ClusterOptions codecs(Codecs types) {
        return new ClusterOptions(
                cluster,
                node,
                bind,
                linkPort,
                seeds,
                tls,
                plaintext,
                Objects.requireNonNull(types, "types"),
                detection,
                transport);
    }

    /**
     * Sets within which time a node that was killed, or cannot be reached, is found dead. All timers follow from it. The same
     * for all members.
     *
     * @param bound the time; at least a second
     * @return the options
     */
    public ClusterOptions detection(Duration bound) {
        return new ClusterOptions(
                cluster, node, bind, linkPort, seeds, tls, plaintext, codecs, checkDetection(bound), transport);
    }

    static Duration checkDetection(Duration bound) {
        if (bound.compareTo(LEAST_DETECTION) < 0 || bound.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("a node is found dead within 1 s to 1 h, not " + bound);
        }
        return bound;
    }

    /**
     * Sets what the connections between actors run over, if it is not to be TCP. The same for all members.
     *
     * @param links the transport
     * @return the options
     */
    public ClusterOptions transport(LinkTransport links) {
        return new ClusterOptions(
                cluster,
                node,
                bind,
                linkPort,
                seeds,
                tls,
                plaintext,
                codecs,
                detection,
                Objects.requireNonNull(links, "links"));
    }

    private static InetSocketAddress resolve(String host, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port);
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("there is no host " + host, e);
        }
    }

    String cluster() {
        return cluster;
    }

    String node() {
        return node;
    }

    InetSocketAddress bind() {
        return bind;
    }

    int linkPort() {
        return linkPort;
    }

    List<InetSocketAddress> seeds() {
        return seeds;
    }

    Tls tls() {
        return tls;
    }

    Codecs codecs() {
        return codecs;
    }

    Duration detection() {
        return detection;
    }

    LinkTransport transport() {
        return transport;
    }

    /** Whether there is neither TLS nor a reason to do without. */
    boolean isOpenByMistake() {
        return tls == null && !plaintext && !bind.getAddress().isLoopbackAddress();
    }

    @Override
    public String toString() {
        return "ClusterOptions[cluster=" + cluster + ", node=" + node + ", bind=" + bind + ", linkPort=" + linkPort
                + ", seeds=" + seeds + ", " + (tls == null ? "plaintext" : "tls") + ", detection=" + detection + "]";
    }
}
