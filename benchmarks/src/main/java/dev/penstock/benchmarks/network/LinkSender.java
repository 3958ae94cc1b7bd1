package dev.penstock.benchmarks.network;

import dev.penstock.network.link.LinkProvider;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.SpscVarHandleArrayQueue;

/**
 * The producer's end over a bare link: a thread lays ticks into a ring, from which the loop sends as many as there is demand
 * for.
 */
final class LinkSender extends BareLink implements Outbound {

    private final SpscVarHandleArrayQueue<Tick> ring = new SpscVarHandleArrayQueue<>(Setup.BUFFER);
    private final Sleeper room;

    // Whether the loop has demand and found no tick. Set: the loop, volatile; cleared: both, volatile
    private volatile boolean hungry;

    private Tick pending; // the sending thread only

    // ---- the loop only
    private long granted;
    private long sent;

    private LinkSender(Setup setup) {
        room = new Sleeper(setup.waitStrategy().strategy());
    }

    static Outbound open(Setup setup) throws IOException {
        LinkProvider links = links(setup, Stores.PRODUCER);
        LinkSender sender = new LinkSender(setup);
        links.listen(address(setup), () -> sender);
        return sender;
    }

    // ---- the sending thread

    @Override
    public void send(Supplier<Tick> ticks) throws InterruptedException {
        awaitConnected();
        while (true) {
            pending = ticks.get();
            if (!ring.offer(pending)) {
                room.await(() -> ring.offer(pending));
            }
            VarHandle.fullFence(); // the tick, then it is looked whether the loop waits for it
            if (hungry) {
                hungry = false;
                link().wakeWriter();
            }
        }
    }

    // ---- the loop

    @Override
    public void frame(byte[] bytes, int from, int to) {
        granted = LinkFrames.getLong(bytes, from);
        link().wakeWriter();
    }

    @Override
    public int fill(byte[] bytes) {
        int most = (int) Math.min(granted - sent, (bytes.length - LinkFrames.HEADER) / Tick.BYTES);
        if (most == 0) {
            return 0;
        }
        int end = putTicks(bytes, most);
        if (end == LinkFrames.HEADER) {
            hungry = true;
            VarHandle.fullFence(); // then it looks once more
            end = putTicks(bytes, most);
            if (end == LinkFrames.HEADER) {
                return 0;
            }
            hungry = false;
        }
        LinkFrames.putInt(bytes, 0, end - LinkFrames.HEADER);
        sent += (end - LinkFrames.HEADER) / Tick.BYTES;
        if (ring.size() <= Setup.BUFFER / 2) { // not for each tick
            room.wake();
        }
        return end;
    }

    private int putTicks(byte[] bytes, int most) {
        int at = LinkFrames.HEADER;
        for (int i = 0; i < most; i++) {
            Tick tick = ring.poll();
            if (tick == null) {
                break;
            }
            at = LinkFrames.putLong(bytes, at, tick.sequence());
            at = LinkFrames.putLong(bytes, at, tick.intendedNanos());
            at = LinkFrames.putLong(bytes, at, tick.bid());
            at = LinkFrames.putLong(bytes, at, tick.ask());
        }
        return at;
    }
}
