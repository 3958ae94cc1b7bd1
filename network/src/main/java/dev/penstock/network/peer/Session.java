package dev.penstock.network.peer;

import dev.penstock.actor.ActorRef;
import dev.penstock.actor.DeadLetter;
import dev.penstock.actor.RemoteRef;
import dev.penstock.actor.Subscription;
import dev.penstock.actor.Watcher;
import dev.penstock.network.Member;
import dev.penstock.network.RemoteFailure;
import dev.penstock.network.codec.Codecs;
import dev.penstock.network.codec.WireException;
import dev.penstock.network.codec.WireReader;
import dev.penstock.network.codec.WireWriter;
import dev.penstock.network.link.Loop;
import dev.penstock.stream.PeerLostException;
import dev.penstock.stream.Push;
import dev.penstock.stream.RemoteProducer;
import dev.penstock.stream.Subscribe;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.LongObjectHashMap;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jctools.queues.MessagePassingQueue;
import org.jctools.queues.varhandle.MpscChunkedVarHandleArrayQueue;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;

/**
 * What two nodes have to do with each other in one epoch: from the moment that a connection is up until it is not. Nothing
 * of it outlives it.
 *
 * <p>Outwards there are three queues: of control, which goes first and is bounded by what there is to control; of messages
 * that were told, bounded; and of streams that may have something to send, whose elements wait with their producers. Nobody
 * who offers ever waits.
 *
 * <p>Threads: the loop, but for what says otherwise.
 */
final class Session {

    /** At most so many told messages wait. */
    static final int QUEUE_LIMIT = 65_536;

    private static final int LOOKUP_LIMIT = 256;
    private static final int STREAM_LIMIT = 4096;
    private static final int WATCH_LIMIT = 65_536;
    private static final int ASK_LIMIT = 65_536;
    private static final int LOOK_ONE_IN = 64;
    private static final int LEAST_SWEEP = 1024;

    /** With less room than this nothing more is begun in a buffer. */
    private static final int LEAST_ROOM = 256;

    private final Node node;
    private final Peer peer;
    private final Connection connection;
    private final int epoch;
    private final boolean[] agreed;
    private final Codecs codecs;
    private final WireWriter out;
    private final WireReader in;

    // offered by any thread, polled by the loop
    private final MessagePassingQueue<Outgoing> control = new MpscUnboundedVarHandleArrayQueue<>(64);
    private final MpscChunkedVarHandleArrayQueue<Told> told = new MpscChunkedVarHandleArrayQueue<>(64, QUEUE_LIMIT);
    private final MessagePassingQueue<StreamOut> ready = new MpscUnboundedVarHandleArrayQueue<>(64);

    // Streams in, to those who request by messages, whose subscription is not written yet. Added: any thread; removed,
    // and
    // looked at: the loop
    private final Queue<StreamIn> beginning = new ConcurrentLinkedQueue<>();

    // written: the loop, once, volatile; read: whoever has offered something, after that
    private volatile boolean ended;

    // ---- the loop only
    private Outgoing unwrittenControl;
    private Told unwrittenTold;
    private StreamOut unwrittenStream;
    private final ArrayDeque<Ended> actorsEnded = new ArrayDeque<>();
    private int frameStart;
    private boolean full;
    private long sequenceOut;
    private long sequenceIn;
    private int lastStream;
    private final IntObjectHashMap<StreamIn> streamsIn = new IntObjectHashMap<>();
    private final IntObjectHashMap<StreamOut> streamsOut = new IntObjectHashMap<>();
    private final LongObjectHashMap<Integer> producing = new LongObjectHashMap<>(); // how many of them, by producer
    private int lastStreamOut;
    private int refusals; // of subscriptions, not written yet
    private final Set<Long> fullActors = new HashSet<>(); // whose mailboxes were full when they were looked at last
    private int refsToSweep = LEAST_SWEEP; // so many more are written before those of the past are looked at
    private final LongObjectHashMap<List<Watcher>> watching = new LongObjectHashMap<>(); // by the peer's uid
    private final LongObjectHashMap<Watch> watches = new LongObjectHashMap<>(); // not written yet, by the peer's uid
    private final Set<Long> watched = new HashSet<>(); // uids of this node
    private final LongObjectHashMap<Asked> asks = new LongObjectHashMap<>(); // by the uid of who waits for the answer
    private Told beingWritten;
    private final Set<Long> shown = new HashSet<>(); // uids of this node that a client was sent
    private final IntObjectHashMap<ClientLookup> lookups = new IntObjectHashMap<>(); // of a client
    private final IntObjectHashMap<Directory.Listener> listings = new IntObjectHashMap<>(); // of this client
    private int lastLookup;
    private boolean filled; // since the last beat
    private boolean pinged; // and not written yet
    private long heardAt;
    private long beatAt;
    private Loop.Timer beat;

