package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.codec.RefCodec;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;
import dev.penstock.network.link.Link;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.Loop;

/**
 * One connection: the handshake, then the session.
 *
 * <p>The dialing side says HELLO once it knows whom it has reached, the other answers ACCEPT or REJECT. The accepting side
 * is up when it has written ACCEPT, the dialing one when it has read it: before that it cannot know whether its
 * certificate was taken. Threads: the loop.
 */
final class Connection implements LinkHandler {

    private static final int HANDSHAKE_FRAME = 48 * 1024;
    private static final long GOODBYE_NANOS = 1_000_000_000L;
    private static final RefCodec NO_REFS = new RefCodec() {
        @Override
        public void write(ActorRef<?> ref, WireWriter out) {
            throw new WireException("no ref is written in a greeting");
        }

        @Override
        public ActorRef<?> read(WireReader in) {
            throw new WireException("no ref is read in a greeting");
        }
    };

    private final Node node;
    private final FrameAssembler assembler = new FrameAssembler(this::frame);
    private final WireReader reader = new WireReader(Codecs.none(), NO_REFS);

    private Peer peer; // null until it is known who it is
    private final boolean dialed;
    private Link link;
    private byte[] toWrite; // a frame of the handshake
    private int toWriteLength;
    private boolean closeAfterwards;
    private Greeting hello; // of the dialing side, while the node has not been heard of
    private Session session;
    private Loop.Timer deadline; // to be up, later to be closed; null: none
    private boolean closed;
    private Throwable why;

    private Connection(Node node, Peer peer, boolean dialed) {
        this.node = node;
        this.peer = peer;
        this.dialed = dialed;
    }

    static Connection dialing(Node node, Peer peer) {
        return new Connection(node, peer, true);
    }

    /** Of a client, to whichever member is there. */
    static Connection dialingAnybody(Node node) {
        return new Connection(node, null, true);
    }

    static Connection accepting(Node node) {
        return new Connection(node, null, false);
    }

    Link link() {
        return link;
    }

    /** Ends it from this side; after what is to be written before the end. */
    void close() {
        closed = true;
        if (link != null && (toWrite == null || !closeAfterwards)) {
            link.close();
        }
    }

    /** Has the peer told, as the last thing on this connection, that it ends in an orderly way. */
    void sayGoodbye(int epoch, long sequence) {
        if (toWrite != null) {
            return; // it does not even know that the connection is up
        }
        node.leaves(this);
        closeAfterwards = true;
        WireWriter out = begin();
        out.setInt(8, epoch);
        out.setLong(12, sequence);
        send(Wire.BYE, out);
        deadline = node.links().loop().schedule(GOODBYE_NANOS, link::close); // the peer may read nothing
    }

    // ---- the link

    @Override
    public void connected(Link to) {
        link = to;
        if (closed) {
            to.close();
            return;
        }
        deadline = node.links().loop().schedule(node.detectionNanos(), this::tooLate);
        if (!dialed) {
            return;
        }
        if (peer != null) {
            checkCertificate(peer.member().name());
        }
        send(Wire.HELLO, Greeting.of(node, peer, peer == null ? 0 : peer.epoch()));
    }

    private void checkCertificate(String name) {
        if (link.isSecure() && !link.peerNames().contains(node.uri(name))) {
            throw new Violation("the certificate of " + link.peerAddress() + " is not that of " + node.uri(name)
                    + ", but of " + link.peerNames());
        }
    }

    @Override
    public void received(byte[] bytes, int from, int to) {
        if (closed || closeAfterwards) {
            return;
        }
        if (session != null) {
            session.heard();
        }
        try {
            assembler.received(bytes, from, to);
        } catch (Violation | WireException violation) {
            why = violation;
            node.violated(this, violation);
            if (session != null) {
                session.end(violation.getMessage(), violation);
            }
            close();
        }
    }

    @Override
    public int fill(byte[] bytes) {
        if (toWrite != null) {
            System.arraycopy(toWrite, 0, bytes, 0, toWriteLength);
            toWrite = null;
            if (closeAfterwards) {
                link.close();
            }
            return toWriteLength;
        }
        return session != null ? session.fill(bytes) : 0;
    }

    @Override
    public void closed(Throwable cause) {
        closed = true;
        if (deadline != null) {
            deadline.cancel();
        }
        node.waitsNoMore(this);
        node.isOver(this);
        Throwable reason = why != null ? why : cause;
        if (session != null) {
            session.end(reason == null ? "the connection was closed" : "the connection broke: " + reason, reason);
        }
        if (peer != null) {
            peer.down(this);
        }
        if (dialed && node.isClient()) {
            node.contactLost(reason);
        }
    }

    // ---- the handshake

