package dev.penstock.network.aeron;

import dev.penstock.network.Tls;
import dev.penstock.network.link.ConnectionGate;
import dev.penstock.network.link.Link;
import dev.penstock.network.link.LinkHandler;
import dev.penstock.network.link.Loop;
import dev.penstock.network.link.TlsHandshakes;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.logbuffer.BufferClaim;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import org.agrona.DirectBuffer;

/**
 * A link that is a publication of this side's and one of the peer's.
 *
 * <p>It ends, and never goes on with a hole in it, when a fragment is of another connection or not the next, when the peer's
 * publication is gone, and when nobody hears this side's. The last word of each side is END: who closes waits for the peer's,
 * for a second at most, and so knows that all has come.
 *
 * <p>Writing is asked for by a flag that is raised by whoever has something to send, who then has a turn run on the loop, and
 * lowered by the turn before it asks the handler: what was ready before {@link #wakeWriter} is either seen by the turn that
 * runs, or finds the flag down and has another one run. While there is no room the flag stays up, and each round of the loop
 * looks whether there is.
 */
final class AeronLink implements Link {

    /** How far it has come, in this order. */
    private enum State {
        /** Waits for a receiver of the answer. */
        DIALING,
        /** Waits for the driver to make the publication. */
        PUBLISHING,
        /** Waits for somebody to hear it, and says HELLO or WELCOME. */
        CALLING,
        /** Waits for the WELCOME or the CONFIRM. */
        GREETED,
        /** Says CONFIRM. */
        CONFIRMING,
        SECURING,
        UP
    }

    private static final System.Logger LOG = System.getLogger("dev.penstock.network");
    private static final VarHandle AWAKE = ConstantBootstraps.fieldVarHandle(
            MethodHandles.lookup(), "awake", VarHandle.class, AeronLink.class, boolean.class);

    /** How many full arrays one link may send before the others have their turn. */
    private static final int FILLS_A_TURN = 4;

    private static final int CLAIMS = 3; // a claim may find that a term is over, and the next one succeeds
    private static final long CONNECT_NANOS = 3_000_000_000L;
    private static final long IN_MEMORY_NANOS = 200_000_000L;
    private static final long CLOSE_NANOS = 1_000_000_000L;
    private static final byte[] NOTHING = {};

    private final AeronLinks links;
    private final AeronLoop loop;
    private final InetSocketAddress peer; // null if accepted
    private final ConnectionGate.Pass pass; // null if dialed
    private final TlsPipe tls; // null: in plain text
    private final Runnable turn = this::turn;
    private final long id; // the peer's fragments carry it
    private final String peerAddress;

    // written: any thread, CAS, to true; the loop, volatile, to both; read: any thread
    private volatile boolean awake;

    // written: the loop, plain, before it is connected; read: whoever was given the link
    private Set<String> peerNames = Set.of();

    // Below: the loop only.
    private LinkHandler handler; // of an accepted connection: null until it is connected
    private State state;
    private boolean connected; // the handler has heard so
    private Receiver receiver; // of the answer to a dialed one
    private int session; // likewise
    private Inbound inbound; // null until there is an answer
    private long registration; // of a publication that is being made
    private ExclusivePublication publication; // null until it is made
    private final BufferClaim claim = new BufferClaim();
    private long peerId; // this side's fragments carry it, once it is known
    private long nextOut;
    private long nextIn;
    private byte[] pending = NOTHING; // what is filled, or TLS has made, and not sent yet
    private int pendingFrom;
    private int pendingTo;
    private boolean stalled; // no room
    private boolean closing; // the handler hears of nothing but the end
    private boolean ending; // this side is about to say the last word
    private boolean endSent;
    private boolean endReceived;
    private boolean over; // the handler has heard of the end
    private Throwable cause; // null while closing: this side closes it
    private Loop.Timer deadline; // to be connected or established, later to be closed; null: none

