package dev.penstock.network.codec;

/**
 * How the values of one type are written into a frame, and read from it. Both sides register it under the same number.
 *
 * <pre>{@code
 * final class TickCodec implements Codec<Tick> {
 *     public Class<Tick> type() {
 *         return Tick.class;
 *     }
 *
 *     public String shape() {
 *         return "Tick(long time,double price)";
 *     }
 *
 *     public void write(Tick tick, WireWriter out) {
 *         out.putLong(tick.time());
 *         out.putDouble(tick.price());
 *     }
 *
 *     public Tick read(WireReader in) {
 *         return new Tick(in.getLong(), in.getDouble());
 *     }
 * }
 * }</pre>
 *
 * <p>Called on the network's thread, or on a thread that tells a remote actor; several at once. Must not block, and should
 * not allocate when it writes. What it throws becomes a {@link WireException} that names the codec, and concerns that one
 * value only. A value may be written anew from its beginning, if the frame had no room for the rest.
 *
 * @param <T> the type
 */
public interface Codec<T> {

    /**
     * {@return the type; instances of just this class are written by this codec, those of a subclass are not}
     */
    Class<T> type();

    /**
     * Says what is written, so that two nodes find out when they are joined whether they mean the same: name and types of
     * the parts, say, or a version. Asked when the {@link Codecs} are built.
     *
     * <p>A codec may stand in for the one that {@link Codecs.Builder#record} makes, also on one side only, if it says the
     * same here ({@link Codecs#shapeHash} tells what that is) and writes the same bytes (the package's comment).
     *
     * @return the description
     */
    String shape();

    /**
     * Writes a value.
     *
     * @param value the value; not null
     * @param out where to
     */
    void write(T value, WireWriter out);

    /**
     * Reads a value; exactly the bytes that were written. They come from another node: what is no value must be refused, by
     * any exception, and nothing allocated of a size that is merely claimed.
     *
     * @param in where from
     * @return the value; not null
     */
    T read(WireReader in);
}