    private void frame(byte[] bytes, int from, int to) {
        if (session != null) {
            session.received(bytes, from, to);
            return;
        }
        if (closed || closeAfterwards) {
            return;
        }
        reader.wrap(bytes, from, to);
        int type = reader.getInt();
        int epoch = reader.getInt();
        long sequence = reader.getLong();
        if (epoch != 0 || sequence != 0) {
            throw new Violation("a frame of a connection that is not up");
        }
        if (dialed && type == Wire.ACCEPT << 24) {
            accepted(Greeting.read(reader));
        } else if (dialed && type == Wire.REJECT << 24) {
            String reason = reader.getString();
            why = new Violation(peer + " refuses this node: "
                    + (reason == null ? "" : reason.substring(0, Math.min(200, reason.length()))));
            node.refused(this, why);
            close();
        } else if (!dialed && hello == null && type == Wire.HELLO << 24) {
            hello = Greeting.read(reader);
            answer();
        } else {
            throw new Violation("a frame of type " + (type >>> 24) + " in the handshake");
        }
    }

    /** The accepting side: answers the greeting, or waits until the node is known. */
    void answer() {
        if (closed || hello == null) {
            return;
        }
        if (node.isClosed()) {
            close();
            return;
        }
        String wrong = whatIsWrong();
        if (wrong != null) {
            reject(wrong);
            return;
        }
        Peer known =
                hello.client() ? node.client(hello, link.peerAddress()) : node.peer(hello.name(), hello.incarnation());
        if (known == null) {
            if (!node.awaitsMember(this)) {
                reject("too many wait to become members");
            }
            return;
        }
        node.waitsNoMore(this);
        peer = known;
        if (hello.epoch() < 0 || hello.epoch() > Integer.MAX_VALUE / 2) {
            reject("epoch " + hello.epoch());
            return;
        }
        int epoch = node.nextEpoch(hello.epoch(), peer.epoch());
        Greeting mine = Greeting.of(node, peer, epoch);
        boolean[] agreed = Greeting.agreed(mine, hello);
        if (agreed == null) {
            reject("codec " + Greeting.conflict(mine, hello) + " means another type at "
                    + node.self().name());
            return;
        }
        send(Wire.ACCEPT, mine);
        up(epoch, agreed);
    }

    private String whatIsWrong() {
        if (!hello.cluster().equals(node.cluster())) {
            return "this is cluster " + node.cluster();
        }
        if (link.isSecure() && !link.peerNames().contains(node.uri(hello.name()))) {
            return "the certificate is not that of " + node.uri(hello.name());
        }
        if (hello.client() != hello.name().startsWith(Node.CLIENT)) {
            return "the name of a client begins with " + Node.CLIENT + ", and no other name does";
        }
        boolean anybody = hello.client() && hello.expectedName().equals(Greeting.ANYBODY);
        if (!anybody
                && (!hello.expectedName().equals(node.self().name())
                        || hello.expectedIncarnation() != node.self().incarnation())) {
            return "this is " + node.self().name() + " in another life";
        }
        return null;
    }

    private void accepted(Greeting theirs) {
        if (theirs.client() || !theirs.cluster().equals(node.cluster())) {
            throw new Violation("it is no member of " + node.cluster());
        }
        if (peer == null) {
            checkCertificate(theirs.name());
            peer = node.contact(theirs, link.peerAddress());
        }
        if (!theirs.name().equals(peer.member().name())
                || theirs.incarnation() != peer.member().incarnation()
                || theirs.epoch() <= peer.epoch()) {
            throw new Violation("it is " + theirs.name() + ", of another life");
        }
        boolean[] agreed = Greeting.agreed(Greeting.of(node, peer, 0), theirs);
        if (agreed == null) {
            throw new Violation("it has taken codecs that mean other types");
        }
        up(theirs.epoch(), agreed);
    }

    private void tooLate() {
        if (session == null && !closed) {
            why = new Violation("no handshake within " + node.detectionNanos() / 1_000_000 + " ms");
            close();
        }
    }

    private void up(int epoch, boolean[] agreed) {
        deadline.cancel();
        link.established();
        session = new Session(node, peer, this, epoch, agreed);
        peer.up(session);
        session.begin();
    }

    /** The accepting side: sends the dialing one away. */
    void reject(String reason) {
        node.waitsNoMore(this);
        why = new Violation(
                "a node that calls itself " + hello.name() + " at " + link.peerAddress() + " was refused: " + reason);
        node.refused(this, why);
        closeAfterwards = true;
        WireWriter out = begin();
        out.putString(reason);
        send(Wire.REJECT, out);
    }

    private void send(int type, Greeting greeting) {
        WireWriter out = begin();
        greeting.write(out);
        send(type, out);
    }

    private WireWriter begin() {
        toWrite = new byte[HANDSHAKE_FRAME];
        WireWriter out = new WireWriter(Codecs.none(), NO_REFS);
        out.wrap(toWrite, 0, toWrite.length);
        out.position(Wire.HEADER);
        return out;
    }

    private void send(int type, WireWriter out) {
        toWriteLength = out.position();
        out.setInt(0, toWriteLength - Wire.LENGTH_FIELD);
        out.setInt(4, type << 24);
        link.wakeWriter();
    }

    @Override
    public String toString() {
        return (peer == null ? "an unknown node" : peer.toString()) + (link == null ? "" : " at " + link.peerAddress());
    }
}
