package dev.penstock.benchmarks.network;

import org.apache.pekko.serialization.JSerializer;

/** How ticks travel with Pekko: 32 bytes, no Java serialisation. Named in {@code stream-refs.conf}. */
public final class TickSerializer extends JSerializer {

    private static final int IDENTIFIER = 7_001;

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public boolean includeManifest() {
        return false;
    }

    @Override
    public byte[] toBinary(Object value) {
        Tick tick = (Tick) value;
        byte[] bytes = new byte[Tick.BYTES];
        int at = LinkFrames.putLong(bytes, 0, tick.sequence());
        at = LinkFrames.putLong(bytes, at, tick.intendedNanos());
        at = LinkFrames.putLong(bytes, at, tick.bid());
        LinkFrames.putLong(bytes, at, tick.ask());
        return bytes;
    }

    @Override
    public Object fromBinaryJava(byte[] bytes, Class<?> manifest) {
        return new Tick(
                LinkFrames.getLong(bytes, 0),
                LinkFrames.getLong(bytes, Long.BYTES),
                LinkFrames.getLong(bytes, 2 * Long.BYTES),
                LinkFrames.getLong(bytes, 3 * Long.BYTES));
    }
}