    Session(Node node, Peer peer, Connection connection, int epoch, boolean[] agreed) {
        this.node = node;
        this.peer = peer;
        this.connection = connection;
        this.epoch = epoch;
        this.agreed = agreed;
        codecs = node.codecs();
        WireRefs refs = new WireRefs(node, this);
        out = new WireWriter(codecs, refs);
        in = new WireReader(codecs, refs);
    }

    void begin() {
        heardAt = node.now();
        beatAt = heardAt;
        beat = node.links().loop().schedule(node.detectionNanos() / 10, this::beat);
        connection.link().wakeWriter();
    }

    // ---- any thread

    Node node() {
        return node;
    }

    Peer peer() {
        return peer;
    }

    int epoch() {
        return epoch;
    }

    boolean isEnded() {
        return ended;
    }

    /** Why this value cannot travel; null if it can. */
    String whyNot(Object value) {
        if (value instanceof Push<?> push) {
            return whyNot(push.element());
        }
        if (StreamMessages.numberOf(value) >= 0) {
            return null;
        }
        int number = codecs.numberOf(value);
        if (number < 0) {
            return "no codec is registered for " + value.getClass().getName();
        }
        return agreed[number]
                ? null
                : peer + " has no codec " + number + " for " + value.getClass().getName();
    }

    void offerControl(Outgoing item) {
        control.offer(item);
        offered();
    }

    /** False if the queue is full. */
    boolean offerTold(Told item) {
        if (!told.offer(item)) {
            return false;
        }
        offered();
        return true;
    }

    void offerReady(StreamOut stream) {
        ready.offer(stream);
        offered();
    }

    private void offered() {
        if (ended) { // the loop may have cleared the queues before
            if (!node.onLoop(this::clearQueues)) {
                clearQueues(); // the loop has ended: nobody else is there
            }
        } else {
            connection.link().wakeWriter();
        }
    }

    // ---- writing

    int fill(byte[] bytes) {
        out.wrap(bytes, 0, bytes.length);
        full = false;
        boolean progress = unwrittenControl == null
                ? unwrittenTold == null ? unwrittenStream == null || writeReady() : writeTold()
                : writeControl(); // what found no room in the last buffer: at the beginning of one it is written, or
        // never
        while (progress && !full && !ended && out.remaining() >= LEAST_ROOM) {
            progress = writeControl() || writeTold() | writeReady() || writeActorsEnded();
        }
        filled |= out.position() > 0;
        return out.position();
    }

    private boolean writeControl() {
        Outgoing item = unwrittenControl != null ? unwrittenControl : control.relaxedPoll();
        unwrittenControl = null;
        if (item == null) {
            return false;
        }
        if (!write(item)) {
            unwrittenControl = item;
        }
        return true;
    }

    private boolean writeTold() {
        if (full) {
            return false;
        }
        Told item = unwrittenTold != null ? unwrittenTold : told.relaxedPoll();
        unwrittenTold = null;
        if (item == null) {
            return false;
        }
        beingWritten = item;
        if (!write(item)) {
            unwrittenTold = item;
        }
        beingWritten = null;
        return true;
    }

    private boolean writeReady() {
        if (full) {
            return false;
        }
        StreamOut stream = unwrittenStream != null ? unwrittenStream : ready.relaxedPoll();
        unwrittenStream = null;
        if (stream == null) {
            return false;
        }
        if (!write(stream)) {
            if (full) {
                unwrittenStream = stream;
            } else {
                ready.offer(stream); // the others' turn
            }
        }
        return true;
    }

