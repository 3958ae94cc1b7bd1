/**
 * The same actors and the same stream protocol between machines.
 *
 * <p>{@link dev.penstock.network} joins a cluster, or connects to one; {@link dev.penstock.network.codec} says what travels.
 * Neither Netty nor JGroups appears in a public signature.
 */
@SuppressWarnings("requires-automatic") // JGroups is one
module dev.penstock.network {
    requires transitive dev.penstock.runtime;
    requires java.logging;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.transport;
    requires org.jctools.core.jdk11;
    requires org.jgroups;
    requires java.management; // for JGroups, which cannot say so itself
    requires java.xml; // the same

    exports dev.penstock.network;
    exports dev.penstock.network.codec;
    exports dev.penstock.network.link; // for other transports
}
