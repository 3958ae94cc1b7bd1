package dev.penstock.network.link;

import dev.penstock.network.log.RateLimitedLog;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts accepted connections until they are established, lets in so many, and tells of those that came to nothing. */
final class ConnectionGate {

    private final GateLimits limits;
    private final Loop loop;
    private final RateLimitedLog log = new RateLimitedLog(System::nanoTime);

    // Below: the loop only.
    private final Map<InetAddress, Integer> pendingByAddress = new HashMap<>();
    private int pending;

    // written: the loop, volatile; read: any thread
    private volatile long refused;
    private volatile long late;
    private volatile long rejected;

    ConnectionGate(GateLimits limits, Loop loop) {
        this.limits = limits;
        this.loop = loop;
    }

    GateCounts counts() {
        return new GateCounts(refused, late, rejected);
    }

    // ---- the loop

    /** Lets a connection in, to be {@linkplain Pass#leave left} once; null if there are too many. */
    Pass admit(InetAddress address) {
        int fromThere = pendingByAddress.getOrDefault(address, 0);
        if (pending >= limits.pending() || fromThere >= limits.pendingAnAddress()) {
            refused = refused + 1;
            log.warn(
                    "refused",
                    () -> "refused a connection from " + address.getHostAddress() + ": " + pending
                            + " are being established, " + fromThere + " of them from there");
            return null;
        }
        pending++;
        pendingByAddress.put(address, fromThere + 1);
        return new Pass(address);
    }

    void late(String peer) {
        late = late + 1;
        log.warn("late", () -> "closed the connection from " + peer + ": not established within " + limits.time());
    }

    void rejected(String peer, Throwable why) {
        rejected = rejected + 1;
        log.warn("rejected", () -> "closed the connection from " + peer + ": " + root(why));
    }

    void unhandled(String peer, Throwable why) {
        log.warn(
                "unhandled",
                () -> "closed the connection from " + peer + ", for which there is no handler: " + root(why));
    }

    private static Throwable root(Throwable why) {
        Throwable root = why;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root;
    }

    /** A connection that is being established. */
    final class Pass {
        private final InetAddress address;
        private boolean left;

        private Pass(InetAddress address) {
            this.address = address;
        }

        /** Has something done if it takes too long. */
        Loop.Timer limit(Runnable tooLate) {
            return loop.schedule(limits.time().toNanos(), tooLate);
        }

        /** It is established, or over. */
        void leave() {
            if (!left) {
                left = true;
                pending--;
                pendingByAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
            }
        }
    }
}
