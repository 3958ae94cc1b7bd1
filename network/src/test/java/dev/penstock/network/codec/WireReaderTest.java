package dev.penstock.network.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class WireReaderTest {

    private final Wire wire = Wire.ofBuiltIns();

    @Test
    void readsWhatWasWritten() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            long bits = extreme(random, i);
            byte[] array = new byte[random.nextInt(40)];
            random.nextBytes(array);
            String text = text(random);
            WireReader in = wire.reading(wire.written(out -> {
                out.putBoolean(bits < 0);
                out.putByte((int) bits);
                out.putShort((int) bits);
                out.putChar((char) bits);
                out.putInt((int) bits);
                out.putLong(bits);
                out.putFloat(Float.intBitsToFloat((int) bits));
                out.putDouble(Double.longBitsToDouble(bits));
                out.putString(text);
                out.putBytes(array);
                out.raw(array, 0, array.length);
            }));
            assertEquals(bits < 0, in.getBoolean());
            assertEquals((byte) bits, in.getByte());
            assertEquals((short) bits, in.getShort());
            assertEquals((char) bits, in.getChar());
            assertEquals((int) bits, in.getInt());
            assertEquals(bits, in.getLong());
            assertEquals((int) bits, Float.floatToRawIntBits(in.getFloat()));
            assertEquals(bits, Double.doubleToRawLongBits(in.getDouble()));
            assertEquals(text, in.getString());
            assertArrayEquals(array, in.getBytes());
            byte[] raw = new byte[array.length];
            in.raw(raw, 0, raw.length);
            assertArrayEquals(array, raw);
            assertEquals(0, in.remaining());
        }
    }

    private static long extreme(Random random, int i) {
        long[] extremes = {
            0,
            -1,
            Byte.MIN_VALUE,
            Short.MAX_VALUE,
            Integer.MIN_VALUE,
            Integer.MAX_VALUE,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Double.doubleToRawLongBits(Double.NaN),
            0xfff4_0000_7fa0_0001L, // neither NaN is the usual one
            Double.doubleToRawLongBits(Double.NEGATIVE_INFINITY),
            Double.doubleToRawLongBits(-0.0)
        };
        return i < extremes.length ? extremes[i] : random.nextLong();
    }

    static String text(Random random) {
        int[] ranges = {0x80, 0x80, 0x800, 0x10000, Character.MAX_CODE_POINT + 1};
        int most = ranges[random.nextInt(ranges.length)];
        return random.ints(random.nextInt(40), 0, most)
                .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void readsNullForNull() {
        assertNull(wire.reading(wire.written(out -> out.putString(null))).getString());
        assertNull(wire.reading(wire.written(out -> out.putBytes(null))).getBytes());
        assertNull(wire.reading(wire.written(out -> out.putRef(null))).getRef());
        assertNull(wire.reading(wire.written(out -> out.putNested(null))).getNested(String.class));
    }

    @Test
    void readsNestedValues() {
        Wire.PathRef ref = new Wire.PathRef("/there/actor");
        WireReader in = wire.reading(wire.written(out -> {
            out.putRef(ref);
            out.putNested("text");
            out.putNested(5);
        }));
        assertEquals(ref, in.getRef());
        assertEquals("text", in.getNested(CharSequence.class));
        assertEquals(5, in.getNested(Object.class));
    }

    @Test
    void refusesANestedValueOfAnotherType() {
        byte[] written = wire.written(out -> out.putNested("text"));
        WireException refused =
                assertThrows(WireException.class, () -> wire.reading(written).getNested(Number.class));
        assertEquals("codec 9 (java.lang.String) is read where java.lang.Number must be", refused.getMessage());
    }

    @Test
    void refusesToReadBeyondTheEnd() {
        List<Consumer<WireReader>> calls = List.of(
                WireReader::getBoolean,
                WireReader::getByte,
                WireReader::getShort,
                WireReader::getChar,
                WireReader::getInt,
                WireReader::getLong,
                WireReader::getFloat,
                WireReader::getDouble,
                WireReader::getString,
                WireReader::getBytes,
                WireReader::getRef,
                in -> in.getNested(Object.class),
                in -> in.skip(1),
                in -> in.raw(new byte[1], 0, 1));
        for (Consumer<WireReader> call : calls) {
            wire.in.wrap(new byte[16], 4, 4);
            assertThrows(WireException.class, () -> call.accept(wire.in));
            assertEquals(4, wire.in.position());
        }
    }

    @Test
    void staysWithinThePartThatWasWrapped() {
        byte[] bytes = new byte[16];
        assertThrows(IndexOutOfBoundsException.class, () -> wire.in.wrap(bytes, -1, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.in.wrap(bytes, 4, 17));
        assertThrows(IndexOutOfBoundsException.class, () -> wire.in.wrap(bytes, 5, 4));
        wire.in.wrap(bytes, 4, 12);
        for (int index : new int[] {Integer.MIN_VALUE, -1, 3, 13, Integer.MAX_VALUE}) {
            assertThrows(WireException.class, () -> wire.in.position(index));
        }
        for (int count : new int[] {Integer.MIN_VALUE, -1, 9, Integer.MAX_VALUE}) {
            assertThrows(WireException.class, () -> wire.in.skip(count));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> wire.in.raw(new byte[2], 1, 2));
        assertEquals(4, wire.in.position());
        wire.in.skip(8);
        assertEquals(0, wire.in.remaining());
        wire.in.position(4);
        assertEquals(8, wire.in.remaining());
    }

    @Test
    void refusesABooleanThatIsNeither() {
        assertThrows(WireException.class, () -> wire.reading(new byte[] {2}).getBoolean());
        assertThrows(WireException.class, () -> wire.reading(new byte[] {-1}).getBoolean());
    }

    @Test
    void refusesLengthsThatNothingHas() {
        for (int length : new int[] {-2, Short.MIN_VALUE, 16 * 1024 + 1, Short.MAX_VALUE}) {
            byte[] written = wire.written(out -> {
                out.putShort(length);
                out.raw(new byte[64 * 1024], 0, 64 * 1024);
            });
            refused(written, WireReader::getString, "the limit is 16384");
        }
        for (int length : new int[] {-2, Integer.MIN_VALUE, 64 * 1024 + 1, Integer.MAX_VALUE}) {
            byte[] written = wire.written(out -> {
                out.putInt(length);
                out.raw(new byte[128 * 1024], 0, 128 * 1024);
            });
            refused(written, WireReader::getBytes, "the limit is 65536");
        }
    }

    @Test
    void refusesLengthsBeyondWhatIsThere() {
        refused(wire.written(out -> out.putShort(1)), WireReader::getString, "0 are left");
        refused(wire.written(out -> out.putInt(65536)), WireReader::getBytes, "0 are left");
    }

    private void refused(byte[] written, Function<WireReader, Object> call, String message) {
        WireException refused = assertThrows(WireException.class, () -> call.apply(wire.reading(written)));
        assertTrue(refused.getMessage().endsWith(message), refused::getMessage);
    }

    @Test
    void refusesWhatIsNotUtf8() {
        for (String hex : List.of(
                "80",
                "bf",
                "c3",
                "c080",
                "c1bf",
                "e08080",
                "e09fbf",
                "e282",
                "e28241",
                "eda080",
                "edbfbf",
                "f0808080",
                "f08fbfbf",
                "f09f98",
                "f4908080",
                "f5808080",
                "f8888080",
                "ff",
                "fe")) {
            byte[] text = hex(hex);
            for (int before = 0; before < 20; before++) {
                String ascii = "a".repeat(before);
                byte[] written = wire.written(out -> {
                    out.putShort(ascii.length() + text.length);
                    out.raw(ascii.getBytes(StandardCharsets.US_ASCII), 0, ascii.length());
                    out.raw(text, 0, text.length);
                });
                assertThrows(WireException.class, () -> wire.reading(written).getString(), hex);
            }
        }
    }

    @Test
    void agreesWithTheJdkOnWhatIsUtf8() {
        Random random = new Random(2);
        int[] leads = {0x00, 0x41, 0x80, 0xbf, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4};
        int[] others = {0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf};
        int valid = 0;
        for (int i = 0; i < 50_000; i++) {
            byte[] text = new byte[1 + random.nextInt(5)];
            for (int j = 0; j < text.length; j++) {
                int[] from = random.nextInt(3) == 0 ? leads : others;
                text[j] = (byte) (random.nextInt(8) == 0 ? random.nextInt() : from[random.nextInt(from.length)]);
            }
            text[0] = (byte) leads[random.nextInt(leads.length)];
            String expected;
            try {
                expected = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(text))
                        .toString();
                valid++;
            } catch (CharacterCodingException malformed) {
                expected = null;
            }
            byte[] written = wire.written(out -> {
                out.putShort(text.length);
                out.raw(text, 0, text.length);
            });
            String read;
            try {
                read = wire.reading(written).getString();
            } catch (WireException malformed) {
                read = null;
            }
            assertEquals(expected, read);
        }
        assertTrue(valid > 2_000, "too few of them were UTF-8 to tell: " + valid);
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
