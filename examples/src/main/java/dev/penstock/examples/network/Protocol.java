package dev.penstock.examples.network;

import dev.penstock.network.ServiceKey;
import dev.penstock.network.Tls;
import dev.penstock.network.codec.Codecs;
import dev.penstock.stream.ProducerMessage;
import java.lang.invoke.MethodHandles;
import java.nio.file.Path;
import java.time.Duration;

/** What nodes and client have agreed upon. */
public final class Protocol {

    /** The name of the cluster; certificates have it too. */
    public static final String CLUSTER = "guide";

    /** Where the password of the key stores is looked for: arguments of a process can be seen by others. */
    public static final String PASSWORD_VARIABLE = "PENSTOCK_PASSWORD";

    /** What may travel, by numbers that nobody may ever change. */
    static final Codecs CODECS = Codecs.builder()
            .record(100, Reading.class, MethodHandles.lookup())
            .record(101, Alert.class, MethodHandles.lookup())
            .record(102, AlertOffer.class, MethodHandles.lookup())
            .build();

    /** The producers of readings. */
    static final ServiceKey<ProducerMessage<Reading>> READINGS = new ServiceKey<>("readings", ProducerMessage.class);

    /** The actors that take alerts. */
    static final ServiceKey<AlertOffer> ALERTS = new ServiceKey<>("alerts", AlertOffer.class);

    /** How many elements wait at each end of a stream, at most. */
    static final int BUFFER = 64;

    /** For what takes a moment, if all is well. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private Protocol() {}

    /**
     * Reads the certificates that {@code ./penstock cert} has made.
     *
     * @param directory where they are
     * @param who {@code node-NAME} or {@code client-NAME}
     * @param password of the files
     * @return the certificates
     */
    public static Tls certificates(Path directory, String who, String password) {
        return Tls.of(
                directory.resolve(who + ".p12"),
                password.toCharArray(),
                directory.resolve("trust.p12"),
                password.toCharArray());
    }
}
