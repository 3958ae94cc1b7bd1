package dev.penstock.network.membership;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;

/**
 * A connection as JGroups gets it: plain to use, with TLS inside if there are certificates.
 *
 * <p>What JGroups lacks is here. A handshake has an end: JGroups would wait for one for ever, and so would everybody who
 * wants to send to that node. A write has an end: it, too, would wait for ever for a node that has stopped reading, even to
 * say good-bye, and a view would not be installed for so long. And what fails, fails in a way that JGroups expects.
 */
final class PeerSocket extends Socket {

    private final Socket raw;
    private final ClusterSockets owner;
    // written: who connects or accepts, before others have the socket; read: any thread
    private SSLSocket tls;
    // written: who writes (one at a time, by the lock of the stream), volatile; read: the guard. 0: nobody writes
    private volatile long writingSince;
    // written: who connects, volatile; read: the guard. 0: no handshake runs
    private volatile long shakingSince;

    // written: who closes, volatile; read: any thread. TLS closes the raw socket when it fails: that is not it
    private volatile boolean closed;

    /** One that will connect. */
    PeerSocket(ClusterSockets owner) {
        this.owner = owner;
        this.raw = new Socket();
    }

    /** One that was accepted; with TLS, after its handshake. */
    PeerSocket(ClusterSockets owner, Socket raw, SSLSocket tls) {
        this.owner = owner;
        this.raw = raw;
        this.tls = tls;
    }

    /** Closes the connection if it has been busy for too long with a peer that does not answer. By the guard. */
    void expire(long nowNanos, long handshakeNanos, long writeNanos) {
        long writing = writingSince;
        long shaking = shakingSince;
        if (writing != 0 && nowNanos - writing > writeNanos || shaking != 0 && nowNanos - shaking > handshakeNanos) {
            owner.stuck(getRemoteSocketAddress());
            closeQuietly();
        }
    }

    /** A handshake has failed; with TLS 1.3 a client hears of it after its own. */
    private void judged(SSLHandshakeException reason) {
        if (!closed) {
            owner.distrust(getRemoteSocketAddress(), reason);
        }
    }

    void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            // Closed all the same.
        }
    }

    private static long now() {
        return System.nanoTime() | 1; // never 0
    }

    @Override
    public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
        owner.checkNotStuck(endpoint);
        owner.opened(this);
        try {
            raw.connect(endpoint, timeoutMillis);
        } catch (SocketTimeoutException e) {
            owner.stuck(endpoint);
            throw e;
        }
        shakingSince = now();
        try {
            tls = owner.shakeHands(raw, (InetSocketAddress) endpoint);
        } catch (SSLHandshakeException e) {
            judged(e);
            throw e;
        } finally {
            shakingSince = 0;
        }
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
        connect(endpoint, 0);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new Input(tls != null ? tls.getInputStream() : raw.getInputStream());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new Output(tls != null ? tls.getOutputStream() : raw.getOutputStream());
    }

    /** Without the good-byes of TLS, which would wait for whoever writes; JGroups says its own. */
    @Override
    public void close() throws IOException {
        closed = true;
        owner.closed(this);
        raw.close();
    }

    /** The end of a connection is a SocketException, whatever TLS makes of it: JGroups reports others, or trips over them. */
    private final class Input extends FilterInputStream {

        Input(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            try {
                return in.read(bytes, from, length);
            } catch (SocketException | SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                if (e instanceof SSLHandshakeException failed) {
                    judged(failed);
                }
                SocketException ended = new SocketException("ended: " + e);
                ended.initCause(e);
                throw ended;
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }
    }

    private final class Output extends FilterOutputStream {

        Output(OutputStream out) {
            super(out);
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) throws IOException {
            writingSince = now();
            try {
                out.write(bytes, from, length);
            } finally {
                writingSince = 0;
            }
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void close() throws IOException {
            PeerSocket.this.close();
        }
    }

    // What JGroups asks of a socket besides

    @Override
    public void bind(SocketAddress address) throws IOException {
        raw.bind(address);
    }

    @Override
    public InetAddress getInetAddress() {
        return raw.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return raw.getLocalAddress();
    }

    @Override
    public int getPort() {
        return raw.getPort();
    }

    @Override
    public int getLocalPort() {
        return raw.getLocalPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return raw.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return raw.getLocalSocketAddress();
    }

    @Override
    public boolean isConnected() {
        return raw.isConnected();
    }

    @Override
    public boolean isBound() {
        return raw.isBound();
    }

    @Override
    public boolean isClosed() {
        return raw.isClosed();
    }

    @Override
    public boolean isInputShutdown() {
        return raw.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return raw.isOutputShutdown();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        raw.setTcpNoDelay(on);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return raw.getTcpNoDelay();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        raw.setKeepAlive(on);
    }

    @Override
    public boolean getKeepAlive() throws SocketException {
        return raw.getKeepAlive();
    }

    @Override
    public void setSoLinger(boolean on, int seconds) throws SocketException {
        raw.setSoLinger(on, seconds);
    }

    @Override
    public int getSoLinger() throws SocketException {
        return raw.getSoLinger();
    }

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        raw.setSoTimeout(millis);
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return raw.getSoTimeout();
    }

    @Override
    public void setSendBufferSize(int bytes) throws SocketException {
        raw.setSendBufferSize(bytes);
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return raw.getSendBufferSize();
    }

    @Override
    public void setReceiveBufferSize(int bytes) throws SocketException {
        raw.setReceiveBufferSize(bytes);
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return raw.getReceiveBufferSize();
    }

    @Override
    public String toString() {
        return "PeerSocket[" + raw + "]";
    }
}
