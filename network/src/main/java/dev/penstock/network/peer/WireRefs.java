package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.network.Member;
import dev.penstock.network.codec.RefCodec;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;
import java.net.InetSocketAddress;

/** Refs in the frames of one session. Threads: the loop. */
final class WireRefs implements RefCodec {

    private static final int NONE = 0;
    private static final int OF_WRITER = 1; // uid, path
    private static final int OF_READER = 2; // uid
    private static final int OF_ANOTHER = 3; // node, incarnation, host, port, uid, path

    private final Node node;
    private final Session session;

    WireRefs(Node node, Session session) {
        this.node = node;
        this.session = session;
    }

    @Override
    public void write(ActorRef<?> ref, WireWriter out) {
        if (ref == null) {
            out.putByte(NONE);
        } else if (ref instanceof RemoteActorRef<?> remote && remote.node() == node) {
            Member member = remote.member();
            if (session.isWithClient() || node.isClientOfThis(member)) {
                if (member.equals(session.peer().member())) {
                    out.putByte(OF_READER);
                    out.putLong(remote.uid());
                } else { // the one cannot reach the other
                    writeOwn(ref, out);
                }
            } else if (member.equals(session.peer().member())) {
                out.putByte(OF_READER);
                out.putLong(remote.uid());
            } else {
                out.putByte(OF_ANOTHER);
                out.putString(member.name());
                out.putLong(member.incarnation());
                out.putString(member.address().getHostString());
                out.putShort(member.address().getPort());
                out.putLong(remote.uid());
                out.putString(remote.pathThere());
            }
        } else {
            writeOwn(ref, out);
        }
    }

    private void writeOwn(ActorRef<?> ref, WireWriter out) {
        long uid = node.export(ref);
        out.putByte(OF_WRITER);
        out.putLong(uid);
        out.putString(ref.path());
        session.refWritten(uid, RemoteActorRef.isOfAnAsk(ref));
    }

    @Override
    public ActorRef<?> read(WireReader in) {
        int kind = in.getByte();
        switch (kind) {
            case NONE:
                return null;
            case OF_WRITER: {
                long uid = in.getLong();
                return new RemoteActorRef<>(node, session.peer().member(), uid, path(in));
            }
            case OF_READER: {
                ActorRef<?> ref = session.find(in.getLong());
                return ref != null ? ref : Nobody.NOBODY;
            }
            case OF_ANOTHER: {
                String name = path(in);
                long incarnation = in.getLong();
                String host = path(in);
                int port = in.getShort() & 0xffff;
                long uid = in.getLong();
                String pathThere = path(in);
                if (session.isWithClient()) { // it knows of no other node but by this one
                    return Nobody.NOBODY;
                }
                Member member = new Member(name, incarnation, InetSocketAddress.createUnresolved(host, port));
                return new RemoteActorRef<>(node, member, uid, pathThere);
            }
            default:
                throw new WireException("a ref of kind " + kind);
        }
    }

    private static String path(WireReader in) {
        String path = in.getString();
        if (path == null) {
            throw new WireException("a ref without a path");
        }
        return path;
    }

    /** An actor of this node that has ended. */
    private enum Nobody implements ActorRef<Object> {
        NOBODY;

        @Override
        public boolean tell(Object message) {
            return false;
        }

        @Override
        public String path() {
            return "/ended";
        }
    }
}