    private AeronLink(
            AeronLinks links,
            InetSocketAddress peer,
            String peerAddress,
            LinkHandler handler,
            ConnectionGate.Pass pass) {
        this.links = links;
        this.peer = peer;
        this.peerAddress = peerAddress;
        this.handler = handler;
        this.pass = pass;
        loop = links.loop();
        id = links.newId();
        TlsHandshakes handshakes = links.handshakes();
        tls = handshakes == null
                ? null
                : new TlsPipe(
                        this,
                        peer != null ? handshakes.dialerEngine() : handshakes.acceptorEngine(),
                        handshakes.worker());
        state = peer != null ? State.DIALING : State.PUBLISHING;
    }

    static AeronLink dialed(AeronLinks links, InetSocketAddress peer, LinkHandler handler) {
        AeronLink link = new AeronLink(links, peer, AeronLinks.text(peer), handler, null);
        link.deadline = link.loop.schedule(CONNECT_NANOS, link::notAnswered);
        return link;
    }

    /** A link for which a handler is made once it is connected, and which is to be established in time. */
    static AeronLink accepted(AeronLinks links, Inbound inbound, ConnectionGate.Pass pass, long peerId) {
        AeronLink link = new AeronLink(links, null, inbound.image().sourceIdentity(), null, pass);
        link.inbound = inbound;
        link.peerId = peerId;
        link.nextIn = 1; // after the HELLO
        link.deadline = pass.limit(link::tooLate);
        return link;
    }

    // ---- any thread

    @Override
    public void wakeWriter() {
        VarHandle.fullFence(); // what is to be sent was made ready, then the flag is read
        if (!awake && AWAKE.compareAndSet(this, false, true)) {
            run(turn);
        }
    }

    @Override
    public void close() {
        if (loop.inLoop()) {
            closing = true;
        }
        run(this::closeGently);
    }

