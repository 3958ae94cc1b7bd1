package dev.penstock.network.link;

import dev.penstock.network.log.RateLimitedLog;
import java.net.InetAddress;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Counts accepted connections until they are established, lets in so many, and tells of those that came to nothing.
 *
 * <p>A few addresses cannot keep the others out by connections that say nothing: when there are as many as there may be, one
 * from an address with fewer than another takes the place of the oldest of the address with the most. Who would keep out
 * all must open connections faster than the others need for their handshakes.
 */
public final class ConnectionGate {

    private final GateLimits limits;
    private final Loop loop;
    private final RateLimitedLog log = new RateLimitedLog(System::nanoTime);

    // Below: the loop only.
    private final Map<InetAddress, Integer> pendingByAddress = new HashMap<>();
    private final Set<Pass> pending = new LinkedHashSet<>(); // the oldest first

    // written: the loop, volatile; read: any thread
    private volatile long refused;
    private volatile long evicted;
    private volatile long late;
    private volatile long rejected;

    /**
     * Makes one that has let nobody in.
     *
     * @param limits how many
     * @param loop where all of it is called
     */
    public ConnectionGate(GateLimits limits, Loop loop) {
        this.limits = limits;
        this.loop = loop;
    }

    /** {@return what came of those who knocked} Any thread. */
    public GateCounts counts() {
        return new GateCounts(refused, evicted, late, rejected);
    }

    // ---- the loop

    /**
     * Lets a connection in, to be {@linkplain Pass#leave left} once.
     *
     * @param address where it is from
     * @return its pass; null if there are too many
     */
    public Pass admit(InetAddress address) {
        int fromThere = pendingByAddress.getOrDefault(address, 0);
        if (fromThere >= limits.pendingAnAddress() || pending.size() >= limits.pending() && !makeRoom(fromThere)) {
            refused = refused + 1;
            log.warn(
                    "refused",
                    () -> "refused a connection from " + address.getHostAddress() + ": " + pending.size()
                            + " are being established, " + fromThere + " of them from there");
            return null;
        }
        Pass pass = new Pass(address);
        pending.add(pass);
        pendingByAddress.put(address, fromThere + 1);
        return pass;
    }

    /** Has the oldest connection of the address with the most closed, for one from an address with fewer. */
    private boolean makeRoom(int fromThere) {
        int most = Collections.max(pendingByAddress.values());
        if (most <= fromThere) {
            return false;
        }
        Pass oldest = pending.stream()
                .filter(pass -> pendingByAddress.get(pass.address) == most)
                .findFirst()
                .orElseThrow();
        evicted = evicted + 1;
        log.warn(
                "evicted",
                () -> "closed a connection from " + oldest.address.getHostAddress() + " for another: " + pending.size()
                        + " are being established, " + most + " of them from there");
        oldest.leave();
        oldest.evict.run();
        return true;
    }

    /**
     * Notes one that was not established in time.
     *
     * @param peer who that was
     */
    public void late(String peer) {
        late = late + 1;
        log.warn("late", () -> "closed the connection from " + peer + ": not established within " + limits.time());
    }

    /**
     * Notes one that was closed in its handshake.
     *
     * @param peer who that was
     * @param why what was wrong with it
     */
    public void rejected(String peer, Throwable why) {
        rejected = rejected + 1;
        log.warn("rejected", () -> "closed the connection from " + peer + ": " + root(why));
    }

    /**
     * Notes one for which no handler could be made.
     *
     * @param peer who that was
     * @param why what was wrong
     */
    public void unhandled(String peer, Throwable why) {
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
    public final class Pass {
        private final InetAddress address;
        private Runnable evict = () -> {};
        private boolean left;

        private Pass(InetAddress address) {
            this.address = address;
        }

        /**
         * Has something done if it takes too long.
         *
         * @param tooLate what
         * @return takes it back
         */
        public Loop.Timer limit(Runnable tooLate) {
            return loop.schedule(limits.time().toNanos(), tooLate);
        }

        /**
         * Has something done if it is to go for another, before it is established.
         *
         * @param close what
         */
        public void onEvicted(Runnable close) {
            evict = close;
        }

        /** It is established, or over. */
        public void leave() {
            if (!left) {
                left = true;
                pending.remove(this);
                pendingByAddress.computeIfPresent(address, (same, count) -> count == 1 ? null : count - 1);
            }
        }
    }
}
