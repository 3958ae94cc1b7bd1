package dev.penstock.network;

import dev.penstock.network.codec.Codecs;
import java.time.Duration;
import java.util.Objects;

/** How a client reaches a cluster. Immutable; each method returns changed options. */
public final class ClientOptions {

    private final String cluster;
    private final String name;
    private final Tls tls;
    private final boolean plaintext;
    private final Codecs codecs;
    private final Duration detection;
    private final LinkTransport transport;

    private ClientOptions(
            String cluster,
            String name,
            Tls tls,
            boolean plaintext,
            Codecs codecs,
            Duration detection,
            LinkTransport transport) {
        this.cluster = cluster;
        this.name = name;
        this.tls = tls;
        this.plaintext = plaintext;
        this.codecs = codecs;
        this.detection = detection;
        this.transport = transport;
    }

    /**
     * Begins with the defaults: no TLS, which only the loopback address allows; the built-in codecs; a member that does not
     * answer is taken for lost within 5 s.
     *
     * @param cluster the name of the cluster
     * @param name the name of this client, of which there is one at a time: 1 to 60 letters, digits, dots, underscores, hyphens
     * @return the options
     */
    public static ClientOptions of(String cluster, String name) {
        return new ClientOptions(
                ClusterOptions.checkName("cluster", cluster),
                ClusterOptions.checkName("client", name),
                null,
                false,
                Codecs.none(),
                Duration.ofSeconds(5),
                Transport::tcp);
    }

    /**
     * Sets the certificates: the connection is encrypted, the member must show one for its name, this client one for its own.
     *
     * @param certificates the certificates
     * @return the options
     */
    public ClientOptions tls(Tls certificates) {
        return new ClientOptions(
                cluster,
                name,
                Objects.requireNonNull(certificates, "certificates"),
                false,
                codecs,
                detection,
                transport);
    }

    /**
     * Does without encryption and without certificates, also to other addresses than the loopback one: whoever is on the way
     * can read everything, and pretend to be the cluster. For networks that nobody else can reach, and for tunnels.
     *
     * @return the options
     */
    public ClientOptions plaintext() {
        return new ClientOptions(cluster, name, null, true, codecs, detection, transport);
    }

    /**
     * Sets the types that may travel.
     *
     * @param types the types
     * @return the options
     */
    public ClientOptions codecs(Codecs types) {
        return new ClientOptions(
                cluster, name, tls, plaintext, Objects.requireNonNull(types, "types"), detection, transport);
    }

    /**
     * Sets within which time a member that does not answer is taken for lost.
     *
     * @param bound the time; at least a second, at most an hour
     * @return the options
     */
    public ClientOptions detection(Duration bound) {
        return new ClientOptions(
                cluster, name, tls, plaintext, codecs, ClusterOptions.checkDetection(bound), transport);
    }

    /**
     * Sets what the connection runs over, if it is not to be TCP: what the members have chosen.
     *
     * @param links the transport
     * @return the options
     */
    public ClientOptions transport(LinkTransport links) {
        return new ClientOptions(
                cluster, name, tls, plaintext, codecs, detection, Objects.requireNonNull(links, "links"));
    }

    String cluster() {
        return cluster;
    }

    String name() {
        return name;
    }

    Tls tls() {
        return tls;
    }

    boolean isPlaintext() {
        return plaintext;
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

    @Override
    public String toString() {
        return "ClientOptions[cluster=" + cluster + ", name=" + name + ", " + (tls == null ? "plaintext" : "tls")
                + ", detection=" + detection + "]";
    }
}
