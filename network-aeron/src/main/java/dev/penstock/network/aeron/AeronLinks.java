package dev.penstock.network.aeron;

import dev.penstock.network.Tls;
import dev.penstock.network.link.ConnectionGate;
import dev.penstock.network.link.GateCounts;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.TlsHandshakes;
import io.aeron.Image;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Links over Aeron, on one thread of its own, which is also that of Aeron's client and, unless that is somebody else's, of its
 * driver.
 *
 * <p>A link is a publication each way. Who dials publishes to where the other listens and says HELLO: the id it has given the
 * connection, and where it hears the answer, with a session of its choice. Who listens publishes back and says WELCOME, with
 * an id of its own. From then on each fragment carries the id that its reader has chosen at random for this connection, and
 * its number: what is of another connection, or has a gap before it, ends the link.
 *
 * <p>Aeron's client is lost when this process stands still for too long, or an external driver ends. Then all links end, and
 * what listens is opened again, in new media.
 */
final class AeronLinks implements LinkProvider, AeronLoop.Duty {

    /** Of everything that goes by UDP. */
    static final int STREAM = 0x50454E;

    static final String IPC = "aeron:ipc";

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final int BYTES = 64 * 1024;
    private static final long LOOK_NANOS = 5_000_000;
    private static final long REOPEN_NANOS = 100_000_000;
    private static final long PATIENCE_NANOS = 1_000_000_000;
    private static final int FIRST_REPLY_STREAM = 1 << 17; // lesser ones are of those who listen

    private final AeronTransport options;
    private final AeronLoop loop;
    private final ConnectionGate gate;
    private final TlsHandshakes handshakes; // null: in plain text
    private final SecureRandom random = new SecureRandom();
    private final CompletableFuture<Void> empty = new CompletableFuture<>(); // once it stops

    // Below: the loop only.
    private final byte[] receiving = new byte[BYTES];
    private final byte[] sending = new byte[BYTES];
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<Image> arrived = new ArrayList<>(); // since the client was invoked
    private final List<Receiver> arrivedAt = new ArrayList<>();
    private final Map<Integer, AeronLink> expected = new HashMap<>(); // by the session of the answer
    private final List<Path> locked = new ArrayList<>();
    private final List<FileChannel> locks = new ArrayList<>();
    private AeronLink[] links = {}; // replaced when it changes
    private Inbound[] inbounds = {}; // likewise
    private Media media; // null until something listens or dials, and after they were lost
    private long lastLook = System.nanoTime();
    private boolean stopping;

    AeronLinks(AeronTransport options, String cluster, Tls tls) {
        this.options = options;
        handshakes = tls == null ? null : new TlsHandshakes(tls, cluster);
        loop = new AeronLoop(options.waitStrategy(), this);
        gate = new ConnectionGate(options.limits(), loop);
        loop.start();
    }

    /** What came of the connections that were accepted. Any thread. */
    GateCounts counts() {
        return gate.counts();
    }

    @Override
    public AeronLoop loop() {
        return loop;
    }

    AeronTransport options() {
        return options;
    }

    TlsHandshakes handshakes() {
        return handshakes;
    }

    // ---- any thread but the loop

