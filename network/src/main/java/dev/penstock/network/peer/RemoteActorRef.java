package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.RemoteRef;
import dev.penstock.actor.Watcher;
import dev.penstock.network.Member;
import dev.penstock.stream.ConsumerMessage;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.ProducerMessage;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.StreamCancel;
import dev.penstock.stream.StreamDemand;
import dev.penstock.stream.Subscribe;
import java.util.Objects;
import java.util.Optional;

/**
 * The ref of an actor of another node: node, life of that node, and number there. Two of the same are equal.
 *
 * @param <M> the messages of the actor
 */
final class RemoteActorRef<M> implements RemoteRef<M>, RemoteProducer {

    private static final String ASK = "/$ask-";

    private final Node node;
    private final Member member;
    private final long uid;
    private final String pathThere;

    RemoteActorRef(Node node, Member member, long uid, String pathThere) {
        this.node = node;
        this.member = member;
        this.uid = uid;
        this.pathThere = pathThere;
    }

    Node node() {
        return node;
    }

    Member member() {
        return member;
    }

    long uid() {
        return uid;
    }

    String pathThere() {
        return pathThere;
    }

    /** Whether it is that of an ask, which is told one answer: such a name no actor has. */
    boolean isOfAnAsk() {
        return pathThere.contains(ASK);
    }

    static boolean isOfAnAsk(ActorRef<?> ref) {
        return ref instanceof RemoteActorRef<?> remote
                ? remote.isOfAnAsk()
                : ref.path().contains(ASK);
    }

    @Override
    public boolean tell(M message) {
        return tellAny(message);
    }

    boolean tellAny(Object message) {
        Objects.requireNonNull(message, "message");
        Session session = session();
        if (session == null) {
            return refuse(message, DeadLetter.Reason.UNREACHABLE);
        }
        if (message instanceof ProducerMessage || message instanceof ConsumerMessage) {
            if (message instanceof Subscribe<?> subscribe) {
                return subscribeByMessages(session, subscribe) || refuse(message, DeadLetter.Reason.UNREACHABLE);
            }
            if (message instanceof StreamDemand || message instanceof StreamCancel) {
                return tellOldest(session, message);
            }
            if (StreamMessages.numberOf(message) < 0) { // sinks and sources stay with their actors, elements in streams
                return refuse(message, DeadLetter.Reason.UNHANDLED);
            }
        }
        String wrong = session.whyNot(message);
        if (wrong != null) {
            node.log().warn("unwritable", () -> "to " + path() + ": " + wrong);
            return refuse(message, DeadLetter.Reason.UNHANDLED);
        }
        return session.offerTold(new Session.Told(this, message)) || refuse(message, DeadLetter.Reason.FULL);
    }

    private <E> boolean subscribeByMessages(Session session, Subscribe<E> subscribe) {
        return session.subscribe(this, subscribe, new ToldDownstream<>(node, subscribe.consumer())) != null;
    }

    /** From one who subscribed by a message of its own: the loop knows the stream that is meant. */
    private boolean tellOldest(Session session, Object message) {
        node.onLoop(() -> {
            StreamIn stream = session.isEnded() ? null : session.oldestOf(uid);
            if (stream == null) {
                if (!session.offerTold(new Session.Told(this, message))) {
                    refuse(message, DeadLetter.Reason.FULL);
                }
            } else if (message instanceof StreamDemand<?> demand) {
                stream.request(demand.n());
            } else {
                stream.cancel();
            }
        });
        return true;
    }

    @Override
    public <E> Optional<Subscription> subscribe(Subscribe<E> subscribe, Downstream<E> downstream) {
        Session session = session();
        return Optional.ofNullable(session == null ? null : session.subscribe(this, subscribe, downstream));
    }

    private boolean refuse(Object message, DeadLetter.Reason reason) {
        node.system().deadLetter(message, this, reason);
        return false;
    }

    private Session session() {
        Peer peer = node.peer(member.name(), member.incarnation());
        return peer == null ? null : peer.session();
    }

    @Override
    public void watchedBy(Watcher watcher) {
        boolean asked = node.onLoop(() -> {
            Session session = session();
            if (session == null) {
                watcher.ended(Optional.of(unreachable()));
            } else {
                session.watch(uid, watcher);
            }
        });
        if (!asked) {
            watcher.ended(Optional.of(unreachable()));
        }
    }

    @Override
    public void unwatchedBy(Watcher watcher) {
        node.onLoop(() -> {
            Session session = session();
            if (session != null) {
                session.unwatch(uid, watcher);
            }
        });
    }

    private PeerLostException unreachable() {
        return new PeerLostException(member.name() + " is out of reach", this, -1);
    }

    @Override
    public String path() {
        return "//" + member.name() + pathThere;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RemoteActorRef<?> ref
                && ref.uid == uid
                && ref.member.incarnation() == member.incarnation()
                && ref.member.name().equals(member.name());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(uid) * 31 + Long.hashCode(member.incarnation());
    }

    @Override
    public String toString() {
        return path();
    }
}