    /** The end of an actor goes behind all that it told, and behind its streams. */
    private boolean writeActorsEnded() {
        Ended next = actorsEnded.peek();
        if (next == null || full || unwrittenTold != null || told.currentConsumerIndex() < next.afterTold()) {
            return false;
        }
        if (producing.containsKey(next.uid()) && hasMore(next.uid())) {
            return false; // it is queued
        }
        if (write(next)) {
            actorsEnded.poll();
        }
        return true;
    }

    /** Whether a stream of that producer has something to write; looks at all streams. */
    private boolean hasMore(long producerUid) {
        for (StreamOut stream : streamsOut.values()) {
            if (stream.producerUid() == producerUid && stream.hasMore()) {
                return true;
            }
        }
        return false;
    }

    /** Writes it, all or as much as there is room for; answers whether that was all, or whether it never can be. */
    private boolean write(Outgoing item) {
        frameStart = out.position();
        try {
            return item.write(this, out);
        } catch (WireException e) {
            out.position(frameStart);
            if (frameStart > 0 && e.isNoRoom()) {
                full = true; // if an empty buffer has none either, it cannot be written at all
                return false;
            }
            item.unwritable(e);
            return true;
        }
    }

    /** Begins a frame of a type; what is put into the writer until {@link #endFrame} is its body. */
    void beginFrame(int type) {
        frameStart = out.position();
        out.position(frameStart + Wire.HEADER);
        out.setInt(frameStart + 4, type << 24);
    }

    void endFrame() {
        out.setInt(frameStart, out.position() - frameStart - Wire.LENGTH_FIELD);
        out.setInt(frameStart + 8, epoch);
        out.setLong(frameStart + 12, ++sequenceOut);
        frameStart = out.position();
    }

    Codecs codecs() {
        return codecs;
    }

    /** A ref of this node has been written; if it is one of an ask and the session ends before the answer, the ask fails. */
    void refWritten(long uid, boolean ofAnAsk) {
        if (--refsToSweep == 0) {
            shown.removeIf(old -> node.exports().find(old) == null);
            asks.keySet().removeIf(old -> node.exports().find(old) == null);
            refsToSweep = LEAST_SWEEP + shown.size() + asks.size(); // so that each costs one look on average
        }
        if (isWithClient()) {
            shown.add(uid);
        }
        if (ofAnAsk && beingWritten != null && asks.size() < ASK_LIMIT) {
            asks.put(uid, new Asked(beingWritten.target(), new WeakReference<>(beingWritten.message())));
        }
    }

    boolean isWithClient() {
        return peer.kind() == Peer.Kind.CLIENT;
    }

    /** The ref of that number, if the peer may know it: a client may know what it was shown. */
    ActorRef<?> find(long uid) {
        return isWithClient() && !shown.contains(uid) ? null : node.exports().find(uid);
    }

    // ---- reading

    void heard() {
        heardAt = node.now();
    }

    void received(byte[] bytes, int from, int to) {
        if (ended) {
            return;
        }
        in.wrap(bytes, from, to);
        int typeWord = in.getInt();
        if (in.getInt() != epoch) {
            throw new Violation("a frame of another epoch");
        }
        if (in.getLong() != ++sequenceIn) {
            throw new Violation("frame " + sequenceIn + " is missing");
        }
        try {
            read(typeWord >>> 24, (typeWord & 0xffffff) != 0);
        } catch (WireException malformed) {
            throw new Violation("a malformed frame of type " + (typeWord >>> 24) + ": " + malformed.getMessage());
        }
        if (in.remaining() != 0) {
            throw new Violation("a frame of type " + (typeWord >>> 24) + " with " + in.remaining() + " bytes too many");
        }
    }

