package dev.penstock.benchmarks.network;

import dev.penstock.network.link.LinkProvider;
import java.util.function.Predicate;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * The consumer's end over a bare link: the loop lays ticks into a ring, a thread takes them, and grants anew what it has
 * taken: once that is half of the window, and before it waits.
 */
final class LinkReceiver extends BareLink implements Inbound {

    private final int demand;
    private final SpscVarHandleArrayQueue<Tick> ring;
    private final Sleeper reader;

    // written: the receiving thread, volatile; read: the loop
    private volatile long granted;

    // ---- the receiving thread only
    private long taken;
    private long replenished;
    private Tick next;

    // ---- the loop only
    private long written; // of granted

    private LinkReceiver(Setup setup) {
        demand = setup.demand();
        granted = demand;
        ring = new SpscVarHandleArrayQueue<>(demand);
        reader = new Sleeper(setup.waitStrategy().strategy());
    }

    static Inbound subscribe(Setup setup) throws InterruptedException {
        LinkProvider links = links(setup, Stores.CONSUMER);
        LinkReceiver receiver = new LinkReceiver(setup);
        links.dial(address(setup), receiver);
        receiver.awaitConnected();
        return receiver;
    }

    // ---- the receiving thread

    @Override
    public void receive(Predicate<Tick> taker) {
        int half = Math.max(1, demand / 2);
        do {
            next = ring.poll();
            if (next == null) {
                if (taken > replenished) {
                    replenish();
                }
                reader.await(() -> (next = ring.poll()) != null);
            }
            taken++;
            if (taken - replenished >= half) {
                replenish();
            }
        } while (taker.test(next));
    }

    private void replenish() {
        replenished = taken;
        granted = taken + demand;
        link().wakeWriter();
    }

    // ---- the loop

    @Override
    public void frame(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at += Tick.BYTES) {
            boolean room = ring.offer(new Tick(
                    LinkFrames.getLong(bytes, at),
                    LinkFrames.getLong(bytes, at + Long.BYTES),
                    LinkFrames.getLong(bytes, at + 2 * Long.BYTES),
                    LinkFrames.getLong(bytes, at + 3 * Long.BYTES)));
            if (!room) {
                throw new IllegalStateException("more ticks than were granted");
            }
        }
        reader.wake();
    }

    @Override
    public int fill(byte[] bytes) {
        long now = granted;
        if (now == written) {
            return 0;
        }
        written = now;
        int end = LinkFrames.putLong(bytes, LinkFrames.HEADER, now);
        LinkFrames.putInt(bytes, 0, end - LinkFrames.HEADER);
        return end;
    }
}
