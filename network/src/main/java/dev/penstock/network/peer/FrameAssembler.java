package dev.penstock.network.peer;

/** Cuts the bytes of a connection into frames. What has come of a frame is kept; no more than the largest frame is. */
final class FrameAssembler {

    /** Takes a frame: what follows its length. */
    interface Sink {
        void frame(byte[] bytes, int from, int to);
    }

    private final Sink sink;
    private byte[] kept = new byte[1024];
    private int count; // of bytes kept

    FrameAssembler(Sink sink) {
        this.sink = sink;
    }

    void received(byte[] bytes, int from, int to) {
        int at = from;
        if (count > 0) {
            at = fillUp(bytes, at, to);
        }
        while (at < to) {
            int end = to - at < Wire.LENGTH_FIELD ? Integer.MAX_VALUE : at + Wire.LENGTH_FIELD + lengthAt(bytes, at);
            if (end > to) {
                keep(bytes, at, to);
                return;
            }
            sink.frame(bytes, at + Wire.LENGTH_FIELD, end);
            at = end;
        }
    }

    /** Completes the frame that is kept, as far as it goes; answers where the rest begins. */
    private int fillUp(byte[] bytes, int from, int to) {
        int at = from;
        if (count < Wire.LENGTH_FIELD) {
            int more = Math.min(Wire.LENGTH_FIELD - count, to - at);
            keep(bytes, at, at + more);
            at += more;
            if (count < Wire.LENGTH_FIELD) {
                return at;
            }
        }
        int whole = Wire.LENGTH_FIELD + lengthAt(kept, 0);
        int more = Math.min(whole - count, to - at);
        keep(bytes, at, at + more);
        at += more;
        if (count == whole) {
            count = 0;
            sink.frame(kept, Wire.LENGTH_FIELD, whole);
        }
        return at;
    }

    private void keep(byte[] bytes, int from, int to) {
        int needed = count + to - from;
        if (needed > kept.length) {
            byte[] larger = new byte[Math.min(Wire.MAX_FRAME, Math.max(needed, kept.length * 4))];
            System.arraycopy(kept, 0, larger, 0, count);
            kept = larger;
        }
        System.arraycopy(bytes, from, kept, count, to - from);
        count = needed;
    }

    private static int lengthAt(byte[] bytes, int at) {
        int length = (bytes[at] & 0xff) << 24
                | (bytes[at + 1] & 0xff) << 16
                | (bytes[at + 2] & 0xff) << 8
                | bytes[at + 3] & 0xff;
        if (length < Wire.HEADER - Wire.LENGTH_FIELD || length > Wire.MAX_FRAME - Wire.LENGTH_FIELD) {
            throw new Violation("a frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        return length;
    }
}
