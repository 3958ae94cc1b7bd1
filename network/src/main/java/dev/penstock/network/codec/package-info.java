/**
 * How values become bytes, and bytes values.
 *
 * <p>Both nodes register the same types under the same numbers. A record needs no more than that:
 *
 * <pre>{@code
 * enum Level { LOW, HIGH }
 * record Position(int x, int y) {}
 * record Reading(String sensor, double celsius, Level level, Position at, ActorRef<Ack> replyTo) {}
 *
 * Codecs codecs = Codecs.builder()
 *         .record(101, Reading.class, MethodHandles.lookup())
 *         .record(102, Position.class, MethodHandles.lookup())
 *         .add(103, new TickCodec())
 *         .build();
 * }</pre>
 *
 * <p>Whatever else is to travel has a {@link dev.penstock.network.codec.Codec} of its own. It writes into a
 * {@link dev.penstock.network.codec.WireWriter} and reads from a {@link dev.penstock.network.codec.WireReader}; the
 * {@link dev.penstock.network.codec.Codecs} know it by its number.
 *
 * <p>The numbers 1 to 10 are built in: Boolean, Byte, Short, Integer, Long, Float, Double, Character, String, byte[]. Those
 * up to 99 are reserved, those from 100 to 32767 are the user's.
 *
 * <h2>On the wire</h2>
 *
 * <p>A value is its number, two bytes, and its payload, which has neither length nor end: the frame has. All is big-endian. The
 * payload of a record is its components as they are declared, each as the writer's method writes it:
 *
 * <table>
 *   <caption>How a component is written</caption>
 *   <tr><th>component</th><th>bytes</th><th>null</th></tr>
 *   <tr><td>a primitive</td><td>as many as it has in Java; a boolean one, 1 or 0</td><td></td></tr>
 *   <tr><td>{@code String}</td><td>two of length, then UTF-8</td><td>length -1</td></tr>
 *   <tr><td>{@code byte[]}</td><td>four of length, then those</td><td>length -1</td></tr>
 *   <tr><td>an enum</td><td>two of ordinal</td><td>ordinal -1</td></tr>
 *   <tr><td>a record</td><td>1, then its payload</td><td>0</td></tr>
 *   <tr><td>an interface, {@code Object}</td><td>number and payload of whatever it is</td><td>number 0</td></tr>
 *   <tr><td>{@code ActorRef}</td><td>what the link makes of it</td><td>likewise</td></tr>
 * </table>
 *
 * <h2>Limits</h2>
 *
 * <table>
 *   <caption>What a value may be at most</caption>
 *   <tr><td>a string</td><td>16 KiB of UTF-8</td></tr>
 *   <tr><td>a byte array</td><td>64 KiB</td></tr>
 *   <tr><td>a record</td><td>64 components</td></tr>
 *   <tr><td>values within values</td><td>16 deep, the outermost counts</td></tr>
 * </table>
 *
 * <p>A value beyond them, or bytes that are no value, is a {@link dev.penstock.network.codec.WireException} and concerns that
 * value alone.
 */
package dev.penstock.network.codec;
