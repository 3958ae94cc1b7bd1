package dev.penstock.network.aeron;

import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.agrona.DirectBuffer;

/**
 * The TLS of one link: its records are what the fragments hold, in order and without regard to where one fragment ends. What
 * is expensive about a handshake runs on the worker; meanwhile the link reads nothing. On the loop.
 */
final class TlsPipe {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final AeronLink link;
    private final SSLEngine engine;
    private final Executor worker;

    private ByteBuffer in; // to be written to between calls
    private ByteBuffer plain; // around the array that all links receive to
    private boolean working;
    private boolean done; // the handshake

    TlsPipe(AeronLink link, SSLEngine engine, Executor worker) {
        this.link = link;
        this.engine = engine;
        this.worker = worker;
    }

    /** Whether the worker works for this link, which is to read nothing until it has done so. */
    boolean isWorking() {
        return working;
    }

    /** Whether the peer has said, authentically, that nothing follows. */
    boolean isEnded() {
        return engine.isInboundDone();
    }

    void begin() {
        in = ByteBuffer.allocate(2 * engine.getSession().getPacketBufferSize());
        plain = ByteBuffer.wrap(link.receiving());
        try {
            engine.beginHandshake();
            goOn();
        } catch (Exception e) {
            fail(e);
        }
    }

    void read(DirectBuffer buffer, int offset, int length) throws Exception {
        if (in.remaining() < length) {
            ByteBuffer larger = ByteBuffer.allocate(in.position() + length);
            larger.put(in.flip());
            in = larger;
        }
        buffer.getBytes(offset, in, length);
        try {
            goOn();
        } catch (Exception e) {
            fail(e);
        }
    }

    /** What the worker is asked to do, and what is read and written until it is that again, or there is nothing to read. */
    private void goOn() throws Exception {
        boolean more = true;
        while (more && !working && !link.isOver()) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                work();
                more = false;
            } else if (status == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone()) {
                wrap(NOTHING);
            } else {
                more = unwrap();
            }
        }
        link.flush();
    }

    private void work() {
        List<Runnable> tasks = new ArrayList<>();
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            tasks.add(task);
        }
        working = true;
        try {
            worker.execute(() -> {
                tasks.forEach(Runnable::run);
                try {
                    link.loop().execute(this::worked);
                } catch (RejectedExecutionException e) {
                    // the link is closed
                }
            });
        } catch (RejectedExecutionException e) {
            throw new RejectedExecutionException("too many TLS handshakes wait", e);
        }
    }

    private void worked() {
        working = false;
        if (link.isOver()) {
            return;
        }
        try {
            goOn();
        } catch (Exception e) {
            fail(e);
        }
    }

    /** Reads one record; whether there may be more. */
    private boolean unwrap() throws Exception {
        if (engine.isInboundDone()) {
            return false;
        }
        in.flip();
        SSLEngineResult result;
        try {
            plain.clear();
            result = engine.unwrap(in, plain);
        } finally {
            in.compact();
        }
        if (plain.position() > 0) {
            if (!done) {
                throw new SSLException("data before the end of the handshake");
            }
            link.received(plain.array(), plain.position());
        }
        look(result);
        if (result.getStatus() == Status.BUFFER_OVERFLOW) {
            throw new SSLException("a record of more bytes than there may be");
        }
        return result.getStatus() == Status.OK;
    }

    private void wrap(ByteBuffer from) throws Exception {
        int size = engine.getSession().getPacketBufferSize();
        ByteBuffer to = ByteBuffer.wrap(link.room(size), link.pendingTo(), size);
        int before = to.position();
        SSLEngineResult result = engine.wrap(from, to);
        link.filled(to.position() - before);
        look(result);
        if (result.getStatus() == Status.BUFFER_OVERFLOW || result.getStatus() == Status.BUFFER_UNDERFLOW) {
            throw new SSLException("no record is made: " + result);
        }
    }

    private void look(SSLEngineResult result) throws Exception {
        if (!done && result.getHandshakeStatus() == HandshakeStatus.FINISHED) {
            done = true;
            link.flush();
            link.secured((X509Certificate) engine.getSession().getPeerCertificates()[0]);
        }
    }

    /** Makes records of what a handler has filled. */
    void write(byte[] bytes, int length) throws Exception {
        ByteBuffer from = ByteBuffer.wrap(bytes, 0, length);
        while (from.hasRemaining()) {
            wrap(from);
        }
    }

    /** Says that nothing follows. */
    void end() throws Exception {
        engine.closeOutbound();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !engine.isOutboundDone()) {
            wrap(NOTHING);
        }
    }

    /** Tells the peer what is wrong, if that can be said, and ends the link. */
    private void fail(Exception e) {
        try {
            for (int i = 0; i < 3 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; i++) {
                wrap(NOTHING);
            }
            link.flush();
        } catch (Exception alert) {
            // it does not hear why
        }
        link.fail(e);
    }
}
