/**
 * Connections between nodes over Aeron instead of TCP.
 *
 * <p>{@link dev.penstock.network.aeron.AeronTransport} is what a user names in the options. Behind it: {@code AeronLinks} has
 * the thread ({@code AeronLoop}), on which Aeron's client and driver ({@code Media}) work too; an {@code AeronLink} is a
 * connection, with TLS inside ({@code TlsPipe}) if there is any; a {@code Receiver} is a port, an {@code Inbound} what comes in
 * there from one publication; {@code Frame} says what is in a fragment.
 */
package dev.penstock.network.aeron;