    private void read(int type, boolean reserved) {
        if (reserved) {
            throw new Violation("a frame with bits that mean nothing");
        }
        switch (type) {
            case Wire.PING -> {}
            case Wire.BYE -> finish(peer + " said good-bye");
            case Wire.TELL -> readTell();
            case Wire.WATCH -> readWatch();
            case Wire.UNWATCH -> unwatched(in.getLong());
            case Wire.TERMINATED -> readTerminated();
            case Wire.SUBSCRIBE -> readSubscribe();
            case Wire.DEMAND -> withStreamOut(in.getInt(), in.getLong(), StreamOut::granted);
            case Wire.BAD_DEMAND -> withStreamOut(in.getInt(), in.getLong(), StreamOut::badDemand);
            case Wire.CANCEL -> withStreamOut(in.getInt(), 0, (stream, none) -> stream.cancelled());
            case Wire.CONFIRMED -> withStreamOut(in.getInt(), 0, (stream, none) -> stream.confirmed());
            case Wire.ELEMENTS -> streamIn(in.getInt()).elements(in);
            case Wire.COMPLETED -> streamIn(in.getInt()).completed(in.getLong());
            case Wire.FAILED -> streamIn(in.getInt()).failed(in);
            case Wire.LOOKUP -> readLookup();
            case Wire.UNLOOKUP -> endLookup(in.getInt());
            case Wire.LISTING -> readListing();
            default -> throw new Violation("a frame of unknown type " + type);
        }
    }

    private void readTell() {
        long uid = in.getLong();
        int number = in.getShort() & 0xffff;
        ActorRef<?> ref = find(uid);
        asks.remove(uid);
        if (node.exports().answered(uid)) {
            shown.remove(uid);
        }
        if (ref == null) {
            node.log().warn("gone", () -> peer + " told an actor that has ended, or never was");
            skip();
            return;
        }
        Object message;
        try {
            if (StreamMessages.isOne(number)) {
                message = StreamMessages.read(number, in);
            } else if (isAgreed(number)) {
                message = codecs.readPayload(number, in);
            } else {
                throw new WireException("codec " + number + " is not agreed on");
            }
        } catch (WireException malformed) {
            node.log()
                    .warn(
                            "malformed",
                            () -> "a message of " + peer + " to " + ref.path() + " cannot be read: "
                                    + malformed.getMessage());
            skip();
            return;
        }
        if (in.remaining() != 0) {
            node.log().warn("malformed", () -> "a message of " + peer + " to " + ref.path() + " is too long");
            skip();
            return;
        }
        if (!node.exports().isTaken(uid, message.getClass())) {
            node.log()
                    .warn(
                            "type",
                            () -> peer + " told " + ref.path() + " a message of no type that its keys have: "
                                    + message.getClass().getName());
            node.system().deadLetter(message, ref, DeadLetter.Reason.UNHANDLED);
            return;
        }
        if (isFull(uid, ref)) {
            node.log().warn("full", () -> peer + " tells " + ref.path() + " more than it processes");
            node.system().deadLetter(message, ref, DeadLetter.Reason.FULL);
            return;
        }
        tell(ref, message);
    }

    /**
     * Whether so much waits for an actor of this node that a peer may not add to it, whatever its mailbox takes. Looked at now
     * and then, at random so that no peer knows when; and each time while it is so.
     */
    private boolean isFull(long uid, ActorRef<?> ref) {
        if (!fullActors.contains(uid) && node.jitter(LOOK_ONE_IN - 1) != 0) {
            return false;
        }
        boolean isFull = node.system()
                .inspect(ref)
                .map(mailbox -> mailbox.depth() >= QUEUE_LIMIT)
                .orElse(false);
        if (isFull) {
            fullActors.add(uid);
        } else {
            fullActors.remove(uid);
        }
        return isFull;
    }

    @SuppressWarnings("unchecked") // the peer knows the ref by its type
    private void tell(ActorRef<?> ref, Object message) {
        try {
            ((ActorRef<Object>) ref).tell(message);
        } catch (RuntimeException e) { // a ref of the user's own making
            node.log().warn("tell", () -> ref.path() + " failed when it was told something by " + peer + ": " + e);
        }
    }

    private void skip() {
        in.position(in.position() + in.remaining());
    }

    private void readWatch() {
        long uid = in.getLong();
        if (watched.size() + actorsEnded.size() >= WATCH_LIMIT) {
            throw new Violation("more than " + WATCH_LIMIT + " watches");
        }
        ActorRef<?> ref = find(uid);
        if (ref != null) { // of the user's own making, it stands for no actor and never ends
            if (watched.add(uid) && ref instanceof RemoteRef<?> remote) { // the peer cannot hear of its end otherwise
                remote.watchedBy(new RelayedWatch(this, uid));
            } else if (!node.exports().isExportedActor(ref)) { // it may have been about to end when it became known
                node.whenEnded(ref, () -> actorEnded(uid, null));
            }
        } else {
            actorsEnded.add(new Ended(uid, null, told.currentProducerIndex()));
            connection.link().wakeWriter();
        }
    }

