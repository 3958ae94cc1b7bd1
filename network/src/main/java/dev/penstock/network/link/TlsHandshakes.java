package dev.penstock.network.link;

import dev.penstock.network.Tls;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Makes the TLS part of connections: 1.3 only, with certificates on both sides, judged at each connection. What is expensive
 * about a handshake runs on a thread of its own, so that the links that are up do not feel it; while too much of it waits,
 * further handshakes fail.
 */
public final class TlsHandshakes {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    /** Within which a handshake is to be done. */
    public static final int HANDSHAKE_MILLIS = 3_000;

    private static final int WAITING = 128;
    private static final int IDLE_SECONDS = 5;

    private final SSLContext context;
    private final ThreadPoolExecutor worker;

    // written: whoever has the worker start a thread, volatile; read: end
    private volatile Thread thread;

    /**
     * Makes none yet.
     *
     * @param tls this side's certificate, and whom it believes
     * @param cluster the cluster
     */
    public TlsHandshakes(Tls tls, String cluster) {
        context = tls.linkContext(cluster);
        worker = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), this::makeThread);
        worker.allowCoreThreadTimeOut(true);
    }

    private Thread makeThread(Runnable work) {
        Thread made = new Thread(work, "penstock-tls-" + NUMBER.incrementAndGet());
        made.setDaemon(true);
        thread = made;
        return made;
    }

    SslHandler dialer() {
        return handler(dialerEngine());
    }

    SslHandler acceptor() {
        return handler(acceptorEngine());
    }

    private SslHandler handler(SSLEngine engine) {
        SslHandler handler = new SslHandler(engine, worker);
        handler.setHandshakeTimeoutMillis(HANDSHAKE_MILLIS);
        return handler;
    }

    /** {@return the TLS of a side that dials} */
    public SSLEngine dialerEngine() {
        SSLEngine engine = engine(); // without the peer's address: no session is resumed
        engine.setUseClientMode(true);
        return engine;
    }

    /** {@return the TLS of a side that accepts} */
    public SSLEngine acceptorEngine() {
        SSLEngine engine = engine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(true);
        return engine;
    }

    private SSLEngine engine() {
        SSLEngine engine = context.createSSLEngine();
        engine.setEnabledProtocols(new String[] {"TLSv1.3"});
        return engine;
    }

    /** {@return where what is expensive runs; it refuses when too much of it waits} */
    public Executor worker() {
        return worker;
    }

    /** Returns when the thread has ended; nothing asks for it any more. */
    public void end() {
        worker.shutdown();
        Thread last = thread;
        if (last != null) {
            Threads.join(last);
        }
    }
}
