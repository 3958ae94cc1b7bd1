package dev.penstock.network.membership;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jgroups.JChannel;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.stack.IpAddress;
import org.jgroups.util.SocketFactory;
import org.jgroups.util.ThreadFactory;

/**
 * JGroups as we use it: TCP only, one port, no multicast, no file, nothing that is configured from outside.
 *
 * <p>There is no FD_SOCK2: it listens on a port of its own, unencrypted whatever the transport does. NAKACK2, UNICAST3 and
 * STABLE are the older of two families; the newer one makes a sender wait for slow receivers, and our messages are few.
 */
final class JGroupsStack {

    /** More than any message of ours with its headers, less than would hurt. */
    private static final int MAX_FRAME = 1 << 20;

    // Unless the user has set levels: errors only, and none of the transport, to which each connection that is gone
    // when it
    // is closed is an error. Held here because java.util.logging holds loggers weakly.
    private static final Logger ALL = Logger.getLogger("org.jgroups");
    private static final Logger TRANSPORT = Logger.getLogger(TCP.class.getName());

    static {
        if (ALL.getLevel() == null && TRANSPORT.getLevel() == null) {
            ALL.setLevel(Level.SEVERE);
            TRANSPORT.setLevel(Level.OFF);
        }
    }

    private JGroupsStack() {}

    /** A channel that is not connected. */
    static JChannel create(MembershipOptions options, SocketFactory sockets, ThreadFactory threads) throws Exception {
        Timers timers = Timers.of(options.detection());

        TCP tcp = new TCP();
        listen(tcp, options.bind());
        tcp.setPortRange(0);
        tcp.setSockConnTimeout(timers.connectMillis());
        tcp.setPeerAddrReadTimeout(500);
        tcp.setMaxLength(MAX_FRAME);
        tcp.tcpNodelay(true);
        tcp.useVirtualThreads(false);
        tcp.logDetails(false);
        tcp.logAcceptError(false);
        tcp.setLogDiscardMessages(false);
        tcp.setLogDiscardMessagesVersion(false);
        tcp.setSocketFactory(sockets);
        tcp.setThreadFactory(threads);
        tcp.getThreadPool().setMinThreads(0).setMaxThreads(32).setKeepAliveTime(10_000);

        TCPPING ping = new TCPPING();
        ping.setInitialHosts(seeds(options)); // never empty: an empty list would be replaced by a system property
        ping.setPortRange(0);
        ping.numDiscoveryRuns(2);

        MERGE3 merge = new MERGE3();
        // The setters compare with each other's value of that moment, at first 1,000 and 10,000.
        merge.setMinInterval(timers.mergeMinMillis());
        merge.setMaxInterval(timers.mergeMaxMillis());

        NAKACK2 multicast = new NAKACK2();
        multicast.useMcastXmit(false);
        multicast.logDiscardMessages(false);
        multicast.logNotFoundMessages(false);
        UNICAST3 unicast = new UNICAST3();
        unicast.logNotFoundMsgs(false);

        GMS gms = new GMS();
        gms.printLocalAddress(false);
        gms.setJoinTimeout(timers.joinMillis());
        gms.setLeaveTimeout(timers.leaveMillis());
        gms.setViewAckCollectionTimeout(timers.viewAckMillis());
        gms.logCollectMessages(false);
        gms.logViewWarnings(false);

        JChannel channel = new JChannel(
                tcp,
                ping,
                merge,
                new FD_ALL3().setTimeout(timers.silenceMillis()).setInterval(timers.heartbeatMillis()),
                new VERIFY_SUSPECT2().setTimeout(timers.verifyMillis()),
                multicast,
                unicast,
                new STABLE().setDesiredAverageGossip(5_000).setMaxBytes(1_000_000),
                gms);
        listen(tcp, options.bind()); // once more: the constructor prefers system properties and the environment
        tcp.getDiagnosticsHandler().setEnabled(false); // a port of its own, for anyone
        channel.setDiscardOwnMessages(true);
        return channel;
    }

    private static void listen(TCP tcp, InetSocketAddress bind) {
        tcp.setBindAddress(bind.getAddress());
        tcp.setBindPort(bind.getPort());
        tcp.setClientBindAddr(bind.getAddress());
        tcp.setExternalAddr(null);
        tcp.setExternalPort(0);
    }

    private static Set<InetSocketAddress> seeds(MembershipOptions options) {
        Set<InetSocketAddress> seeds = new LinkedHashSet<>(options.seeds());
        seeds.add(options.bind());
        return seeds;
    }

    /** JGroups lets system properties and the environment override some of what is set. If it has, we do not take part. */
    static void verify(JChannel channel, MembershipOptions options) throws IOException {
        Timers timers = Timers.of(options.detection());
        TCP tcp = channel.getProtocolStack().findProtocol(TCP.class);
        check("listens at", tcp.localPhysicalAddress(), new IpAddress(options.bind()));
        TCPPING ping = channel.getProtocolStack().findProtocol(TCPPING.class);
        check(
                "looks for",
                Set.copyOf(ping.getInitialHosts()),
                seeds(options).stream().map(IpAddress::new).collect(Collectors.toSet()));
        FD_ALL3 failures = channel.getProtocolStack().findProtocol(FD_ALL3.class);
        check("waits for", failures.getTimeout(), (long) timers.silenceMillis());
        check(
                "is made of",
                channel.getProtocolStack().getProtocols().stream()
                        .<String>map(protocol -> protocol.getName())
                        .toList(),
                List.of(
                        "GMS",
                        "STABLE",
                        "UNICAST3",
                        "NAKACK2",
                        "VERIFY_SUSPECT2",
                        "FD_ALL3",
                        "MERGE3",
                        "TCPPING",
                        "TCP"));
    }

    private static void check(String what, Object actual, Object asked) throws IOException {
        if (!asked.equals(actual)) {
            throw new IOException("JGroups " + what + " " + actual + ", not " + asked
                    + ": is there a system property or an environment variable whose name begins with \"jgroups\"?");
        }
    }
}