    private void unwatched(long uid) {
        if (watched.remove(uid)) {
            watchNoMore(uid);
        }
    }

    /** What was watched for the peer at a third node must not keep this session. */
    private void watchNoMore(long uid) {
        if (node.exports().find(uid) instanceof RemoteRef<?> remote) {
            remote.unwatchedBy(new RelayedWatch(this, uid));
        }
    }

    private void readTerminated() {
        long uid = in.getLong();
        RemoteFailure failure = in.getByte() == 0 ? null : Failures.read(in);
        List<Watcher> watchers = watching.remove(uid);
        if (watchers != null) {
            watchers.forEach(watcher -> watcher.ended(Optional.ofNullable(failure)));
        }
    }

    private void readSubscribe() {
        int id = in.getInt();
        long uid = in.getLong();
        long granted = in.getLong();
        ActorRef<Object> consumer = in.getRef();
        if (id <= lastStreamOut) {
            throw new Violation("stream " + id + " again");
        }
        if (consumer == null || granted < 0) {
            throw new Violation("a subscription of nobody, or with demand " + granted);
        }
        lastStreamOut = id;
        ActorRef<?> producer = find(uid);
        if (!(consumer instanceof RemoteActorRef<Object> remote)) {
            refuse(id, Wire.FAILURE, "the consumer is not on the node that subscribes it");
        } else if (streamsOut.size() >= STREAM_LIMIT) {
            refuse(id, Wire.FAILURE, "more than " + STREAM_LIMIT + " streams between two nodes");
        } else if (producer == null) {
            refuse(id, Wire.PRODUCER_LOST, "the producer has stopped");
        } else if (!node.exports().isTaken(uid, Subscribe.class)) {
            refuse(id, Wire.FAILURE, "the actor is no producer, as far as its keys say");
        } else {
            StreamOut stream = new StreamOut(this, id, uid, producer, remote);
            streamsOut.put(id, stream);
            producing.merge(uid, 1, Integer::sum);
            stream.subscribe(granted);
        }
    }

    private void refuse(int stream, int code, String why) {
        if (++refusals > QUEUE_LIMIT) {
            throw new Violation("more than " + QUEUE_LIMIT + " subscriptions that were refused, and that not read");
        }
        offerControl(new Refused(stream, code, why));
    }

    private void withStreamOut(int id, long n, StreamAction action) {
        StreamOut stream = streamsOut.get(id);
        if (stream != null) { // or it has ended meanwhile
            action.on(stream, n);
        } else if (id > lastStreamOut) {
            throw new Violation("stream " + id + " has not begun");
        }
    }

    private StreamIn streamIn(int id) {
        StreamIn stream = streamsIn.get(id);
        if (stream == null) {
            throw new Violation("there is no stream " + id);
        }
        return stream;
    }

    private interface StreamAction {
        void on(StreamOut stream, long n);
    }

    // ---- keys, for clients

    private void readLookup() {
        int id = in.getInt();
        String key = in.getString();
        String type = in.getString();
        if (!isWithClient() || key == null || type == null || lookups.containsKey(id)) {
            throw new Violation("lookup " + id + " of a member, or again");
        }
        if (lookups.size() >= LOOKUP_LIMIT) {
            throw new Violation("more than " + LOOKUP_LIMIT + " lookups");
        }
        ClientLookup lookup = new ClientLookup(id);
        lookups.put(id, lookup); // the listener may be called at once
        lookup.subscription =
                node.directory().subscribe(key, type, entries -> node.onLoop(() -> found(lookup, entries)));
    }

    private void found(ClientLookup lookup, List<Directory.Entry> entries) {
        if (ended || lookups.get(lookup.id) != lookup) {
            return;
        }
        lookup.answered = true;
        if (lookup.over) {
            endLookup(lookup.id);
            return;
        }
        lookup.entries = entries;
        if (!lookup.queued) { // or the newest is written instead
            lookup.queued = true;
            offerControl(lookup);
        }
    }

    /** It counts until it has been answered: the directory works for nobody faster than it can. */
    private void endLookup(int id) {
        ClientLookup lookup = lookups.get(id);
        if (lookup == null) {
            return;
        }
        lookup.over = true;
        if (lookup.answered) {
            lookups.remove(id);
            lookup.subscription.close();
        }
    }