    /** A loop that has ended has closed all its links. */
    private void run(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // so this one is closed
        }
    }

    @Override
    public Set<String> peerNames() {
        return peerNames;
    }

    @Override
    public boolean isSecure() {
        return tls != null;
    }

    @Override
    public String peerAddress() {
        return peerAddress;
    }

    @Override
    public String toString() {
        return "link with " + peerAddress;
    }

    // ---- the loop: the beginning

    /** Dials, and hears the answer there. */
    void dial(Receiver answers) {
        receiver = answers;
        state = State.DIALING;
    }

    /** Whether the answer is to come there. */
    boolean isAnsweredAt(Receiver there) {
        return receiver == there && state == State.GREETED;
    }

    /** The answer comes. */
    void answered(Inbound answer) {
        inbound = answer;
    }

    /** Makes the publication. */
    void publish(String channel, int stream) {
        state = State.PUBLISHING;
        registration = links.media().client().asyncAddExclusivePublication(channel, stream);
    }

    /** Goes on with whatever waits; whether there was something to do. */
    boolean round(boolean look) {
        if (over) {
            return false;
        }
        try {
            if (look && state.compareTo(State.GREETED) >= 0 && !publication.isConnected()) {
                fail(new ConnectException("nobody hears this side any more"));
                return true;
            }
            if (state == State.UP || state == State.SECURING) {
                return goOn();
            }
            return begin();
        } catch (Throwable e) {
            fail(e);
            return true;
        }
    }

    private boolean begin() throws IOException {
        if (state == State.DIALING) {
            if (receiver == null || receiver.isClosed()) {
                throw new ConnectException("there is no port to hear the answer");
            }
            if (receiver.isOpen()) {
                publish(
                        links.publication(receiver.isIpc() ? null : peer),
                        receiver.isIpc() ? peer.getPort() : AeronLinks.STREAM);
                if (receiver.isIpc()) {
                    loop.schedule(IN_MEMORY_NANOS, this::notInMemory);
                }
                return true;
            }
        } else if (state == State.PUBLISHING) {
            publication = links.media().client().getExclusivePublication(registration);
            if (publication != null) {
                state = State.CALLING;
                return true;
            }
        } else if (state == State.CALLING && publication.isConnected()) {
            if (peer != null) {
                if (session == 0) {
                    session = links.expect(this);
                }
                return hello();
            }
            return welcome();
        } else if (state == State.CONFIRMING && claim(Frame.CONFIRM, 0)) {
            claim.commit();
            secure();
            return true;
        }
        return false;
    }

    /** Nobody who shares the driver listens there: by UDP, then. */
    private void notInMemory() {
        if (!over && (state == State.CALLING || state == State.PUBLISHING)) {
            try {
                if (publication != null) {
                    publication.close();
                    publication = null;
                } else {
                    links.media().client().asyncRemovePublication(registration);
                }
                dial(links.receiverFor(peer));
            } catch (IOException | RuntimeException e) {
                fail(e);
            }
        }
    }

    private boolean hello() throws IOException {
        if (!claim(Frame.HELLO, Frame.HELLO_LENGTH)) {
            return false;
        }
        Frame.writeHello(claim.buffer(), claim.offset(), id, session, receiver.replyTo());
        claim.commit();
        state = State.GREETED;
        return true;
    }

    private boolean welcome() throws IOException {
        if (!claim(Frame.WELCOME, Frame.WELCOME_LENGTH)) {
            return false;
        }
        Frame.writeWelcome(claim.buffer(), claim.offset(), id);
        claim.commit();
        state = State.GREETED;
        return true;
    }

    /** Both sides know that the other hears them. */
    private void secure() {
        if (tls == null) {
            connected();
        } else {
            state = State.SECURING;
            if (peer != null) {
                cancelDeadline();
                deadline = loop.schedule(TlsHandshakes.HANDSHAKE_MILLIS * 1_000_000L, this::notAnswered);
            }
            tls.begin();
        }
    }

    /** TLS is done with its handshake. */
    void secured(X509Certificate certificate) throws GeneralSecurityException {
        certificate.checkValidity();
        peerNames = Tls.names(certificate);
        connected();
    }

    private void connected() {
        if (closing) {
            return;
        }
        state = State.UP;
        connected = true;
        if (peer != null) {
            cancelDeadline();
        }
        try {
            if (handler == null) {
                handler = inbound.receiver().accepted().get();
            }
            handler.connected(this);
        } catch (Throwable e) {
            if (handler == null) {
                links.gate().unhandled(peerAddress, e); // there is nobody else to tell
            }
            fail(e);
        }
    }

    @Override
    public void established() {
        if (pass != null && !closing) {
            pass.leave();
            cancelDeadline();
        }
    }

    private void tooLate() {
        if (over) {
            return;
        }
        if (!closing) {
            closing = true;
            cause = new IOException("not established in time");
            links.gate().late(peerAddress);
        }
        abort();
    }

    private void notAnswered() {
        fail(new ConnectException(
                state == State.SECURING ? "no TLS handshake within its time" : peerAddress + " does not answer"));
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
    }

    // ---- the loop: sending

    private void turn() {
        if (closing || state != State.UP) {
            return; // the flag stays up
        }
        awake = false;
        VarHandle.fullFence(); // the flag is down, then the handler looks for what there is
        byte[] bytes = links.sending();
        for (int fills = 0; fills < FILLS_A_TURN; fills++) {
            if (pendingTo > 0 || publication.availableWindow() <= 0) {
                awake = true;
                stalled = true;
                return;
            }
            int length = fill(bytes);
            if (length == 0) {
                return;
            }
            write(bytes, length);
            if (closing) {
                return;
            }
        }
        awake = true;
        loop.execute(turn); // which runs it in the next round
    }

    private int fill(byte[] bytes) {
        try {
            return Objects.checkIndex(handler.fill(bytes), bytes.length + 1);
        } catch (Throwable e) {
            fail(e);
            return 0;
        }
    }

    private void write(byte[] bytes, int length) {
        try {
            if (tls != null) {
                tls.write(bytes, length);
                flush();
                return;
            }
            int sent = send(bytes, 0, length);
            if (sent < length) {
                System.arraycopy(bytes, sent, room(length - sent), 0, length - sent);
                filled(length - sent);
            }
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Where more that is to be sent is put, from {@link #pendingTo} on, and then said to be {@link #filled}. */
    byte[] room(int length) {
        if (pending.length - pendingTo < length) {
            pending = Arrays.copyOf(pending, Math.max(2 * pending.length, pendingTo + length));
        }
        return pending;
    }

    int pendingTo() {
        return pendingTo;
    }

    void filled(int length) {
        pendingTo += length;
    }

    /** Sends what is pending; whether nothing is any more. */
    boolean flush() throws IOException {
        if (pendingTo > 0) {
            pendingFrom = send(pending, pendingFrom, pendingTo);
            if (pendingFrom < pendingTo) {
                return false;
            }
            drop();
        }
        return true;
    }

    private void drop() {
        pendingFrom = 0;
        pendingTo = 0;
    }

    /** Sends what there is room for; answers the index after it. */
    private int send(byte[] bytes, int from, int to) throws IOException {
        int most = publication.maxPayloadLength() - Frame.HEADER;
        int at = from;
        while (at < to) {
            int length = Math.min(most, to - at);
            if (!claim(Frame.DATA, length)) {
                break;
            }
            claim.buffer().putBytes(claim.offset() + Frame.HEADER, bytes, at, length);
            claim.commit();
            at += length;
        }
        return at;
    }

    /** Claims room for a fragment and writes its header; false if there is none now. */
    private boolean claim(int kind, int length) throws ClosedPublication {
        for (int i = 0; i < CLAIMS; i++) {
            long position = publication.tryClaim(Frame.HEADER + length, claim);
            if (position > 0) {
                Frame.write(claim.buffer(), claim.offset(), kind, kind == Frame.HELLO ? 0 : peerId, nextOut++);
                return true;
            }
            if (position == Publication.BACK_PRESSURED) {
                return false;
            }
            if (position != Publication.ADMIN_ACTION) {
                throw new ClosedPublication(Publication.errorString(position));
            }
        }
        return false;
    }

    /** Of a link that is up, or about to be: whether there was something to do. */
    private boolean goOn() throws IOException {
        if (ending) {
            return flush() && end();
        }
        if (pendingTo > 0 && !flush()) {
            return false;
        }
        if (stalled && publication.availableWindow() > 0) {
            stalled = false;
            turn();
            return true;
        }
        return false;
    }

    // ---- the loop: receiving

    /** Whether it takes fragments now. */
    boolean mayRead() {
        return tls == null || !tls.isWorking();
    }

    void fragment(DirectBuffer buffer, int offset, int length) throws Exception {
        if (over) {
            return;
        }
        if (Frame.id(buffer, offset) != id) {
            throw new ProtocolException("a fragment of another connection");
        }
        long number = Frame.number(buffer, offset);
        if (number != nextIn) {
            throw new ProtocolException("fragment " + number + " follows on " + (nextIn - 1));
        }
        nextIn++;
        int kind = Frame.kind(buffer, offset);
        int bytes = length - Frame.HEADER;
        if (kind == Frame.DATA && bytes > 0 && state.compareTo(State.SECURING) >= 0) {
            data(buffer, offset + Frame.HEADER, bytes);
        } else if (kind == Frame.WELCOME
                && peer != null
                && state == State.GREETED
                && number == 0
                && bytes == Frame.WELCOME_LENGTH) {
            peerId = Frame.toldId(buffer, offset);
            state = State.CONFIRMING;
        } else if (kind == Frame.CONFIRM && peer == null && state == State.GREETED && bytes == 0) {
            secure();
        } else if (kind == Frame.END && bytes == 0) {
            ended();
        } else {
            throw new ProtocolException("a fragment of kind " + kind + " and " + bytes + " bytes while " + state);
        }
    }

    private void data(DirectBuffer buffer, int offset, int length) throws Exception {
        if (closing) {
            return;
        }
        byte[] bytes = links.receiving();
        if (tls != null) {
            tls.read(buffer, offset, length);
            return;
        }
        for (int at = 0; at < length && !closing; ) {
            int part = Math.min(length - at, bytes.length);
            buffer.getBytes(offset + at, bytes, 0, part);
            at += part;
            handler.received(bytes, 0, part);
        }
    }

    /** Of what TLS has read. */
    void received(byte[] bytes, int length) {
        if (!closing) {
            handler.received(bytes, 0, length);
        }
    }

    byte[] receiving() {
        return links.receiving();
    }

    // ---- the loop: the end

    /** The connection is of no use any more, or never came to be. */
    void fail(Throwable e) {
        if (over) {
            return;
        }
        if (!closing) {
            closing = true;
            cause = e;
            boolean brokenOff =
                    e instanceof IOException && !(e instanceof SSLException || e instanceof ProtocolException);
            if (pass != null && !connected && !brokenOff) {
                links.gate().rejected(peerAddress, e);
            }
        }
        abort();
    }

    /** The media are gone. */
    void lost(IOException e) {
        publication = null;
        inbound = null;
        if (!closing) {
            closing = true;
            cause = e;
        }
        over();
    }

    /** The peer's publication is gone. */
    void inboundGone() {
        if (!closing) {
            closing = true;
            cause = new EOFException("the peer is gone");
        }
        abort();
    }

    /** The peer has said its last word. */
    private void ended() throws IOException {
        endReceived = true;
        if (!closing) {
            closing = true;
            cause = tls == null || tls.isEnded()
                    ? new EOFException("the peer has closed the connection")
                    : new SSLException("the connection was cut off");
        }
        drop();
        if (!ending) {
            ending = true;
            cancelDeadline();
            deadline = loop.schedule(CLOSE_NANOS, this::over);
        }
        if (endSent || state.compareTo(State.GREETED) < 0 || peerId == 0) {
            over();
        } else {
            end();
        }
    }

    /** Says the last word of this side, and is over if the peer's has been heard. */
    private boolean end() throws IOException {
        if (!endSent) {
            if (!claim(Frame.END, 0)) {
                return false;
            }
            claim.commit();
            endSent = true;
        }
        if (endReceived) {
            over();
        }
        return true;
    }

    /** Sends what is on its way, and that there is no more; the peer's end of it is the end, or that it takes too long. */
    void closeGently() {
        closing = true;
        if (ending || over) {
            return;
        }
        ending = true;
        if (state != State.UP) {
            abort();
            return;
        }
        cancelDeadline();
        deadline = loop.schedule(CLOSE_NANOS, this::over);
        try {
            if (tls != null) {
                tls.end();
            }
            if (flush()) {
                end();
            }
        } catch (Throwable e) {
            abort();
        }
    }

    /** Closes it at once, whatever is still to be sent; the peer hears so, if that can be said at once. */
    private void abort() {
        if (over) {
            return;
        }
        try {
            if (publication != null && peerId != 0 && state.compareTo(State.GREETED) >= 0 && !endSent) {
                flush();
                drop();
                end();
            }
        } catch (IOException | RuntimeException e) {
            // then it hears it by the silence
        }
        over();
    }

    private void over() {
        if (over) {
            return;
        }
        over = true;
        closing = true;
        cancelDeadline();
        if (pass != null) {
            pass.leave();
        }
        try {
            if (inbound != null) {
                inbound.end();
                if (!endReceived) {
                    loop.schedule(CLOSE_NANOS, inbound::refuse); // by then the peer has read why
                }
            }
            if (publication != null) {
                publication.close();
            } else if (state == State.PUBLISHING && links.media() != null) {
                links.media().client().asyncRemovePublication(registration);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "the media of a " + this + " were not closed", e);
        }
        pending = NOTHING;
        drop();
        links.forget(this, session);
        if (handler != null) {
            try {
                handler.closed(cause);
            } catch (Throwable e) {
                LOG.log(System.Logger.Level.ERROR, "the handler of a " + this + " failed at its end", e);
            }
        }
    }

    boolean isOver() {
        return over;
    }

    AeronLoop loop() {
        return loop;
    }

    /** Aeron takes nothing more for this link. */
    private static final class ClosedPublication extends IOException {
        private static final long serialVersionUID = 1;

        ClosedPublication(String why) {
            super("nothing more can be sent: " + why);
        }
    }
}
