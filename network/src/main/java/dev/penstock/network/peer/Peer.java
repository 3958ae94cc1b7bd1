package dev.penstock.network.peer;

import dev.penstock.network.Member;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * Another node, in one of its lives, and the connection to it, if there is one.
 *
 * <p>Threads: the loop, but for what says otherwise.
 */
final class Peer {

    private static final long FIRST_RETRY = 50_000_000L;
    private static final long LAST_RETRY = 1_000_000_000L;

    private final Node node;
    private final Member member;
    private final Kind kind;

    // written: the loop, volatile; read: any thread that tells. Null while there is no connection.
    private volatile Session session;
    // written: the loop, volatile; read: any thread
    private volatile boolean gone;

    private int epoch; // the last one that either side knew of
    private long retry = FIRST_RETRY;
    private Connection dialing;

    /** What it is to this node. */
    enum Kind {
        /** Another member; one of the two dials. */
        MEMBER,
        /** A client of this member, which dials. */
        CLIENT,
        /** The member that this client has dialed. */
        CONTACT
    }

    Peer(Node node, Member member, Kind kind) {
        this.node = node;
        this.member = member;
        this.kind = kind;
    }

    /** Any thread. */
    Kind kind() {
        return kind;
    }

    /** Any thread. */
    Member member() {
        return member;
    }

    /** The connection as it is now; null if there is none. Any thread. */
    Session session() {
        return session;
    }

    /** Whether this life of the node is over, as far as is known here. Any thread. */
    boolean isGone() {
        return gone;
    }

    int epoch() {
        return epoch;
    }

    /** One side of each pair of members dials: that with the lesser name. */
    private boolean isDialedFromHere() {
        return kind == Kind.MEMBER && node.self().name().compareTo(member.name()) < 0;
    }

    void dial() {
        if (gone || session != null || dialing != null || !isDialedFromHere()) {
            return;
        }
        dialing = Connection.dialing(node, this);
        InetSocketAddress told = member.address();
        node.links()
                .dial(
                        told.isUnresolved() ? new InetSocketAddress(told.getHostString(), told.getPort()) : told,
                        dialing);
    }

    /** A connection is up, in a new epoch; the one before, if there still is one, is not any more. */
    void up(Session fresh) {
        Session before = session;
        epoch = fresh.epoch();
        dialing = null;
        retry = FIRST_RETRY;
        session = fresh; // first: the end of the one before is not that of the peer
        if (before != null) {
            before.end("replaced by a new connection", null);
        }
        node.up(this);
    }

    /** That session is over. */
    void ended(Session of, String why) {
        if (session == of) {
            session = null;
            node.down(this, why);
        }
    }

    /** That connection is no more, or never came to be. */
    void down(Connection connection) {
        if (dialing == connection) {
            dialing = null;
        }
        if (kind != Kind.MEMBER) {
            if (session == null) {
                node.forget(this);
            }
            return;
        }
        if (!gone && session == null && dialing == null && isDialedFromHere()) {
            long wait = retry;
            retry = Math.min(retry * 2, LAST_RETRY);
            node.links().loop().schedule(wait + node.jitter(wait / 4), this::dial);
        }
    }

    /** This life of the node is over: it left, or was found dead; {@code end} ends the session, if there is one. */
    void gone(Consumer<Session> end) {
        gone = true;
        Session last = session;
        if (last != null) {
            end.accept(last);
        }
        if (dialing != null) {
            dialing.close();
        }
    }

    @Override
    public String toString() {
        return member.name();
    }
}