    @Override
    public InetSocketAddress listen(InetSocketAddress bind, Supplier<LinkHandler> accepted) throws IOException {
        notInLoop();
        CompletableFuture<InetSocketAddress> address = new CompletableFuture<>();
        loop.execute(() -> beginToListen(bind, accepted, address));
        try {
            return address.join();
        } catch (CompletionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    @Override
    public void close() {
        notInLoop();
        try {
            loop.execute(this::stop);
            empty.join();
        } catch (RejectedExecutionException e) {
            // somebody else has closed it, or is about to
        }
        loop.end();
        if (handshakes != null) {
            handshakes.end();
        }
    }

    private void notInLoop() {
        if (loop.inLoop()) {
            throw new IllegalStateException("not on the loop, which this would block");
        }
    }

    // ---- any thread

    @Override
    public void dial(InetSocketAddress peer, LinkHandler handler) {
        loop.execute(() -> connect(peer, handler));
    }

    // ---- the loop: a round

    @Override
    public boolean round() {
        if (media == null) {
            return false;
        }
        boolean busy = media.invoke();
        if (media.lost() != null) {
            lose(media.lost());
            return true;
        }
        for (int i = 0; i < receivers.size(); i++) {
            busy |= receivers.get(i).advance();
        }
        if (!arrived.isEmpty()) {
            busy = true;
            takeArrived();
        }
        for (Inbound inbound : inbounds) {
            busy |= inbound.round();
            if (inbound.image().isClosed()) {
                inbounds = without(inbounds, inbound);
                inbound.gone();
            }
        }
        long now = System.nanoTime();
        boolean look = now - lastLook > LOOK_NANOS;
        if (look) {
            lastLook = now;
            loop.release();
        }
        for (AeronLink link : links) {
            busy |= link.round(look);
        }
        return busy;
    }

    /** Aeron calls this from within an invocation, in which nothing may be asked of it. */
    void arrived(Image image, Receiver at) {
        arrived.add(image);
        arrivedAt.add(at);
    }

    private void takeArrived() {
        for (int i = 0; i < arrived.size(); i++) {
            take(arrived.get(i), arrivedAt.get(i));
        }
        arrived.clear();
        arrivedAt.clear();
    }

    private void take(Image image, Receiver at) {
        Inbound inbound = new Inbound(this, at, image);
        inbounds = Arrays.copyOf(inbounds, inbounds.length + 1);
        inbounds[inbounds.length - 1] = inbound;
        AeronLink answered = expected.get(image.sessionId());
        if (answered != null && answered.isAnsweredAt(at)) {
            expected.remove(image.sessionId());
            inbound.bind(answered);
            answered.answered(inbound);
            return;
        }
        ConnectionGate.Pass pass = null;
        try {
            pass = at.isListening() && !stopping ? gate.admit(source(image)) : null;
        } catch (UnknownHostException e) {
            gate.rejected(image.sourceIdentity(), e);
        }
        if (pass == null) {
            inbound.refuse();
        } else {
            inbound.admitted(pass);
        }
    }

    private static InetAddress source(Image image) throws UnknownHostException {
        String source = image.sourceIdentity();
        return source.startsWith(IPC) ? InetAddress.getLoopbackAddress() : address(source);
    }

    private static Inbound[] without(Inbound[] all, Inbound one) {
        List<Inbound> left = new ArrayList<>(Arrays.asList(all));
        left.remove(one);
        return left.toArray(Inbound[]::new);
    }

    // ---- the loop: media

    Media media() {
        return media;
    }

    private void openMedia() throws IOException {
        if (stopping) {
            throw new IOException("these links are closed");
        }
        if (media == null) {
            try {
                media = Media.open(options, loop);
            } catch (LinkageError e) {
                throw new IOException("Aeron does not start without " + AeronTransport.JVM_OPTION, e);
            } catch (RuntimeException e) {
                throw new IOException("Aeron does not start: " + e.getMessage(), e);
            }
        }
        for (Receiver receiver : receivers) {
            if (receiver.isClosed()) {
                receiver.open(media);
            }
        }
    }

    /** All that was connected is not any more. */
    private void lose(Throwable why) {
        Media lost = media;
        media = null;
        IOException cause = new IOException("Aeron's client was lost: " + why.getMessage(), why);
        arrived.clear();
        arrivedAt.clear();
        for (Inbound inbound : inbounds) {
            inbound.end();
        }
        inbounds = new Inbound[0];
        for (AeronLink link : links) {
            link.lost(cause);
        }
        expected.clear();
        for (Receiver receiver : List.copyOf(receivers)) {
            if (receiver.isOpen() && receiver.isListening()) {
                receiver.close();
            } else {
                receiver.fail(cause);
            }
        }
        lost.close();
        loop.release();
        if (!receivers.isEmpty()) {
            loop.schedule(REOPEN_NANOS, this::reopen);
        }
    }

    private void reopen() {
        if (stopping) {
            return;
        }
        try {
            openMedia();
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Aeron does not start again", e);
            loop.schedule(REOPEN_NANOS * 10, this::reopen);
        }
    }

    /** Whether a receiver that could not be opened is tried again; it is, then, in a moment. */
    boolean mayTryAgain(Receiver receiver, long triedNanos) {
        if (options.aeronDirectory() == null || triedNanos > PATIENCE_NANOS || stopping) {
            return false;
        }
        loop.schedule(REOPEN_NANOS / 10, () -> {
            if (media != null && receiver.isClosed() && receivers.contains(receiver)) {
                receiver.open(media);
            }
        });
        return true;
    }

    /** It will not be opened. */
    void failed(Receiver receiver) {
        if (!receiver.opened().isDone() || !receiver.isListening()) {
            receivers.remove(receiver);
        } else {
            loop.schedule(REOPEN_NANOS * 10, this::reopen); // its port is taken for now
        }
    }

    // ---- the loop: listening

    private void beginToListen(
            InetSocketAddress bind, Supplier<LinkHandler> accepted, CompletableFuture<InetSocketAddress> address) {
        try {
            if (bind.isUnresolved()) {
                throw new UnknownHostException(bind.getHostString());
            }
            openMedia();
            for (Receiver receiver : receivers) {
                if (receiver.isListening()
                        && receiver.isAt(bind.getAddress())
                        && receiver.replyTo() == bind.getPort()
                        && bind.getPort() != 0) {
                    throw new IOException("cannot listen on " + text(bind) + ": this node does already");
                }
            }
            Receiver receiver = new Receiver(this, bind, STREAM, accepted);
            receivers.add(receiver);
            receiver.open(media);
            receiver.opened().whenComplete((opened, e) -> {
                if (e == null && options.aeronDirectory() != null) {
                    listenInMemory(opened, accepted, address);
                } else if (e == null) {
                    address.complete(opened);
                } else {
                    address.completeExceptionally(e);
                }
            });
        } catch (IOException | RuntimeException | LinkageError e) {
            address.completeExceptionally(e);
        }
    }

    /** Of those who share a driver only one may have an address: Aeron would tell each of them. */
    private void listenInMemory(
            InetSocketAddress opened, Supplier<LinkHandler> accepted, CompletableFuture<InetSocketAddress> address) {
        try {
            lock(opened);
        } catch (IOException e) {
            address.completeExceptionally(e);
            return;
        }
        Receiver receiver = new Receiver(this, null, opened.getPort(), accepted);
        loop.execute(
                () -> { // not in the midst of the receivers
                    if (media == null) {
                        address.completeExceptionally(new IOException("Aeron's client was lost"));
                        return;
                    }
                    receivers.add(receiver);
                    receiver.open(media);
                });
        receiver.opened().whenComplete((nothing, e) -> {
            if (e == null) {
                address.complete(opened);
            } else {
                address.completeExceptionally(e);
            }
        });
    }

    private void lock(InetSocketAddress opened) throws IOException {
        Path file =
                options.aeronDirectory().resolve("penstock-" + text(opened).replaceAll("[^0-9A-Za-z.]", "_") + ".lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // another of this process
        }
        if (lock == null) {
            channel.close();
            throw new IOException("cannot listen on " + text(opened) + ": another node of this driver does");
        }
        locked.add(file);
        locks.add(channel);
    }

    ConnectionGate gate() {
        return gate;
    }

    /** Somebody has said hello. */
    AeronLink accept(Inbound inbound, ConnectionGate.Pass pass, long peerId, int session, int replyTo)
            throws IOException {
        Image image = inbound.image();
        Receiver receiver = inbound.receiver();
        String channel;
        int stream;
        if (receiver.isIpc()) {
            channel = publication(null) + "|session-id=" + session;
            stream = replyTo;
        } else {
            if (replyTo < 1 || replyTo > 65_535) {
                throw new ProtocolException("an answer to port " + replyTo);
            }
            channel = publication(new InetSocketAddress(source(image), replyTo)) + "|session-id=" + session;
            stream = STREAM;
        }
        AeronLink link = AeronLink.accepted(this, inbound, pass, peerId);
        add(link);
        link.publish(channel, stream);
        return link;
    }

    // ---- the loop: dialing

    private void connect(InetSocketAddress peer, LinkHandler handler) {
        AeronLink link = AeronLink.dialed(this, peer, handler);
        add(link);
        try {
            if (peer.isUnresolved()) {
                throw new UnknownHostException(peer.getHostString());
            }
            openMedia();
            boolean inMemory = options.aeronDirectory() != null && isOfThisHost(peer.getAddress());
            link.dial(inMemory ? memoryReceiver() : receiverFor(peer));
        } catch (Throwable e) {
            link.fail(e);
        }
    }

    private static boolean isOfThisHost(InetAddress address) throws SocketException {
        return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
    }

    private Receiver memoryReceiver() {
        for (Receiver receiver : receivers) {
            if (receiver.isIpc() && !receiver.isListening()) {
                return receiver;
            }
        }
        int stream = FIRST_REPLY_STREAM + random.nextInt(Integer.MAX_VALUE - FIRST_REPLY_STREAM);
        return newReceiver(null, stream);
    }

    /** Where the answers of a peer are heard, at the address by which this host reaches it. */
    Receiver receiverFor(InetSocketAddress peer) throws IOException {
        InetAddress local;
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(peer); // sends nothing
            local = socket.getLocalAddress();
        }
        for (Receiver receiver : receivers) {
            if (receiver.isAt(local)) {
                return receiver;
            }
        }
        return newReceiver(new InetSocketAddress(local, options.replyPort()), STREAM);
    }

    private Receiver newReceiver(InetSocketAddress bind, int stream) {
        Receiver receiver = new Receiver(this, bind, stream, null);
        receivers.add(receiver);
        receiver.open(media);
        return receiver;
    }

    /** The channel of a publication; null: in shared memory. */
    String publication(InetSocketAddress to) {
        int mtu = to == null || to.getAddress().isLoopbackAddress() ? options.loopbackMtu() : options.mtu();
        return (to == null ? IPC + "?" : "aeron:udp?endpoint=" + text(to) + "|") + "term-length=" + options.termLength()
                + "|mtu=" + mtu;
    }

    /** Chooses the session of the answer to a link. */
    int expect(AeronLink link) {
        int session = random.nextInt();
        while (expected.putIfAbsent(session, link) != null) {
            session = random.nextInt();
        }
        return session;
    }

    /** An id that nobody can guess, and no connection has had. */
    long newId() {
        return random.nextLong() | 1; // never that of a HELLO
    }

    // ---- the loop: links

    /** Where every link puts what it has received, for its handler to read at once. */
    byte[] receiving() {
        return receiving;
    }

    /** What every handler fills, to be sent or copied at once. */
    byte[] sending() {
        return sending;
    }

    private void add(AeronLink link) {
        links = Arrays.copyOf(links, links.length + 1);
        links[links.length - 1] = link;
    }

    /** A link is over. */
    void forget(AeronLink link, int session) {
        List<AeronLink> left = new ArrayList<>(Arrays.asList(links));
        left.remove(link);
        links = left.toArray(AeronLink[]::new);
        expected.remove(session, link);
        tellIfEmpty();
    }

    private void stop() {
        stopping = true;
        for (Receiver receiver : List.copyOf(receivers)) {
            if (!receiver.isOpen()) {
                receiver.fail(new IOException("these links are closed"));
            }
        }
        for (AeronLink link : links) {
            link.closeGently();
        }
        tellIfEmpty();
    }

    private void tellIfEmpty() {
        if (stopping && links.length == 0) {
            empty.complete(null);
        }
    }

    @Override
    public void end() {
        for (Inbound inbound : inbounds) {
            inbound.end();
        }
        if (media != null) {
            media.close();
            media = null;
            loop.release();
        }
        for (int i = 0; i < locks.size(); i++) {
            try {
                locked.get(i).toFile().delete();
                locks.get(i).close();
            } catch (IOException e) {
                // it is not locked any more
            }
        }
    }

    // ---- addresses

    static String text(InetSocketAddress address) {
        if (address.isUnresolved()) {
            return address.getHostString() + ":" + address.getPort();
        }
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    static int port(String text) throws UnknownHostException {
        try {
            return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
        } catch (NumberFormatException e) {
            throw new UnknownHostException(text);
        }
    }

    /** The host of a text that Aeron has made of an address: no name is looked up. */
    static InetAddress address(String text) throws UnknownHostException {
        String host = text.substring(0, Math.max(0, text.lastIndexOf(':')));
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (!host.matches("[0-9.]+")) {
            throw new UnknownHostException(text);
        }
        return InetAddress.getByName(host);
    }
}
