package dev.penstock.network;

import dev.penstock.actor.ActorSystem;
import dev.penstock.network.link.GateLimits;
import dev.penstock.network.link.LinkProvider;
import dev.penstock.network.link.NettyLinks;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What members and clients have in common. */
final class Transport {

    private static final int RANDOM_BITS = 20;

    private Transport() {}

    /** The transport of those who choose none. */
    static LinkProvider tcp(String cluster, Tls tls) {
        return tls == null
                ? NettyLinks.plaintext(GateLimits.DEFAULT)
                : NettyLinks.secure(tls, cluster, GateLimits.DEFAULT);
    }

    /** Which life of a node this is: a later one is greater, as far as clocks go. */
    static long incarnation(ActorSystem system) {
        return System.currentTimeMillis() << RANDOM_BITS | system.random().nextInt(1 << RANDOM_BITS);
    }

    static <T> T await(CompletableFuture<T> future, Duration timeout, String otherwise)
            throws TimeoutException, InterruptedException {
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException(otherwise + " within " + timeout);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