    private void readListing() {
        if (peer.kind() != Peer.Kind.CONTACT) {
            throw new Violation("a listing that nobody has asked for");
        }
        int id = in.getInt();
        int count = in.getShort() & 0xffff;
        List<Directory.Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = in.getString();
            long incarnation = in.getLong();
            ActorRef<?> ref = in.getRef();
            if (name == null || ref == null) {
                throw new WireException("an entry of a listing without its node or actor");
            }
            Member member = name.equals(peer.member().name())
                    ? peer.member()
                    : new Member(name, incarnation, InetSocketAddress.createUnresolved("?", 0));
            entries.add(new Directory.Entry(member, ref));
        }
        Directory.Listener listener = listings.get(id);
        if (listener != null) {
            listener.found(entries);
        }
    }

    /** Asks the member that this client has reached for a key, until the session ends or it is closed. */
    Subscription lookup(String key, String type, Directory.Listener listener) {
        int id = ++lastLookup;
        listings.put(id, listener);
        offerControl(new Lookup(id, key, type));
        return () -> node.onLoop(() -> {
            if (listings.remove(id) != null && !ended) {
                offerControl(new Lookup(id, null, null));
            }
        });
    }

    // ---- streams

    /** The number of the next stream of a local consumer. */
    int nextStream() {
        return lastStream + 1;
    }

    void add(int number, StreamIn stream) {
        lastStream = number;
        streamsIn.put(number, stream);
        begun(stream);
    }

    /** Its subscription is written, or never will be. */
    void begun(StreamIn stream) {
        if (stream.isTold()) {
            beginning.remove(stream);
        }
    }

    void remove(StreamIn stream) {
        streamsIn.remove(stream.id());
    }

    void remove(StreamOut stream) {
        if (streamsOut.remove(stream.id()) != null) {
            producing.computeIfPresent(stream.producerUid(), (uid, count) -> count == 1 ? null : count - 1);
        }
    }

    boolean hasStreams() {
        return !streamsOut.isEmpty();
    }

    boolean isAgreed(int number) {
        return number <= Short.MAX_VALUE && agreed[number];
    }

    /** Demand or cancellation for a producer of the peer, by somebody who subscribed without a ref of its own. */
    StreamIn oldestOf(long uid) {
        StreamIn oldest = null;
        for (StreamIn stream : streamsIn.values()) {
            if (stream.isTold() && stream.producerUid() == uid && (oldest == null || stream.id() < oldest.id())) {
                oldest = stream;
            }
        }
        if (oldest != null) {
            return oldest;
        }
        return beginning.stream()
                .filter(stream -> stream.producerUid() == uid)
                .findFirst()
                .orElse(null);
    }

    // ---- watches

    void watch(long uid, Watcher watcher) {
        if (ended) {
            watcher.ended(Optional.of(lost()));
            return;
        }
        List<Watcher> watchers = watching.get(uid);
        if (watchers == null) {
            if (watching.size() >= WATCH_LIMIT) { // the peer would take one more for an attack
                watcher.ended(Optional.of(
                        new IllegalStateException("more than " + WATCH_LIMIT + " actors of " + peer + " are watched")));
                return;
            }
            watchers = new ArrayList<>(1);
            watching.put(uid, watchers);
            write(uid, true);
        }
        if (!watchers.contains(watcher)) {
            watchers.add(watcher);
        }
    }

    void unwatch(long uid, Watcher watcher) {
        List<Watcher> watchers = watching.get(uid);
        if (watchers != null && watchers.remove(watcher) && watchers.isEmpty()) {
            watching.remove(uid);
            write(uid, false);
        }
    }

    /** Has the peer told that its actor is watched, or not any more; by one frame, however often that changes meanwhile. */
    private void write(long uid, boolean isWatched) {
        Watch unwritten = watches.get(uid);
        if (unwritten != null) {
            unwritten.isWatched = isWatched;
        } else {
            Watch watch = new Watch(uid, isWatched);
            watches.put(uid, watch);
            offerControl(watch);
        }
    }

    /** An exported actor of this node has ended. */
    void actorEnded(long uid, Throwable failure) {
        fullActors.remove(uid);
        if (!ended && watched.remove(uid)) {
            actorsEnded.add(new Ended(uid, failure, told.currentProducerIndex()));
            connection.link().wakeWriter();
        }
    }

    private PeerLostException lost() {
        return new PeerLostException(
                "the connection to " + peer + " was lost", new RemoteActorRef<>(node, peer.member(), 0, ""), -1);
    }

    // ---- the end

    /** Nothing has been heard for so long that the peer is taken for lost; if it was not this process that stood still. */
    private void beat() {
        if (ended) {
            return;
        }
        long now = node.now();
        long period = node.detectionNanos() / 10;
        if (now - beatAt
                > 3 * period) { // this process, or its loop, stood still: what has come meanwhile is not read yet
            heardAt = Math.max(heardAt, now - node.detectionNanos() / 2);
        }
        beatAt = now;
        if (now - heardAt > node.detectionNanos() / 10 * 8) {
            end("nothing was heard of " + peer + " for " + (now - heardAt) / 1_000_000 + " ms", null);
            return;
        }
        if (!filled) {
            if (!pinged) { // one that waits is enough
                pinged = true;
                offerControl(ping);
            }
        }
        filled = false;
        beat = node.links().loop().schedule(period, this::beat);
    }

    /** The peer is lost, or given up. */
    void end(String why, Throwable cause) {
        if (!ended && peer.session() == this) { // or another connection has taken its place
            node.lost(peer, why);
        }
        finish(why);
    }

    /** The peer is no member any more: it has left, or was lost and nothing has been heard of it for some time. */
    void excluded(String why) {
        if (node.now() - heardAt > node.detectionNanos() / 10 * 3) {
            end(why, null);
        } else {
            leave(why);
        }
    }

    /** This node or the peer leaves; the peer is told, so that it does not take that for a loss. */
    void leave(String why) {
        if (!ended) {
            connection.sayGoodbye(epoch, ++sequenceOut);
            finish(why);
        }
    }

    /** The session is over; once. All who depend on it are told. */
    private void finish(String why) {
        if (ended) {
            return;
        }
        ended = true; // whoever offers from now on has it cleared
        peer.ended(this, why);
        if (beat != null) {
            beat.cancel();
        }
        clearQueues();
        List.copyOf(streamsIn.values()).forEach(stream -> stream.lost(why));
        List.copyOf(streamsOut.values()).forEach(StreamOut::lost);
        streamsIn.clear();
        streamsOut.clear();
        PeerLostException lost = lost();
        List.copyOf(watching.values())
                .forEach(watchers -> watchers.forEach(watcher -> watcher.ended(Optional.of(lost))));
        watching.clear();
        asks.values().forEach(Asked::lost);
        asks.clear();
        lookups.values().forEach(lookup -> lookup.subscription.close());
        lookups.clear();
        watched.forEach(this::watchNoMore);
        watched.clear();
        actorsEnded.clear();
        connection.close();
    }

    /** On the loop; when it has ended, by whoever offers something, of whom the lock lets in one at a time. */
    private synchronized void clearQueues() {
        clear(unwrittenControl);
        clear(unwrittenTold);
        unwrittenControl = null;
        unwrittenTold = null;
        unwrittenStream = null;
        for (Outgoing item = control.poll(); item != null; item = control.poll()) {
            item.lost();
        }
        for (Told item = told.poll(); item != null; item = told.poll()) {
            item.lost();
        }
        for (StreamOut stream = ready.poll(); stream != null; stream = ready.poll()) {
            stream.lost();
        }
    }

    private static void clear(Outgoing item) {
        if (item != null) {
            item.lost();
        }
    }

    // ---- small frames

    /** Keeps the peer from taking this node for lost. */
    private final Outgoing ping = (session, out) -> {
        pinged = false;
        beginFrame(Wire.PING);
        endFrame();
        return true;
    };

    /** Says what is so when it is written; for the peer, saying what it knows changes nothing. */
    private static final class Watch implements Outgoing {
        private final long uid;
        private boolean isWatched;

        Watch(long uid, boolean isWatched) {
            this.uid = uid;
            this.isWatched = isWatched;
        }

        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(isWatched ? Wire.WATCH : Wire.UNWATCH);
            out.putLong(uid);
            session.endFrame();
            session.watches.remove(uid);
            return true;
        }
    }

    /** A client's question for a key, or that it is over. */
    private record Lookup(int id, String key, String type) implements Outgoing {
        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(key == null ? Wire.UNLOOKUP : Wire.LOOKUP);
            out.putInt(id);
            if (key != null) {
                out.putString(key);
                out.putString(type);
            }
            session.endFrame();
            return true;
        }
    }

    /** A subscription that came to nothing. */
    private record Refused(int stream, int code, String why) implements Outgoing {
        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(Wire.FAILED);
            out.putInt(stream);
            out.putLong(0);
            out.putByte(code);
            Failures.write(new IllegalStateException(why), out);
            session.endFrame();
            session.refusals--;
            return true;
        }
    }

    /** What a client wants to know, and is told each time it has changed; by the newest that there is. */
    private final class ClientLookup implements Outgoing {
        private final int id;
        private Subscription subscription = () -> {};
        private List<Directory.Entry> entries = List.of();
        private boolean answered;
        private boolean over; // for the client
        private boolean queued;

        ClientLookup(int id) {
            this.id = id;
        }

        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(Wire.LISTING);
            out.putInt(id);
            out.putShort(entries.size());
            for (Directory.Entry entry : entries) {
                out.putString(entry.member().name());
                out.putLong(entry.member().incarnation());
                out.putRef(entry.ref());
            }
            session.endFrame();
            queued = false;
            return true;
        }

        @Override
        public void unwritable(Throwable cause) {
            queued = false;
            node.log().warn("listing", () -> "too many actors for a client's listing: " + entries.size());
        }
    }

    /** The watch of a client on an actor of a third node. */
    private record RelayedWatch(Session session, long uid) implements Watcher {
        @Override
        public void ended(Optional<Throwable> failure) {
            session.node.onLoop(() -> session.actorEnded(uid, failure.orElse(null)));
        }
    }

    /** An actor of this node has ended. */
    private record Ended(long uid, Throwable failure, long afterTold) implements Outgoing {
        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(Wire.TERMINATED);
            out.putLong(uid);
            out.putByte(failure == null ? 0 : 1);
            if (failure != null) {
                Failures.write(failure, out);
            }
            session.endFrame();
            return true;
        }
    }

    /** A message that was told to an actor of the peer. */
    record Told(RemoteActorRef<?> target, Object message) implements Outgoing {
        @Override
        public boolean write(Session session, WireWriter out) {
            session.beginFrame(Wire.TELL);
            out.putLong(target.uid());
            int number = StreamMessages.numberOf(message);
            if (number >= 0) {
                out.putShort(number);
                StreamMessages.write(message, out);
            } else {
                number = session.codecs.numberOf(message);
                out.putShort(number);
                session.codecs.writePayload(number, message, out);
            }
            session.endFrame();
            return true;
        }

        @Override
        public void unwritable(Throwable cause) {
            target.node()
                    .log()
                    .warn(
                            "unwritable",
                            () -> message.getClass().getName() + " to " + target.path() + " cannot be written: "
                                    + cause.getMessage());
            target.node().system().deadLetter(message, target, DeadLetter.Reason.UNHANDLED);
        }

        @Override
        public void lost() {
            target.node().system().deadLetter(message, target, DeadLetter.Reason.UNREACHABLE);
        }
    }

    /**
     * A question that was written. Its message is held by the asking system as long as it waits for the answer, and here it
     * must not be held longer: it holds the ref that takes the answer, and so that ref's number.
     */
    private record Asked(RemoteActorRef<?> target, WeakReference<Object> message) {
        void lost() {
            Object waiting = message.get();
            if (waiting != null) {
                target.node().system().deadLetter(waiting, target, DeadLetter.Reason.UNREACHABLE);
            }
        }
    }

    /** Subscribes a local consumer to a producer of the peer; null if the session is over. Any thread. */
    <E> StreamIn subscribe(
            RemoteActorRef<?> producer, Subscribe<E> subscribe, RemoteProducer.Downstream<E> downstream) {
        StreamIn stream = new StreamIn(this, producer, subscribe, downstream);
        if (ended) {
            return null;
        }
        if (stream.isTold()) {
            beginning.add(stream);
        }
        stream.begin();
        return stream;
    }
}
